use domain::Level;
use domain::view::{Freshness, VaultRow};

use crate::words::live as say;

/// A band of the overview, from what needs you first to what needs you last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Section {
    Critical,
    High,
    Medium,
    /// Whatever it was before: its figures are not to be relied on.
    Stale,
    Low,
    /// Nothing is known to judge by.
    Unknown,
}

impl Section {
    pub(crate) const ALL: [Self; 6] =
        [Self::Critical, Self::High, Self::Medium, Self::Stale, Self::Low, Self::Unknown];

    pub(crate) fn of(row: &VaultRow) -> Self {
        match (row.freshness, row.level) {
            (Freshness::Stale, _) => Self::Stale,
            (Freshness::Live, Some(Level::Critical)) => Self::Critical,
            (Freshness::Live, Some(Level::High)) => Self::High,
            (Freshness::Live, Some(Level::Medium)) => Self::Medium,
            (Freshness::Live, Some(Level::Low)) => Self::Low,
            (Freshness::Live, None) => Self::Unknown,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Critical => say::critical(),
            Self::High => say::high(),
            Self::Medium => say::medium(),
            Self::Stale => say::stale(),
            Self::Low => say::low(),
            Self::Unknown => say::unknown(),
        }
    }

    /// The same in every language: in what is kept, and in the keys of lines.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Stale => "stale",
            Self::Low => "low",
            Self::Unknown => "unknown",
        }
    }

    /// Critical and high: what the strip above the table sums up as debt at risk.
    pub(crate) fn is_at_risk(self) -> bool {
        matches!(self, Self::Critical | Self::High)
    }

    /// At risk, and more so than before: what nobody may find in a section that says less. What was not relied on and is
    /// known again counts as well.
    pub(crate) fn is_worse_than(self, before: Self) -> bool {
        self.is_at_risk() && self < before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_becomes_critical_or_high_is_worse() {
        use Section::{Critical, High, Low, Medium, Stale, Unknown};
        for (before, after) in
            [(High, Critical), (Low, Critical), (Medium, High), (Stale, High), (Unknown, High)]
        {
            assert!(after.is_worse_than(before), "{before:?} to {after:?}");
        }
        for (before, after) in
            [(Critical, Critical), (Critical, High), (Low, Medium), (Critical, Stale), (High, Low)]
        {
            assert!(!after.is_worse_than(before), "{before:?} to {after:?}");
        }
    }
}
