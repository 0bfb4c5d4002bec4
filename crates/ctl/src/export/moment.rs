use std::str::FromStr;
use std::time::Duration;

use domain::UnixMillis;

use crate::duration;

/// A moment as somebody types it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    Ago(Duration),
    At(UnixMillis),
}

const DAY: u64 = 24 * 3_600;

impl Moment {
    pub(super) fn seen_from(self, now: UnixMillis) -> UnixMillis {
        match self {
            Self::Ago(age) => now.minus(age),
            Self::At(at) => at,
        }
    }
}

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(days) = text.strip_suffix('d').and_then(|days| days.parse::<u64>().ok()) {
            return days
                .checked_mul(DAY)
                .map(|seconds| Self::Ago(Duration::from_secs(seconds)))
                .ok_or("that is too long");
        }
        if let Ok(age) = duration::parse(text) {
            return Ok(Self::Ago(age));
        }
        let at = |timestamp: jiff::Timestamp| Self::At(UnixMillis(timestamp.as_millisecond()));
        if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
            return Ok(at(timestamp));
        }
        // A date is that day's beginning, in UTC as everything here.
        let date = format!("{text}T00:00:00Z").parse::<jiff::Timestamp>();
        date.map(at).map_err(|_| "give an age (24h, 7d), a date or an RFC 3339 time in UTC")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_dates_and_times() {
        let now = UnixMillis(1_763_800_000_000);
        for (text, expected) in [
            ("24h", now.0 - 86_400_000),
            ("7d", now.0 - 7 * 86_400_000),
            ("90", now.0 - 90_000),
            ("2025-11-22", 1_763_769_600_000),
            ("2025-11-22T08:26:40Z", 1_763_800_000_000),
            ("2025-11-22T09:26:40+01:00", 1_763_800_000_000),
        ] {
            let moment: Moment = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(moment.seen_from(now), UnixMillis(expected), "{text}");
        }
        for text in ["", "yesterday", "d", "-1d", "2025-13-01", "99999999999999999999d"] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}
