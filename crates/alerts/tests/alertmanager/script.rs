//! What happens, in units of time, and what was told of it: in words that both sides share.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

/// An alert of a vault: its own solvency when critical, else a word of the platform about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Alert {
    pub(crate) vault: String,
    pub(crate) severity: Severity,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    Critical,
    High,
}

pub(crate) fn critical(vault: &str) -> Alert {
    Alert { vault: vault.to_owned(), severity: Severity::Critical }
}

pub(crate) fn high(vault: &str) -> Alert {
    Alert { vault: vault.to_owned(), severity: Severity::High }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Critical => "critical",
            Severity::High => "high",
        };
        write!(f, "{} {severity}", self.vault)
    }
}

/// One of the two that are compared.
pub(crate) trait Side {
    /// By its own clock.
    const UNIT: Duration;

    async fn fire(&mut self, alerts: &[Alert]);
    /// The same critical alert, deeper.
    async fn worsen(&mut self, alert: &Alert);
    async fn resolve(&mut self, alerts: &[Alert]);
    /// Nothing of this vault is to be told for so many units. Returns when that ends.
    async fn silence(&mut self, vault: &str, units: u32) -> Duration;
    /// Lets time pass until somebody was told so often in all.
    async fn until_told(&mut self, times: usize);
    async fn pass(&mut self, units: u32);
    fn told(&self) -> Vec<Told>;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Firing,
    /// The same, nobody having dealt with it.
    Repeated,
    Resolved,
}

/// One notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) kind: Kind,
    pub(crate) of: BTreeSet<String>,
    /// Since the side began.
    pub(crate) at: Duration,
}

/// The notifications so far. Neither side says that it repeats itself: that follows from what was told before.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    pub(crate) told: Vec<Told>,
    open: BTreeSet<BTreeSet<String>>,
}

impl Transcript {
    pub(crate) fn fires(&mut self, of: BTreeSet<String>, at: Duration) {
        let kind = if self.open.insert(of.clone()) { Kind::Firing } else { Kind::Repeated };
        self.told.push(Told { kind, of, at });
    }

    pub(crate) fn is_over(&mut self, of: BTreeSet<String>, at: Duration) {
        self.open.retain(|open| !open.is_subset(&of));
        self.told.push(Told { kind: Kind::Resolved, of, at });
    }
}

/// Who was told of what, in which order, without the moments.
pub(crate) fn course(side: &impl Side) -> Vec<(Kind, Vec<String>)> {
    side.told().into_iter().map(|told| (told.kind, told.of.into_iter().collect())).collect()
}

/// The same where two notifications may come in either order.
pub(crate) fn told_of(side: &impl Side) -> Vec<(Kind, Vec<String>)> {
    let mut all = course(side);
    all.sort();
    all
}

pub(crate) fn told(kind: Kind, of: &[&str]) -> (Kind, Vec<String>) {
    (kind, of.iter().map(|&name| name.to_owned()).collect())
}

/// Between the notifications, one after the other.
pub(crate) fn gaps(side: &impl Side) -> Vec<Duration> {
    side.told().windows(2).map(|pair| pair[1].at.saturating_sub(pair[0].at)).collect()
}
