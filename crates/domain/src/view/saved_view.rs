//! Views of the overview's table that were given a name.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::units::ChainId;

/// What is shown of the table, in which order and in which columns, under a name. A column or a level that a window does
/// not know, or not any more, is ignored by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SavedView {
    pub name: ViewName,
    /// `all`, `at-risk`, or the one section that is shown: `critical`.
    pub levels: SmolStr,
    /// Empty: all.
    pub chains: Vec<ChainId>,
    pub search: String,
    /// Columns by name, the first one deciding first, with `-` before one that falls: `-debt`. Empty: worst first.
    pub sort: Vec<SmolStr>,
    /// Whether the vaults that are in no danger are folded away.
    pub low_folded: bool,
    pub hidden_columns: Vec<SmolStr>,
    /// CSS pixels by the column's name; the others have their usual width.
    pub column_widths: BTreeMap<SmolStr, u16>,
    /// As in [`Preferences`](super::Preferences); views that were saved before there was an order have none.
    #[serde(default)]
    pub column_order: Vec<SmolStr>,
}

/// What a view is called: 1 to 40 characters, without white space at its ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct ViewName(SmolStr);

/// The text is no name for a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must have 1 to {} characters", ViewName::MOST)]
pub struct BadViewName;

impl ViewName {
    /// Characters at the most.
    pub const MOST: usize = 40;

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ViewName {
    type Err = BadViewName;

    fn from_str(text: &str) -> Result<Self, BadViewName> {
        let text = text.trim();
        if (1..=Self::MOST).contains(&text.chars().count()) {
            Ok(Self(text.into()))
        } else {
            Err(BadViewName)
        }
    }
}

impl TryFrom<SmolStr> for ViewName {
    type Error = BadViewName;

    fn try_from(text: SmolStr) -> Result<Self, BadViewName> {
        text.parse()
    }
}

impl From<ViewName> for SmolStr {
    fn from(name: ViewName) -> Self {
        name.0
    }
}

impl fmt::Display for ViewName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A person's saved views, in the order they were saved in; no two of one name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<SavedView>", into = "Vec<SavedView>")]
pub struct SavedViews(Vec<SavedView>);

/// There is no room for one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are {} views already: delete one of them first", SavedViews::MOST)]
pub struct TooManyViews;

impl SavedViews {
    /// Views at the most: they are listed in one menu.
    pub const MOST: usize = 30;

    /// Adds a view, or puts it in the place of the one with its name.
    ///
    /// # Errors
    /// When it is new and there are [`SavedViews::MOST`] already.
    pub fn put(&mut self, view: SavedView) -> Result<(), TooManyViews> {
        let place = self.0.iter().position(|known| known.name == view.name);
        match place {
            Some(place) => self.0[place] = view,
            None if self.0.len() < Self::MOST => self.0.push(view),
            None => return Err(TooManyViews),
        }
        Ok(())
    }

    /// Takes it out, if it is there.
    pub fn remove(&mut self, name: &ViewName) -> Option<SavedView> {
        let place = self.0.iter().position(|known| known.name == *name)?;
        Some(self.0.remove(place))
    }

    #[must_use]
    pub fn get(&self, name: &ViewName) -> Option<&SavedView> {
        self.0.iter().find(|known| known.name == *name)
    }

    pub fn iter(&self) -> impl Iterator<Item = &SavedView> {
        self.0.iter()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<Vec<SavedView>> for SavedViews {
    type Error = TooManyViews;

    fn try_from(views: Vec<SavedView>) -> Result<Self, TooManyViews> {
        let mut all = Self::default();
        for view in views {
            all.put(view)?;
        }
        Ok(all)
    }
}

impl From<SavedViews> for Vec<SavedView> {
    fn from(views: SavedViews) -> Self {
        views.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(name: &str) -> SavedView {
        SavedView {
            name: name.parse().unwrap(),
            levels: "at-risk".into(),
            chains: vec![ChainId(1)],
            search: "weth".to_owned(),
            sort: vec!["-debt".into(), "room".into()],
            low_folded: true,
            hidden_columns: vec!["hf".into()],
            column_widths: BTreeMap::from([("debt".into(), 120)]),
            column_order: vec!["debt".into()],
        }
    }

    #[test]
    fn views_are_read_back_as_they_were_written() {
        let mut views = SavedViews::default();
        views.put(view("Desk")).unwrap();
        let json = serde_json::to_string(&views).unwrap();
        insta::assert_snapshot!(json, @r#"[{"name":"Desk","levels":"at-risk","chains":[1],"search":"weth","sort":["-debt","room"],"lowFolded":true,"hiddenColumns":["hf"],"columnWidths":{"debt":120},"columnOrder":["debt"]}]"#);
        assert_eq!(serde_json::from_str::<SavedViews>(&json).unwrap(), views);
    }

    #[test]
    fn a_view_that_was_saved_before_there_was_an_order_has_none() {
        let old = r#"[{"name":"Desk","levels":"all","chains":[],"search":"","sort":[],"lowFolded":false,"hiddenColumns":[],"columnWidths":{}}]"#;
        let views: SavedViews = serde_json::from_str(old).unwrap();
        assert!(views.iter().all(|view| view.column_order.is_empty()));
    }

    #[test]
    fn a_view_of_the_same_name_takes_the_place_of_the_old_one() {
        let mut views = SavedViews::default();
        views.put(view("A")).unwrap();
        views.put(view("B")).unwrap();
        views.put(SavedView { search: "dai".to_owned(), ..view("A") }).unwrap();
        let listed: Vec<_> =
            views.iter().map(|one| (one.name.as_str(), one.search.as_str())).collect();
        assert_eq!(listed, [("A", "dai"), ("B", "weth")]);
        let gone = views.remove(&"A".parse().unwrap()).unwrap();
        assert_eq!((gone.search.as_str(), views.iter().count()), ("dai", 1));
        assert_eq!(views.remove(&"A".parse().unwrap()), None);
    }

    #[test]
    fn more_than_a_menu_holds_are_refused_but_an_old_one_can_be_changed() {
        let mut views = SavedViews::default();
        for number in 0..SavedViews::MOST {
            views.put(view(&format!("V{number}"))).unwrap();
        }
        assert_eq!(views.put(view("one more")), Err(TooManyViews));
        assert_eq!(views.put(view("V3")), Ok(()));
        let mut all: Vec<SavedView> = views.into();
        all.push(view("one more"));
        assert_eq!(SavedViews::try_from(all), Err(TooManyViews));
    }

    #[test]
    fn a_name_is_a_short_text() {
        assert_eq!(" Desk A ".parse::<ViewName>().unwrap().as_str(), "Desk A");
        let most = "ü".repeat(ViewName::MOST);
        assert!(most.parse::<ViewName>().is_ok());
        for text in ["", "  ", &format!("{most}x")] {
            assert_eq!(text.parse::<ViewName>(), Err(BadViewName), "{text:?}");
        }
        assert_eq!(BadViewName.to_string(), "must have 1 to 40 characters");
    }
}
