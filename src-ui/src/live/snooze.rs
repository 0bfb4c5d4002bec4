//! Until when an alert may be silenced.

use std::time::Duration;

use domain::view::{NotificationState, NotificationView};
use domain::{Level, UnixMillis};

use crate::words::live as say;

/// How long somebody wants to hear nothing of an alert. Getting worse ends it early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Snooze {
    TenMinutes,
    QuarterHour,
    Hour,
    /// Until the next morning, where the window's machine is.
    Tomorrow,
}

impl Snooze {
    pub(crate) const ONE: [Self; 3] = [Self::TenMinutes, Self::Hour, Self::Tomorrow];
    pub(crate) const EVERYTHING: [Self; 3] = [Self::QuarterHour, Self::Hour, Self::Tomorrow];
    /// A critical alert is silenced for so long at the most.
    const CRITICAL: Duration = Duration::from_secs(3_600);

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::TenMinutes => say::ten_minutes(),
            Self::QuarterHour => say::quarter_hour(),
            Self::Hour => say::hour(),
            Self::Tomorrow => say::until_tomorrow(),
        }
    }

    /// In test ids.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::TenMinutes => "10m",
            Self::QuarterHour => "15m",
            Self::Hour => "1h",
            Self::Tomorrow => "tomorrow",
        }
    }

    /// `morning` is the next one.
    pub(crate) fn until(self, now: UnixMillis, morning: UnixMillis) -> UnixMillis {
        match self {
            Self::TenMinutes => now.plus(Duration::from_secs(600)),
            Self::QuarterHour => now.plus(Duration::from_secs(900)),
            Self::Hour => now.plus(Duration::from_secs(3_600)),
            Self::Tomorrow => morning,
        }
    }

    /// Until when this alert is silenced: a critical one never longer than an hour.
    pub(crate) fn until_for(
        self,
        one: &NotificationView,
        now: UnixMillis,
        morning: UnixMillis,
    ) -> UnixMillis {
        let until = self.until(now, morning);
        if one.severity == Level::Critical { until.min(now.plus(Self::CRITICAL)) } else { until }
    }
}

/// Whether there is anything to silence.
pub(crate) fn can_snooze(one: &NotificationView) -> bool {
    matches!(one.state, NotificationState::Firing | NotificationState::Acknowledged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::fixture::notification;

    #[test]
    fn a_critical_alert_is_silenced_for_an_hour_at_most() {
        let (now, morning) = (UnixMillis(1_000), UnixMillis(40_000_000));
        let (critical, high) = (notification(1, Level::Critical), notification(2, Level::High));
        assert_eq!(Snooze::Tomorrow.until_for(&high, now, morning), morning);
        assert_eq!(Snooze::Tomorrow.until_for(&critical, now, morning), UnixMillis(3_601_000));
        assert_eq!(Snooze::TenMinutes.until_for(&critical, now, morning), UnixMillis(601_000));
    }
}
