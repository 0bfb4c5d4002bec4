//! The vaults of the table that were chosen to do something with.

use std::collections::BTreeSet;
use std::rc::Rc;

use domain::VaultId;

/// Some lines of the table, and the one that a range begins at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chosen {
    ids: Rc<BTreeSet<VaultId>>,
    from: Option<VaultId>,
}

impl Chosen {
    pub(crate) fn contains(&self, id: &VaultId) -> bool {
        self.ids.contains(id)
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// None is chosen any more; a range would begin here.
    pub(crate) fn begin(&mut self, at: Option<VaultId>) {
        *self = Self { ids: Rc::default(), from: at };
    }

    /// This one too, or not any more; a range would begin here.
    pub(crate) fn toggle(&mut self, id: &VaultId) {
        let ids = Rc::make_mut(&mut self.ids);
        if !ids.remove(id) {
            ids.insert(id.clone());
        }
        self.from = Some(id.clone());
    }

    /// Everything from the beginning of the range to this one, in the order of the lines, and nothing else.
    pub(crate) fn reach(&mut self, to: &VaultId, order: &[&VaultId]) {
        let place = |id: &VaultId| order.iter().position(|one| *one == id);
        let end = place(to);
        let begin = self.from.as_ref().and_then(place).or(end);
        let (Some(begin), Some(end)) = (begin, end) else { return };
        let range = &order[begin.min(end)..=begin.max(end)];
        self.ids = Rc::new(range.iter().map(|id| (*id).clone()).collect());
        if self.from.is_none() {
            self.from = Some(to.clone());
        }
    }

    pub(crate) fn all(&mut self, order: &[&VaultId]) {
        self.ids = Rc::new(order.iter().map(|id| (*id).clone()).collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(names: &[&str]) -> Vec<VaultId> {
        names.iter().map(|name| VaultId::new(name).unwrap()).collect()
    }

    fn listed(chosen: &Chosen) -> Vec<&str> {
        chosen.ids.iter().map(VaultId::as_str).collect()
    }

    #[test]
    fn a_range_goes_either_way_from_where_it_began() {
        let all = ids(&["D", "C", "B", "A"]);
        let order: Vec<_> = all.iter().collect();
        let mut chosen = Chosen::default();
        chosen.begin(Some(all[1].clone()));
        assert!(chosen.is_empty());
        chosen.reach(&all[3], &order);
        assert_eq!(listed(&chosen), ["A", "B", "C"]);
        chosen.reach(&all[0], &order);
        assert_eq!(listed(&chosen), ["C", "D"], "the other side is let go");
        chosen.begin(None);
        chosen.reach(&all[2], &order);
        assert_eq!(listed(&chosen), ["B"], "without a beginning it begins here");
    }

    #[test]
    fn single_ones_come_and_go_and_a_range_begins_at_the_last() {
        let all = ids(&["A", "B", "C", "D"]);
        let order: Vec<_> = all.iter().collect();
        let mut chosen = Chosen::default();
        chosen.toggle(&all[0]);
        chosen.toggle(&all[2]);
        assert_eq!((listed(&chosen), chosen.len()), (vec!["A", "C"], 2));
        chosen.toggle(&all[0]);
        assert!(!chosen.contains(&all[0]));
        chosen.reach(&all[1], &order);
        assert_eq!(listed(&chosen), ["A", "B"]);
        chosen.all(&order);
        assert_eq!(chosen.len(), 4);
    }

    #[test]
    fn what_is_not_among_the_lines_begins_nothing() {
        let all = ids(&["A", "B"]);
        let mut chosen = Chosen::default();
        chosen.toggle(&VaultId::new("gone").unwrap());
        chosen.reach(&all[1], &all.iter().collect::<Vec<_>>());
        assert_eq!(listed(&chosen), ["B"]);
        chosen.reach(&all[0], &[]);
        assert_eq!(listed(&chosen), ["B"]);
    }
}
