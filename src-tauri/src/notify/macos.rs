//! macOS' user notifications: with buttons, replaced in place and closed, which Tauri's plugin cannot. A click on one of
//! an earlier run starts the program and arrives when it has.

use std::collections::BTreeSet;

use domain::Language;
use domain::view::NotificationId;
use monitor::{OsNotification, Urgency};
use tokio::sync::{mpsc, oneshot};
use usernotes::{Button, Category, Center, Clicked, Note};

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
    /// Each note's identifier begins with it: of one number there may be one in each profile.
    profile: String,
    shown: BTreeSet<NotificationId>,
    veil: Veil,
}

impl UserNotifications {
    /// `None` outside of an application bundle, where there are none.
    pub(super) fn new(profile: String, veil: Veil) -> Option<Self> {
        let (told, clicks) = mpsc::channel(CLICKS);
        let categories = Language::ALL.map(|language| Category {
            id: language.tag(),
            buttons: words::buttons(language)
                .map(|(action, label)| Button { action, label })
                .into(),
        });
        let ours = profile.clone();
        let center = Center::of_bundle(&categories, move |clicked| {
            let is_ours = number(&ours, &clicked.id).is_some();
            if is_ours {
                // Full means that nobody listens any more.
                let _ = told.try_send(clicked.clone());
            }
            is_ours
        })?;
        Some(Self { center, clicks, profile, shown: BTreeSet::new(), veil })
    }

    async fn try_to_show(&mut self, notification: OsNotification, tell: &Tell) {
        let id = notification.id;
        self.shown.insert(id);
        // Nobody tells of macOS' lock screen: it does not change while this runs.
        let notification = self.veil.over(notification);
        tell(match self.show(&notification).await {
            Ok(()) => Told::Delivered(id),
            Err(error) => Told::Undelivered { id, error },
        });
    }

    fn remove(&mut self, id: NotificationId) {
        self.shown.remove(&id);
        self.center.remove(&name(&self.profile, id));
    }

    async fn show(&self, notification: &OsNotification) -> Result<(), NotifyError> {
        let note = Note {
            id: name(&self.profile, notification.id),
            title: printable(&notification.title, TITLE),
            body: printable(&notification.body, BODY),
            context: words::of_target(&notification.target),
            time_sensitive: notification.urgency == Urgency::Critical,
            sound: notification.sound,
            category: notification.language.tag(),
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
                    if let Some(reaction) = meaning(&self.profile, &clicked) {
                        tell(Told::Reacted(reaction));
                    }
                }
                wish = wishes.next() => match wish {
                    Wish::Show(notification) => self.try_to_show(notification, &tell).await,
                    // What an earlier run left there is replaced; what it had no time to remove goes with a click.
                    Wish::Reconcile(open) => {
                        for notification in open {
                            self.try_to_show(notification, &tell).await;
                        }
                    }
                    Wish::Withdraw(id) => self.remove(id),
                    Wish::Clear => {
                        for id in self.shown.clone() {
                            self.remove(id);
                        }
                    }
                },
            }
        }
    }
}

/// `acme/17`.
fn name(profile: &str, id: NotificationId) -> String {
    format!("{profile}/{id}")
}

/// `None`: it is another profile's.
fn number(profile: &str, name: &str) -> Option<NotificationId> {
    name.strip_prefix(profile)?.strip_prefix('/')?.parse().ok().map(NotificationId)
}

fn meaning(profile: &str, clicked: &Clicked) -> Option<Reaction> {
    if clicked.action == usernotes::DEFAULT_ACTION {
        return Some(Reaction::Opened(words::target(&clicked.context)));
    }
    let id = number(profile, &clicked.id)?;
    words::meaning(&words::answers(&clicked.action, id))
}
