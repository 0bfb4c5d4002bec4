use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64;
use smol_str::SmolStr;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{InvalidKey, InvalidKeyId};

/// 256 bits nobody else knows. Wiped from memory when it is let go of; `Debug` hides it, and there is neither
/// `Display` nor `Serialize`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; Key::BYTES]);

impl Key {
    /// Length of a key.
    pub const BYTES: usize = 32;

    /// A key of these bytes. They should be random; they are not looked at.
    #[must_use]
    pub fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// A new key.
    ///
    /// # Errors
    /// [`NoEntropy`] when no random bytes are to be had.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, NoEntropy> {
        let mut bytes = Zeroizing::new([0; Self::BYTES]);
        entropy.fill(bytes.as_mut())?;
        Ok(Self(*bytes))
    }

    /// Reads a key written as base64; white space around it is ignored.
    ///
    /// # Errors
    /// [`InvalidKey`] when it is no base64 of 32 bytes. It does not repeat the text.
    pub fn from_base64(text: &str) -> Result<Self, InvalidKey> {
        let bytes = Zeroizing::new(
            BASE64.decode(text.trim().as_bytes()).map_err(|_| InvalidKey::NotBase64)?,
        );
        let key = <[u8; Self::BYTES]>::try_from(bytes.as_slice())
            .map_err(|_| InvalidKey::Length { bytes: bytes.len() })?;
        Ok(Self(key))
    }

    /// The key itself, as base64. For the keychain, and for a person who asked to see it.
    #[must_use]
    pub fn expose_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64.encode(&self.0))
    }

    pub(super) fn expose(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(***)")
    }
}

/// The name by which sender and reader mean the same key; public. Opaque: 1 to 64 visible ASCII characters, but for
/// quotation mark and backslash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(SmolStr);

impl KeyId {
    /// Longest key id, in bytes.
    pub const LIMIT: usize = 64;

    /// # Errors
    /// [`InvalidKeyId`] when it is out of its limits.
    pub fn parse(text: &str) -> Result<Self, InvalidKeyId> {
        let allowed = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\');
        if (1..=Self::LIMIT).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidKeyId)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyId {
    type Err = InvalidKeyId;

    fn from_str(text: &str) -> Result<Self, InvalidKeyId> {
        Self::parse(text)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What makes each sealing different from all others under the same key. 192 bits: random ones do not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nonce(pub [u8; 24]);

impl Nonce {
    /// # Errors
    /// [`NoEntropy`] when no random bytes are to be had.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, NoEntropy> {
        let mut bytes = [0; 24];
        entropy.fill(&mut bytes)?;
        Ok(Self(bytes))
    }
}

/// Where random bytes come from: the operating system, or a test.
pub trait Entropy: fmt::Debug + Send + Sync {
    /// Fills the buffer with bytes nobody can guess.
    ///
    /// # Errors
    /// [`NoEntropy`] when there are none.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy>;
}

/// The operating system gave no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the operating system gave no random bytes; nothing can be sealed without them")]
pub struct NoEntropy;
