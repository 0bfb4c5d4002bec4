use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use smol_str::SmolStr;

/// The name of a rule, by which its alerts are stored: 1 to 64 of `a`–`z`, `0`–`9`, `_`, `-` and `.`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RuleId(SmolStr);

/// The text names no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no name: 1 to {} of a-z, 0-9, `_`, `-` and `.`", RuleId::LIMIT)]
pub struct BadRuleId(SmolStr);

impl RuleId {
    /// Longest name, in bytes.
    pub const LIMIT: usize = 64;

    /// # Errors
    /// [`BadRuleId`] for any other text: a name is part of how a condition is stored, and of command lines.
    pub fn new(name: &str) -> Result<Self, BadRuleId> {
        let plain =
            |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.');
        if (1..=Self::LIMIT).contains(&name.len()) && name.bytes().all(plain) {
            Ok(Self(SmolStr::new(name)))
        } else {
            Err(BadRuleId(SmolStr::new(name.chars().take(Self::LIMIT).collect::<String>())))
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RuleId {
    type Err = BadRuleId;

    fn from_str(text: &str) -> Result<Self, BadRuleId> {
        Self::new(text)
    }
}

impl<'de> Deserialize<'de> for RuleId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = SmolStr::deserialize(from)?;
        Self::new(&text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for good in ["a", "low-room", "usdc.depeg_2", &"x".repeat(64)] {
            assert_eq!(good.parse::<RuleId>().unwrap().as_str(), good);
        }
        for bad in ["", "Low", "low room", "a/b", "é", &"x".repeat(65)] {
            assert!(bad.parse::<RuleId>().is_err(), "{bad}");
        }
    }
}
