use domain::alert_state::AlertState;
use domain::market::Market;
use domain::platform_alert::PlatformAlert;
use domain::status::SystemStatus;
use domain::vault::VaultStatus;
use domain::view::{NotificationId, Target};
use domain::{Level, Percent, UnixMillis, Vault};
use serde_json::{Map, Value};

use crate::{Exposure, Silent};

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// A vault changed; `before` is what was known of it.
    Vault {
        before: Before,
        vault: &'a Vault,
    },
    Market(&'a Market),
    /// The platform tells of itself.
    Status {
        status: &'a SystemStatus,
        extra: &'a Map<String, Value>,
    },
    /// The platform says something.
    PlatformAlert(&'a PlatformAlert),
    /// Somebody did something about an alert, on another machine.
    AlertState(&'a AlertState),
    /// A vault's values became stale, though the feed is up.
    Silent(Silent<'a>),
    /// No data arrive any more, or they do again.
    FeedLost,
    FeedBack,
    Act(Act),
    /// Time passed: about every second, and at [`Engine::due`](crate::Engine::due).
    Tick(&'a Exposure),
}

/// What somebody did here, or the operating system answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    Acknowledge(Vec<NotificationId>),
    Unacknowledge(Vec<NotificationId>),
    /// Critical ones by an hour at the most.
    Snooze {
        ids: Vec<NotificationId>,
        until: UnixMillis,
    },
    SnoozeAll(UnixMillis),
    Unsnooze(Vec<NotificationId>),
    FalseAlarm(NotificationId),
    /// Removed from the center.
    Dismiss(Vec<NotificationId>),
    TestCritical,
    /// Tell this once.
    Notice {
        severity: Level,
        title: String,
        message: String,
        target: Target,
    },
    Delivered(NotificationId),
    Undelivered {
        id: NotificationId,
        cause: String,
    },
}

/// What was known of a vault before an update.
#[derive(Clone, Copy, Debug, Default)]
pub struct Before {
    pub ltv: Option<Percent>,
    pub status: Option<VaultStatus>,
    /// When the update was sent, by the sender's clock.
    pub sent: Option<UnixMillis>,
}

impl Before {
    /// To be taken before [`Vault::apply`].
    #[must_use]
    pub fn of(vault: &Vault) -> Self {
        Self { ltv: domain::solvency::ltv(vault), status: vault.status, sent: None }
    }
}
