use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::view::NotificationId;
use monitor::OsNotification;
use tokio::sync::Notify;

/// What the operating system is to show or to close next. Never blocks whoever wishes, and holds one wish for each
/// notification, the latest, so that it cannot outgrow the notification center behind a hung service.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wishes {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    /// Before all others: they are about what has happened since.
    screen: Option<Vec<OsNotification>>,
    /// The last wish.
    clear: bool,
    /// Each id once, the first to be served in front.
    order: VecDeque<NotificationId>,
    latest: HashMap<NotificationId, Wish>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Show(OsNotification),
    Withdraw(NotificationId),
    /// Of what an earlier run left on the screen, these are to be there and no others, without a sound.
    Reconcile(Vec<OsNotification>),
    /// Nobody watches any more: nothing is to be left there. What is open is shown anew by the next run.
    Clear,
}

impl Wishes {
    pub(crate) fn reconcile(&self, shown: Vec<OsNotification>) {
        self.queue().screen = Some(shown);
        self.shared.changed.notify_one();
    }

    /// In place of whatever else was wished for.
    pub(crate) fn clear(&self) {
        *self.queue() = Queue { clear: true, ..Queue::default() };
        self.shared.changed.notify_one();
    }

    pub(crate) fn show(&self, notification: OsNotification) {
        self.put(notification.id, Wish::Show(notification));
    }

    pub(crate) fn withdraw(&self, id: NotificationId) {
        self.put(id, Wish::Withdraw(id));
    }

    /// The next wish, once there is one. Cancelling it loses nothing.
    pub(super) async fn next(&self) -> Wish {
        loop {
            // A permit is kept for a change between this and the wait, as only one task waits.
            let changed = self.shared.changed.notified();
            if let Some(wish) = self.queue().take() {
                return wish;
            }
            changed.await;
        }
    }

    fn put(&self, id: NotificationId, wish: Wish) {
        self.queue().put(id, wish);
        self.shared.changed.notify_one();
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Nothing that runs under the lock can leave it half done.
        self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn put(&mut self, id: NotificationId, wish: Wish) {
        if self.latest.insert(id, wish).is_none() {
            self.order.push_back(id);
        }
    }

    fn take(&mut self) -> Option<Wish> {
        if std::mem::take(&mut self.clear) {
            return Some(Wish::Clear);
        }
        if let Some(shown) = self.screen.take() {
            return Some(Wish::Reconcile(shown));
        }
        let id = self.order.pop_front()?;
        self.latest.remove(&id)
    }
}

#[cfg(test)]
mod tests {
    use domain::view::Target;
    use monitor::Urgency;

    use super::*;

    fn notification(id: i64, title: &str) -> OsNotification {
        OsNotification {
            id: NotificationId(id),
            urgency: Urgency::Critical,
            title: title.into(),
            body: String::new(),
            veiled: Default::default(),
            target: Target::Alerts,
            sound: true,
            language: Default::default(),
        }
    }

    #[tokio::test]
    async fn the_latest_wish_counts_in_the_place_of_the_first() {
        let wishes = Wishes::default();
        wishes.show(notification(1, "old"));
        wishes.show(notification(2, "two"));
        wishes.show(notification(1, "new"));
        wishes.withdraw(NotificationId(2));
        assert_eq!(wishes.next().await, Wish::Show(notification(1, "new")));
        assert_eq!(wishes.next().await, Wish::Withdraw(NotificationId(2)));
        assert!(wishes.queue().order.is_empty() && wishes.queue().latest.is_empty());
    }

    #[tokio::test]
    async fn what_is_to_be_there_at_the_start_comes_before_what_happened_since() {
        let wishes = Wishes::default();
        wishes.show(notification(1, "worse"));
        wishes.reconcile(vec![notification(1, "old")]);
        assert_eq!(wishes.next().await, Wish::Reconcile(vec![notification(1, "old")]));
        assert_eq!(wishes.next().await, Wish::Show(notification(1, "worse")));
    }

    #[tokio::test]
    async fn once_the_screen_is_to_be_cleared_nothing_else_counts() {
        let wishes = Wishes::default();
        wishes.reconcile(vec![notification(1, "old")]);
        wishes.show(notification(2, "two"));
        wishes.clear();
        assert_eq!(wishes.next().await, Wish::Clear);
        assert!(wishes.queue().take().is_none());
    }

    #[tokio::test]
    async fn whoever_waits_is_woken() {
        let wishes = Wishes::default();
        let waiting = tokio::spawn({
            let wishes = wishes.clone();
            async move { wishes.next().await }
        });
        tokio::task::yield_now().await;
        wishes.withdraw(NotificationId(7));
        assert_eq!(waiting.await.unwrap(), Wish::Withdraw(NotificationId(7)));
    }
}
