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
    /// Each id once, the first to be served in front.
    order: VecDeque<NotificationId>,
    latest: HashMap<NotificationId, Wish>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Show(OsNotification),
    Withdraw(NotificationId),
}

impl Wishes {
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
