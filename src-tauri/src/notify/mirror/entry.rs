use domain::view::NotificationId;
use monitor::{OsNotification, Urgency};
use tokio::time::Instant;

use super::super::veil::Face;
use super::step::What;

/// A notification that is, or should be, on the screen.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) aim: Aim,
    /// What the service has on the screen.
    pub(super) shown: Option<Shown>,
    pub(super) flight: Option<Flight>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    /// Not on the screen as it is wanted, `since` then.
    Wanted { notification: OsNotification, since: Instant, told: Lateness },
    /// Tried, and refused. Tried again when the service changes, or when it is wished for anew.
    Refused { notification: OsNotification },
    /// On the screen as it is wanted.
    Done { notification: OsNotification },
    /// To be taken away.
    Gone,
}

/// Whether it was told that the service takes too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lateness {
    Untold,
    Told,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Shown {
    pub(in super::super) number: u32,
    pub(in super::super) urgency: Urgency,
    pub(in super::super) face: Face,
}

/// A call about it that is under way.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) number: u64,
    pub(super) since: Instant,
    /// What is being shown; `None`: it is being closed.
    pub(super) showing: Option<(OsNotification, Face)>,
}

impl Entry {
    /// Of which nothing is on the screen.
    pub(super) fn unseen(aim: Aim) -> Self {
        Self { aim, shown: None, flight: None }
    }

    pub(super) fn is_shown_as(&self, number: u32) -> bool {
        self.shown.is_some_and(|shown| shown.number == number)
    }

    pub(super) fn notification(&self) -> Option<&OsNotification> {
        match &self.aim {
            Aim::Wanted { notification, .. }
            | Aim::Refused { notification }
            | Aim::Done { notification } => Some(notification),
            Aim::Gone => None,
        }
    }

    /// The call that is to be made about it, by the face that is to be seen.
    pub(super) fn due(&self, face: Face) -> Option<What> {
        if self.flight.is_some() {
            return None;
        }
        match (&self.aim, self.shown) {
            (Aim::Gone, Some(Shown { number, .. })) => Some(What::Close { number }),
            // Some services keep the urgency of the first one: replaced, it would not be loud enough.
            (Aim::Wanted { notification, .. }, Some(Shown { number, urgency, .. }))
                if urgency < notification.urgency =>
            {
                Some(What::Close { number })
            }
            (Aim::Wanted { notification, .. }, shown) => Some(What::Show {
                notification: notification.clone(),
                face,
                replaces: shown.map_or(0, |shown| shown.number),
            }),
            // It was heard already.
            (Aim::Done { notification }, Some(shown)) if shown.face != face => Some(What::Show {
                notification: OsNotification { sound: false, ..notification.clone() },
                face,
                replaces: shown.number,
            }),
            _ => None,
        }
    }

    /// Yields the id, when it is what is wanted now.
    pub(super) fn landed(
        &mut self,
        number: u32,
        showing: Option<(OsNotification, Face)>,
    ) -> Option<NotificationId> {
        let (showing, face) = showing?;
        self.shown = Some(Shown { number, urgency: showing.urgency, face });
        match &self.aim {
            Aim::Wanted { notification, .. } if *notification == showing => {
                let id = showing.id;
                self.aim = Aim::Done { notification: showing };
                Some(id)
            }
            _ => None,
        }
    }
}
