//! How long things are kept: `[retention]` and `[history]` of `config.toml`.

use std::time::Duration;

use serde::Deserialize;
use store::{HistoryRetention, Retention};
use thiserror::Error;

const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;
/// Longer than anybody needs it, and short enough to be calculated with.
const LONGEST: u64 = 10 * 365 * DAY;

/// Notifications and the alert log, in milliseconds.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct RetentionConfig {
    /// Notifications that were read, below critical.
    read: Option<u64>,
    /// Critical notifications, and all that were not read.
    critical: Option<u64>,
    /// The alert log.
    log: Option<u64>,
}

/// Figures over time, in milliseconds, by resolution.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct HistoryConfig {
    minutes: Option<u64>,
    five_minutes: Option<u64>,
    hours: Option<u64>,
    /// Most megabytes on disk.
    megabytes: Option<u64>,
}

/// A time that makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("`{field}` must be from {least} to {most} {unit}")]
pub struct BadRetention {
    pub field: &'static str,
    pub least: u64,
    pub most: u64,
    pub unit: &'static str,
}

impl RetentionConfig {
    /// # Errors
    /// [`BadRetention`] names the field.
    pub(super) fn validate(self) -> Result<Retention, BadRetention> {
        let default = Retention::default();
        Ok(Retention {
            read: time("retention.read", self.read, default.read, 60_000)?,
            kept: time("retention.critical", self.critical, default.kept, HOUR)?,
            log: time("retention.log", self.log, default.log, DAY)?,
        })
    }
}

impl HistoryConfig {
    /// # Errors
    /// [`BadRetention`] names the field.
    pub(super) fn validate(self) -> Result<HistoryRetention, BadRetention> {
        let default = HistoryRetention::default();
        let megabytes = self.megabytes.unwrap_or(default.bytes >> 20);
        let (least, most) = (16, 1 << 20);
        if !(least..=most).contains(&megabytes) {
            let (field, unit) = ("history.megabytes", "megabytes");
            return Err(BadRetention { field, least, most, unit });
        }
        Ok(HistoryRetention {
            minutes: time("history.minutes", self.minutes, default.minutes, HOUR)?,
            fives: time("history.fiveMinutes", self.five_minutes, default.fives, DAY)?,
            hours: time("history.hours", self.hours, default.hours, 7 * DAY)?,
            bytes: megabytes << 20,
        })
    }
}

fn time(
    field: &'static str,
    given: Option<u64>,
    default: Duration,
    least: u64,
) -> Result<Duration, BadRetention> {
    match given {
        None => Ok(default),
        Some(millis) if (least..=LONGEST).contains(&millis) => Ok(Duration::from_millis(millis)),
        Some(_) => Err(BadRetention { field, least, most: LONGEST, unit: "milliseconds" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_as_designed_and_nonsense_is_named() {
        let read = |text: &str| toml::from_str::<RetentionConfig>(text).unwrap().validate();
        assert_eq!(read("").unwrap(), Retention::default());
        assert_eq!(read("read = 3600000").unwrap().read, Duration::from_secs(3_600));
        assert_eq!(read("critical = 5").unwrap_err().field, "retention.critical");
        assert!(toml::from_str::<RetentionConfig>("raed = 5").is_err());
        let history = |text: &str| toml::from_str::<HistoryConfig>(text).unwrap().validate();
        assert_eq!(history("").unwrap(), HistoryRetention::default());
        assert_eq!(history("megabytes = 64").unwrap().bytes, 64 << 20);
        assert_eq!(history("megabytes = 0").unwrap_err().field, "history.megabytes");
        assert_eq!(history("fiveMinutes = 1").unwrap_err().field, "history.fiveMinutes");
        assert_eq!(history("hours = 18446744073709551615").unwrap_err().field, "history.hours");
    }
}
