//! End-to-end encryption: what is in `data` is sealed by the publisher and opened by the reader, and the server
//! between them routes by `type` and sees nothing of it.
//!
//! `data` becomes `{"enc":"xchacha20poly1305","kid":"…","nonce":"base64","ct":"base64"}`. Tenant, type, id, timestamp
//! and key id are authenticated with it: a server can neither read a message, nor pass one off as another, nor bring an
//! old one back under a new timestamp. What it can do is withhold messages; that is what offsets are for.
//!
//! [`KeyRing`] holds the keys of one tenant and does the sealing and opening; [`Encryption`] does it for every message
//! of a connection, as a [`Middleware`](crate::Middleware) stage. Pure: the random bytes are passed in.
//!
//! ```
//! use realtime::encryption::{Key, KeyId, KeyRing, Nonce};
//! use realtime::wire::{Message, UnixMillis};
//!
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let mut ring = KeyRing::new("acme")?;
//! let kid = KeyId::parse("2026-11")?;
//! ring.insert(kid.clone(), Key::new([7; 32]), UnixMillis(0))?; // from the system's entropy, not from a constant
//! ring.activate(&kid)?;
//!
//! let plain = Message::new("vault_update_ETH-001", &serde_json::json!({"ltv": 75}), UnixMillis(1), Some("a"))?;
//! let sealed = ring.seal(&plain, Nonce([1; 24]))?;
//! assert!(realtime::encryption::is_sealed(&sealed));
//! assert_eq!(ring.open(&sealed)?.decode::<serde_json::Value>()?["ltv"], 75);
//! # Ok(())
//! # }
//! # example().unwrap();
//! ```

mod error;
mod full_state;
mod held;
mod key;
mod ring;
mod sealed;
mod stage;
mod tenant;

pub use error::{InvalidKey, InvalidKeyId, OpenError, RingError, SealError};
pub use full_state::{FullStateEvery, Part};
pub use key::{Entropy, Key, KeyId, NoEntropy, Nonce};
pub use ring::{KeyRing, RingEntry};
pub use sealed::is_sealed;
pub use stage::{Encryption, EncryptionPolicy};
pub use tenant::{InvalidTenant, Tenant};

#[cfg(test)]
mod tests;
