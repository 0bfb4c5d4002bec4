use std::sync::Arc;

use domain::market::Market;
use domain::view::{
    FeedState, NotificationId, NotificationView, StatusView, Target, TickBatch, WindowEvent,
};
use domain::{Language, Level, Vault};
use realtime::{Event, StateChange};
use wire::{Invalid, Message};

use crate::{Standing, TrayView};

pub use alerts::words::Veiled;
pub use alerts::{Alarm, CallOut, CallOutKind};

/// Where tick batches go: the window's channel.
pub type TickSink = Arc<dyn Fn(TickBatch) + Send + Sync>;

/// What the core asks of the program around it. No call may block: queue and return.
pub trait Shell: Send + Sync + 'static {
    /// To the window, if there is one.
    fn window(&self, _event: &WindowEvent) {}

    /// Called only when it changed.
    fn tray(&self, _tray: &TrayView) {}

    /// The same for whoever shows several watches. Called only when it changed.
    fn standing(&self, _standing: &Standing) {}

    /// Show, or replace in place what has the same id. To be answered by `MonitorHandle::delivered` or
    /// `undelivered`.
    fn notify(&self, _notification: &OsNotification) {}

    /// Close what the operating system still shows of this.
    fn withdraw(&self, _id: NotificationId) {}

    /// What is to be heard, and how loud the tray is. Called at the start, and when it changed.
    fn alarm(&self, _alarm: Alarm) {}

    /// By other channels than the screen's, for nobody looks at that; and what became of it since. To be answered by
    /// `MonitorHandle::called` for each channel.
    fn call_out(&self, _call: &CallOut) {}

    /// At the start: of every alert there is whether somebody is called about it, or need be no more, as the watch
    /// remembers it. Whoever keeps orders of their own compares: an order may have been lost with the program.
    fn reconcile_calls(&self, _calls: &[CallOut]) {}

    /// At the start: what of ours is to be on the operating system's screen, as the watch remembers it. Whatever else an
    /// earlier run left there is to be closed, and what is not there any more is to be there again, without a sound.
    fn reconcile_screen(&self, _shown: &[OsNotification]) {}

    /// Everything that happens, message by message.
    fn observe(&self, _observed: Observed<'_>) {}

    /// Bring the window up, or make one.
    fn show_window(&self) {}
}

/// A notification for the operating system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OsNotification {
    pub id: NotificationId,
    pub urgency: Urgency,
    pub title: String,
    pub body: String,
    /// The same without amounts, for a screen that strangers may read.
    pub veiled: Veiled,
    /// Where a click leads.
    pub target: Target,
    /// Whether it is to be heard; else it replaces quietly what is there.
    pub sound: bool,
    /// Of what stands around its text, such as buttons: the text itself may be older than a choice.
    pub language: Language,
}

impl OsNotification {
    pub(crate) fn of(showing: alerts::Showing, language: Language) -> Self {
        let alerts::Showing { id, severity, title, body, veiled, target, sound } = showing;
        Self { id, urgency: severity.into(), title, body, veiled, target, sound, language }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    Low,
    Normal,
    Critical,
}

impl From<Level> for Urgency {
    fn from(level: Level) -> Self {
        match level {
            Level::Low | Level::Medium => Self::Low,
            Level::High => Self::Normal,
            Level::Critical => Self::Critical,
        }
    }
}

/// One thing that happened.
#[derive(Clone, Copy, Debug)]
pub enum Observed<'a> {
    /// The connection has another state, in our words and, where it is one of the client's, in the client's: those are
    /// finer.
    State {
        state: &'a FeedState,
        endpoint: &'a str,
        change: Option<&'a StateChange>,
    },
    /// The connection is over for good, by the server's word.
    Failed {
        cause: &'a str,
    },
    Vault {
        vault: &'a Vault,
        level: Option<Level>,
    },
    Market(&'a Market),
    Status(&'a StatusView),
    Alert {
        notification: &'a NotificationView,
        state: AlertState,
    },
    Invalid(&'a Invalid),
    /// Messages after `from` and up to `to` did not come; `recovered`: they came after all.
    Gap {
        from: u64,
        to: u64,
        recovered: bool,
    },
    /// Something else that happened to the connection: a snapshot, a slow reader, a machine that slept, trouble of the
    /// server's. `json` is the event with tokens taken out.
    Connection {
        event: &'a Event,
        json: &'a str,
    },
    Custom(&'a Message),
}

/// What became of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertState {
    Firing,
    Worse,
    Updated,
    Resolved,
}
