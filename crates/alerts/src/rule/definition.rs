use std::time::Duration;

use smol_str::SmolStr;

use super::ladder::Ladder;
use super::metric::{MarketMetric, Metric, VaultMetric};
use super::schedule::Schedule;
use super::scope::Scope;
use super::time;
use super::window::{Change, ChangeIn};

/// A rule that makes sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub(super) name: SmolStr,
    pub(super) note: Option<String>,
    pub(super) enabled: bool,
    pub(super) metric: Metric,
    pub(super) change: Option<Change>,
    pub(super) ladder: Ladder,
    /// `None`: the vault's policy.
    pub(super) recovery: Option<Duration>,
    pub(super) no_data: NoData,
    pub(super) scope: Scope,
    pub(super) schedule: Option<Schedule>,
}

/// What a value that nobody knows means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NoData {
    /// Nothing: what is known holds on.
    #[default]
    Keep,
    /// That all is well.
    Ok,
    /// That the least level is reached.
    Alert,
}

impl Rule {
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.enabled
    }

    #[must_use]
    pub fn metric(&self) -> &Metric {
        &self.metric
    }

    /// What is compared, in words: `WETH price`, `LTV, change within 10 min`.
    #[must_use]
    pub fn quantity(&self) -> String {
        let what = match &self.metric {
            Metric::Market(MarketMetric::Price(token)) => format!("{token} price"),
            metric => metric.to_string(),
        };
        match self.change {
            None => what,
            Some(Change { kind: ChangeIn::Percent, over }) => {
                format!("{what}, change in % within {}", time::words(over))
            }
            Some(Change { kind: ChangeIn::Absolute, over }) => {
                format!("{what}, change within {}", time::words(over))
            }
        }
    }

    #[must_use]
    pub fn change(&self) -> Option<Change> {
        self.change
    }

    /// What identifies the window it looks back over.
    pub(super) fn window(&self) -> Option<(VaultMetric, Duration)> {
        match (&self.metric, self.change) {
            (Metric::Vault(metric), Some(change)) => Some((*metric, change.over)),
            _ => None,
        }
    }

    #[must_use]
    pub fn ladder(&self) -> &Ladder {
        &self.ladder
    }

    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    #[must_use]
    pub fn schedule(&self) -> Option<&Schedule> {
        self.schedule.as_ref()
    }
}
