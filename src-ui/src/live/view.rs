//! What the person chose to see of the table. Belongs to the window alone: the backend never hears of it.

use std::collections::BTreeSet;

use domain::ChainId;
use domain::view::VaultRow;

use super::Section;

/// Sort, filters and search of the overview.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct View {
    /// `None`: sections, worst first.
    pub(crate) sort: Option<Sort>,
    pub(crate) levels: Levels,
    /// Empty: all chains.
    pub(crate) chains: BTreeSet<ChainId>,
    pub(crate) search: String,
    pub(crate) low: Fold,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Levels {
    #[default]
    All,
    /// Critical and high.
    AtRisk,
    Only(Section),
}

/// Whether the rows under a section's header are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fold {
    #[default]
    Open,
    Folded,
}

impl Fold {
    pub(crate) fn toggled(self) -> Self {
        match self {
            Self::Open => Self::Folded,
            Self::Folded => Self::Open,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sort {
    pub(crate) column: Column,
    pub(crate) direction: Direction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Ascending,
    Descending,
}

impl Direction {
    fn opposite(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Column {
    Level,
    Vault,
    Room,
    Health,
    Ltv,
    LiquidationPrice,
    Debt,
    Cure,
    Trend,
    Chain,
    Age,
}

impl Column {
    /// In the order of the table.
    pub(crate) const ALL: [Self; 11] = [
        Self::Level,
        Self::Vault,
        Self::Room,
        Self::Health,
        Self::Ltv,
        Self::LiquidationPrice,
        Self::Debt,
        Self::Cure,
        Self::Trend,
        Self::Chain,
        Self::Age,
    ];

    /// The direction that puts first what is most worth seeing.
    fn natural(self) -> Direction {
        match self {
            Self::Level
            | Self::Vault
            | Self::Room
            | Self::Health
            | Self::LiquidationPrice
            | Self::Trend
            | Self::Chain => Direction::Ascending,
            Self::Ltv | Self::Debt | Self::Cure | Self::Age => Direction::Descending,
        }
    }
}

impl View {
    /// A click on a column's header: its natural direction, then the opposite one, then back to the sections.
    pub(crate) fn sort_by(&mut self, column: Column) {
        let natural = column.natural();
        self.sort = match self.sort {
            Some(sort) if sort.column == column => {
                (sort.direction == natural).then(|| Sort { column, direction: natural.opposite() })
            }
            _ => Some(Sort { column, direction: natural }),
        };
    }

    /// Chooses these levels, or all again if they were chosen already.
    pub(crate) fn toggle_levels(&mut self, levels: Levels) {
        self.levels = if self.levels == levels { Levels::All } else { levels };
    }

    pub(crate) fn toggle_chain(&mut self, chain: ChainId) {
        if !self.chains.remove(&chain) {
            self.chains.insert(chain);
        }
    }

    /// Whether anything is left out.
    pub(crate) fn is_filtered(&self) -> bool {
        self.levels != Levels::All || !self.chains.is_empty() || !self.search.trim().is_empty()
    }

    /// Shows everything again; the sort stays.
    pub(crate) fn clear_filters(&mut self) {
        self.levels = Levels::All;
        self.chains.clear();
        self.search.clear();
    }

    pub(crate) fn matches(&self, row: &VaultRow) -> bool {
        let section = Section::of(row);
        let level = match self.levels {
            Levels::All => true,
            Levels::AtRisk => section.is_at_risk(),
            Levels::Only(only) => section == only,
        };
        let chain = self.chains.is_empty()
            || row.chain_id.is_some_and(|chain| self.chains.contains(&chain));
        level && chain && finds(&self.search, row)
    }
}

/// Every word of the search has to occur somewhere in the row's names.
fn finds(search: &str, row: &VaultRow) -> bool {
    if search.trim().is_empty() {
        return true;
    }
    let haystack = format!(
        "{} {} {} {} {}",
        row.id,
        row.name.as_deref().unwrap_or_default(),
        row.tokens,
        row.chain_id.map(ChainId::name).unwrap_or_default(),
        Section::of(row).word(),
    )
    .to_lowercase();
    search.to_lowercase().split_whitespace().all(|word| haystack.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::fixture::row;

    #[test]
    fn a_header_cycles_through_natural_opposite_and_sections() {
        let mut view = View::default();
        view.sort_by(Column::Debt);
        assert_eq!(
            view.sort,
            Some(Sort { column: Column::Debt, direction: Direction::Descending })
        );
        view.sort_by(Column::Debt);
        assert_eq!(view.sort, Some(Sort { column: Column::Debt, direction: Direction::Ascending }));
        view.sort_by(Column::Debt);
        assert_eq!(view.sort, None);
        view.sort_by(Column::Debt);
        view.sort_by(Column::Room);
        assert_eq!(view.sort, Some(Sort { column: Column::Room, direction: Direction::Ascending }));
    }

    #[test]
    fn every_word_of_a_search_must_occur() {
        let row = row("ETH-017").tokens("WETH, wstETH").chain(42_161).critical("7.9");
        for (search, found) in [
            ("", true),
            ("  ", true),
            ("eth-017", true),
            ("WSTETH", true),
            ("arbitrum weth", true),
            ("crit 017", true),
            ("polygon", false),
            ("weth polygon", false),
        ] {
            let view = View { search: search.to_owned(), ..View::default() };
            assert_eq!(view.matches(&row), found, "{search:?}");
        }
    }

    #[test]
    fn chains_and_levels_narrow_together() {
        let high = row("A").chain(1).high("12");
        let low = row("B").chain(137).low("40");
        let mut view = View::default();
        view.toggle_levels(Levels::AtRisk);
        assert!(view.matches(&high) && !view.matches(&low));
        view.toggle_chain(ChainId(137));
        assert!(!view.matches(&high) && !view.matches(&low));
        view.toggle_levels(Levels::AtRisk);
        assert!(!view.matches(&high) && view.matches(&low));
        assert!(view.is_filtered());
        view.clear_filters();
        assert!(view.matches(&high) && view.matches(&low) && !view.is_filtered());
    }

    #[test]
    fn a_stale_vault_is_stale_whatever_its_level_was() {
        let stale = row("A").critical("3").stale();
        let view = View { levels: Levels::Only(Section::Stale), ..View::default() };
        assert!(view.matches(&stale));
        let view = View { levels: Levels::AtRisk, ..View::default() };
        assert!(!view.matches(&stale));
    }
}
