use domain::alert_state::AlertState;
use domain::view::{NotificationId, NotificationView, Target};
use domain::{Level, UnixMillis, VaultId};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::Condition;
use crate::words::Veiled;

/// What is to be done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A notification is new or changed: store it, then show it in the center.
    Changed(Box<Changed>),
    /// Show this by the operating system, in place of what it shows of the same id.
    Show(Showing),
    /// Close what the operating system shows of this.
    Withdraw(NotificationId),
    /// The sound and the tray have another state.
    Alarm(Alarm),
    /// Tell the channels beyond this machine.
    CallOut(CallOut),
    /// Tell the other clients what was done about an alert.
    Share(AlertState),
}

/// A notification as it is after a change. Whether it was read is the center's affair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    pub view: NotificationView,
    pub condition: Condition,
    pub change: Change,
    /// Told in the center without an unread mark: it is worth an eye, or another alert says more.
    pub quiet: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Raised,
    /// By a level, or by a step beyond critical.
    Worsened,
    /// Nobody has dealt with it.
    Repeated,
    /// Its figures, or what is known of it.
    Updated,
    Acknowledged {
        by: SmolStr,
    },
    /// It lapsed, or was taken back.
    Unacknowledged {
        by: SmolStr,
    },
    Snoozed {
        until: UnixMillis,
    },
    Unsnoozed,
    /// Somebody says that it should not have been raised.
    FalseAlarm,
    Escalated(Stage),
    Delivered,
    Undelivered {
        cause: SmolStr,
    },
    Resolved,
}

/// How loud an unanswered critical alert has become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Stage {
    Notified,
    Sound,
    OtherChannels,
}

/// A notification for the operating system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Showing {
    pub id: NotificationId,
    pub severity: Level,
    pub title: String,
    pub body: String,
    /// The same without amounts.
    pub veiled: Veiled,
    /// Where a click leads.
    pub target: Target,
    /// Without it, what is shown is replaced quietly.
    pub sound: bool,
}

/// What goes on until somebody answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// The program plays its sound, over and over.
    pub sound: bool,
    /// The tray asks for attention.
    pub attention: bool,
}

/// A message for channels beyond this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallOut {
    pub id: NotificationId,
    pub kind: CallOutKind,
    pub severity: Level,
    pub vault: Option<VaultId>,
    pub title: String,
    pub message: String,
    pub raised: UnixMillis,
}

impl CallOut {
    /// About this alert, as it is by now.
    #[must_use]
    pub fn of(view: &NotificationView, kind: CallOutKind) -> Self {
        Self {
            id: view.id,
            kind,
            severity: view.severity,
            vault: view.vault.clone(),
            title: view.title.clone(),
            message: view.message.clone(),
            raised: view.timestamp,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallOutKind {
    Firing,
    /// Somebody has answered: nobody else need be called.
    Acknowledged,
    Resolved,
}
