//! Scenarios as files: prices, vaults, owners and faults on a timeline. A file and a seed are the whole story, message by
//! message.

mod check;
mod error;
mod fault;
mod file;
mod perform;
mod player;

use std::path::{Path, PathBuf};

pub use error::ScriptError;
pub(crate) use fault::Outage;
pub(crate) use perform::perform;

use self::fault::Cue;
use crate::market::Plan;
use crate::replay::{Repeat, Speed};

/// A scenario that was read from a file and makes sense.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    path: PathBuf,
    title: Option<String>,
    plan: Plan,
    /// Milliseconds after which it ends; none goes on for ever.
    length: Option<i64>,
    /// In their order.
    cues: Vec<Cue>,
}

/// A scenario, and how it is to be played.
#[derive(Clone, Debug, PartialEq)]
pub struct Performance {
    pub script: Script,
    /// In place of the file's. Default the file's.
    pub seed: Option<u64>,
    /// Default 1.
    pub speed: Speed,
    /// What follows its `length`. Default nothing.
    pub repeat: Repeat,
}

impl Script {
    /// Largest file that is read.
    const LIMIT: u64 = 4 << 20;

    /// Reads a scenario.
    ///
    /// # Errors
    /// [`ScriptError::Io`] when there is no such file, [`ScriptError::Toml`] when it is not TOML or has fields of a
    /// wrong kind or name, [`ScriptError::Invalid`] when a value makes no sense; each with its line.
    pub fn open(path: &Path) -> Result<Self, ScriptError> {
        let io = |source| ScriptError::Io { path: path.to_owned(), source };
        let size = std::fs::metadata(path).map_err(io)?.len();
        if size > Self::LIMIT {
            return Err(ScriptError::TooLarge { path: path.to_owned(), size });
        }
        Self::parse(&std::fs::read_to_string(path).map_err(io)?, path)
    }

    /// Reads a scenario from text; `path` is what errors call it.
    ///
    /// # Errors
    /// As [`Script::open`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, ScriptError> {
        let file: file::File = toml::from_str(text).map_err(|source| ScriptError::Toml {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        check::check(file, text, path)
    }

    /// What it is called, or the file's name.
    #[must_use]
    pub fn title(&self) -> String {
        self.title.clone().unwrap_or_else(|| self.path.display().to_string())
    }

    /// Vaults at its start.
    #[must_use]
    pub fn vaults(&self) -> usize {
        self.plan.vaults.len() + usize::from(self.plan.population)
    }
}

impl Performance {
    /// As the file says.
    #[must_use]
    pub fn new(script: Script) -> Self {
        Self { script, seed: None, speed: Speed::default(), repeat: Repeat::default() }
    }
}
