use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

/// How many times as fast as life, 1 to 1,000. Default 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Speed(u32);

/// What follows the end of a recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Repeat {
    /// Nothing: the gateway goes on as a relay.
    #[default]
    Once,
    /// Its beginning.
    Forever,
}

/// Not a speed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a speed is a whole number from 1 to 1000, not `{0}`")]
pub struct SpeedError(String);

impl Speed {
    /// What a day is played at in a minute and a half.
    pub const MAX: u32 = 1_000;

    /// # Errors
    /// [`SpeedError`] for 0 and for more than [`Speed::MAX`].
    pub fn new(times: u32) -> Result<Self, SpeedError> {
        if (1..=Self::MAX).contains(&times) {
            Ok(Self(times))
        } else {
            Err(SpeedError(times.to_string()))
        }
    }

    /// How many times as fast.
    #[must_use]
    pub fn times(self) -> u32 {
        self.0
    }

    pub(crate) fn shorten(self, time: Duration) -> Duration {
        time / self.0
    }
}

impl Default for Speed {
    fn default() -> Self {
        Self(1)
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Speed {
    type Err = SpeedError;

    fn from_str(text: &str) -> Result<Self, SpeedError> {
        let error = || SpeedError(text.into());
        // `10x`, as it is said.
        let digits = text.strip_suffix(['x', '×']).unwrap_or(text);
        Self::new(digits.parse().map_err(|_| error())?).map_err(|_| error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_have_limits() {
        for (text, times) in [("1", 1), ("1000", 1_000), ("10x", 10)] {
            assert_eq!(text.parse::<Speed>().map(Speed::times), Ok(times));
        }
        for bad in ["0", "1001", "-1", "fast", "", "x", "1.5"] {
            assert_eq!(bad.parse::<Speed>(), Err(SpeedError(bad.into())), "{bad}");
        }
    }
}
