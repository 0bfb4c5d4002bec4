use std::time::Duration;

use domain::view::NotifyScope;
use domain::{Language, Level};
use jiff::tz::TimeZone;

use crate::lifecycle::Times;
use crate::quiet::QuietHours;

/// The numbers of alerts. Where a level is entered and left is [`domain::Yardstick`]'s table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How long a value must stay at or beyond a level before the alert is raised: medium 60 s, high 15 s,
    /// critical at once. Shorter wakes people for spikes, longer costs them the minutes they have.
    pub hold: LevelTimes,
    /// How long a value must stay back above the exit threshold before the alert ends: 2 min.
    pub recovery: Duration,
    /// An open alert's text follows the figures at most this often: 10 s.
    pub refresh: Duration,
    /// A platform alert that nobody resolved ends after 24 h.
    pub platform_age: Duration,
    /// Without data for this long, with a vault under 15 % room or not: 60 s, 5 min.
    pub feed_down_exposed: Duration,
    pub feed_down: Duration,
    /// A fall of more than 10 points of room in one message that no price explains waits this long for a second one:
    /// 3 s. Longer costs minutes that may be all there is.
    pub doubt: Duration,
    /// When an unanswered critical alert is told again after it was raised: 2, 5, 10 min, then every 15 min.
    pub repeat_critical: Vec<Duration>,
    pub repeat_critical_after: Duration,
    /// An unanswered high alert is told again this often: 1 h.
    pub repeat_high: Duration,
    /// The hour of the day at which open medium alerts are summed up: 9.
    pub digest_hour: i8,
    /// An acknowledgement of a critical alert lapses when the value has been critical without a break for this long:
    /// 30 min.
    pub ack_lapse: Duration,
    /// The longest a critical alert can be put off: 1 h.
    pub snooze_critical: Duration,
    /// More than `incident_size` (5) new alerts of one cause within `incident_window` (10 s) are one incident.
    pub incident_size: usize,
    pub incident_window: Duration,
    /// OS notifications: so many at once, then one in each interval: 3, 1 s.
    pub burst: u32,
    pub interval: Duration,
    /// One that was not confirmed is tried again after 10 s.
    pub retry: Duration,
    /// Alerts of this level and beyond go to the operating system, too: critical. Liquidations and a dead feed always
    /// do.
    pub notify_from: Level,
    /// Which of them the operating system shows of this profile, and whether the alarm sounds: all. A test, and what is
    /// wrong with the settings, are no profile's.
    pub scope: NotifyScope,
    /// An unanswered critical alert is heard after 2 min, and told on other channels after 4 min.
    pub sound_after: Duration,
    pub call_out_after: Duration,
    /// A gap in watching of this length is told of: 5 min.
    pub away_after: Duration,
    /// After such a gap, news is gathered until the feed has been back for this long: 2 s; at most for
    /// `gather_at_most`, 60 s.
    pub gather: Duration,
    pub gather_at_most: Duration,
    /// `None`: there are none.
    pub quiet_hours: Option<QuietHours>,
    /// The zone of the times in texts.
    pub zone: TimeZone,
    /// What people are told in: English. A text that was written stays as it is until it changes.
    pub language: Language,
    /// Demo data wake nobody after the first notification.
    pub demo: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelTimes {
    pub medium: Duration,
    pub high: Duration,
    pub critical: Duration,
}

impl LevelTimes {
    #[must_use]
    pub fn of(&self, level: Level) -> Duration {
        match level {
            Level::Low => Duration::ZERO,
            Level::Medium => self.medium,
            Level::High => self.high,
            Level::Critical => self.critical,
        }
    }
}

impl Policy {
    #[must_use]
    pub fn times(&self) -> Times {
        Times { hold: self.hold, recovery: self.recovery }
    }

    /// How long after a series of tellings began its `n`th repeat is due, counted from 0. `None`: never.
    #[must_use]
    pub fn repeat(&self, level: Level, n: u32) -> Option<Duration> {
        match level {
            Level::Critical => {
                let listed = u32::try_from(self.repeat_critical.len()).unwrap_or(u32::MAX);
                match self.repeat_critical.get(n as usize) {
                    Some(offset) => Some(*offset),
                    None => {
                        let last = self.repeat_critical.last().copied().unwrap_or_default();
                        Some(last + self.repeat_critical_after * (n - listed + 1))
                    }
                }
            }
            Level::High => Some(self.repeat_high * (n + 1)),
            Level::Medium | Level::Low => None,
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        Self {
            hold: LevelTimes {
                medium: Duration::from_secs(60),
                high: Duration::from_secs(15),
                critical: Duration::ZERO,
            },
            recovery: Duration::from_secs(120),
            refresh: Duration::from_secs(10),
            platform_age: Duration::from_secs(24 * 3600),
            feed_down_exposed: Duration::from_secs(60),
            feed_down: Duration::from_secs(300),
            doubt: Duration::from_secs(3),
            repeat_critical: vec![minutes(2), minutes(5), minutes(10)],
            repeat_critical_after: minutes(15),
            repeat_high: minutes(60),
            digest_hour: 9,
            ack_lapse: minutes(30),
            snooze_critical: minutes(60),
            incident_size: 5,
            incident_window: Duration::from_secs(10),
            burst: 3,
            interval: Duration::from_secs(1),
            retry: Duration::from_secs(10),
            notify_from: Level::Critical,
            scope: NotifyScope::All,
            sound_after: minutes(2),
            call_out_after: minutes(4),
            away_after: minutes(5),
            gather: Duration::from_secs(2),
            gather_at_most: Duration::from_secs(60),
            quiet_hours: None,
            zone: TimeZone::UTC,
            language: Language::English,
            demo: false,
        }
    }
}
