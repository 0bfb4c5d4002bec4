use std::fmt;
use std::path::PathBuf;

use crate::{How, Launch};

/// How things stand with the start with the session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Ours; more than one only where somebody copied files around.
    pub entries: Vec<Entry>,
    /// What is not as it should be.
    pub remarks: Vec<Remark>,
}

/// What starts the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub how: How,
    /// Its file.
    pub place: PathBuf,
    /// `None`: it was changed into something that is not understood.
    pub launch: Option<Launch>,
    /// Whether the app that runs now was started by it, as far as that is known.
    pub runs: bool,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// Both kinds are there.
    Twice,
    /// A file of somebody else stands in the place of ours, or the unit is masked.
    Foreign(PathBuf),
    /// What it starts cannot be told.
    Unreadable(PathBuf),
    /// The program it starts is not there.
    NoProgram(PathBuf),
    /// It starts another program than the one that belongs to whoever asks.
    OtherProgram { starts: PathBuf, here: PathBuf },
    /// The unit is there, but nothing in the session wants it.
    NotEnabled(PathBuf),
    /// The desktop's settings have switched it off.
    SwitchedOff(PathBuf),
    /// The user's systemd is not told of this session.
    NoSession,
    /// There is no systemd of the user.
    NoManager,
}

impl Status {
    /// Whether the app will be started with the next session, as far as can be seen from here.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.entries.is_empty() && !self.remarks.iter().any(Remark::prevents)
    }
}

impl Remark {
    /// Whether it keeps an entry from starting the app.
    #[must_use]
    pub fn prevents(&self) -> bool {
        match self {
            Self::Twice | Self::Foreign(_) | Self::OtherProgram { .. } | Self::Unreadable(_) => {
                false
            }
            Self::NoProgram(_)
            | Self::NotEnabled(_)
            | Self::SwitchedOff(_)
            | Self::NoSession
            | Self::NoManager => true,
        }
    }

    /// What to do about it, as a sentence.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Foreign(_) => {
                "Look at the file; moved away, it makes room for ours. A masked unit: `systemctl --user unmask vaultwatch`."
            }
            Self::NoSession | Self::NoManager => {
                "Use the desktop's own way: `vaultwatchctl autostart on --how=desktop-file`."
            }
            Self::NoProgram(_) => "Install VaultWatch again, or `vaultwatchctl autostart off`.",
            Self::Twice
            | Self::Unreadable(_)
            | Self::OtherProgram { .. }
            | Self::NotEnabled(_)
            | Self::SwitchedOff(_) => "`vaultwatchctl autostart on` puts it in order.",
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Twice => f.write_str("there are two entries; one of them is too much"),
            Self::Foreign(path) => {
                write!(f, "{} was not written by VaultWatch", path.display())
            }
            Self::Unreadable(path) => {
                write!(f, "what {} starts cannot be told: it was changed", path.display())
            }
            Self::NoProgram(path) => {
                write!(f, "{} is not a program that can be started", path.display())
            }
            Self::OtherProgram { starts, here } => {
                write!(f, "it starts {}, not {}", starts.display(), here.display())
            }
            Self::NotEnabled(path) => {
                write!(f, "nothing in the session wants {}", path.display())
            }
            Self::SwitchedOff(path) => {
                write!(f, "the desktop's settings have switched {} off", path.display())
            }
            Self::NoSession => f.write_str(
                "this desktop does not tell systemd of its session (graphical-session.target), which therefore starts nothing with it",
            ),
            Self::NoManager => f.write_str("no systemd of the user answers here"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_on_where_something_starts_it() {
        let place = PathBuf::from("/x");
        let entry = Entry { how: How::Systemd, place: place.clone(), launch: None, runs: false };
        assert!(!Status::default().is_on());
        let mut status = Status { entries: vec![entry], remarks: Vec::new() };
        assert!(status.is_on());
        status.remarks.push(Remark::Twice);
        assert!(status.is_on());
        status.remarks.push(Remark::NotEnabled(place));
        assert!(!status.is_on());
    }
}
