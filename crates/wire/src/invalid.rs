use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a frame, or one envelope of a batch, was dropped. The connection stays up.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize)]
#[error("{}{reason}", field.as_ref().map(|f| format!("field `{f}`: ")).unwrap_or_default())]
pub struct Invalid {
    pub kind: InvalidKind,
    /// The offending field as a dotted path (`data.collateral[0].amount`), where there is one.
    pub field: Option<String>,
    pub reason: Cow<'static, str>,
    /// At most the first [`Invalid::SAMPLE`] bytes of what was received, for the person who has to find the sender.
    pub sample: String,
}

/// The kinds by which invalid input is counted and reported (once per kind and minute).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvalidKind {
    /// A binary frame in a mode that has none, or text that is not UTF-8.
    NotText,
    /// Not JSON at all, or cut short.
    NotJson,
    /// JSON, but not an object.
    NotObject,
    /// A field of the envelope is missing, of the wrong type or out of its limits.
    Envelope,
    /// A batch with more than [`crate::BATCH_LIMIT`] entries, or within another batch.
    Batch,
    /// The envelope is fine, its `data` is not what the type promises.
    Payload,
    /// A control message of `vaultwatch.v1` that is not what its type promises, or that has no place where it came.
    Control,
    /// A compressed frame that does not inflate to what it must.
    Compressed,
    /// Encrypted data that cannot be opened, or plain data where encryption is required.
    Encrypted,
    /// Larger than the receiver's limit.
    TooLarge,
}

impl Invalid {
    /// Bytes of the input that are kept as evidence.
    pub const SAMPLE: usize = 200;

    #[must_use]
    pub fn new(kind: InvalidKind, reason: impl Into<Cow<'static, str>>, input: &[u8]) -> Self {
        let sample = String::from_utf8_lossy(&input[..input.len().min(Self::SAMPLE)]).into_owned();
        Self { kind, field: None, reason: reason.into(), sample }
    }

    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}
