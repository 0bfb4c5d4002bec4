use realtime::encryption::RingError;
use thiserror::Error;

/// Why the keychain could not be read or written. No key is ever part of it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeychainError {
    /// No keychain runs, or it does not answer.
    #[error(
        "no keychain is available: {reason}; on Linux start a Secret Service in this session (gnome-keyring, KWallet \
         or KeePassXC)"
    )]
    NotAvailable { reason: String },
    /// There is one, and it is locked. It is not asked to unlock: that opens a dialog, and an app that starts by
    /// itself must not ask for passwords.
    #[error(
        "the keychain is locked; log in to the desktop or unlock its default keyring (\"Passwords and Keys\"), then try \
         again"
    )]
    Locked,
    /// There is one, but nothing in it to save to.
    #[error(
        "the keychain has no default keyring; create one (\"Passwords and Keys\", or log out of the desktop and in again)"
    )]
    NoDefaultKeyring,
    /// What lies there under our name is no key ring of ours. It is left alone.
    #[error(
        "what the keychain holds under `{name}` is no key ring ({damage}); remove that entry and import the keys again"
    )]
    Damaged { name: String, damage: Damage },
    /// It refused, for a reason of its own.
    #[error("the keychain refused: {reason}")]
    Refused { reason: String },
}

impl KeychainError {
    /// Whether it may pass by itself, or once the person has unlocked it.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::NotAvailable { .. } | Self::Locked | Self::NoDefaultKeyring)
    }
}

/// What is wrong with a stored ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Damage {
    #[error("not in our form")]
    Form,
    #[error("of a later version of VaultWatch")]
    Version,
    #[error("with an invalid key or key id")]
    Key,
    #[error("with two keys of one name, too many keys, or an active one that is not there")]
    Ring,
}

/// Why a ring could not be changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UpdateError {
    #[error(transparent)]
    Ring(#[from] RingError),
    #[error(transparent)]
    Keychain(#[from] KeychainError),
}
