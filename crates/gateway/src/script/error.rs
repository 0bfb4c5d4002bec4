use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a file is no scenario.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// It cannot be read.
    #[error("cannot read {path}: {source}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
    /// No scenario is that long.
    #[error("{path} is {size} bytes long: that is no scenario", path = path.display())]
    TooLarge { path: PathBuf, size: u64 },
    /// Not TOML, or a field of a wrong name or kind. The source says where.
    #[error("{path}: {source}", path = path.display())]
    Toml { path: PathBuf, source: Box<toml::de::Error> },
    /// A value that makes no sense.
    #[error("{path}, line {line}: `{field}` {reason}", path = path.display())]
    Invalid {
        path: PathBuf,
        /// The first one is 1.
        line: usize,
        /// As in `price.token`.
        field: String,
        /// Goes on after the field's name: what is wrong, and what would be right.
        reason: String,
    },
}
