//! The mirror in the operating system of what the notification center holds.
//!
//! One task owns the notifier: it takes wishes, has them carried out and tells the monitor what became of each. What
//! the desktop says by itself, that notifications are silenced, it tells, too.

#[cfg(target_os = "linux")]
mod freedesktop;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "linux")]
mod mirror;
#[cfg(not(target_os = "linux"))]
mod portable;
mod text;
// What is pure is tested on every platform.
#[cfg(any(windows, test))]
mod toast;
mod veil;
#[cfg(windows)]
mod windows;
mod wishes;
#[cfg(any(windows, target_os = "macos", test))]
mod words;

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::view::{Destination, NotificationId, Target};
use monitor::{Clock as _, MonitorHandle, SystemClock};
use thiserror::Error;
use tokio::task::AbortHandle;

use crate::host::Host;
use crate::obstacles::{Obstacles, Sense};
use crate::watch::{Sight, Watches};
#[cfg(target_os = "linux")]
use crate::window::Token;
#[cfg(target_os = "linux")]
pub(crate) use text::escape;
pub(crate) use veil::Veil;
pub(crate) use wishes::Wishes;

/// A notification service that takes longer is hung: the person is told that nothing is shown.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the button says.
const SNOOZE: Duration = Duration::from_secs(600);

/// `portable` uses Tauri's plugin where the platform's own service is spoken to otherwise.
#[cfg(not(target_os = "linux"))]
const CHOICE: &str = "VAULTWATCH_NOTIFIER";

/// Shows notifications outside of our window.
pub(crate) trait Notifier: Send + 'static {
    /// Carries wishes out until the program ends, and tells what became of each and what people did.
    fn run(self, wishes: Wishes, tell: Tell) -> impl Future<Output = ()> + Send;
}

/// Where a notifier tells what happened. Never blocks.
pub(crate) type Tell = Arc<dyn Fn(Told) + Send + Sync>;

/// What a notifier tells.
#[derive(Debug)]
pub(crate) enum Told {
    /// The service took it.
    Delivered(NotificationId),
    /// The person sees nothing of it. It is tried again.
    Undelivered {
        id: NotificationId,
        error: NotifyError,
    },
    Reacted(Reaction),
    /// By this the desktop lets the window come to the front. It comes before the click it is for.
    #[cfg(target_os = "linux")]
    Activation(Token),
    /// Notifications are silenced, by this; `None`: no more.
    #[cfg_attr(target_os = "macos", expect(dead_code, reason = "it says so when it refuses"))]
    Hushed(Option<String>),
}

/// What somebody did with a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reaction {
    /// Clicked: the window is to go there.
    Opened(Target),
    Acknowledged(NotificationId),
    /// For [`SNOOZE`].
    Snoozed(NotificationId),
}

/// Why a notification was not shown. The texts are shown to the person.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
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

/// Starts the notifier of this platform on the current Tokio runtime, and yields what ends it. In `folder`, which is the
/// profile's, it keeps what it shows, so that it goes on with that after a restart.
pub(crate) fn start(
    host: &Host,
    folder: PathBuf,
    (wishes, veil): (Wishes, Veil),
    monitor: MonitorHandle,
    eyes: Eyes,
) -> AbortHandle {
    let tell: Tell = Arc::new(move |told| pass_on(&monitor, &eyes, told));
    run(host, folder, veil, wishes, tell)
}

#[cfg(target_os = "linux")]
fn run(_host: &Host, folder: PathBuf, veil: Veil, wishes: Wishes, tell: Tell) -> AbortHandle {
    let notifier = freedesktop::Freedesktop::new(None, Some(folder), veil);
    tokio::spawn(notifier.run(wishes, tell)).abort_handle()
}

#[cfg(not(target_os = "linux"))]
fn run(host: &Host, folder: PathBuf, veil: Veil, wishes: Wishes, tell: Tell) -> AbortHandle {
    let choice = std::env::var(CHOICE).unwrap_or_default();
    if !matches!(choice.as_str(), "" | "native" | "portable") {
        tracing::warn!(choice, "{CHOICE} is `native` or `portable`; using `native`");
    }
    let app = host.app();
    #[cfg(windows)]
    if choice != "portable" {
        let notifier = windows::Toasts::new(&app.config().identifier, &name(&folder), veil);
        return tokio::spawn(notifier.run(wishes, tell)).abort_handle();
    }
    #[cfg(target_os = "macos")]
    if choice != "portable" {
        match macos::UserNotifications::new(name(&folder), veil.clone()) {
            Some(notifier) => {
                return tokio::spawn(notifier.run(wishes, tell)).abort_handle();
            }
            None => tracing::warn!("not started from a bundle: notifications have no buttons"),
        }
    }
    let _ = folder;
    tokio::spawn(portable::Portable::new(app, veil).run(wishes, tell)).abort_handle()
}

/// The profile's, by which its notifications are told from another's.
#[cfg(any(windows, target_os = "macos"))]
fn name(folder: &std::path::Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Who is to know whether notifications are seen.
#[derive(Clone, Debug)]
pub(crate) struct Eyes {
    pub(crate) obstacles: Obstacles,
    /// Where a click leads, and who is heard for want of being seen.
    pub(crate) watches: Watches,
    pub(crate) profile: Arc<str>,
}

fn pass_on(monitor: &MonitorHandle, eyes: &Eyes, told: Told) {
    match told {
        Told::Delivered(id) => {
            eyes.watches.sight_of(&eyes.profile, Sight::Shown);
            monitor.delivered(id);
        }
        Told::Undelivered { id, error } => {
            eyes.watches.sight_of(&eyes.profile, Sight::Unseen);
            monitor.undelivered(id, error.to_string());
        }
        #[cfg(target_os = "linux")]
        Told::Activation(token) => eyes.watches.activate_with(token),
        Told::Reacted(Reaction::Opened(target)) => {
            eyes.watches.open(Destination::of(&eyes.profile, target));
        }
        Told::Reacted(Reaction::Acknowledged(id)) => monitor.acknowledge(vec![id]),
        Told::Reacted(Reaction::Snoozed(id)) => {
            monitor.snooze(vec![id], SystemClock.now().plus(SNOOZE));
        }
        Told::Hushed(cause) => eyes.obstacles.set(Sense::Sight, cause),
    }
}
