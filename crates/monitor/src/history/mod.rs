//! Figures over time: what the core hands to the store's history, and what it tells of it.

mod prices;
mod view;

use std::time::Duration;

use domain::market::Market;
use domain::sample::Sample;
use domain::{Level, UnixMillis, Vault};
use store::{Fold, History, HistoryState, HistoryStatistics, Opened, SeriesKey};
use tokio::sync::watch;

use crate::Notice;
use crate::say::history as say;
pub(crate) use prices::trends;
pub(crate) use view::answer;

/// The last minute is waited for this long when the program ends.
const FAREWELL: Duration = Duration::from_secs(1);
/// Most prices of one chain that are recorded; a feed that invents more is not believed.
const PRICES: usize = 1_000;

/// What the person was told, once in a run: a disk that is full every other minute is no news.
#[derive(Debug, Default)]
struct Told {
    set_aside: bool,
    unwritable: bool,
}

/// Folds what comes in into points of a minute and hands them over, never waiting. A minute that the disk has no time
/// for goes on: then its point stands for more than one, and no extreme is lost.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    history: Option<History>,
    fold: Fold,
    state: Option<watch::Receiver<HistoryState>>,
    told: Told,
}

impl Recorder {
    pub(crate) fn new(history: Option<History>) -> Self {
        let state = history.as_ref().map(History::state);
        Self { history, state, ..Self::default() }
    }

    /// A vault changed.
    pub(crate) fn vault(&mut self, vault: &Vault, now: UnixMillis) {
        if self.history.is_none() {
            return;
        }
        self.tick(now);
        self.fold.add(SeriesKey::Vault(vault.id.clone()), &Sample::of(vault), now);
    }

    /// A chain's market changed.
    pub(crate) fn market(&mut self, market: &Market, now: UnixMillis) {
        if self.history.is_none() {
            return;
        }
        self.tick(now);
        for (token, price) in market.price_feeds.iter().take(PRICES) {
            let series = SeriesKey::Price { chain: market.chain_id, token: token.clone() };
            self.fold.add(series, &Sample::of_price(*price), now);
        }
    }

    /// Hands the minute over, once it is over.
    pub(crate) fn tick(&mut self, now: UnixMillis) {
        if !self.fold.is_over(now) {
            return;
        }
        let Some(history) = &self.history else { return };
        if let Err(batch) = history.record(self.fold.take(), now) {
            history.note_coarse(batch.len());
            self.fold.put_back(batch, now);
        }
    }

    /// Writes the running minute as it is.
    pub(crate) async fn end(&mut self, now: UnixMillis) {
        let batch = self.fold.take();
        let Some(history) = self.history.as_ref().filter(|_| !batch.is_empty()) else { return };
        if let Ok(written) = history.record(batch, now) {
            match tokio::time::timeout(FAREWELL, written).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "the last minute could not be written"),
                Err(_) => tracing::warn!("the disk is busy; the last minute is not waited for"),
            }
        }
    }

    pub(crate) fn statistics(&self) -> Option<HistoryStatistics> {
        self.history.as_ref().map(History::statistics)
    }

    /// What the person should know of a new state.
    pub(crate) fn notice(&mut self, state: &HistoryState) -> Option<Notice> {
        match state {
            // Which state comes again after each failure.
            HistoryState::Writing(Opened::SetAside(aside)) if !self.told.set_aside => {
                self.told.set_aside = true;
                let path = aside.display().to_string();
                Some(Notice::system(Level::Medium, |language| {
                    (say::damaged(language), say::damaged_how(language, &path))
                }))
            }
            HistoryState::Opening | HistoryState::Writing(_) => None,
            HistoryState::Failing(_) | HistoryState::Closed(_) if self.told.unwritable => None,
            HistoryState::Failing(kind) => {
                self.told.unwritable = true;
                let reason = kind.to_string();
                Some(Notice::system(Level::Medium, |language| {
                    (say::unwritable(language), say::unwritable_how(language, &reason))
                }))
            }
            HistoryState::Closed(kind) => {
                self.told.unwritable = true;
                let reason = kind.to_string();
                Some(Notice::system(Level::Medium, |language| {
                    (say::none(language), say::none_how(language, &reason))
                }))
            }
        }
    }
}

/// The next state of the history; never, where there is none.
pub(crate) async fn next(recorder: &mut Recorder) -> HistoryState {
    let Some(state) = &mut recorder.state else { return std::future::pending().await };
    match state.changed().await {
        Ok(()) => state.borrow_and_update().clone(),
        // The thread has ended, which it told before.
        Err(_) => std::future::pending().await,
    }
}
