use std::collections::HashMap;

use domain::view::{NotificationId, Target};
use monitor::Urgency;

use super::Reaction;

/// The words of the buttons, by the key the service answers with. `default` is a click on the notification itself.
pub(super) const ACTIONS: [&str; 4] = [OPEN, "Open", ACKNOWLEDGE, "Acknowledge"];
const OPEN: &str = "default";
const ACKNOWLEDGE: &str = "ack";

/// Which notifications the service shows of us, and under which of its numbers.
#[derive(Debug, Default)]
pub(super) struct Shown {
    by_id: HashMap<NotificationId, Entry>,
}

#[derive(Debug)]
struct Entry {
    number: u32,
    urgency: Urgency,
    target: Target,
}

/// What is to become of the notification that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Earlier {
    None,
    Replace(u32),
    /// Some services keep the urgency of the first one, so that a replaced one would not be loud enough.
    Close(u32),
}

impl Shown {
    pub(super) fn earlier(&self, id: NotificationId, urgency: Urgency) -> Earlier {
        match self.by_id.get(&id) {
            None => Earlier::None,
            Some(entry) if entry.urgency < urgency => Earlier::Close(entry.number),
            Some(entry) => Earlier::Replace(entry.number),
        }
    }

    pub(super) fn insert(
        &mut self,
        id: NotificationId,
        number: u32,
        urgency: Urgency,
        target: Target,
    ) {
        self.by_id.insert(id, Entry { number, urgency, target });
    }

    /// It is to be closed: the number it was shown under.
    pub(super) fn remove(&mut self, id: NotificationId) -> Option<u32> {
        self.by_id.remove(&id).map(|entry| entry.number)
    }

    /// The service closed it. Numbers of other programs' notifications are told to everybody, too.
    pub(super) fn closed(&mut self, number: u32) {
        self.by_id.retain(|_, entry| entry.number != number);
    }

    /// The service is gone, and everything it showed.
    pub(super) fn clear(&mut self) {
        self.by_id.clear();
    }

    /// A button of the notification `number` was pressed.
    pub(super) fn reaction(&self, number: u32, key: &str) -> Option<Reaction> {
        let (id, entry) = self.by_id.iter().find(|(_, entry)| entry.number == number)?;
        match key {
            OPEN => Some(Reaction::Opened(entry.target.clone())),
            ACKNOWLEDGE => Some(Reaction::Acknowledged(*id)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: NotificationId = NotificationId(3);

    fn showing(urgency: Urgency) -> Shown {
        let mut shown = Shown::default();
        shown.insert(ID, 70, urgency, Target::Alerts);
        shown
    }

    #[test]
    fn it_is_replaced_in_place_until_it_gets_more_urgent() {
        assert_eq!(Shown::default().earlier(ID, Urgency::Low), Earlier::None);
        let shown = showing(Urgency::Normal);
        assert_eq!(shown.earlier(ID, Urgency::Low), Earlier::Replace(70));
        assert_eq!(shown.earlier(ID, Urgency::Normal), Earlier::Replace(70));
        assert_eq!(shown.earlier(ID, Urgency::Critical), Earlier::Close(70));
        assert_eq!(shown.earlier(NotificationId(4), Urgency::Critical), Earlier::None);
    }

    #[test]
    fn buttons_are_known_by_the_services_number() {
        let shown = showing(Urgency::Critical);
        assert_eq!(shown.reaction(70, "default"), Some(Reaction::Opened(Target::Alerts)));
        assert_eq!(shown.reaction(70, "ack"), Some(Reaction::Acknowledged(ID)));
        assert_eq!(shown.reaction(70, "other"), None);
        assert_eq!(shown.reaction(3, "ack"), None, "another program's");
    }

    #[test]
    fn what_was_closed_is_not_replaced() {
        let mut shown = showing(Urgency::Critical);
        shown.closed(71);
        assert_eq!(shown.earlier(ID, Urgency::Critical), Earlier::Replace(70));
        shown.closed(70);
        assert_eq!(shown.earlier(ID, Urgency::Critical), Earlier::None);
        assert_eq!(shown.remove(ID), None);
    }
}
