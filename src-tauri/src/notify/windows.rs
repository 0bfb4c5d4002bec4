//! Windows' own toasts: with buttons, replaced in place and closed, which Tauri's plugin cannot.
//!
//! A toast of this run answers to this run. What an earlier one left in the Action Center could not be answered, as
//! nothing runs that it could reach, so it is cleared at the start, and what is open is shown anew.

use std::collections::BTreeMap;

use domain::view::NotificationId;
use monitor::OsNotification;
use tokio::sync::mpsc;
use windows::Data::Xml::Dom::XmlDocument;
use windows::Foundation::TypedEventHandler;
use windows::UI::Notifications::{
    NotificationSetting, ToastActivatedEventArgs, ToastNotification, ToastNotificationManager,
};
use windows::core::{HSTRING, IInspectable, Interface as _, Result};

use super::wishes::{Wish, Wishes};
use super::{Notifier, NotifyError, Tell, Told, Veil, toast, words};

/// Clicks that wait. Nobody clicks that fast.
const CLICKS: usize = 64;

pub(super) struct Toasts {
    /// Under which Windows knows the program: the one of its entry in the start menu.
    app_id: HSTRING,
    /// The profile's: another one's toasts may have the same tags.
    group: HSTRING,
    told: mpsc::Sender<String>,
    clicks: mpsc::Receiver<String>,
    /// A toast that is let go tells of no click.
    shown: BTreeMap<NotificationId, ToastNotification>,
    hushed: bool,
    veil: Veil,
}

impl Toasts {
    pub(super) fn new(identifier: &str, profile: &str, veil: Veil) -> Self {
        let (told, clicks) = mpsc::channel(CLICKS);
        let (app_id, group) = (HSTRING::from(identifier), HSTRING::from(profile));
        let new = Self { app_id, group, told, clicks, shown: BTreeMap::new(), hushed: false, veil };
        if let Err(error) = new.clear() {
            tracing::debug!(%error, "nothing of an earlier run could be cleared");
        }
        new
    }

    /// Takes the profile's away, whichever run has shown them.
    fn clear(&self) -> Result<()> {
        let history = ToastNotificationManager::History()?;
        history.RemoveGroupWithId(&self.group, &self.app_id)
    }

    fn carry_out(&mut self, wish: Wish, tell: &Tell) {
        match wish {
            Wish::Show(notification) => self.try_to_show(notification, tell),
            // What an earlier run showed is cleared, so all of it is shown anew.
            Wish::Reconcile(open) => {
                for notification in open {
                    self.try_to_show(notification, tell);
                }
            }
            Wish::Clear => {
                self.shown.clear();
                if let Err(error) = self.clear() {
                    tracing::warn!(%error, "the toasts could not be closed");
                }
            }
            Wish::Withdraw(id) => {
                if self.shown.remove(&id).is_some()
                    && let Err(error) = self.remove(id)
                {
                    tracing::debug!(%id, %error, "a toast could not be closed; perhaps it is");
                }
            }
        }
    }

    fn try_to_show(&mut self, notification: OsNotification, tell: &Tell) {
        let id = notification.id;
        // Nobody tells of Windows' lock screen: it does not change while this runs.
        let notification = self.veil.over(notification);
        tell(match self.show(&notification, tell) {
            Ok(()) => Told::Delivered(id),
            Err(error) => Told::Undelivered { id, error },
        });
    }

    fn show(
        &mut self,
        notification: &OsNotification,
        tell: &Tell,
    ) -> std::result::Result<(), NotifyError> {
        let notifier = ToastNotificationManager::CreateToastNotifierWithId(&self.app_id);
        let notifier = notifier.map_err(refused)?;
        // Before the first toast Windows has no setting for us, and says so by an error.
        let setting = notifier.Setting().unwrap_or(NotificationSetting::Enabled);
        self.hush(setting, tell);
        if setting != NotificationSetting::Enabled {
            return Err(NotifyError::Refused(switched_off(setting).to_owned()));
        }
        let toast = self.toast(notification).map_err(refused)?;
        notifier.Show(&toast).map_err(refused)?;
        self.shown.insert(notification.id, toast);
        Ok(())
    }

    fn toast(&self, notification: &OsNotification) -> Result<ToastNotification> {
        let document = XmlDocument::new()?;
        document.LoadXml(&HSTRING::from(toast::document(notification)))?;
        let shown = ToastNotification::CreateToastNotification(&document)?;
        shown.SetTag(&HSTRING::from(toast::tag(notification.id)))?;
        shown.SetGroup(&self.group)?;
        // What is only to be changed in place does not fly in again.
        shown.SetSuppressPopup(!notification.sound && self.shown.contains_key(&notification.id))?;
        let told = self.told.clone();
        shown.Activated(&TypedEventHandler::<ToastNotification, IInspectable>::new(
            move |_toast, arguments| {
                let Some(arguments) = arguments.as_ref() else { return Ok(()) };
                let arguments = arguments.cast::<ToastActivatedEventArgs>()?.Arguments()?;
                // Full means that nobody listens any more.
                let _ = told.try_send(arguments.to_string());
                Ok(())
            },
        ))?;
        Ok(shown)
    }

    fn remove(&self, id: NotificationId) -> Result<()> {
        let tag = HSTRING::from(toast::tag(id));
        let history = ToastNotificationManager::History()?;
        history.RemoveGroupedTagWithId(&tag, &self.group, &self.app_id)
    }

    /// Tells when toasts are switched off, and when they are no more.
    fn hush(&mut self, setting: NotificationSetting, tell: &Tell) {
        let hushed = setting != NotificationSetting::Enabled;
        if std::mem::replace(&mut self.hushed, hushed) != hushed {
            tell(Told::Hushed(hushed.then(|| switched_off(setting).to_owned())));
        }
    }
}

impl Notifier for Toasts {
    async fn run(mut self, wishes: Wishes, tell: Tell) {
        loop {
            tokio::select! {
                // First what somebody did: an acknowledged alert need not be shown again.
                biased;
                // A sender is kept here: it does not end.
                Some(click) = self.clicks.recv() => {
                    if let Some(reaction) = words::meaning(&click) {
                        tell(Told::Reacted(reaction));
                    }
                }
                // Windows takes a toast at once and shows it by itself, so nothing is waited for here.
                wish = wishes.next() => self.carry_out(wish, &tell),
            }
        }
    }
}

fn refused(error: windows::core::Error) -> NotifyError {
    NotifyError::Refused(error.message())
}

fn switched_off(setting: NotificationSetting) -> &'static str {
    match setting {
        NotificationSetting::DisabledForApplication => {
            "notifications of VaultWatch are switched off in Windows' settings"
        }
        NotificationSetting::DisabledByGroupPolicy => {
            "notifications are switched off by a group policy"
        }
        _ => "notifications are switched off in Windows' settings",
    }
}
