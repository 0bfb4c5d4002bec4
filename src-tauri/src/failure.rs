use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use monitor::StartError;
use monitor::config::ConfigError;
use thiserror::Error;

use crate::display::NoDisplay;

/// Why the application did not start.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// It is not clear what to watch.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// What was named as a demo cannot be played.
    #[error("{origin}: {source}")]
    Demonstration { origin: monitor::config::DemoOrigin, source: gateway::SourceError },
    #[error(transparent)]
    NoDisplay(#[from] NoDisplay),
    /// There is none to be ended.
    #[error("VaultWatch is not running")]
    NotRunning,
    #[error("the demo market could not be started")]
    Demo(#[from] gateway::GatewayError),
    /// Encryption was asked for, and going on without it would show what must not be believed.
    #[error(transparent)]
    Encryption(#[from] monitor::encryption::EncryptionError),
    /// Where notifications and settings are kept.
    #[error("the notifications could not be opened")]
    Store(#[from] store::StoreError),
    #[error("the watch could not be started")]
    Monitor(#[from] StartError),
    #[cfg(not(target_os = "linux"))]
    #[error("the desktop application could not be started")]
    Tauri(#[from] tauri::Error),
    /// Beside it this one would write the same files.
    #[cfg(target_os = "linux")]
    #[error(
        "VaultWatch runs already, and does not answer ({0}). End it, with `pkill -x vaultwatch` where nothing else \
         helps, and start it again"
    )]
    Hung(zbus::Error),
    #[error("the runtime could not be started")]
    Runtime(#[from] std::io::Error),
}

impl Failure {
    /// Says it where somebody may be looking, and yields the exit code: 2 when it was asked for in a wrong way,
    /// 1 for everything else.
    pub(crate) fn report(&self) -> ExitCode {
        let text = self.text();
        // Nothing is left to be told when standard error is closed.
        let _ = writeln!(std::io::stderr(), "vaultwatch: {text}");
        // Started from a menu, nobody reads that.
        let quiet = matches!(self, Self::NoDisplay(_) | Self::NotRunning);
        if !std::io::stderr().is_terminal() && !quiet {
            desktop_note("VaultWatch did not start", first_line(&text));
        }
        match self {
            Self::Config(_) | Self::Demonstration { .. } => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }

    /// The error with its causes, as far as it does not repeat them.
    pub(crate) fn text(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            let error_text = error.to_string();
            if !text.contains(&error_text) {
                // Writing to a string cannot fail.
                let _ = write!(text, ": {error_text}");
            }
            cause = error.source();
        }
        text
    }
}

/// What follows it quotes the configuration, a token perhaps, and a notification can be read on a locked screen.
fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// A last word through the desktop, on a way of its own: nothing of ours is running.
#[cfg(target_os = "linux")]
fn desktop_note(title: &'static str, text: &str) {
    let body = crate::notify::escape(text).into_owned();
    let note = move || {
        let shown = notify_rust::Notification::new()
            .appname("VaultWatch")
            .icon("vaultwatch")
            .summary(title)
            .body(&body)
            .urgency(notify_rust::Urgency::Critical)
            .show();
        if let Err(error) = shown {
            tracing::debug!(%error, "the desktop cannot be told");
        }
    };
    // A hung service must not keep a program that has failed already.
    let (done, wait) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        note();
        // Nobody waits any more when it took too long.
        let _ = done.send(());
    });
    let _ = wait.recv_timeout(NOTE_PATIENCE);
}

#[cfg(target_os = "linux")]
const NOTE_PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);

/// Written without such a way; standard error has it.
#[cfg(not(target_os = "linux"))]
fn desktop_note(_title: &'static str, _text: &str) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_does_not_reach_the_screen() {
        let folder = tempfile::tempdir().unwrap();
        let config = "[profiles.acme]\ntoken = s3cret\n";
        std::fs::write(folder.path().join("config.toml"), config).unwrap();
        let data_dir = Some(folder.path().to_owned());
        let feed = monitor::config::FeedArgs { data_dir, ..Default::default() };
        let text = Failure::from(feed.resolve().unwrap_err()).text();
        assert!(text.contains("s3cret"), "{text}");
        assert!(!first_line(&text).contains("s3cret"), "{text}");
        assert!(first_line(&text).contains("config.toml") && first_line(&text).contains("line 2"));
    }

    #[test]
    fn the_causes_are_told_once() {
        let failure = Failure::from(gateway::GatewayError::Bind {
            listen: ([127, 0, 0, 1], 7).into(),
            source: std::io::ErrorKind::AddrInUse.into(),
        });
        let text = failure.text();
        assert!(
            text.starts_with("the demo market could not be started: cannot listen on"),
            "{text}"
        );
        assert_eq!(text.matches("address in use").count(), 1, "{text}");
    }
}
