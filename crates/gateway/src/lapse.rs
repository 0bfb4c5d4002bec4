use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer};
use thiserror::Error;

/// A length of time as people write it in a file: `500ms`, `30s`, `1m30s`, `2h`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lapse(pub Duration);

/// Not a length of time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no length of time: write it like 500ms, 30s, 1m30s or 2h")]
pub struct LapseError(String);

impl Lapse {
    pub(crate) fn millis(self) -> i64 {
        i64::try_from(self.0.as_millis()).unwrap_or(i64::MAX)
    }
}

impl FromStr for Lapse {
    type Err = LapseError;

    fn from_str(text: &str) -> Result<Self, LapseError> {
        let error = || LapseError(text.into());
        let (mut rest, mut millis) = (text, 0_u64);
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(error)?;
            let (number, after) = rest.split_at(digits);
            let end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
            let (unit, next) = after.split_at(end);
            let unit = match unit {
                "ms" => 1,
                "s" => 1_000,
                "m" => 60_000,
                "h" => 3_600_000,
                "d" => 86_400_000,
                _ => return Err(error()),
            };
            let number: u64 = number.parse().map_err(|_| error())?;
            let part = number.checked_mul(unit).ok_or_else(error)?;
            millis = millis.checked_add(part).ok_or_else(error)?;
            rest = next;
        }
        // A year is enough for everybody, and leaves sums of them in range.
        if text.is_empty() || millis > 366 * 86_400_000 {
            return Err(error());
        }
        Ok(Self(Duration::from_millis(millis)))
    }
}

impl<'de> Deserialize<'de> for Lapse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        for (text, millis) in
            [("500ms", 500), ("30s", 30_000), ("1m30s", 90_000), ("2h", 7_200_000), ("0s", 0)]
        {
            assert_eq!(text.parse(), Ok(Lapse(Duration::from_millis(millis))), "{text}");
        }
        for bad in ["", "s", "5", "5 s", "-1s", "1.5s", "99999999999999999999s", "9999999d", "1x"] {
            assert_eq!(bad.parse::<Lapse>(), Err(LapseError(bad.into())), "{bad}");
        }
    }
}
