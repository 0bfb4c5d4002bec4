//! The file in the desktop's autostart folder.

use crate::launch::Launch;
use crate::words::{doubled, halved, quoted, split};

/// The same as the application's own in a menu, so that a desktop takes both for the same.
pub(crate) const NAME: &str = "VaultWatch.desktop";
pub(crate) const FOLDER: &str = "autostart";
/// The line that tells our file from one of the user's own.
pub(crate) const MARK: &str =
    "# Written by VaultWatch: `vaultwatchctl autostart off` removes it, `on` writes it anew.";
/// What has a meaning within quotes besides quotes and backslashes.
const SPECIAL: &[char] = &['$', '`'];

/// The file that starts this.
pub(crate) fn text(launch: &Launch) -> String {
    let words = launch.words().map(|word| quoted(&doubled(word, '%'), SPECIAL));
    // A value's own backslashes are written twice, whatever stands in it.
    let line = words.map(|word| doubled(&word, '\\')).collect::<Vec<_>>().join(" ");
    format!(
        "{MARK}
[Desktop Entry]
Type=Application
Version=1.0
Name=VaultWatch
Comment=Watches credit vaults and wakes you before one is liquidated
Exec={line}
TryExec={program}
Icon=vaultwatch
Terminal=false
StartupNotify=false
X-GNOME-Autostart-enabled=true
",
        program = doubled(launch.program_text(), '\\'),
    )
}

/// What a file starts; `None`: that cannot be read.
pub(crate) fn launch(text: &str) -> Option<Launch> {
    let line = value(text, "Exec")?;
    let words = split(&halved(line, '\\'))?;
    Launch::read(words.iter().map(|word| halved(word, '%')).collect())
}

/// Whether the desktop's settings have switched it off, in the ways they do that.
pub(crate) fn is_switched_off(text: &str) -> bool {
    let is = |key: &str, wanted: &str| {
        value(text, key).is_some_and(|value| value.eq_ignore_ascii_case(wanted))
    };
    is("Hidden", "true") || is("X-GNOME-Autostart-enabled", "false")
}

/// The first value of a key: there is only one group.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim_end() == key).then(|| value.trim())
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    fn started(program: &str, args: &[&str]) -> Launch {
        let args: Vec<_> = args.iter().map(ToString::to_string).collect();
        Launch::new(Path::new(program), &args).unwrap()
    }

    #[test]
    fn it_starts_hidden_if_it_is_there() {
        let file = text(&started("/usr/bin/vaultwatch", &[]));
        for line in [
            "Exec=/usr/bin/vaultwatch --hidden",
            "TryExec=/usr/bin/vaultwatch",
            "X-GNOME-Autostart-enabled=true",
        ] {
            assert!(file.lines().any(|have| have == line), "{line}\n{file}");
        }
        assert!(!is_switched_off(&file));
    }

    #[test]
    fn what_has_a_meaning_for_desktops_is_taken_literally() {
        let file = text(&started("/opt/a b/vaultwatch", &["--data-dir", "/x $HOME \\ `id` 100%"]));
        let line = "Exec=\"/opt/a b/vaultwatch\" --hidden --data-dir \"/x \\\\$HOME \\\\\\\\ \\\\`id\\\\` 100%%\"";
        assert!(file.contains(line), "{file}");
    }

    #[test]
    fn the_settings_of_desktops_are_heard() {
        let file = text(&started("/usr/bin/vaultwatch", &[]));
        let gnome = file.replace("Autostart-enabled=true", "Autostart-enabled=false");
        for off in [gnome, format!("{file}Hidden=true\n"), format!("{file}Hidden = True\n")] {
            assert!(is_switched_off(&off), "{off}");
        }
        assert!(!is_switched_off(&format!("{file}Hidden=false\n")));
        assert_eq!(launch("[Desktop Entry]\nName=x\n"), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(folder in "[^\\x00-\\x1f\\x7f-\\x9f/]{1,20}", arg in "[^\\x00-\\x1f\\x7f-\\x9f]{0,20}") {
            let launch_ = started(&format!("/{folder}/vaultwatch"), &["--data-dir", &arg]);
            prop_assert_eq!(launch(&text(&launch_)), Some(launch_));
        }
    }
}
