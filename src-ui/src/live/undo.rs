use domain::UnixMillis;
use domain::view::{NotificationId, SavedView};

use crate::words::live as say;

/// What was just done and can be taken back for a few seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Undo {
    pub(crate) done: Done,
    pub(crate) ids: Vec<NotificationId>,
    pub(crate) until: UnixMillis,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    Acknowledged,
    Snoozed,
    Dismissed,
    /// Changed the settings, in words: `Quiet hours changed`.
    Config(String),
    /// Changed the rules, in words: `Deleted the rule low-room`.
    Rules(String),
    /// Deleted a view of the table.
    View(Box<SavedView>),
}

impl Undo {
    /// Milliseconds it can be taken back for.
    const OFFER: i64 = 10_000;

    pub(crate) fn new(done: Done, ids: Vec<NotificationId>, now: UnixMillis) -> Self {
        Self { done, ids, until: UnixMillis(now.0.saturating_add(Self::OFFER)) }
    }

    /// `Acknowledged 3 alerts`.
    pub(crate) fn words(&self) -> String {
        match &self.done {
            Done::Acknowledged => say::acknowledged_alerts(self.ids.len()),
            Done::Snoozed => say::snoozed_alerts(self.ids.len()),
            Done::Dismissed => say::dismissed_alerts(self.ids.len()),
            Done::Rules(words) | Done::Config(words) => words.clone(),
            Done::View(view) => say::deleted_view(view.name.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Language, speak};

    #[test]
    fn it_says_what_would_be_taken_back() {
        let undo = |number| {
            let ids = (0..number).map(NotificationId).collect();
            Undo::new(Done::Acknowledged, ids, UnixMillis(0)).words()
        };
        assert_eq!(undo(1), "Acknowledged 1 alert");
        assert_eq!(undo(1_200), "Acknowledged 1,200 alerts");
        speak(Language::German);
        assert_eq!(undo(1), "1 Alarm quittiert");
        assert_eq!(undo(1_200), "1.200 Alarme quittiert");
    }
}
