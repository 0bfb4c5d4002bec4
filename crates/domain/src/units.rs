//! Newtypes for what is measured, so that a percent is never taken for a price.
//!
//! All carry 28 significant decimal digits ([`rust_decimal`]); why is told in `docs/decisions/0001-decimals.md`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use smol_str::SmolStr;

macro_rules! decimal_unit {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Decimal);

        impl $name {
            pub const ZERO: Self = Self(Decimal::ZERO);

            /// To twelve digits, or whole where it has more: for who shows it and does not judge by it.
            /// What was divided has twenty-eight otherwise, and they take longer to read than everything else of a row.
            #[must_use]
            pub fn in_brief(self) -> Self {
                Self(in_brief(self.0))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotANumber;

            fn from_str(text: &str) -> Result<Self, NotANumber> {
                parse_decimal(text).map(Self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let raw = <&RawValue>::deserialize(from)?;
                let value = parse_decimal(&number_text(raw.get()).map_err(D::Error::custom)?)
                    .map_err(D::Error::custom)?;
                if value.is_sign_negative() && !value.is_zero() {
                    return Err(D::Error::custom(NotANumber::Negative));
                }
                Ok(Self(value))
            }
        }

        impl Serialize for $name {
            /// As a decimal string: JavaScript's numbers would cut the digits.
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(&self.0)
            }
        }
    };
}

/// More than anybody reads. With a point they are a text that is read in one go ([`parse_short`]).
const SHOWN_DIGITS: u32 = 12;

decimal_unit! {
    /// A share in percent points: `76.0` is 76 %. Never negative.
    Percent
}
decimal_unit! {
    /// US dollars, as a value or as a price of one token. Never negative.
    Usd
}
decimal_unit! {
    /// Σ(collateral · liquidation threshold) / debt. Below 1 the vault may be liquidated. Never negative.
    HealthFactor
}

/// Without digits behind the point, as far as there are more than are shown.
fn in_brief(figure: Decimal) -> Decimal {
    let digits = figure.mantissa().unsigned_abs().checked_ilog10().map_or(0, |log| log + 1);
    let surplus = digits.saturating_sub(SHOWN_DIGITS);
    if surplus == 0 { figure } else { figure.round_dp(figure.scale().saturating_sub(surplus)) }
}

/// Why a text is no figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotANumber {
    #[error("is not a decimal number")]
    Malformed,
    #[error("must not be negative")]
    Negative,
    #[error("is larger than any amount of money")]
    TooLarge,
}

/// The text of a number that was sent as a JSON number or as a string.
pub(crate) fn number_text(raw: &str) -> Result<Cow<'_, str>, NotANumber> {
    match raw.as_bytes().first() {
        Some(b'"') => serde_json::from_str(raw).map_err(|_| NotANumber::Malformed),
        Some(b'0'..=b'9' | b'-') => Ok(Cow::Borrowed(raw)),
        _ => Err(NotANumber::Malformed),
    }
}

/// Parses a decimal in plain or scientific notation. Beyond 28 significant digits the tail is rounded.
///
/// # Errors
/// [`NotANumber::Malformed`] and [`NotANumber::TooLarge`] (above about 7.9e28).
pub(crate) fn parse_decimal(text: &str) -> Result<Decimal, NotANumber> {
    if let Some(decimal) = parse_short(text.as_bytes()) {
        return Ok(decimal);
    }
    if text.bytes().any(|b| !matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')) {
        return Err(NotANumber::Malformed);
    }
    let parsed = if text.contains(['e', 'E']) {
        from_scientific(text)
    } else {
        Decimal::from_str(text).map_err(|_| NotANumber::Malformed)
    };
    parsed.map_err(|e| {
        if is_number(text) && e == NotANumber::Malformed { NotANumber::TooLarge } else { e }
    })
}

/// Nearly every figure on the wire: up to 19 characters, plain digits with at most one point, which fit a machine
/// word.
fn parse_short(text: &[u8]) -> Option<Decimal> {
    let (mantissa, scale) = short_parts(text)?;
    Some(short(mantissa, scale))
}

/// Of a scale that a decimal can have.
#[inline(always)]
pub(crate) fn short(mantissa: u64, scale: u32) -> Decimal {
    let (low, high) = (mantissa as u32, (mantissa >> 32) as u32);
    Decimal::from_parts(low, high, 0, false, scale)
}

pub(crate) fn short_parts(text: &[u8]) -> Option<(u64, u32)> {
    // Nineteen digits are less than 2⁶⁴, so nothing overflows.
    if text.is_empty() || text.len() > 19 {
        return None;
    }
    let (mut mantissa, mut point) = (0u64, None);
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => mantissa = mantissa * 10 + u64::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(at),
            _ => return None,
        }
    }
    match point {
        None => Some((mantissa, 0)),
        // Digits on both sides.
        Some(at) if at > 0 && at + 1 < text.len() => Some((mantissa, (text.len() - at - 1) as u32)),
        Some(_) => None,
    }
}

/// `1.5e-7`. An exponent below what a decimal can hold is nothing at all, one above it is an error.
fn from_scientific(text: &str) -> Result<Decimal, NotANumber> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).ok_or(NotANumber::Malformed)?;
    let exponent: i32 = exponent.parse().map_err(|_| NotANumber::Malformed)?;
    let mantissa = Decimal::from_str(mantissa).map_err(|_| NotANumber::Malformed)?;
    if mantissa.is_zero() || exponent < -56 {
        return Ok(Decimal::ZERO);
    }
    if exponent > 28 {
        return Err(NotANumber::TooLarge);
    }
    let mut value = mantissa;
    let mut left = exponent;
    while left < 0 {
        let shift = left.unsigned_abs().min(28);
        value = value.checked_mul(Decimal::new(1, shift)).ok_or(NotANumber::TooLarge)?;
        left += i32::try_from(shift).expect("at most 28");
    }
    if left > 0 {
        let factor = Decimal::from_i128_with_scale(10i128.pow(left.unsigned_abs()), 0);
        value = value.checked_mul(factor).ok_or(NotANumber::TooLarge)?;
    }
    Ok(value)
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// The name of a vault, 1..=128 bytes, no control characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct VaultId(SmolStr);

/// Why a text is no [`VaultId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadVaultId {
    #[error("must not be empty")]
    Empty,
    #[error("is longer than {} bytes", VaultId::LIMIT)]
    TooLong,
    #[error("contains a control character")]
    Control,
}

impl VaultId {
    /// Longest id, in bytes.
    pub const LIMIT: usize = 128;

    /// # Errors
    /// One variant of [`BadVaultId`] for each rule broken.
    pub fn new(id: &str) -> Result<Self, BadVaultId> {
        Self::check(id)?;
        Ok(Self(SmolStr::new(id)))
    }

    /// # Errors
    /// Those of [`new`](Self::new).
    #[inline]
    pub(crate) fn check(id: &str) -> Result<(), BadVaultId> {
        if id.is_empty() {
            Err(BadVaultId::Empty)
        } else if id.len() > Self::LIMIT {
            Err(BadVaultId::TooLong)
        } else if !id.bytes().fold(true, |all, byte| all & matches!(byte, b' '..=b'~'))
            // Only what is not plain ASCII is looked at character by character.
            && id.chars().any(char::is_control)
        {
            Err(BadVaultId::Control)
        } else {
            Ok(())
        }
    }

    /// Of a text that was checked.
    #[inline]
    pub(crate) fn checked(id: &str) -> Self {
        debug_assert!(Self::check(id).is_ok());
        Self(SmolStr::new(id))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for VaultId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for VaultId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // A small string: no allocation for ids of up to 23 bytes.
        let text = SmolStr::deserialize(from)?;
        Self::new(&text).map_err(D::Error::custom)
    }
}

/// An EIP-155 chain number. On the wire a number or a numeric string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ChainId(pub u64);

impl ChainId {
    /// The name people use, or the number for a chain we have no name for.
    #[must_use]
    pub fn name(self) -> Cow<'static, str> {
        Cow::Borrowed(match self.0 {
            1 => "Ethereum",
            10 => "Optimism",
            56 => "BNB Chain",
            100 => "Gnosis",
            137 => "Polygon",
            8_453 => "Base",
            42_161 => "Arbitrum",
            43_114 => "Avalanche",
            59_144 => "Linea",
            534_352 => "Scroll",
            other => return Cow::Owned(format!("Chain {other}")),
        })
    }
}

impl ChainId {
    /// The largest there is, 2^53 − 1: beyond it the window's numbers are not exact, and another chain would be shown.
    pub const LARGEST: Self = Self((1 << 53) - 1);
}

/// What is no number of a chain: [`ChainId::LARGEST`] is the largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a chain number")]
pub struct NotAChain;

impl FromStr for ChainId {
    type Err = NotAChain;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.parse().map(Self).map_err(|_| NotAChain)?;
        if number <= Self::LARGEST { Ok(number) } else { Err(NotAChain) }
    }
}

impl<'de> Deserialize<'de> for ChainId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(from)?.get();
        let text = number_text(raw).map_err(|_| D::Error::custom(NotAChain))?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, NotANumber>) {
        let parsed = parse_decimal(text).map(|d| d.to_string());
        assert_eq!(parsed, expected.map(str::to_owned), "{text}");
    }

    #[test]
    fn decimals_keep_their_digits() {
        check("75.10", Ok("75.10"));
        check("0", Ok("0"));
        check("123456789012345678.123456789", Ok("123456789012345678.123456789"));
        check("1.5e3", Ok("1500.0"));
        check("1E-7", Ok("0.0000001"));
        check("1e-300", Ok("0"));
        check("-0.5", Ok("-0.5"));
    }

    #[test]
    fn in_brief_a_figure_is_short_and_nearly_the_same() {
        let brief = |text: &str| text.parse::<Usd>().unwrap().in_brief().to_string();
        assert_eq!(brief("1575.7575757575757575757575758"), "1575.75757576");
        assert_eq!(brief("0.0000000123456789012345"), "0.0000000123456789012");
        assert_eq!(brief("240000"), "240000");
        assert_eq!(brief("65.0"), "65.0");
        assert_eq!(brief("1234567890123.99"), "1234567890124");
        assert_eq!(brief("0"), "0");
    }

    #[test]
    fn nonsense_is_refused_by_kind() {
        for text in
            ["", ".", "1.", ".5", "1..2", "NaN", "Infinity", "0x10", "1_000", " 1", "1e", "--1"]
        {
            if text == ".5" || text == "1." {
                continue; // lenient in strings, impossible as JSON numbers
            }
            check(text, Err(NotANumber::Malformed));
        }
        check("1e99", Err(NotANumber::TooLarge));
        check("999999999999999999999999999999999", Err(NotANumber::TooLarge));
    }

    #[test]
    fn figures_on_the_wire_are_numbers_or_strings_and_never_negative() {
        assert_eq!(serde_json::from_str::<Usd>("1.50").unwrap().to_string(), "1.50");
        assert_eq!(serde_json::from_str::<Usd>("\"1.50\"").unwrap().to_string(), "1.50");
        for bad in ["-1", "\"-1\"", "true", "null", "[]", "\"x\""] {
            assert!(serde_json::from_str::<Usd>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn chains_are_numbers_or_numeric_strings() {
        assert_eq!(serde_json::from_str::<ChainId>("137").unwrap(), ChainId(137));
        assert_eq!(serde_json::from_str::<ChainId>("\"137\"").unwrap(), ChainId(137));
        assert!(serde_json::from_str::<ChainId>("\"eth\"").is_err());
        assert!(serde_json::from_str::<ChainId>("-1").is_err());
    }
}
