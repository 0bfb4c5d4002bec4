//! What the desktop should show and what it shows: pure, with the clock passed in.

mod entry;
#[cfg(test)]
mod property;
mod step;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::view::NotificationId;
use monitor::OsNotification;
use tokio::time::Instant;

use self::entry::{Aim, Entry, Flight, Lateness};
use self::step::{ACKNOWLEDGE, OPEN, SNOOZE};
use super::veil::Face;
use super::{PATIENCE, Reaction, Told};

pub(super) use self::entry::Shown;
pub(super) use self::step::{Answer, Closing, Step, What, actions};

/// Calls on their way at a time. A service that hangs keeps them, and wakes up to no more than this.
const FLIGHTS: usize = 8;
/// An answer that takes longer will not come. Should it after all, what it names is closed again.
const GIVE_UP: Duration = Duration::from_secs(120);

/// One entry for each notification that is, or should be, on the screen. At most one call about each is under way, so
/// that there are never two of it, however long a service takes to answer.
#[derive(Debug, Default)]
pub(super) struct Mirror {
    entries: BTreeMap<NotificationId, Entry>,
    /// The words that are to be seen.
    face: Face,
    flights: u64,
    /// Shown by answers that came too late.
    strays: Vec<u32>,
}

/// Whether it is known what an earlier run left on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Past {
    /// It was taken up: what is missing there, somebody has put away.
    Known,
    /// The service is another one, or nothing was kept: nothing of ours is there.
    Unknown,
}

impl Mirror {
    /// It is to be on the screen, in place of what is there of the same id.
    pub(super) fn want(&mut self, notification: OsNotification, now: Instant) {
        let entry = self.entries.entry(notification.id).or_insert(Entry::unseen(Aim::Gone));
        if let Aim::Wanted { notification: wanted, .. } = &mut entry.aim {
            // Waited for still, perhaps with older words.
            *wanted = notification;
        } else {
            entry.aim = Aim::Wanted { notification, since: now, told: Lateness::Untold };
        }
    }

    pub(super) fn unwant(&mut self, id: NotificationId) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.aim = Aim::Gone;
        }
        self.tidy();
    }

    /// Takes up what an earlier run left on the screen.
    pub(super) fn restore(&mut self, notification: OsNotification, shown: Shown) {
        let (id, aim) = (notification.id, Aim::Done { notification });
        // What this run wants by now counts more.
        self.entries.entry(id).or_insert(Entry::unseen(aim)).shown.get_or_insert(shown);
    }

    /// Of what an earlier run left on the screen, these are to be there and no others. They are shown anew in their
    /// places: somebody may have clicked one while nobody listened, and the service has taken it away since.
    pub(super) fn reconcile(&mut self, wanted: Vec<OsNotification>, past: Past, now: Instant) {
        let ids: BTreeSet<_> = wanted.iter().map(|notification| notification.id).collect();
        for (id, entry) in &mut self.entries {
            if matches!(entry.aim, Aim::Done { .. }) && !ids.contains(id) {
                entry.aim = Aim::Gone;
            }
        }
        for notification in wanted {
            let to_be_shown = match self.entries.get(&notification.id) {
                Some(entry) => matches!(entry.aim, Aim::Done { .. }),
                None => past == Past::Unknown,
            };
            if to_be_shown {
                self.want(notification, now);
            }
        }
        self.tidy();
    }

    /// Nothing is to be on the screen.
    pub(super) fn clear(&mut self) {
        for entry in self.entries.values_mut() {
            entry.aim = Aim::Gone;
        }
        self.tidy();
    }

    /// Which words are to be seen from now on. What is on the screen is changed in place, quietly.
    pub(super) fn turn(&mut self, face: Face) {
        self.face = face;
    }

    pub(super) fn face(&self) -> Face {
        self.face
    }

    /// What is on the screen and is to be there, though perhaps with newer words.
    pub(super) fn on_screen(&self) -> impl Iterator<Item = (&OsNotification, Shown)> {
        self.entries.values().filter_map(|entry| Some((entry.notification()?, entry.shown?)))
    }

    /// A number to close that belongs to nothing.
    pub(super) fn stray(&mut self) -> Option<u32> {
        self.strays.pop()
    }

    /// The next call to make, the most urgent first.
    pub(super) fn next(&mut self, now: Instant) -> Option<Step> {
        if self.entries.values().filter(|entry| entry.flight.is_some()).count() >= FLIGHTS {
            return None;
        }
        let face = self.face;
        let due = self.entries.iter().filter_map(|(id, entry)| Some((*id, entry.due(face)?)));
        let (id, what) = due.max_by_key(|(id, what)| (what.urgency(), std::cmp::Reverse(*id)))?;
        self.flights += 1;
        let flight = self.flights;
        let showing = match &what {
            What::Show { notification, face, .. } => Some((notification.clone(), *face)),
            What::Close { .. } => None,
        };
        let entry = self.entries.get_mut(&id)?;
        entry.flight = Some(Flight { number: flight, since: now, showing });
        Some(Step { id, flight, what })
    }

    pub(super) fn answered(
        &mut self,
        id: NotificationId,
        flight: u64,
        answer: Answer,
    ) -> Option<Told> {
        let Some(entry) = self.entries.get_mut(&id) else {
            self.stray_answer(answer);
            return None;
        };
        let Some(landed) = entry.flight.take_if(|known| known.number == flight) else {
            self.stray_answer(answer);
            return None;
        };
        let told = match answer {
            Answer::Shown(number) => entry.landed(number, landed.showing).map(Told::Delivered),
            Answer::Closed => {
                entry.shown = None;
                None
            }
            Answer::Failed(error) => {
                let tried = match (&entry.aim, &landed.showing) {
                    // Newer words are wanted: they are tried by themselves.
                    (Aim::Wanted { notification, .. }, Some((showing, _)))
                        if notification == showing =>
                    {
                        Some(notification.clone())
                    }
                    _ => None,
                };
                match (&landed.showing, &mut entry.shown) {
                    // It could not be closed: then it is not known to be there.
                    (None, shown) => *shown = None,
                    // Nor turned, which is not tried again and again: the next words are of the right face.
                    (Some((_, face)), Some(shown)) => shown.face = *face,
                    (Some(_), None) => {}
                }
                tried.map(|notification| {
                    entry.aim = Aim::Refused { notification };
                    Told::Undelivered { id, error }
                })
            }
        };
        self.tidy();
        told
    }

    /// The service took one away. Numbers of other programs' notifications are told to everybody, too.
    pub(super) fn closed(&mut self, number: u32, why: Closing) {
        let Some(entry) = self.entries.values_mut().find(|entry| entry.is_shown_as(number)) else {
            return;
        };
        entry.shown = None;
        // Seen and put away: it is not to come back by itself.
        if why == Closing::Seen && matches!(entry.aim, Aim::Done { .. }) {
            entry.aim = Aim::Gone;
        }
        self.tidy();
    }

    /// A button of the notification `number` was pressed.
    pub(super) fn reaction(&self, number: u32, key: &str) -> Option<Reaction> {
        let (id, entry) = self.entries.iter().find(|(_, entry)| entry.is_shown_as(number))?;
        match key {
            OPEN => Some(Reaction::Opened(entry.notification()?.target.clone())),
            ACKNOWLEDGE => Some(Reaction::Acknowledged(*id)),
            SNOOZE => Some(Reaction::Snoozed(*id)),
            _ => None,
        }
    }

    /// The service is gone, with everything it showed: that is to be shown again.
    pub(super) fn service_left(&mut self, now: Instant) {
        for entry in self.entries.values_mut() {
            entry.shown = None;
            if let Aim::Done { notification } = &entry.aim {
                let notification = notification.clone();
                entry.aim = Aim::Wanted { notification, since: now, told: Lateness::Untold };
            }
        }
        self.tidy();
    }

    /// Another one is there: what was refused is tried with it.
    pub(super) fn service_came(&mut self, now: Instant) {
        for entry in self.entries.values_mut() {
            if let Aim::Refused { notification } = &entry.aim {
                let notification = notification.clone();
                // It was told already that it is not shown.
                entry.aim = Aim::Wanted { notification, since: now, told: Lateness::Told };
            }
        }
    }

    /// Nothing that was under way will be answered.
    pub(super) fn bus_lost(&mut self, now: Instant) {
        for entry in self.entries.values_mut() {
            entry.flight = None;
        }
        self.service_left(now);
        self.service_came(now);
    }

    /// Those that the service takes too long with; each is named once.
    pub(super) fn overdue(&mut self, now: Instant) -> Vec<NotificationId> {
        for entry in self.entries.values_mut() {
            entry.flight.take_if(|flight| now >= flight.since + GIVE_UP);
        }
        let mut late = Vec::new();
        for (id, entry) in &mut self.entries {
            if let Aim::Wanted { since, told, .. } = &mut entry.aim
                && *told == Lateness::Untold
                && now >= *since + PATIENCE
            {
                *told = Lateness::Told;
                late.push(*id);
            }
        }
        self.tidy();
        late
    }

    /// When [`Mirror::overdue`] has something to say.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        let times = self.entries.values().flat_map(|entry| {
            let late = match entry.aim {
                Aim::Wanted { since, told: Lateness::Untold, .. } => Some(since + PATIENCE),
                _ => None,
            };
            let given_up = entry.flight.as_ref().map(|flight| flight.since + GIVE_UP);
            late.into_iter().chain(given_up)
        });
        times.min()
    }

    /// Those that are wanted and not shown.
    pub(super) fn waiting(&self) -> Vec<NotificationId> {
        let waits = |entry: &Entry| matches!(entry.aim, Aim::Wanted { .. } | Aim::Refused { .. });
        self.entries.iter().filter(|(_, entry)| waits(entry)).map(|(id, _)| *id).collect()
    }

    fn stray_answer(&mut self, answer: Answer) {
        if let Answer::Shown(number) = answer
            && !self.entries.values().any(|entry| entry.is_shown_as(number))
        {
            self.strays.push(number);
        }
    }

    fn tidy(&mut self) {
        self.entries.retain(|_, entry| {
            entry.aim != Aim::Gone || entry.shown.is_some() || entry.flight.is_some()
        });
    }
}
