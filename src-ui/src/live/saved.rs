//! Views of the table under a name, and the way back from one.

use domain::view::{Preferences, SavedView, ViewName};
use smol_str::SmolStr;

use super::view::{Direction, Fold, Levels, Sort};
use super::{Column, Section, View};

impl View {
    /// This view and the columns there are, under a name.
    pub(crate) fn saved(&self, name: ViewName, preferences: &Preferences) -> SavedView {
        SavedView {
            name,
            levels: levels_word(self.levels).into(),
            chains: self.chains.iter().copied().collect(),
            search: self.search.trim().to_owned(),
            sort: self.sort.iter().map(|sort| sort_word(*sort)).collect(),
            low_folded: self.low == Fold::Folded,
            hidden_columns: preferences.hidden_columns.clone(),
            column_widths: preferences.column_widths.clone(),
            column_order: preferences.column_order.clone(),
        }
    }

    /// The view that was saved; what this window does not know is left out of it.
    pub(crate) fn of(saved: &SavedView) -> Self {
        Self {
            sort: saved.sort.iter().filter_map(|word| sort_of(word)).take(Self::SORTS).collect(),
            levels: levels_of(&saved.levels),
            chains: saved.chains.iter().copied().collect(),
            search: saved.search.clone(),
            low: if saved.low_folded { Fold::Folded } else { Fold::Open },
        }
    }
}

/// The columns of a view that was saved, put in the place of those there are.
pub(crate) fn take_columns(saved: &SavedView, preferences: &mut Preferences) {
    preferences.hidden_columns.clone_from(&saved.hidden_columns);
    preferences.column_widths.clone_from(&saved.column_widths);
    preferences.column_order.clone_from(&saved.column_order);
}

/// The saved view that is shown: nothing was changed since, or it would look the same.
pub(crate) fn shown<'a>(view: &View, preferences: &'a Preferences) -> Option<&'a SavedView> {
    preferences.saved_views.iter().find(|saved| {
        let mut now = view.saved(saved.name.clone(), preferences);
        // In which order columns were hidden does not show.
        now.hidden_columns.sort_unstable();
        let mut then = (*saved).clone();
        then.hidden_columns.sort_unstable();
        now == then
    })
}

fn sort_word(sort: Sort) -> SmolStr {
    let name = sort.column.name();
    match sort.direction {
        Direction::Ascending => name.into(),
        Direction::Descending => format!("-{name}").into(),
    }
}

fn sort_of(word: &str) -> Option<Sort> {
    let (direction, name) = match word.strip_prefix('-') {
        Some(name) => (Direction::Descending, name),
        None => (Direction::Ascending, word),
    };
    Some(Sort { column: Column::named(name)?, direction })
}

fn levels_word(levels: Levels) -> &'static str {
    match levels {
        Levels::All => "all",
        Levels::AtRisk => "at-risk",
        Levels::Only(section) => section.name(),
    }
}

fn levels_of(word: &str) -> Levels {
    let only = Section::ALL.map(Levels::Only).into_iter();
    let mut all = only.chain([Levels::AtRisk]);
    all.find(|levels| levels_word(*levels) == word).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use domain::ChainId;

    use super::*;

    fn name(text: &str) -> ViewName {
        text.parse().unwrap()
    }

    #[test]
    fn a_saved_view_comes_back_as_it_was() {
        let mut view = View { search: " weth ".to_owned(), low: Fold::Folded, ..View::default() };
        view.sort_by(Column::Debt);
        view.sort_also_by(Column::Room);
        view.toggle_chain(ChainId(137));
        view.toggle_levels(Levels::Only(Section::Stale));
        let mut preferences = Preferences::default();
        preferences.hidden_columns.push("hf".into());
        preferences.column_widths.insert("debt".into(), 120);
        preferences.column_order = vec!["debt".into(), "room".into()];
        let saved = view.saved(name("Desk"), &preferences);
        assert_eq!(saved.sort, ["-debt", "room"]);
        let back = View::of(&saved);
        assert_eq!(back, View { search: "weth".to_owned(), ..view });
        let mut other = Preferences::default();
        take_columns(&saved, &mut other);
        assert_eq!(other.hidden_columns, preferences.hidden_columns);
        assert_eq!(other.column_widths, preferences.column_widths);
        assert_eq!(other.column_order, preferences.column_order);
    }

    #[test]
    fn every_choice_of_levels_has_its_word() {
        let only = Section::ALL.map(Levels::Only);
        for levels in only.into_iter().chain([Levels::All, Levels::AtRisk]) {
            assert_eq!(levels_of(levels_word(levels)), levels);
        }
        for column in Column::ALL {
            for direction in [Direction::Ascending, Direction::Descending] {
                let sort = Sort { column, direction };
                assert_eq!(sort_of(&sort_word(sort)), Some(sort));
            }
        }
    }

    #[test]
    fn what_is_not_known_any_more_is_left_out() {
        let mut saved = View::default().saved(name("Old"), &Preferences::default());
        saved.levels = "dreadful".into();
        saved.sort = vec!["-moon".into(), "room".into()];
        let view = View::of(&saved);
        assert_eq!((view.levels, view.sort.len()), (Levels::All, 1));
    }

    #[test]
    fn the_view_that_is_shown_is_found_until_something_is_changed() {
        let mut preferences = Preferences {
            hidden_columns: vec!["hf".into(), "age".into()],
            ..Preferences::default()
        };
        let mut view = View::default();
        view.toggle_levels(Levels::AtRisk);
        preferences.saved_views.put(view.saved(name("Risk"), &preferences)).unwrap();
        preferences.hidden_columns = vec!["age".into(), "hf".into()];
        assert_eq!(shown(&view, &preferences).unwrap().name, name("Risk"));
        preferences.column_order = vec!["debt".into(), "room".into()];
        assert_eq!(shown(&view, &preferences), None, "the columns stand in another order");
        preferences.column_order.clear();
        view.search = "dai".to_owned();
        assert_eq!(shown(&view, &preferences), None);
    }
}
