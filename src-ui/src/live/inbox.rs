//! The notification center as the window sees it, and which of it is shown as toasts.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::rc::Rc;

use domain::view::{NotificationId, NotificationState, NotificationView, Toasts};
use domain::{Level, UnixMillis, VaultId};

use super::toasts::{ToastQueue, expiry};

/// Notifications and toasts. The backend's center is the truth: everything here can be had again from it,
/// except which toasts were waved away.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    /// What holds first, the worst on top; then what is over.
    all: Vec<Rc<NotificationView>>,
    toasts: ToastQueue,
    /// How often events have changed it.
    heard: u32,
}

impl Inbox {
    /// Takes over the whole center, without a toast for what was there before.
    pub(crate) fn replace(&mut self, all: Vec<NotificationView>) {
        self.all = all.into_iter().map(Rc::new).collect();
        self.sort();
        let known = &self.all;
        self.toasts.retain(|id| known.iter().any(|one| one.id == id));
    }

    /// New notifications and changed ones; toasts what is news to the person.
    pub(crate) fn put_all(
        &mut self,
        all: impl IntoIterator<Item = NotificationView>,
        toasts: &Toasts,
        now: UnixMillis,
    ) {
        for one in all {
            self.heard = self.heard.wrapping_add(1);
            self.place(one, toasts, now);
        }
        self.sort();
        self.fold();
    }

    /// What belongs to an incident flies with that, which says it all.
    fn fold(&mut self) {
        if self.toasts.is_empty() {
            return;
        }
        let known: BTreeSet<_> = self.all.iter().map(|one| one.id).collect();
        let folded = |one: &&Rc<NotificationView>| {
            one.incident.is_some_and(|incident| known.contains(&incident))
        };
        let folded: BTreeSet<_> = self.all.iter().filter(folded).map(|one| one.id).collect();
        self.toasts.retain(|id| !folded.contains(&id));
    }

    fn place(&mut self, one: NotificationView, toasts: &Toasts, now: UnixMillis) {
        let before = self.all.iter().position(|known| known.id == one.id);
        let news = match before.map(|place| &self.all[place]) {
            None => !one.read,
            Some(known) if known.updated > one.updated => return,
            Some(known) => is_news(known, &one),
        };
        let eased = before.is_some_and(|place| one.severity < self.all[place].severity);
        match one.state {
            NotificationState::Acknowledged | NotificationState::Snoozed => {
                self.dismiss_toast(one.id);
            }
            NotificationState::Firing | NotificationState::Resolved if news => {
                self.toasts.fly(one.id, expiry(&one, toasts, now));
            }
            // No longer what it was shown for: a critical one that eased does not stay on top for ever.
            NotificationState::Firing | NotificationState::Resolved if eased => {
                self.toasts.change(one.id, expiry(&one, toasts, now));
            }
            NotificationState::Firing | NotificationState::Resolved => {}
        }
        match before {
            Some(place) => self.all[place] = Rc::new(one),
            None => self.all.push(Rc::new(one)),
        }
    }

    pub(crate) fn remove(&mut self, id: NotificationId) {
        self.heard = self.heard.wrapping_add(1);
        self.all.retain(|one| one.id != id);
        self.dismiss_toast(id);
    }

    /// Takes the toast away; the notification stays in the center.
    pub(crate) fn dismiss_toast(&mut self, id: NotificationId) {
        self.toasts.dismiss(id);
    }

    pub(crate) fn dismiss_toasts(&mut self) {
        self.toasts.clear();
    }

    /// Takes away the toasts whose time is over; true if there were any.
    pub(crate) fn expire(&mut self, now: UnixMillis) -> bool {
        self.toasts.expire(now)
    }

    /// The pointer or the focus is on the toasts, or has left them.
    pub(crate) fn set_reading(&mut self, reading: bool, now: UnixMillis) {
        self.toasts.set_reading(reading, now);
    }

    /// Another one after each event: what was asked for before it may not know of it.
    pub(crate) fn heard(&self) -> u32 {
        self.heard
    }

    pub(crate) fn get(&self, id: NotificationId) -> Option<&Rc<NotificationView>> {
        self.all.iter().find(|one| one.id == id)
    }

    pub(crate) fn all(&self) -> &[Rc<NotificationView>] {
        &self.all
    }

    pub(crate) fn unread(&self) -> usize {
        self.all.iter().filter(|one| !one.read).count()
    }

    /// The worst that is unread: the colour of the badge.
    pub(crate) fn worst_unread(&self) -> Option<Level> {
        self.all.iter().filter(|one| !one.read).map(|one| one.severity).max()
    }

    /// The alert of this vault that still wants an acknowledgement, the worst first.
    pub(crate) fn firing_for(&self, vault: &VaultId) -> Option<NotificationId> {
        self.all
            .iter()
            .filter(|one| {
                one.state == NotificationState::Firing && one.vault.as_ref() == Some(vault)
            })
            .max_by_key(|one| one.severity)
            .map(|one| one.id)
    }

    /// The toasts on the screen, `most` of them, critical ones first, and how many wait.
    pub(crate) fn visible_toasts(&self, most: usize) -> (Vec<Rc<NotificationView>>, usize) {
        let mut shown: Vec<_> = self
            .toasts
            .ids()
            .filter_map(|id| self.all.iter().find(|one| one.id == id))
            .cloned()
            .collect();
        shown.sort_by_key(|one| !is_critical(one));
        let waiting = shown.len().saturating_sub(most);
        shown.truncate(most);
        (shown, waiting)
    }

    /// What holds comes first, the worst on top and in the order it was raised, so that a text that follows its
    /// figures does not move; then what is over, newest first.
    fn sort(&mut self) {
        self.all.sort_by_key(|one| match one.state {
            NotificationState::Resolved => (1, Reverse((Level::Low, one.updated, one.id))),
            NotificationState::Firing
            | NotificationState::Acknowledged
            | NotificationState::Snoozed => (0, Reverse((one.severity, one.timestamp, one.id))),
        });
    }
}

/// An open critical alert: read out at once, and its toast stays.
pub(crate) fn is_critical(one: &NotificationView) -> bool {
    one.severity == Level::Critical && one.state == NotificationState::Firing
}

fn is_news(known: &NotificationView, one: &NotificationView) -> bool {
    let over = one.state == NotificationState::Resolved && known.state != one.state;
    over || (one.state == NotificationState::Firing
        && (one.occurrences > known.occurrences || one.severity > known.severity))
}
