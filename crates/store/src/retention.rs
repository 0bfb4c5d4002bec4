use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// How long notifications and what became of them are kept. What still holds is kept for as long as it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Notifications that were read, below critical. Default: 24 hours.
    pub read: Duration,
    /// Critical notifications, and all that were not read. Default: 30 days.
    pub kept: Duration,
    /// Records of the alert log, of which at most [`Retention::LOG_LIMIT`] are kept in any case. Default: 365 days.
    pub log: Duration,
}

impl Retention {
    /// Most records of the alert log; the oldest go first.
    pub const LOG_LIMIT: u32 = 1_000_000;
    /// Most messages kept that raised an alert, of the newest: 80 MB at the most, a few in general.
    pub const ORIGIN_LIMIT: u32 = 20_000;
}

impl Default for Retention {
    fn default() -> Self {
        Self { read: 24 * HOUR, kept: 30 * DAY, log: 365 * DAY }
    }
}

/// How long the figures of vaults are kept, by resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryRetention {
    /// A point a minute. Default: 24 hours; kept for up to a day longer, until the day is rolled up.
    pub minutes: Duration,
    /// A point for five minutes. Default: 30 days; kept for up to a week longer, until the week is rolled up.
    pub fives: Duration,
    /// A point an hour. Default: 365 days.
    pub hours: Duration,
    /// Most bytes on disk, free pages not counted. Beyond it the oldest points go before their time: of five minutes
    /// first, then of hours, then of minutes. Default: 4 GiB.
    pub bytes: u64,
}

impl Default for HistoryRetention {
    fn default() -> Self {
        Self { minutes: 24 * HOUR, fives: 30 * DAY, hours: 365 * DAY, bytes: 4 << 30 }
    }
}
