use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// What starts the app with the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// A unit of the user's systemd: started again when it dies.
    Systemd,
    /// A file in the desktop's autostart folder: started once.
    DesktopFile,
    /// An agent of macOS' launchd: started again when it dies.
    LaunchAgent,
}

/// The text names none of this platform's kinds.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("choose {}", How::names())]
pub struct UnknownHow;

impl How {
    /// Those of this platform.
    pub const OFFERED: &'static [Self] = if cfg!(windows) {
        &[]
    } else if cfg!(target_os = "macos") {
        &[Self::LaunchAgent]
    } else {
        &[Self::Systemd, Self::DesktopFile]
    };

    /// As on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Systemd => "systemd",
            Self::DesktopFile => "desktop-file",
            Self::LaunchAgent => "launch-agent",
        }
    }

    fn names() -> String {
        Self::OFFERED.iter().map(|how| how.name()).collect::<Vec<_>>().join(" or ")
    }
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for How {
    type Err = UnknownHow;

    fn from_str(text: &str) -> Result<Self, UnknownHow> {
        Self::OFFERED.iter().copied().find(|how| how.name() == text).ok_or(UnknownHow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_called_by_its_name_and_others_are_told_the_names() {
        for how in How::OFFERED {
            assert_eq!(how.to_string().parse(), Ok(*how));
        }
        let error = "cron".parse::<How>().unwrap_err();
        assert!(How::OFFERED.iter().all(|how| error.to_string().contains(how.name())), "{error}");
    }
}
