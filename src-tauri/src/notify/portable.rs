//! Tauri's own notifications: where the platform's are asked not to be used, and where it has none that we speak to, such
//! as on macOS outside of a bundle. They have no urgency, and whether the person sees one is not reported, so what the
//! plugin takes counts as delivered.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicI32, Ordering};

use domain::Language;
use domain::view::{NotificationId, Target};
use monitor::OsNotification;
use tauri::AppHandle;
use tauri_plugin_notification::{Action, ActionPerformed, ActionType, NotificationExt as _};
use tokio::sync::mpsc;

use super::wishes::{Wish, Wishes};
use super::{Notifier, NotifyError, PATIENCE, Reaction, Tell, Told, Veil};
use crate::say::buttons as say;

/// The buttons' type, for each language.
fn action_type(language: Language) -> &'static str {
    match language {
        Language::English => "alert",
        Language::German => "alert-de",
    }
}

/// The plugin's word for a click on the notification itself.
const OPEN: &str = "tap";
const ACKNOWLEDGE: &str = "ack";
const SNOOZE: &str = "snooze";
/// Clicks that wait. Nobody clicks that fast.
const REACTIONS: usize = 64;
/// Notifications whose click still leads somewhere, beyond which the oldest only opens the window.
const REMEMBERED: usize = 1_000;

pub(super) struct Portable {
    app: AppHandle,
    /// The plugin's number and the action's name.
    reactions: mpsc::Receiver<(i32, String)>,
    shown: Remembered,
    veil: Veil,
}

/// What each of the plugin's numbers stands for; it has 32 bits for them and we have 64. Each watch has numbers of its own,
/// as the plugin tells all of them of every click.
#[derive(Debug)]
struct Remembered {
    by_number: BTreeMap<i32, (NotificationId, Target)>,
    order: VecDeque<i32>,
    /// Beyond which its own begin.
    base: i32,
    last: i32,
}

/// Numbers of one watch. More of them begin anew, when the first are long gone.
const NUMBERS: i32 = 1 << 20;

impl Portable {
    pub(super) fn new(app: &AppHandle, veil: Veil) -> Self {
        let (told, reactions) = mpsc::channel(REACTIONS);
        let plugin = app.notification();
        let buttons = Language::ALL.map(|language| {
            let acknowledge = Action::builder(ACKNOWLEDGE, say::acknowledge(language)).build();
            let snooze = Action::builder(SNOOZE, say::snooze(language)).build();
            ActionType::builder(action_type(language)).actions(vec![acknowledge, snooze]).build()
        });
        let on_action = move |performed: &ActionPerformed| {
            if let Some(notification) = performed.notification() {
                // Full means that nobody listens any more.
                let _ = told.try_send((notification.id(), performed.action_id().to_owned()));
            }
        };
        let registered =
            plugin.register_action_types(buttons.into()).and_then(|()| plugin.on_action(on_action));
        if let Err(error) = registered {
            tracing::warn!(%error, "notifications without buttons");
        }
        Self { app: app.clone(), reactions, shown: Remembered::another(), veil }
    }

    /// Off the runtime: the plugin waits for the service.
    async fn remove(&self, number: i32) -> Result<(), NotifyError> {
        let app = self.app.clone();
        let removed =
            tokio::task::spawn_blocking(move || app.notification().remove_active(vec![number]));
        match removed.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(NotifyError::Refused(error.to_string())),
            Err(panicked) => Err(NotifyError::Refused(panicked.to_string())),
        }
    }
}

impl Notifier for Portable {
    async fn run(mut self, wishes: Wishes, tell: Tell) {
        loop {
            tokio::select! {
                // First what somebody did: an acknowledged alert need not be shown again.
                biased;
                reaction = reaction(&mut self.reactions, &self.shown) => {
                    tell(Told::Reacted(reaction));
                }
                wish = wishes.next() => self.carry_out(wish, &tell).await,
            }
        }
    }
}

impl Portable {
    async fn carry_out(&mut self, wish: Wish, tell: &Tell) {
        match wish {
            Wish::Show(notification) => {
                let id = notification.id;
                // What is there already it cannot change, only show anew, which would be heard.
                let notification = self.veil.over(notification);
                tell(match limited(self.show(&notification)).await {
                    Ok(()) => Told::Delivered(id),
                    Err(error) => Told::Undelivered { id, error },
                });
            }
            // What an earlier run showed it neither knows nor can change; shown anew, it would be there twice.
            Wish::Reconcile(_) => {}
            Wish::Clear => {
                for id in self.shown.ids() {
                    self.withdraw(id).await;
                }
            }
            Wish::Withdraw(id) => self.withdraw(id).await,
        }
    }

    async fn withdraw(&mut self, id: NotificationId) {
        let Some(number) = self.shown.remove(id) else { return };
        if let Err(error) = limited(self.remove(number)).await {
            tracing::warn!(%id, %error, "a notification could not be closed");
        }
    }

    async fn show(&mut self, notification: &OsNotification) -> Result<(), NotifyError> {
        // It cannot replace; at least there are not two.
        if let Some(number) = self.shown.remove(notification.id) {
            self.remove(number).await?;
        }
        let number = self.shown.insert(notification.id, notification.target.clone());
        let buttons = action_type(notification.language);
        let builder = self.app.notification().builder().id(number).action_type_id(buttons);
        let builder = builder.title(&notification.title).body(&notification.body);
        builder.show().map_err(|error| NotifyError::Refused(error.to_string()))
    }
}

async fn limited(call: impl Future<Output = Result<(), NotifyError>>) -> Result<(), NotifyError> {
    tokio::time::timeout(PATIENCE, call).await.unwrap_or(Err(NotifyError::TimedOut))
}

/// What somebody did next. Cancelling it loses nothing.
async fn reaction(clicks: &mut mpsc::Receiver<(i32, String)>, shown: &Remembered) -> Reaction {
    loop {
        let Some((number, action)) = clicks.recv().await else {
            return std::future::pending().await;
        };
        if let Some(reaction) = shown.reaction(number, &action) {
            return reaction;
        }
    }
}

impl Remembered {
    /// Of a watch more.
    fn another() -> Self {
        static WATCHES: AtomicI32 = AtomicI32::new(0);
        let watch = WATCHES.fetch_add(1, Ordering::Relaxed) % (i32::MAX / NUMBERS);
        let (by_number, order) = (BTreeMap::new(), VecDeque::new());
        Self { by_number, order, base: watch * NUMBERS, last: 0 }
    }

    fn insert(&mut self, id: NotificationId, target: Target) -> i32 {
        self.last = self.last % (NUMBERS - 1) + 1;
        let number = self.base + self.last;
        self.by_number.insert(number, (id, target));
        self.order.push_back(number);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_number.remove(&oldest);
        }
        number
    }

    fn remove(&mut self, id: NotificationId) -> Option<i32> {
        let number = *self.by_number.iter().find(|(_, (known, _))| *known == id)?.0;
        self.by_number.remove(&number);
        self.order.retain(|known| *known != number);
        Some(number)
    }

    fn ids(&self) -> Vec<NotificationId> {
        self.by_number.values().map(|(id, _)| *id).collect()
    }

    fn reaction(&self, number: i32, action: &str) -> Option<Reaction> {
        match (action, self.by_number.get(&number)) {
            (OPEN, Some((_, target))) => Some(Reaction::Opened(target.clone())),
            // Forgotten by now, if it is ours.
            (OPEN, None) if (1..NUMBERS).contains(&number.wrapping_sub(self.base)) => {
                Some(Reaction::Opened(Target::Alerts))
            }
            (ACKNOWLEDGE, Some((id, _))) => Some(Reaction::Acknowledged(*id)),
            (SNOOZE, Some((id, _))) => Some(Reaction::Snoozed(*id)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clicks_lead_to_what_was_shown() {
        let mut shown = Remembered::another();
        let id = NotificationId(i64::MAX);
        let number = shown.insert(id, Target::System);
        assert_eq!(shown.reaction(number, "tap"), Some(Reaction::Opened(Target::System)));
        assert_eq!(shown.reaction(number, "ack"), Some(Reaction::Acknowledged(id)));
        assert_eq!(shown.reaction(number, "snooze"), Some(Reaction::Snoozed(id)));
        assert_eq!(shown.remove(id), Some(number));
        assert_eq!(shown.reaction(number, "ack"), None);
        assert_eq!(shown.reaction(number, "tap"), Some(Reaction::Opened(Target::Alerts)));
    }

    #[test]
    fn each_watch_answers_for_its_own() {
        let (mut one, mut other) = (Remembered::another(), Remembered::another());
        let number = one.insert(NotificationId(1), Target::System);
        assert_eq!(other.reaction(number, "ack"), None);
        assert_eq!(other.reaction(number, "tap"), None);
        assert_ne!(other.insert(NotificationId(1), Target::System), number);
        one.last = NUMBERS - 1;
        assert_eq!(one.insert(NotificationId(2), Target::System), number, "begun anew");
    }

    #[test]
    fn what_is_remembered_has_a_limit() {
        let mut shown = Remembered::another();
        for id in 0..REMEMBERED as i64 + 1 {
            shown.insert(NotificationId(id), Target::Alerts);
        }
        assert_eq!((shown.by_number.len(), shown.order.len()), (REMEMBERED, REMEMBERED));
        assert_eq!(shown.remove(NotificationId(0)), None);
    }
}
