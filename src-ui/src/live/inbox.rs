//! The notification center as the window sees it, and which of it is shown as toasts.

use std::cmp::Reverse;
use std::rc::Rc;

use domain::view::{NotificationId, NotificationState, NotificationView, Toasts, Tone};
use domain::{Level, UnixMillis, VaultId};

/// Notifications and toasts. The backend's center is the truth: everything here can be had again from it,
/// except which toasts were waved away.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    /// What holds first, the worst on top; then what is over.
    all: Vec<Rc<NotificationView>>,
    /// The latest first.
    toasts: Vec<Toast>,
    /// Somebody reads them: none goes by itself.
    reading: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Toast {
    id: NotificationId,
    /// `None`: stays until dismissed.
    until: Option<UnixMillis>,
}

impl Inbox {
    /// Milliseconds that a toast stays at least after somebody stopped reading.
    const AFTER_READING: i64 = 1_500;

    /// Takes over the whole center, without a toast for what was there before.
    pub(crate) fn replace(&mut self, all: Vec<NotificationView>) {
        self.all = all.into_iter().map(Rc::new).collect();
        self.sort();
        let known = &self.all;
        self.toasts.retain(|toast| known.iter().any(|one| one.id == toast.id));
    }

    /// New notifications and changed ones; toasts what is news to the person.
    pub(crate) fn put_all(
        &mut self,
        all: impl IntoIterator<Item = NotificationView>,
        toasts: &Toasts,
        now: UnixMillis,
    ) {
        for one in all {
            self.place(one, toasts, now);
        }
        self.sort();
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
                self.dismiss_toast(one.id);
                self.toasts.insert(0, Toast { id: one.id, until: expiry(&one, toasts, now) });
            }
            // No longer what it was shown for: a critical one that eased does not stay on top for ever.
            NotificationState::Firing | NotificationState::Resolved if eased => {
                if let Some(toast) = self.toasts.iter_mut().find(|toast| toast.id == one.id) {
                    toast.until = expiry(&one, toasts, now);
                }
            }
            NotificationState::Firing | NotificationState::Resolved => {}
        }
        match before {
            Some(place) => self.all[place] = Rc::new(one),
            None => self.all.push(Rc::new(one)),
        }
    }

    pub(crate) fn remove(&mut self, id: NotificationId) {
        self.all.retain(|one| one.id != id);
        self.dismiss_toast(id);
    }

    /// Takes the toast away; the notification stays in the center.
    pub(crate) fn dismiss_toast(&mut self, id: NotificationId) {
        self.toasts.retain(|toast| toast.id != id);
    }

    pub(crate) fn dismiss_toasts(&mut self) {
        self.toasts.clear();
    }

    /// Takes away the toasts whose time is over; true if there were any.
    pub(crate) fn expire(&mut self, now: UnixMillis) -> bool {
        if self.reading {
            return false;
        }
        let before = self.toasts.len();
        self.toasts.retain(|toast| toast.until.is_none_or(|until| now < until));
        self.toasts.len() != before
    }

    /// The pointer or the focus is on the toasts, or has left them.
    pub(crate) fn set_reading(&mut self, reading: bool, now: UnixMillis) {
        if self.reading && !reading {
            let least = UnixMillis(now.0.saturating_add(Self::AFTER_READING));
            for until in self.toasts.iter_mut().filter_map(|toast| toast.until.as_mut()) {
                *until = (*until).max(least);
            }
        }
        self.reading = reading;
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
            .iter()
            .filter_map(|toast| self.all.iter().find(|one| one.id == toast.id))
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

/// When its toast goes by itself: information and good news after the chosen delay, warnings after twice as long,
/// what is critical or an error never.
fn expiry(one: &NotificationView, toasts: &Toasts, now: UnixMillis) -> Option<UnixMillis> {
    let firing = one.state == NotificationState::Firing;
    if !toasts.auto_dismiss || is_critical(one) || (one.tone == Tone::Error && firing) {
        return None;
    }
    // Whoever sent it may want it to stay.
    one.auto_dismiss?;
    let delay = i64::from(toasts.dismiss_delay.get());
    let delay = if one.tone == Tone::Warning { 2 * delay } else { delay };
    Some(UnixMillis(now.0.saturating_add(delay)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::fixture::notification;

    fn toasts(inbox: &Inbox) -> Vec<i64> {
        inbox.visible_toasts(5).0.iter().map(|one| one.id.0).collect()
    }

    #[test]
    fn what_was_there_before_the_window_is_not_toasted() {
        let mut inbox = Inbox::default();
        inbox.replace(vec![notification(1, Level::Critical), notification(2, Level::High)]);
        assert_eq!((inbox.unread(), inbox.worst_unread()), (2, Some(Level::Critical)));
        assert!(toasts(&inbox).is_empty());
        inbox.put_all([notification(3, Level::High)], &Toasts::default(), UnixMillis(0));
        assert_eq!(toasts(&inbox), [3]);
        assert_eq!(inbox.all()[1].id, NotificationId(3), "below the critical one");
    }

    #[test]
    fn a_change_in_place_is_toasted_when_it_got_worse_and_not_otherwise() {
        let mut inbox = Inbox::default();
        inbox.replace(vec![notification(1, Level::High)]);
        let mut same = notification(1, Level::High);
        same.message = "LTV 70 → 71 %".to_owned();
        inbox.put_all([same], &Toasts::default(), UnixMillis(0));
        assert!(toasts(&inbox).is_empty());
        let mut worse = notification(1, Level::Critical);
        worse.occurrences = 2;
        inbox.put_all([worse.clone()], &Toasts::default(), UnixMillis(0));
        assert_eq!(toasts(&inbox), [1]);
        worse.state = NotificationState::Acknowledged;
        inbox.put_all([worse.clone()], &Toasts::default(), UnixMillis(0));
        assert!(toasts(&inbox).is_empty());
        worse.state = NotificationState::Resolved;
        inbox.put_all([worse], &Toasts::default(), UnixMillis(0));
        assert_eq!(toasts(&inbox), [1]);
    }

    #[test]
    fn the_worst_that_holds_is_on_top_however_much_comes_after_it() {
        let mut inbox = Inbox::default();
        inbox.put_all([notification(1, Level::Critical)], &Toasts::default(), UnixMillis(0));
        inbox.put_all([notification(2, Level::High)], &Toasts::default(), UnixMillis(0));
        for id in 3..30 {
            inbox.put_all([notification(id, Level::Medium)], &Toasts::default(), UnixMillis(0));
        }
        let over = NotificationView {
            state: NotificationState::Resolved,
            ..notification(30, Level::Critical)
        };
        inbox.put_all([over], &Toasts::default(), UnixMillis(0));
        let order: Vec<_> = inbox.all().iter().map(|one| one.id.0).collect();
        assert_eq!((order[0], order[1], order[28], order[29]), (1, 2, 3, 30), "{order:?}");
    }

    #[test]
    fn an_older_version_does_not_replace_a_newer_one() {
        let mut inbox = Inbox::default();
        let mut newer = notification(1, Level::High);
        newer.updated = UnixMillis(50);
        newer.read = true;
        inbox.replace(vec![newer]);
        inbox.put_all([notification(1, Level::High)], &Toasts::default(), UnixMillis(60));
        assert_eq!(inbox.unread(), 0);
    }

    #[test]
    fn toasts_go_after_their_time_but_critical_ones_and_errors_stay() {
        let mut inbox = Inbox::default();
        let timed = |id, severity, tone| NotificationView {
            auto_dismiss: Some(5_000),
            tone,
            ..notification(id, severity)
        };
        inbox.put_all([timed(1, Level::Low, Tone::Info)], &Toasts::default(), UnixMillis(0));
        inbox.put_all(
            [timed(2, Level::Critical, Tone::Warning)],
            &Toasts::default(),
            UnixMillis(0),
        );
        inbox.put_all([timed(3, Level::Low, Tone::Error)], &Toasts::default(), UnixMillis(0));
        assert!(!inbox.expire(UnixMillis(4_999)));
        assert!(inbox.expire(UnixMillis(5_000)));
        assert_eq!(toasts(&inbox), [2, 3]);
        assert_eq!(inbox.all().len(), 3, "dismissing a toast keeps the notification");
    }

    #[test]
    fn a_critical_toast_that_eased_goes_after_its_time() {
        let mut inbox = Inbox::default();
        inbox.put_all([notification(1, Level::Critical)], &Toasts::default(), UnixMillis(0));
        let eased = NotificationView { auto_dismiss: Some(5_000), ..notification(1, Level::High) };
        inbox.put_all([eased], &Toasts::default(), UnixMillis(60_000));
        assert!(!inbox.expire(UnixMillis(69_999)), "a warning stays twice as long");
        assert!(inbox.expire(UnixMillis(70_000)));
        assert!(toasts(&inbox).is_empty());
    }

    #[test]
    fn five_toasts_are_shown_critical_first_and_the_rest_waits() {
        let mut inbox = Inbox::default();
        for id in 1..=7 {
            let severity = if id == 2 { Level::Critical } else { Level::High };
            inbox.put_all([notification(id, severity)], &Toasts::default(), UnixMillis(0));
        }
        assert_eq!(toasts(&inbox), [2, 7, 6, 5, 4]);
        assert_eq!(inbox.visible_toasts(5).1, 2);
        inbox.dismiss_toast(NotificationId(2));
        assert_eq!(toasts(&inbox), [7, 6, 5, 4, 3]);
        inbox.remove(NotificationId(7));
        assert_eq!(toasts(&inbox), [6, 5, 4, 3, 1]);
    }

    #[test]
    fn the_worst_unacknowledged_alert_of_a_vault_is_found() {
        let mut inbox = Inbox::default();
        let mut acknowledged = notification(3, Level::Critical);
        acknowledged.state = NotificationState::Acknowledged;
        inbox.replace(vec![
            notification(1, Level::High),
            notification(2, Level::Critical),
            acknowledged,
        ]);
        let vault = VaultId::new("ETH-017").unwrap();
        assert_eq!(inbox.firing_for(&vault), Some(NotificationId(2)));
        assert_eq!(inbox.firing_for(&VaultId::new("X").unwrap()), None);
    }

    #[test]
    fn the_chosen_delay_holds_and_nothing_goes_where_nothing_is_to_go() {
        let news = || NotificationView {
            auto_dismiss: Some(5_000),
            tone: Tone::Success,
            ..notification(1, Level::Low)
        };
        let slow = Toasts { dismiss_delay: "9000".parse().unwrap(), ..Toasts::default() };
        let mut inbox = Inbox::default();
        inbox.put_all([news()], &slow, UnixMillis(0));
        assert!(!inbox.expire(UnixMillis(8_999)));
        assert!(inbox.expire(UnixMillis(9_000)));
        let never = Toasts { auto_dismiss: false, ..Toasts::default() };
        let mut inbox = Inbox::default();
        inbox.put_all([news()], &never, UnixMillis(0));
        assert!(!inbox.expire(UnixMillis(i64::MAX)));
    }

    #[test]
    fn what_somebody_reads_does_not_go_under_the_eyes() {
        let mut inbox = Inbox::default();
        let news = NotificationView {
            auto_dismiss: Some(5_000),
            tone: Tone::Info,
            ..notification(1, Level::Low)
        };
        inbox.put_all([news], &Toasts::default(), UnixMillis(0));
        inbox.set_reading(true, UnixMillis(4_000));
        assert!(!inbox.expire(UnixMillis(60_000)));
        inbox.set_reading(false, UnixMillis(60_000));
        assert!(!inbox.expire(UnixMillis(61_499)));
        assert!(inbox.expire(UnixMillis(61_500)));
    }

    #[test]
    fn snoozing_takes_the_toast_away_and_keeps_the_alert_among_what_holds() {
        let mut inbox = Inbox::default();
        inbox.put_all([notification(1, Level::Critical)], &Toasts::default(), UnixMillis(0));
        let snoozed = NotificationView {
            state: NotificationState::Snoozed,
            ..notification(1, Level::Critical)
        };
        inbox.put_all([snoozed, notification(2, Level::High)], &Toasts::default(), UnixMillis(1));
        assert_eq!(toasts(&inbox), [2]);
        assert_eq!(inbox.all()[0].id, NotificationId(1));
    }
}
