use std::fmt;

use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::units::{NotANumber, number_text, parse_decimal};

/// A quantity of a token, exactly as many digits as were sent.
///
/// Arithmetic runs on 28 significant digits; an amount with more (a token of 18 decimals counted in the
/// trillions) also keeps its text, so the screen shows what the platform sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Amount {
    value: Decimal,
    /// The digits as sent, only where `value` could not hold them all.
    digits: Option<Box<str>>,
}

impl Amount {
    /// Parses plain or scientific notation.
    ///
    /// # Errors
    /// [`NotANumber`], also for a negative amount.
    pub fn parse(text: &str) -> Result<Self, NotANumber> {
        let value = parse_decimal(text)?;
        if value.is_sign_negative() && !value.is_zero() {
            return Err(NotANumber::Negative);
        }
        // Fewer characters than a decimal holds digits: nothing can have been rounded away.
        let exact = text.len() <= 28 || value.to_string() == text;
        let digits = (!exact && !text.contains(['e', 'E'])).then(|| text.into());
        Ok(Self { value, digits })
    }

    /// For arithmetic: at most 28 significant digits.
    #[must_use]
    pub fn value(&self) -> Decimal {
        self.value
    }
}

impl From<Decimal> for Amount {
    fn from(value: Decimal) -> Self {
        Self { value, digits: None }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.digits {
            Some(digits) => f.write_str(digits),
            None => self.value.fmt(f),
        }
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Amount({self})")
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(from)?;
        let text = number_text(raw.get()).map_err(D::Error::custom)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_digit_survives(text in "(0|[1-9][0-9]{0,27})(\\.[0-9]{1,30})?") {
            let wire: Amount = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&wire.to_string(), &text);
            let bridge = serde_json::to_string(&wire).unwrap();
            prop_assert_eq!(serde_json::from_str::<Amount>(&bridge).unwrap().to_string(), text);
        }
    }
}
