use std::fmt;
use std::num::NonZeroU16;
use std::str::FromStr;

use thiserror::Error;

/// What the demo market plays. The default is what the desktop app shows to a newcomer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoOptions {
    /// The weather. Default [`Scenario::Calm`].
    pub scenario: Scenario,
    /// The same seed and scenario play the same market, message by message. Default 1.
    pub seed: u64,
    /// Vaults on the three chains together. Default 200.
    pub vaults: NonZeroU16,
    /// Vault updates per second; market data, status and alerts come on top. Default `None`: the scenario's own.
    pub rate: Option<Rate>,
}

impl DemoOptions {
    pub const DEFAULT_VAULTS: NonZeroU16 = NonZeroU16::new(200).expect("200 is not zero");

    /// The updates per second this demo runs at.
    #[must_use]
    pub fn effective_rate(&self) -> Rate {
        self.rate.unwrap_or_else(|| self.scenario.default_rate())
    }
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self { scenario: Scenario::default(), seed: 1, vaults: Self::DEFAULT_VAULTS, rate: None }
    }
}

/// The weather of the demo market, and how soon its first vault turns critical.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scenario {
    /// Small moves, now and then a borrower who overreaches. First critical after 20 to 60 s.
    #[default]
    Calm,
    /// Stress comes and goes, prices jump. First critical within 20 s.
    Stormy,
    /// A market-wide fall of about a fifth right after the start, with liquidations. First critical within 5 s.
    Crash,
}

impl Scenario {
    pub const ALL: [Self; 3] = [Self::Calm, Self::Stormy, Self::Crash];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Stormy => "stormy",
            Self::Crash => "crash",
        }
    }

    /// Vault updates per second when nobody asks for another figure: 20, 40 or 60.
    #[must_use]
    pub fn default_rate(self) -> Rate {
        Rate(match self {
            Self::Calm => 20,
            Self::Stormy => 40,
            Self::Crash => 60,
        })
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scenario {
    type Err = OptionError;

    fn from_str(name: &str) -> Result<Self, OptionError> {
        let known = Self::ALL.into_iter().find(|scenario| scenario.name() == name);
        known.ok_or_else(|| OptionError::Scenario(name.into()))
    }
}

/// Vault updates per second, 1 to 50,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(u32);

impl Rate {
    /// One core encodes and hands out this many; more would only measure the machine.
    pub const MAX: u32 = 50_000;

    /// # Errors
    /// [`OptionError::Rate`] for 0 and for more than [`Rate::MAX`].
    pub fn new(per_second: u32) -> Result<Self, OptionError> {
        if (1..=Self::MAX).contains(&per_second) {
            Ok(Self(per_second))
        } else {
            Err(OptionError::Rate(per_second.to_string()))
        }
    }

    #[must_use]
    pub fn per_second(self) -> u32 {
        self.0
    }
}

impl FromStr for Rate {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, OptionError> {
        let per_second = text.parse().map_err(|_| OptionError::Rate(text.into()))?;
        Self::new(per_second)
    }
}

/// A demo option out of its range.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OptionError {
    /// No scenario of that name.
    #[error("there is no scenario `{0}`: choose calm, stormy or crash")]
    Scenario(String),
    /// Not a whole number of updates per second within the limits.
    #[error("a rate is a whole number from 1 to 50000 updates per second, not `{0}`")]
    Rate(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for scenario in Scenario::ALL {
            assert_eq!(scenario.to_string().parse(), Ok(scenario));
        }
        assert_eq!("sunny".parse::<Scenario>(), Err(OptionError::Scenario("sunny".into())));
    }

    #[test]
    fn rates_have_limits() {
        assert_eq!("50000".parse::<Rate>().map(Rate::per_second), Ok(50_000));
        for bad in ["0", "50001", "-1", "many", ""] {
            assert_eq!(bad.parse::<Rate>(), Err(OptionError::Rate(bad.into())), "{bad}");
        }
    }
}
