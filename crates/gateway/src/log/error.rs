use thiserror::Error;

/// Why a log did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LogError {
    /// So many ids were published within the de-duplication time that no more can be remembered.
    #[error("too many ids were published within the de-duplication time: wait and send it again")]
    TooManyIds,
    /// The offset lies before the oldest message retained.
    #[error("offset {0} is no longer retained")]
    Trimmed(u64),
    /// The disk is full. The log takes messages again as soon as there is room.
    #[error("the disk of the log is full: free some space, then send it again")]
    Full,
    /// The log takes nothing or cannot be read now. What was being stored may have been stored all the same: with an
    /// id it can be sent again without harm.
    #[error("the log is not available: {0}")]
    Unavailable(String),
    /// The broker takes no message of that length.
    #[error(
        "{bytes} bytes with what is added to it; the NATS server takes {limit}: raise its `max_payload`"
    )]
    TooLarge { bytes: usize, limit: usize },
    /// The log is there but not one that can be used, and why.
    #[error("the log cannot be used: {0}")]
    Unsuitable(String),
}

impl LogError {
    /// Whether sending the same once more can help.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::TooManyIds | Self::Full | Self::Unavailable(_) => true,
            Self::Trimmed(_) | Self::TooLarge { .. } | Self::Unsuitable(_) => false,
        }
    }
}
