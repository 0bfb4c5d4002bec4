//! The mirror in the operating system of what the notification center holds.
//!
//! One task owns the notifier: it takes wishes, carries them out one after the other and tells the monitor what
//! became of each. What fails is tried again by the monitor, not here.

#[cfg(target_os = "linux")]
mod freedesktop;
mod portable;
#[cfg(target_os = "linux")]
mod shown;
#[cfg(target_os = "linux")]
mod text;
mod wishes;

use std::future::Future;
use std::time::Duration;

use domain::view::{NotificationId, Target};
use monitor::{MonitorHandle, OsNotification};
use thiserror::Error;

#[cfg(target_os = "linux")]
pub(crate) use text::escape;
use wishes::Wish;
pub(crate) use wishes::Wishes;

/// A notification service that takes longer is hung, and others wait behind it.
const PATIENCE: Duration = Duration::from_secs(5);

/// `portable` uses Tauri's plugin where the platform's own service is spoken to otherwise.
const CHOICE: &str = "VAULTWATCH_NOTIFIER";

/// Shows notifications outside of our window. Called by one task, one call at a time.
pub(crate) trait Notifier: Send {
    /// Shows it, in place of what it showed of the same id.
    ///
    /// # Errors
    /// One variant of [`NotifyError`] for each way in which the person sees nothing.
    fn show(
        &mut self,
        notification: &OsNotification,
    ) -> impl Future<Output = Result<(), NotifyError>> + Send;

    /// Closes what is shown of `id`; nothing to do when nothing is.
    ///
    /// # Errors
    /// As [`Notifier::show`].
    fn withdraw(
        &mut self,
        id: NotificationId,
    ) -> impl Future<Output = Result<(), NotifyError>> + Send;

    /// What somebody did with a notification next. Cancelling it loses nothing.
    fn reaction(&mut self) -> impl Future<Output = Reaction> + Send;
}

/// What somebody did with a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reaction {
    /// Clicked: the window is to go there.
    Opened(Target),
    Acknowledged(NotificationId),
}

/// Why a notification was not shown. The texts are shown to the person.
#[derive(Debug, Error)]
pub(crate) enum NotifyError {
    /// Nothing can be reached at all.
    #[error("there is no session bus")]
    NoBus,
    /// The desktop has none, or it crashed.
    #[error("no notification service is running")]
    NoService,
    /// It hangs.
    #[error("the notification service did not answer within {} s", PATIENCE.as_secs())]
    TimedOut,
    /// It does not want this notification; its own words.
    #[error("the notification service refused: {0}")]
    Refused(String),
}

/// Starts the notifier of this platform on the current Tokio runtime.
pub(crate) fn start(app: &tauri::AppHandle, wishes: Wishes, monitor: MonitorHandle) {
    let choice = std::env::var(CHOICE).unwrap_or_default();
    if !matches!(choice.as_str(), "" | "native" | "portable") {
        tracing::warn!(choice, "{CHOICE} is `native` or `portable`; using `native`");
    }
    #[cfg(target_os = "linux")]
    if choice != "portable" {
        tokio::spawn(run(freedesktop::Freedesktop::default(), wishes, monitor));
        return;
    }
    tokio::spawn(run(portable::Portable::new(app), wishes, monitor));
}

async fn run(mut notifier: impl Notifier, wishes: Wishes, monitor: MonitorHandle) {
    loop {
        tokio::select! {
            // First what somebody did: an acknowledged alert need not be shown again.
            biased;
            reaction = notifier.reaction() => match reaction {
                Reaction::Opened(target) => monitor.open(target),
                Reaction::Acknowledged(id) => monitor.acknowledge(vec![id]),
            },
            wish = wishes.next() => carry_out(&mut notifier, wish, &monitor).await,
        }
    }
}

async fn carry_out(notifier: &mut impl Notifier, wish: Wish, monitor: &MonitorHandle) {
    match wish {
        Wish::Show(notification) => {
            let id = notification.id;
            match limited(notifier.show(&notification)).await {
                Ok(()) => {
                    tracing::info!(%id, title = notification.title, "shown by the operating system");
                    monitor.delivered(id);
                }
                Err(error) => monitor.undelivered(id, error.to_string()),
            }
        }
        Wish::Withdraw(id) => {
            if let Err(error) = limited(notifier.withdraw(id)).await {
                tracing::warn!(%id, %error, "a notification could not be closed");
            }
        }
    }
}

async fn limited(call: impl Future<Output = Result<(), NotifyError>>) -> Result<(), NotifyError> {
    tokio::time::timeout(PATIENCE, call).await.unwrap_or(Err(NotifyError::TimedOut))
}
