//! Timestamps inside payloads: RFC 3339 text or Unix milliseconds, both become [`UnixMillis`].

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use wire::UnixMillis;

use crate::units::number_text;

/// A point in time as platforms write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(pub UnixMillis);

/// Milliseconds on either side of 1970 that a date in a browser may have.
const FARTHEST: i64 = 8_640_000_000_000_000;

impl Moment {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Ok(millis) = text.parse() {
            let shown = (-FARTHEST..=FARTHEST).contains(&millis);
            return shown.then_some(Self(UnixMillis(millis)));
        }
        let timestamp: jiff::Timestamp = text.parse().ok()?;
        Some(Self(UnixMillis(timestamp.as_millisecond())))
    }
}

/// RFC 3339 in UTC: `2026-11-26T07:03:34Z`. What is beyond the calendar stays milliseconds.
#[must_use]
pub fn iso(at: UnixMillis) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map_or_else(|_| at.to_string(), |timestamp| timestamp.to_string())
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(from)?.get();
        let wrong = || D::Error::custom("must be an RFC 3339 time or Unix milliseconds");
        let text = number_text(raw).map_err(|_| wrong())?;
        Self::parse(&text).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_it_is_read() {
        assert_eq!(iso(UnixMillis(1_763_800_000_000)), "2025-11-22T08:26:40Z");
        let again = Moment::parse(&iso(UnixMillis(1_763_800_000_123))).unwrap();
        assert_eq!(again.0, UnixMillis(1_763_800_000_123));
        assert_eq!(iso(UnixMillis(i64::MAX)), i64::MAX.to_string());
    }

    #[test]
    fn both_forms_name_the_same_moment() {
        for text in [
            "1763800000000",
            "\"1763800000000\"",
            "\"2025-11-22T08:26:40Z\"",
            "\"2025-11-22T09:26:40.000+01:00\"",
        ] {
            assert_eq!(
                serde_json::from_str::<Moment>(text).unwrap().0,
                UnixMillis(1_763_800_000_000),
                "{text}"
            );
        }
        for text in ["\"yesterday\"", "true", "1.5", "{}", "9223372036854775807"] {
            assert!(serde_json::from_str::<Moment>(text).is_err(), "{text}");
        }
    }
}
