//! What a click carries where the platform gives back a text of ours: the notification, and where it leads. It is in the
//! notification itself, so one that an earlier run showed is still answered.

use domain::Language;
use domain::view::{NotificationId, Target};

use super::Reaction;
use crate::say::buttons as say;

pub(super) const ACKNOWLEDGE: &str = "ack";
pub(super) const SNOOZE: &str = "snooze";
const OPEN: &str = "open";

/// The buttons, by the word each answers with.
pub(super) fn buttons(language: Language) -> [(&'static str, &'static str); 2] {
    [(ACKNOWLEDGE, say::acknowledge(language)), (SNOOZE, say::snooze(language))]
}

/// Where a click leads, as text.
pub(super) fn of_target(target: &Target) -> String {
    target.to_string()
}

/// What a click on the notification itself says.
#[cfg(any(windows, test))]
pub(super) fn opens(target: &Target) -> String {
    format!("{OPEN} {}", of_target(target))
}

/// What a button says.
pub(super) fn answers(button: &str, id: NotificationId) -> String {
    format!("{button} {}", id.0)
}

/// What such a text means; `None`: it is not one of ours.
pub(super) fn meaning(text: &str) -> Option<Reaction> {
    let (what, about) = text.split_once(' ')?;
    let id = || about.parse().ok().map(NotificationId);
    match what {
        // What cannot be read any more still opens the window.
        OPEN => Some(Reaction::Opened(target(about))),
        ACKNOWLEDGE => id().map(Reaction::Acknowledged),
        SNOOZE => id().map(Reaction::Snoozed),
        _ => None,
    }
}

/// What [`of_target`] made, or all alerts.
pub(super) fn target(text: &str) -> Target {
    text.parse().unwrap_or(Target::Alerts)
}

#[cfg(test)]
mod tests {
    use domain::VaultId;

    use super::*;

    #[test]
    fn what_is_said_is_understood() {
        let vault = Target::Vault(VaultId::new("ETH-\"017\"&<x>").unwrap());
        for target in [vault, Target::Alerts, Target::System, Target::Settings] {
            assert_eq!(meaning(&opens(&target)), Some(Reaction::Opened(target)));
        }
        let id = NotificationId(i64::MAX);
        assert_eq!(meaning(&answers("ack", id)), Some(Reaction::Acknowledged(id)));
        assert_eq!(meaning(&answers("snooze", id)), Some(Reaction::Snoozed(id)));
    }

    #[test]
    fn what_is_not_ours_does_nothing_and_what_is_old_opens_the_window() {
        for text in
            ["", "ack", "ack x", "ack 1 2", "close 1", "snooze -", "ack 99999999999999999999"]
        {
            assert_eq!(meaning(text), None, "{text}");
        }
        assert_eq!(meaning("open a/page/of/old"), Some(Reaction::Opened(Target::Alerts)));
    }
}
