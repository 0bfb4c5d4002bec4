use std::fmt;
use std::str::FromStr;

use smol_str::SmolStr;
use thiserror::Error;

/// Whose messages these are: 1 to 64 of `a-z`, `0-9`, `_` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tenant(SmolStr);

/// The text is no tenant's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a tenant's name is 1 to 64 of a-z, 0-9, `_` and `-`")]
pub struct InvalidTenant;

impl Tenant {
    /// # Errors
    /// [`InvalidTenant`] when it is out of its limits.
    pub fn parse(text: &str) -> Result<Self, InvalidTenant> {
        let allowed = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidTenant)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Tenant {
    type Err = InvalidTenant;

    fn from_str(text: &str) -> Result<Self, InvalidTenant> {
        Self::parse(text)
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
