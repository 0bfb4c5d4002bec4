//! The user's rules at work: read from the configuration file, changed in it, put in force, and played over the past.

mod dry_run;

use std::hash::BuildHasher as _;
use std::path::{Path, PathBuf};

use alerts::Policy;
use alerts::rule::{RuleBook, RuleError};
use domain::rules::{RulesEdit, RulesOptions};
use domain::view::{DryRunAnswer, DryRunQuery, FaultView, RulesAnswer, RulesView};
use foldhash::fast::FixedState;
use thiserror::Error;
use tokio::sync::Mutex;

use crate::MonitorHandle;
use crate::config::{self, ConfigError};

/// Where a profile's rules come from, and the past they are played over.
#[derive(Clone, Debug)]
pub struct RulesPlace {
    /// `config.toml`; it need not be there yet.
    pub config: PathBuf,
    pub profile: String,
    /// `history.db`.
    pub history: PathBuf,
}

/// Changes the rules of a running watch. One change at a time.
#[derive(Debug)]
pub struct RuleDesk {
    monitor: MonitorHandle,
    place: RulesPlace,
    last: Mutex<Option<LastChange>>,
    runs: dry_run::Runs,
}

/// What can be taken back: the file as it was, as long as it is as it was left.
#[derive(Debug)]
struct LastChange {
    before: String,
    after: String,
}

/// Why the rules could not be changed. The file is as it was.
#[derive(Debug, Error)]
pub enum RulesError {
    #[error("{path} cannot be read: {source}", path = path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path} cannot be written: {source}", path = path.display())]
    Write { path: PathBuf, source: std::io::Error },
    /// The file is not valid: it must be corrected where it was written.
    #[error("{0}")]
    Invalid(String),
    #[error("what was to be changed is not there any more")]
    Gone,
    #[error("the last change cannot be taken back: the file was changed since")]
    Changed,
    #[error("the history cannot be read: {0}")]
    History(#[from] store::StoreError),
    #[error("VaultWatch is quitting")]
    Ended,
}

impl RuleDesk {
    #[must_use]
    pub fn new(monitor: MonitorHandle, place: RulesPlace) -> Self {
        Self { monitor, place, last: Mutex::default(), runs: dry_run::Runs::default() }
    }

    /// The rules as the file has them now.
    ///
    /// # Errors
    /// [`RulesError::Read`].
    pub async fn view(&self) -> Result<RulesView, RulesError> {
        let last = self.last.lock().await;
        Ok(self.view_of(&self.read().await?, last.as_ref()))
    }

    /// What would be wrong after a change, in the order of the file.
    ///
    /// # Errors
    /// [`RulesError::Read`], [`RulesError::Invalid`], [`RulesError::Gone`].
    pub async fn check(&self, edit: &RulesEdit) -> Result<Vec<FaultView>, RulesError> {
        let options = self.options(&self.read().await?)?;
        let options = edit.applied(&options).ok_or(RulesError::Gone)?;
        Ok(self.book(&options).err().unwrap_or_default())
    }

    /// Makes a change in the file of this revision and puts it in force.
    ///
    /// # Errors
    /// Any of [`RulesError`].
    pub async fn change(
        &self,
        revision: &str,
        edit: &RulesEdit,
    ) -> Result<RulesAnswer, RulesError> {
        let mut last = self.last.lock().await;
        let _pen = self.monitor.pen().hold().await;
        let before = self.read().await?;
        if revision_of(&before) != revision {
            return Ok(RulesAnswer::Outdated(self.view_of(&before, last.as_ref())));
        }
        let options = edit.applied(&self.options(&before)?).ok_or(RulesError::Gone)?;
        if let Err(faults) = self.book(&options) {
            return Ok(RulesAnswer::Faulty(faults));
        }
        let invalid = |error: &dyn std::error::Error| RulesError::Invalid(error.to_string());
        let after = config::edit::edited(&before, edit).map_err(|error| invalid(&error))?;
        let after = after.ok_or(RulesError::Gone)?;
        self.put_in_force(&after).await?;
        let change = &*last.insert(LastChange { before, after });
        Ok(RulesAnswer::Saved(self.view_of(&change.after, Some(change))))
    }

    /// Takes the last change back, unless somebody has changed the file since.
    ///
    /// # Errors
    /// Any of [`RulesError`].
    pub async fn undo(&self) -> Result<RulesView, RulesError> {
        let mut last = self.last.lock().await;
        let _pen = self.monitor.pen().hold().await;
        let text = self.read().await?;
        let change = last.take().filter(|change| change.after == text);
        let Some(change) = change else { return Err(RulesError::Changed) };
        if let Err(error) = self.put_in_force(&change.before).await {
            *last = Some(change);
            return Err(error);
        }
        Ok(self.view_of(&change.before, None))
    }

    /// Plays a rule over the stored history; a run that is still under way ends.
    ///
    /// # Errors
    /// [`RulesError::History`], and those of [`check`](Self::check).
    pub async fn dry_run(&self, query: DryRunQuery) -> Result<DryRunAnswer, RulesError> {
        let options = self.options(&self.read().await?)?;
        let known = self.monitor.vaults().await.ok_or(RulesError::Ended)?;
        dry_run::run(self, options, known, query).await
    }

    /// Checks the text as the start of the program would, writes it, and has the watch follow it.
    async fn put_in_force(&self, text: &str) -> Result<(), RulesError> {
        let RulesPlace { config, profile, .. } = &self.place;
        config::parses(text).map_err(|error| RulesError::Invalid(error.to_string()))?;
        let book = config::rules::of_text(text, config, profile);
        let book = book.map_err(|error| RulesError::Invalid(in_full(&error)))?;
        let (path, text) = (config.clone(), text.to_owned());
        let ours = text.clone();
        let written = off_thread(move || config::replace::replace(&path, &text)).await?;
        let write = |source| RulesError::Write { path: config.clone(), source };
        written.map_err(write)?;
        self.monitor.pen().wrote(ours.into());
        self.monitor.set_rules(book).await.ok_or(RulesError::Ended)
    }

    async fn read(&self) -> Result<String, RulesError> {
        let path = self.place.config.clone();
        let read = |path: &Path| config::text(path).map(Option::unwrap_or_default);
        match off_thread(move || read(&path)).await? {
            Ok(text) => Ok(text),
            Err(ConfigError::Unreadable { path, source }) => Err(RulesError::Read { path, source }),
            Err(error) => Err(RulesError::Invalid(in_full(&error))),
        }
    }

    fn options(&self, text: &str) -> Result<RulesOptions, RulesError> {
        config::rules::options_of(text).map_err(|error| RulesError::Invalid(error.to_string()))
    }

    fn book(&self, options: &RulesOptions) -> Result<RuleBook, Vec<FaultView>> {
        RuleBook::new(options, Policy::default(), &self.place.profile)
            .map_err(|faults| faults.into_iter().map(fault).collect())
    }

    fn view_of(&self, text: &str, last: Option<&LastChange>) -> RulesView {
        let RulesPlace { config, profile, .. } = &self.place;
        let valid = config::parses(text).map_err(|error| error.to_string()).and_then(|()| {
            let book = config::rules::of_text(text, config, profile);
            book.map(drop).map_err(|error| in_full(&error))
        });
        RulesView {
            options: config::rules::options_of(text).unwrap_or_default(),
            revision: revision_of(text),
            path: config.display().to_string(),
            locked: valid.err(),
            undo: last.is_some_and(|last| last.after == text),
        }
    }
}

fn fault(error: RuleError) -> FaultView {
    FaultView { entry: error.entry, field: error.field, reason: error.fault.to_string() }
}

/// Stands for a text: another one has another.
pub(crate) fn revision_of(text: &str) -> String {
    format!("{}-{:016x}", text.len(), FixedState::default().hash_one(text))
}

pub(crate) fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}

/// Waits for a disk without stopping anybody else.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, RulesError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| RulesError::Ended)
}
