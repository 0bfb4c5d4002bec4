use std::fmt;
use std::str::FromStr;

use ring::digest;
use subtle::ConstantTimeEq;

use crate::GatewayError;

/// A bearer token. Not shown by `Debug`.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// 256 bits from the operating system, as hexadecimal digits.
    ///
    /// # Errors
    /// [`GatewayError::Random`] when it has none.
    pub fn random() -> Result<Self, GatewayError> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(GatewayError::Random)?;
        Ok(Self(hexadecimal(&bytes)))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In the same time whatever is given, its length apart.
    pub(super) fn matches(&self, given: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(given).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The SHA-256 of a token: what a file of tokens holds in its place.
///
/// A password needs a slow hash because people choose it from few. A token is 256 random bits: whoever could try them
/// all could as well guess the token itself, so a fast hash gives nothing away and costs no time at each connection.
#[derive(Clone, Copy)]
pub(super) struct Digest([u8; 32]);

impl Digest {
    pub(super) fn of(token: &[u8]) -> Self {
        let digest = digest::digest(&digest::SHA256, token);
        Self(digest.as_ref().try_into().expect("SHA-256 has 32 bytes"))
    }

    /// In the same time whether they are alike or not.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.is(other)
    }
}

impl Eq for Digest {}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hexadecimal(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

impl FromStr for Digest {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (mut bytes, digits) = ([0; 32], text.as_bytes());
        if digits.len() != 64 {
            return Err(());
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |at: usize| char::from(pair[at]).to_digit(16).ok_or(());
            *byte = u8::try_from(digit(0)? << 4 | digit(1)?).expect("two hexadecimal digits");
        }
        Ok(Self(bytes))
    }
}

fn hexadecimal(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_stay_out_of_logs() {
        let (a, b) = (Token::random().unwrap(), Token::random().unwrap());
        assert_ne!(a.as_str(), b.as_str());
        assert_eq!(a.as_str().len(), 64);
        assert!(!format!("{a:?}").contains(a.as_str()));
        assert!(a.matches(a.as_str().as_bytes()) && !a.matches(b.as_str().as_bytes()));
        assert!(!a.matches(b"") && !a.matches(&a.as_str().as_bytes()[..63]));
    }

    #[test]
    fn digests_are_those_of_sha_256() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::of(b"abc").to_string(), abc);
        assert_eq!(abc.parse(), Ok(Digest::of(b"abc")));
        assert_eq!(abc.to_uppercase().parse(), Ok(Digest::of(b"abc")));
        for bad in ["", &abc[1..], &abc.replace('b', "x"), &format!("{abc}0"), &"é".repeat(32)] {
            assert_eq!(bad.parse::<Digest>(), Err(()), "{bad}");
        }
    }
}
