use std::io;
use std::path::PathBuf;

use channels::AuthorityError;
use thiserror::Error;

/// Why alerts are not escalated.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EscalationError {
    /// A file cannot be read: the configuration, a secret or a certificate.
    #[error("cannot read {path}: {source}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
    /// Not TOML, or a field of a wrong name or kind. The source says where.
    #[error("{path}: {source}", path = path.display())]
    Toml { path: PathBuf, source: Box<toml::de::Error> },
    /// A value that makes no sense.
    #[error("{path}, line {line}: `{field}` {reason}", path = path.display())]
    Invalid {
        path: PathBuf,
        /// The first one is 1.
        line: usize,
        field: String,
        /// Goes on after the field's name.
        reason: String,
    },
    /// The file in which it is kept who was called: not to be written, no such file, or another gateway's.
    #[error(
        "cannot keep who was called in {path}: {source}. It must be writable, and no other gateway may use it",
        path = path.display()
    )]
    Ledger { path: PathBuf, source: rusqlite::Error },
    /// Another file to keep in who was called, while this one is in use.
    #[error(
        "{path}: `state` is {state} now, which takes a restart of the gateway",
        path = path.display(),
        state = state.display()
    )]
    State { path: PathBuf, state: PathBuf },
    /// Certificates that cannot be used.
    #[error("no certificate authority to check receivers by: {0}")]
    Certificates(String),
}

impl From<AuthorityError> for EscalationError {
    fn from(error: AuthorityError) -> Self {
        match error {
            AuthorityError::Io { path, source } => Self::Io { path, source },
            AuthorityError::Certificates(reason) => Self::Certificates(reason),
            other => Self::Certificates(other.to_string()),
        }
    }
}
