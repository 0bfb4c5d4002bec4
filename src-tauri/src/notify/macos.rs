//! macOS' user notifications: with buttons, replaced in place and closed, which Tauri's plugin cannot. A click on one of
//! an earlier run starts the program and arrives when it has.

use domain::view::NotificationId;
use monitor::{OsNotification, Urgency};
use tokio::sync::{mpsc, oneshot};
use usernotes::{Button, Center, Clicked, Note};

use super::text::printable;
use super::wishes::{Wish, Wishes};
use super::{Notifier, NotifyError, PATIENCE, Reaction, Tell, Told, Veil, words};

/// Clicks that wait. Nobody clicks that fast.
const CLICKS: usize = 64;
const TITLE: usize = 150;
const BODY: usize = 600;

pub(super) struct UserNotifications {
    center: Center,
    clicks: mpsc::Receiver<Clicked>,
    veil: Veil,
}

impl UserNotifications {
    /// `None` outside of an application bundle, where there are none.
    pub(super) fn new(veil: Veil) -> Option<Self> {
        let (told, clicks) = mpsc::channel(CLICKS);
        let buttons = words::BUTTONS.map(|(action, label)| Button { action, label });
        let center = Center::of_bundle(&buttons, move |clicked| {
            // Full means that nobody listens any more.
            let _ = told.try_send(clicked);
        })?;
        Some(Self { center, clicks, veil })
    }

    async fn show(&self, notification: &OsNotification) -> Result<(), NotifyError> {
        let note = Note {
            id: notification.id.0.to_string(),
            title: printable(&notification.title, TITLE),
            body: printable(&notification.body, BODY),
            context: words::of_target(&notification.target),
            time_sensitive: notification.urgency == Urgency::Critical,
            sound: notification.sound,
        };
        let (answer, answered) = oneshot::channel();
        let answer = std::sync::Mutex::new(Some(answer));
        self.center.show(&note, move |result| {
            let answer = answer.lock().ok().and_then(|mut answer| answer.take());
            if let Some(answer) = answer {
                let _ = answer.send(result);
            }
        });
        match tokio::time::timeout(PATIENCE, answered).await {
            Ok(Ok(result)) => result.map_err(NotifyError::Refused),
            Ok(Err(_)) | Err(_) => Err(NotifyError::TimedOut),
        }
    }
}

impl Notifier for UserNotifications {
    async fn run(mut self, wishes: Wishes, tell: Tell) {
        loop {
            tokio::select! {
                // First what somebody did: an acknowledged alert need not be shown again.
                biased;
                Some(clicked) = self.clicks.recv() => {
                    if let Some(reaction) = meaning(&clicked) {
                        tell(Told::Reacted(reaction));
                    }
                }
                wish = wishes.next() => match wish {
                    Wish::Show(notification) => {
                        let id = notification.id;
                        // Nobody tells of macOS' lock screen: it does not change while this runs.
                        let notification = self.veil.over(notification);
                        tell(match self.show(&notification).await {
                            Ok(()) => Told::Delivered(id),
                            Err(error) => Told::Undelivered { id, error },
                        });
                    }
                    Wish::Withdraw(id) => self.center.remove(&id.0.to_string()),
                },
            }
        }
    }
}

fn meaning(clicked: &Clicked) -> Option<Reaction> {
    if clicked.action == usernotes::DEFAULT_ACTION {
        return Some(Reaction::Opened(words::target(&clicked.context)));
    }
    let id = clicked.id.parse().ok().map(NotificationId)?;
    words::meaning(&words::answers(&clicked.action, id))
}
