use domain::Language;
use domain::view::NotificationId;
use monitor::{OsNotification, Urgency};

use super::super::NotifyError;
use super::super::veil::Face;
use crate::say::buttons as say;

/// The buttons' words, each behind the key the service answers with. `default` is a click on the notification itself.
pub(in super::super) fn actions(language: Language) -> [&'static str; 6] {
    let (acknowledge, snooze) = (say::acknowledge(language), say::snooze(language));
    [OPEN, say::open(language), ACKNOWLEDGE, acknowledge, SNOOZE, snooze]
}
pub(super) const OPEN: &str = "default";
pub(super) const ACKNOWLEDGE: &str = "ack";
pub(super) const SNOOZE: &str = "snooze";

/// A call that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Step {
    pub(in super::super) id: NotificationId,
    pub(in super::super) flight: u64,
    pub(in super::super) what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum What {
    /// `replaces` 0: a new one.
    Show {
        notification: OsNotification,
        face: Face,
        replaces: u32,
    },
    Close {
        number: u32,
    },
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Answer {
    /// On the screen, under that number.
    Shown(u32),
    Closed,
    Failed(NotifyError),
}

/// Why the service took one away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Closing {
    /// Its time was over, or somebody closed it: seen.
    Seen,
    /// We asked for it, or it does not say.
    Other,
}

impl What {
    pub(super) fn urgency(&self) -> Urgency {
        match self {
            Self::Show { notification, .. } => notification.urgency,
            // What is over may go after what has to be seen.
            Self::Close { .. } => Urgency::Low,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_speak_the_persons_language_and_answer_by_the_same_keys() {
        let english = ["default", "Open", "ack", "Acknowledge", "snooze", "Snooze 10 min"];
        assert_eq!(actions(Language::English), english);
        let german = ["default", "Öffnen", "ack", "Quittieren", "snooze", "In 10 min wieder"];
        assert_eq!(actions(Language::German), german);
    }
}
