use domain::UnixMillis;
use domain::view::{NotificationId, SavedView};

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
        let done = match &self.done {
            Done::Acknowledged => "Acknowledged",
            Done::Snoozed => "Snoozed",
            Done::Dismissed => "Dismissed",
            Done::Rules(words) | Done::Config(words) => return words.clone(),
            Done::View(view) => return format!("Deleted the view {}", view.name),
        };
        format!("{done} {}", crate::format::count(self.ids.len(), "alert", "alerts"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_would_be_taken_back() {
        let undo = |number| {
            let ids = (0..number).map(NotificationId).collect();
            Undo::new(Done::Acknowledged, ids, UnixMillis(0)).words()
        };
        assert_eq!(undo(1), "Acknowledged 1 alert");
        assert_eq!(undo(1_200), "Acknowledged 1,200 alerts");
    }
}
