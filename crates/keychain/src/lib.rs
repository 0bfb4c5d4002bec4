//! Key rings in the operating system's keychain: the Secret Service on Linux, Keychain Services on macOS, the
//! Credential Manager on Windows. Never in a file.
//!
//! [`KeyStore`] reads and changes rings. Where no keychain is to be had it says so ([`KeychainState`]), keeps what it
//! was given in memory until the process ends, and saves it when the keychain appears. [`encryption`] gives a
//! connection the stage that seals and opens with such a ring, and tells when it has it: nobody waits for a keychain.

mod encryption;
mod entropy;
mod error;
mod in_memory;
mod name;
mod store;
mod stored;
mod system;

pub use encryption::{RingState, encryption};
pub use entropy::OsEntropy;
pub use error::{Damage, KeychainError, UpdateError};
pub use in_memory::InMemory;
pub use name::{CHANNELS, FEED_TOKENS, RingName};
pub use store::{Kept, KeyStore, KeychainState};
pub use system::{Keychain, SystemKeychain};
