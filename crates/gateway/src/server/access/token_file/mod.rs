//! The file of hashed tokens, as `vaultwatch-gateway token` keeps it and `--tokens` reads it.

mod change;
mod set;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use thiserror::Error;

pub(super) use self::set::TokenSet;
use crate::GatewayError;

/// A file of hashed tokens.
#[derive(Clone, Debug)]
pub struct TokenFile(PathBuf);

/// A token to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// 1 to 64 characters without control characters, unique in the file.
    pub name: String,
    /// The one tenant it is for.
    pub tenant: String,
    /// Topics its bearer may read: exact types, or prefixes that end in `*`.
    pub read: Vec<String>,
    /// Types its bearer may publish, in the same way.
    pub publish: Vec<String>,
    /// When it ends; `None` for never.
    pub expires: Option<Timestamp>,
    /// Whether it opens `/metrics`, whose figures are of all tenants.
    pub metrics: bool,
}

/// A token as the file describes it, without its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedToken {
    pub name: String,
    pub tenant: String,
    pub read: Vec<String>,
    pub publish: Vec<String>,
    pub expires: Option<Timestamp>,
    pub metrics: bool,
}

/// What is wrong with a file of tokens, or with a change to it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TokenFileError {
    /// It cannot be read.
    #[error("cannot read the tokens of {path}: {source}{}", remedy(source, path))]
    Read { path: String, source: io::Error },
    /// It cannot be written.
    #[error("cannot write the tokens to {path}: {source}")]
    Write { path: String, source: io::Error },
    /// Nothing is in it, not even a comment: most likely somebody is writing to it.
    #[error("{path} is empty; a file without tokens holds at least a comment")]
    Empty { path: String },
    /// No TOML, a field missing, or one that nobody knows.
    #[error("{path} is no file of tokens: {reason}")]
    Toml { path: String, reason: String },
    /// A token of the file whose fields make no sense.
    #[error("{path}, line {line}: the token `{name}` {reason}")]
    Token {
        path: String,
        /// Where it is named; the first one is 1.
        line: usize,
        name: String,
        reason: String,
    },
    /// One that was to be made, whose fields make no sense.
    #[error("the token `{name}` {reason}")]
    Refused { name: String, reason: String },
    /// There is one of that name already.
    #[error("there is a token `{name}` already: choose another name, or revoke that one first")]
    Taken { name: String },
    /// There is none of that name.
    #[error("there is no token `{name}`: `vaultwatch-gateway token list` shows those there are")]
    Unknown { name: String },
    /// The operating system gave no random bytes.
    #[error(transparent)]
    Random(#[from] GatewayError),
}

/// What can be done about a file that cannot be read, if that is known.
fn remedy(source: &io::Error, path: &str) -> String {
    match source.kind() {
        io::ErrorKind::NotFound => {
            format!("; `vaultwatch-gateway token new --tokens {path} NAME` begins a file")
        }
        io::ErrorKind::PermissionDenied => {
            "; whoever runs the gateway must be able to read it, by its group for instance \
             (`chgrp`, `chmod 640`)"
                .into()
        }
        _ => String::new(),
    }
}

impl TokenFile {
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// All of them, without their hashes.
    ///
    /// # Errors
    /// [`TokenFileError`] for a file that cannot be read, or makes no sense.
    pub fn list(&self) -> Result<Vec<ListedToken>, TokenFileError> {
        Ok(self.load()?.1.listed())
    }

    pub(super) fn load(&self) -> Result<(Vec<u8>, TokenSet), TokenFileError> {
        let text = self.read()?;
        let set = TokenSet::parse(&text, &self.0)?;
        Ok((text.into_bytes(), set))
    }

    fn read(&self) -> Result<String, TokenFileError> {
        let text = fs::read_to_string(&self.0);
        let text = text.map_err(|source| TokenFileError::Read { path: self.shown(), source })?;
        if text.trim_ascii().is_empty() {
            return Err(TokenFileError::Empty { path: self.shown() });
        }
        Ok(text)
    }

    fn shown(&self) -> String {
        self.0.display().to_string()
    }
}
