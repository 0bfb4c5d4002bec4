use std::time::Duration;

use domain::Level;

/// The numbers of the alert ladder. Where a level is entered and left is [`domain::Yardstick`]'s table.
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

impl Default for Policy {
    fn default() -> Self {
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
        }
    }
}
