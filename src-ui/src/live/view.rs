//! What the person chose to see of the table. Belongs to the window alone: the backend never hears of it.

use std::collections::BTreeSet;

use domain::ChainId;
use domain::view::VaultRow;

use super::{Column, Section};

/// Sort, filters and search of the overview.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct View {
    /// By the first; where that is equal by the next. Empty: sections, worst first.
    pub(crate) sort: Vec<Sort>,
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

impl Sort {
    fn natural(column: Column) -> Self {
        Self { column, direction: column.natural() }
    }

    /// What the next click makes of it.
    fn next(self) -> Option<Self> {
        let natural = self.column.natural();
        (self.direction == natural)
            .then(|| Self { column: self.column, direction: natural.opposite() })
    }
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

impl View {
    /// Columns that may be sorted by at once.
    pub(super) const SORTS: usize = 3;

    /// A click on a column's header: its natural direction, then the opposite one, then back to the sections.
    pub(crate) fn sort_by(&mut self, column: Column) {
        let next = match self.sort.as_slice() {
            [only] if only.column == column => only.next(),
            _ => Some(Sort::natural(column)),
        };
        self.sort = next.into_iter().collect();
    }

    /// A click with `Shift`: the same for one column more, behind those that are sorted by already.
    pub(crate) fn sort_also_by(&mut self, column: Column) {
        match self.sort.iter().position(|sort| sort.column == column) {
            Some(place) => match self.sort[place].next() {
                Some(next) => self.sort[place] = next,
                None => {
                    self.sort.remove(place);
                }
            },
            None if self.sort.len() < Self::SORTS => self.sort.push(Sort::natural(column)),
            None => {}
        }
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

    fn sorts(view: &View) -> Vec<(Column, Direction)> {
        view.sort.iter().map(|sort| (sort.column, sort.direction)).collect()
    }

    #[test]
    fn a_header_cycles_through_natural_opposite_and_sections() {
        let mut view = View::default();
        view.sort_by(Column::Debt);
        assert_eq!(sorts(&view), [(Column::Debt, Direction::Descending)]);
        view.sort_by(Column::Debt);
        assert_eq!(sorts(&view), [(Column::Debt, Direction::Ascending)]);
        view.sort_by(Column::Debt);
        assert_eq!(sorts(&view), []);
        view.sort_by(Column::Debt);
        view.sort_by(Column::Room);
        assert_eq!(sorts(&view), [(Column::Room, Direction::Ascending)]);
    }

    #[test]
    fn with_shift_columns_are_sorted_by_one_after_the_other() {
        let mut view = View::default();
        view.sort_by(Column::Chain);
        view.sort_also_by(Column::Debt);
        view.sort_also_by(Column::Room);
        view.sort_also_by(Column::Age);
        let chain = (Column::Chain, Direction::Ascending);
        let room = (Column::Room, Direction::Ascending);
        assert_eq!(sorts(&view), [chain, (Column::Debt, Direction::Descending), room]);
        view.sort_also_by(Column::Debt);
        view.sort_also_by(Column::Debt);
        assert_eq!(sorts(&view), [chain, room]);
        view.sort_by(Column::Chain);
        assert_eq!(sorts(&view), [chain], "a plain click is about one column alone");
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
