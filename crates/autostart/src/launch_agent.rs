//! The agent of macOS' launchd.

use crate::launch::Launch;

/// The line that tells our file from one of the user's own.
pub(crate) const MARK: &str = "<!-- Written by VaultWatch: `vaultwatchctl autostart off` removes it, `on` writes it anew. -->";

/// The agent that starts this with the user's session, and again when it dies.
pub(crate) fn text(launch: &Launch) -> String {
    let words: String =
        launch.words().map(|word| format!("    <string>{}</string>\n", escaped(word))).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">
{MARK}
<plist version=\"1.0\">
<dict>
  <key>Label</key>
  <string>app.vaultwatch.desktop</string>
  <key>ProgramArguments</key>
  <array>
{words}  </array>
  <key>LimitLoadToSessionType</key>
  <string>Aqua</string>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ProcessType</key>
  <string>Interactive</string>
</dict>
</plist>
"
    )
}

/// What an agent starts; `None`: that cannot be read.
pub(crate) fn launch(text: &str) -> Option<Launch> {
    let (_, rest) = text.split_once("<array>")?;
    let (words, _) = rest.split_once("</array>")?;
    let words = words.lines().map(str::trim).filter(|line| !line.is_empty());
    let word = |line: &str| line.strip_prefix("<string>")?.strip_suffix("</string>").map(read);
    Launch::read(words.map(word).collect::<Option<_>>()?)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn read(text: &str) -> String {
    text.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use std::env::temp_dir;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let args = ["--data-dir", "a <b> &amp; c"].map(str::to_owned);
        let launch_ = Launch::new(&temp_dir().join("vaultwatch"), &args).unwrap();
        let agent = text(&launch_);
        assert!(agent.contains("<string>a &lt;b&gt; &amp;amp; c</string>"), "{agent}");
        assert_eq!(launch(&agent), Some(launch_));
        assert_eq!(launch("<plist><dict/></plist>"), None);
    }
}
