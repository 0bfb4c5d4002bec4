use smol_str::SmolStr;
use thiserror::Error;

use super::{KeyId, NoEntropy};

/// Why a message could not be opened. It is dropped and reported, and the connection stays up.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "a variant says what its fields are")]
pub enum OpenError {
    /// It was sealed with a key that is not on the ring.
    #[error(
        "sealed with the key `{kid}`, which is not on this ring; `vaultwatchctl keys import` adds it"
    )]
    UnknownKey { kid: KeyId },
    /// Something of it was changed on the way, or the key of that name is another one here.
    #[error(
        "what was sealed with the key `{kid}` does not open: it was changed on the way, or the sender's key of that \
         name is another one"
    )]
    TagMismatch { kid: KeyId },
    /// It has no id, and the id is part of what is authenticated.
    #[error("sealed with the key `{kid}`, but without an id")]
    MissingId { kid: KeyId },
    /// It was sealed by a method this version does not know.
    #[error("sealed with `{cipher}`, the key `{kid}`; only `xchacha20poly1305` is known here")]
    UnknownCipher { cipher: SmolStr, kid: KeyId },
    /// It says it is sealed, but is not of that form.
    #[error("is no sealed data{}: `{field}` {reason}", kid.as_ref().map(|kid| format!(" of the key `{kid}`")).unwrap_or_default())]
    Malformed { kid: Option<KeyId>, field: &'static str, reason: &'static str },
    /// It is plain, and messages of its type must be sealed.
    #[error("`{ty}` came unsealed, and encryption is required for it")]
    PlainData { ty: SmolStr },
}

/// Why a message could not be sealed. It was not sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "a variant says what its fields are")]
pub enum SealError {
    /// No key of the ring is the one to seal with.
    #[error("no key is active, so nothing can be sealed; see `vaultwatchctl keys`")]
    NoActiveKey,
    /// It has no id, and the id is part of what is authenticated.
    #[error("a message needs an id to be sealed")]
    MissingId,
    /// A server has to rewrite the type of such a message, and the type is authenticated.
    #[error("`{ty}` cannot be sealed; name what it is about in its type (`{ty}_…`)")]
    NotCanonical { ty: SmolStr },
    /// It is sealed already, so it would be opened only half.
    #[error("its data is sealed already")]
    Sealed,
    /// There are no random bytes to be had for a nonce.
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
    /// Something in this program failed on the way; sending it unsealed is no way out.
    #[error("sealing failed within the program; the message was not sent")]
    Internal,
}

/// Why a ring could not be changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "a variant says what its fields are")]
pub enum RingError {
    /// Another key has that name.
    #[error("there is another key `{kid}` on the ring already; choose another name")]
    Taken { kid: KeyId },
    /// No key has that name.
    #[error("there is no key `{kid}` on the ring")]
    NoSuchKey { kid: KeyId },
    /// The ring is full.
    #[error(
        "a ring holds up to {} keys; remove one that no message needs any more",
        super::KeyRing::LIMIT
    )]
    Full,
}

/// Why a text is no key. The text is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "a variant says what its fields are")]
pub enum InvalidKey {
    /// It is written in another way.
    #[error("this is no base64 (of the standard alphabet, with padding)")]
    NotBase64,
    /// It is not [`Key::BYTES`](super::Key::BYTES) long.
    #[error("a key is 32 bytes as base64, this one has {bytes}")]
    Length { bytes: usize },
}

/// The text is no key id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a key id is 1 to 64 visible ASCII characters, without spaces, `\"` and `\\`")]
pub struct InvalidKeyId;
