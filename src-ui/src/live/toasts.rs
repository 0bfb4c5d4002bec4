//! Which notifications fly over the page, and until when.

use domain::UnixMillis;
use domain::view::{NotificationId, NotificationState, NotificationView, Toasts, Tone};

use super::is_critical;

/// The latest first.
#[derive(Debug, Default)]
pub(super) struct ToastQueue {
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

impl ToastQueue {
    /// Milliseconds that a toast stays at least after somebody stopped reading.
    const AFTER_READING: i64 = 1_500;

    pub(super) fn is_empty(&self) -> bool {
        self.toasts.is_empty()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = NotificationId> {
        self.toasts.iter().map(|toast| toast.id)
    }

    /// Before all others, whether it flew already or not.
    pub(super) fn fly(&mut self, id: NotificationId, until: Option<UnixMillis>) {
        self.dismiss(id);
        self.toasts.insert(0, Toast { id, until });
    }

    /// Where it is there, it goes then.
    pub(super) fn change(&mut self, id: NotificationId, until: Option<UnixMillis>) {
        if let Some(toast) = self.toasts.iter_mut().find(|toast| toast.id == id) {
            toast.until = until;
        }
    }

    pub(super) fn dismiss(&mut self, id: NotificationId) {
        self.toasts.retain(|toast| toast.id != id);
    }

    pub(super) fn retain(&mut self, stays: impl Fn(NotificationId) -> bool) {
        self.toasts.retain(|toast| stays(toast.id));
    }

    pub(super) fn clear(&mut self) {
        self.toasts.clear();
    }

    /// Takes away those whose time is over; true if there were any.
    pub(super) fn expire(&mut self, now: UnixMillis) -> bool {
        if self.reading {
            return false;
        }
        let before = self.toasts.len();
        self.toasts.retain(|toast| toast.until.is_none_or(|until| now < until));
        self.toasts.len() != before
    }

    /// The pointer or the focus is on them, or has left them.
    pub(super) fn set_reading(&mut self, reading: bool, now: UnixMillis) {
        if self.reading && !reading {
            let least = UnixMillis(now.0.saturating_add(Self::AFTER_READING));
            for until in self.toasts.iter_mut().filter_map(|toast| toast.until.as_mut()) {
                *until = (*until).max(least);
            }
        }
        self.reading = reading;
    }
}

/// When its toast goes by itself: information and good news after the chosen delay, warnings after twice as long,
/// what is critical or an error never.
pub(super) fn expiry(
    one: &NotificationView,
    toasts: &Toasts,
    now: UnixMillis,
) -> Option<UnixMillis> {
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
