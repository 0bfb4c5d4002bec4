//! The unit of the user's systemd.

use crate::launch::Launch;
use crate::words::{doubled, halved, quoted, split};

pub(crate) const NAME: &str = "vaultwatch.service";
/// What desktops start when somebody has logged in, and stop when they log out.
pub(crate) const SESSION: &str = "graphical-session.target";
/// The line that tells our unit from one of the user's own.
pub(crate) const MARK: &str =
    "# Written by VaultWatch: `vaultwatchctl autostart off` removes it, `on` writes it anew.";

/// The unit that starts this.
pub(crate) fn text(launch: &Launch) -> String {
    let program = launch.program_text();
    // A variable is not looked for in the program's path, but in what follows.
    let mut line = quoted(&doubled(program, '%'), &[]);
    for arg in launch.args() {
        line.push(' ');
        line.push_str(&quoted(&doubled(&doubled(arg, '%'), '$'), &[]));
    }
    format!(
        "{MARK}
# What you add belongs into {NAME}.d/, which is left alone.
[Unit]
Description=VaultWatch, watching credit vaults from the system tray
# With the session and not longer than it.
PartOf={SESSION}
After={SESSION}
# After the program's removal nothing is tried.
ConditionFileIsExecutable={condition}
# Dead, or without the session's bus, it comes back: at once at first, then once a minute. systemd before 254 knows no
# longer and longer pauses, so there it gives up after three minutes, until the next session.
StartLimitIntervalSec=10min
StartLimitBurst=36

[Service]
Type=exec
ExecStart={line}
Restart=on-failure
RestartSec=5
RestartSteps=5
RestartMaxDelaySec=60
# Wrong arguments or configuration: trying again changes nothing.
RestartPreventExitStatus=2
# A page that took too much memory is not the watch.
OOMPolicy=continue
TimeoutStopSec=15
Slice=app.slice

[Install]
WantedBy={SESSION}
",
        condition = doubled(program, '%'),
    )
}

/// What a unit starts; `None`: that cannot be read.
pub(crate) fn launch(text: &str) -> Option<Launch> {
    let mut commands = text.lines().filter_map(|line| line.trim().strip_prefix("ExecStart="));
    let mut words = split(commands.next()?)?;
    if commands.next().is_some() {
        return None;
    }
    for (n, word) in words.iter_mut().enumerate() {
        *word = halved(word, '%');
        if n > 0 {
            *word = halved(word, '$');
        }
    }
    Launch::read(words)
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
    fn it_starts_hidden_with_the_session_and_again_after_a_failure() {
        let unit = text(&started("/usr/bin/vaultwatch", &["--profile", "acme"]));
        let has = |line: &str| unit.lines().any(|have| have == line);
        for line in [
            MARK,
            "ExecStart=/usr/bin/vaultwatch --hidden --profile acme",
            "ConditionFileIsExecutable=/usr/bin/vaultwatch",
            "WantedBy=graphical-session.target",
            "PartOf=graphical-session.target",
            "Restart=on-failure",
        ] {
            assert!(has(line), "{line}\n{unit}");
        }
    }

    #[test]
    fn what_has_a_meaning_for_systemd_is_taken_literally() {
        let unit = text(&started("/opt/100% \"x\"/vault$watch", &["--data-dir", "/a b/$HOME/%h"]));
        let line = "ExecStart=\"/opt/100%% \\\"x\\\"/vault$watch\" --hidden --data-dir \"/a b/$$HOME/%%h\"";
        assert!(unit.contains(line), "{unit}");
        assert!(
            unit.contains("ConditionFileIsExecutable=/opt/100%% \"x\"/vault$watch\n"),
            "{unit}"
        );
    }

    #[test]
    fn a_unit_that_is_not_understood_starts_nothing_known() {
        for text in ["", "[Service]\nExecStart=\n", "ExecStart='/x'", "ExecStart=/a\nExecStart=/b"]
        {
            assert_eq!(launch(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(folder in "[^\\x00-\\x1f\\x7f-\\x9f/]{1,20}", arg in "[^\\x00-\\x1f\\x7f-\\x9f]{0,20}") {
            let launch_ = started(&format!("/{folder}/vaultwatch"), &["--data-dir", &arg]);
            prop_assert_eq!(launch(&text(&launch_)), Some(launch_));
        }
    }
}
