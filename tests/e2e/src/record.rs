//! What was observed, in order, with waiting for what has not been observed yet.

use std::{fmt::Debug, time::Duration};

use anyhow::{Result, anyhow};
use tokio::{sync::watch, time::timeout};

use crate::patience::PATIENCE;

/// An append-only list shared by the one who observes and the test that waits.
#[derive(Debug)]
pub struct Record<T>(watch::Sender<Vec<T>>);

impl<T> Clone for Record<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for Record<T> {
    fn default() -> Self {
        Self(watch::Sender::new(Vec::new()))
    }
}

impl<T: Clone + Debug> Record<T> {
    pub fn push(&self, entry: T) {
        self.0.send_modify(|entries| entries.push(entry));
    }

    #[must_use]
    pub fn all(&self) -> Vec<T> {
        self.0.borrow().clone()
    }

    /// The first entry that `wanted` accepts, past or future.
    ///
    /// # Errors
    /// When there is none within [`PATIENCE`]; the message lists what there was instead.
    pub async fn wait_for(&self, what: &str, wanted: impl Fn(&T) -> bool) -> Result<T> {
        self.wait_for_within(PATIENCE, what, wanted).await
    }

    /// [`Record::wait_for`] with a limit of its own.
    ///
    /// # Errors
    /// As [`Record::wait_for`].
    pub async fn wait_for_within(
        &self,
        limit: Duration,
        what: &str,
        wanted: impl Fn(&T) -> bool,
    ) -> Result<T> {
        let entries = self.wait_until_within(limit, what, |e| e.iter().any(&wanted)).await?;
        Ok(entries.into_iter().find(&wanted).expect("the condition was that there is one"))
    }

    /// All entries as soon as `done` accepts them together.
    ///
    /// # Errors
    /// As [`Record::wait_for`].
    pub async fn wait_until(&self, what: &str, done: impl Fn(&[T]) -> bool) -> Result<Vec<T>> {
        self.wait_until_within(PATIENCE, what, done).await
    }

    async fn wait_until_within(
        &self,
        limit: Duration,
        what: &str,
        done: impl Fn(&[T]) -> bool,
    ) -> Result<Vec<T>> {
        let mut changes = self.0.subscribe();
        let waited = timeout(limit, changes.wait_for(|entries| done(entries))).await;
        match waited {
            Ok(Ok(entries)) => Ok(entries.clone()),
            _ => Err(anyhow!(
                "waited {} s in vain for {what}; there was: {:#?}",
                limit.as_secs(),
                self.all()
            )),
        }
    }
}
