use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use domain::view::{Freshness, MarketView, TickBatch, TickKind, Totals, VaultRow};
use domain::{ChainId, UnixMillis, VaultId};
use rust_decimal::prelude::ToPrimitive;

use super::{Section, Trend};

/// The last values the backend sent.
#[derive(Debug, Default)]
pub(crate) struct Board {
    vaults: HashMap<VaultId, Entry>,
    markets: BTreeMap<ChainId, Rc<MarketView>>,
    totals: Option<Totals>,
    /// The first batch has come: "no vaults" is a finding from then on, not a wait.
    pub(crate) begun: bool,
    /// What is here will come once more, from the beginning.
    expected: bool,
}

/// A vault's row and where it came from. Shared, so that reading one costs a reference count.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) row: Rc<VaultRow>,
    pub(crate) trend: Rc<Trend>,
}

/// What a batch changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changed {
    pub(crate) rows: Vec<VaultId>,
    pub(crate) members: Members,
    /// Those that became critical or high, of the vaults that were there.
    pub(crate) worse: Vec<VaultId>,
    pub(crate) markets: bool,
    pub(crate) totals: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Members {
    #[default]
    Same,
    Added,
    /// Everything was forgotten first.
    Replaced,
}

impl Board {
    /// The next reset brings what is here already, from the same watch: nothing is forgotten for it. A watch never loses a
    /// vault it has told of, so nothing is left over by that.
    pub(crate) fn expect_again(&mut self) {
        self.expected = true;
    }

    pub(crate) fn apply(&mut self, batch: TickBatch, now: UnixMillis) -> Changed {
        let mut changed = Changed::default();
        if batch.kind == TickKind::Reset && !std::mem::take(&mut self.expected) {
            changed.rows.extend(self.vaults.drain().map(|(id, _)| id));
            self.markets.clear();
            self.totals = None;
            (changed.members, changed.markets, changed.totals) = (Members::Replaced, true, true);
        }
        self.begun = true;
        for row in batch.vaults {
            let (id, section) = (row.id.clone(), Section::of(&row));
            match self.put(row, now) {
                None if changed.members == Members::Same => changed.members = Members::Added,
                None => {}
                Some(before) if section.is_worse_than(Section::of(&before)) => {
                    changed.worse.push(id.clone());
                }
                Some(_) => {}
            }
            changed.rows.push(id);
        }
        changed.markets |= !batch.markets.is_empty();
        for market in batch.markets {
            self.markets.insert(market.chain_id, Rc::new(market));
        }
        if let Some(totals) = batch.totals {
            changed.totals = true;
            self.totals = Some(totals);
        }
        changed
    }

    /// Nothing of it is live any more. The vaults.
    pub(crate) fn grow_stale(&mut self) -> Vec<VaultId> {
        for entry in self.vaults.values_mut() {
            Rc::make_mut(&mut entry.row).freshness = Freshness::Stale;
        }
        for market in self.markets.values_mut() {
            Rc::make_mut(market).freshness = Freshness::Stale;
        }
        if let Some(totals) = &mut self.totals {
            totals.stale = totals.vaults;
        }
        self.vaults.keys().cloned().collect()
    }

    /// The row that was there before; `None`: the vault is new.
    fn put(&mut self, row: VaultRow, now: UnixMillis) -> Option<Rc<VaultRow>> {
        let room = row.room.and_then(|room| room.0.to_f64());
        let row = Rc::new(row);
        let mut before = None;
        let entry = self
            .vaults
            .entry(row.id.clone())
            .and_modify(|entry| before = Some(std::mem::replace(&mut entry.row, Rc::clone(&row))))
            .or_insert_with(|| Entry { row: Rc::clone(&row), trend: Rc::default() });
        if let Some(room) = room {
            Rc::make_mut(&mut entry.trend).record(now, room);
        }
        before
    }

    /// What was recorded of a vault's last hour, the oldest first.
    pub(crate) fn begin_trend(&mut self, id: &VaultId, recorded: Vec<(UnixMillis, f64)>) {
        if let Some(entry) = self.vaults.get_mut(id) {
            Rc::make_mut(&mut entry.trend).begin_with(recorded);
        }
    }

    pub(crate) fn vault(&self, id: &VaultId) -> Option<&Entry> {
        self.vaults.get(id)
    }

    pub(crate) fn vaults(&self) -> impl Iterator<Item = &Entry> {
        self.vaults.values()
    }

    pub(crate) fn vault_count(&self) -> usize {
        self.vaults.len()
    }

    pub(crate) fn markets(&self) -> impl Iterator<Item = &Rc<MarketView>> {
        self.markets.values()
    }

    pub(crate) fn totals(&self) -> Option<&Totals> {
        self.totals.as_ref()
    }

    /// The chains vaults are on, in the order of their numbers.
    pub(crate) fn chains(&self) -> Vec<ChainId> {
        let mut chains: Vec<_> =
            self.vaults.values().filter_map(|entry| entry.row.chain_id).collect();
        chains.sort_unstable();
        chains.dedup();
        chains
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::fixture::{Row, row};

    pub(crate) fn batch(kind: TickKind, rows: &[Row]) -> TickBatch {
        let vaults = rows.iter().map(|row| row.0.clone()).collect();
        TickBatch { seq: 1, kind, vaults, markets: Vec::new(), totals: None }
    }

    #[test]
    fn an_update_replaces_values_and_a_reset_forgets_the_rest() {
        let mut board = Board::default();
        let (a, b) = (row("A").low("40"), row("B").low("41"));
        let changed = board.apply(batch(TickKind::Reset, &[a.clone(), b]), UnixMillis(0));
        assert_eq!((changed.members, board.vault_count()), (Members::Replaced, 2));

        let worse = row("A").high("12");
        let changed =
            board.apply(batch(TickKind::Update, std::slice::from_ref(&worse)), UnixMillis(2_000));
        assert_eq!((changed.members, changed.rows), (Members::Same, vec![a.id.clone()]));
        let entry = board.vault(&a.id).unwrap();
        assert_eq!(*entry.row, worse.0);
        assert_eq!(entry.trend.change(), Some(-28.0));

        let changed = board.apply(batch(TickKind::Reset, &[row("C")]), UnixMillis(3_000));
        assert_eq!((changed.members, board.vault_count()), (Members::Replaced, 1));
        assert_eq!(changed.rows.len(), 3, "the rows that went are told as well");
    }

    #[test]
    fn what_was_shown_at_first_stays_when_it_comes_again() {
        let mut board = Board::default();
        let all = [row("A").low("40"), row("B").low("41"), row("C").low("42")];
        board.apply(batch(TickKind::Reset, &all), UnixMillis(0));
        board.expect_again();
        // All of it takes several batches.
        let worse = row("A").high("12");
        let changed =
            board.apply(batch(TickKind::Reset, std::slice::from_ref(&worse)), UnixMillis(50));
        assert_eq!((changed.members, board.vault_count()), (Members::Same, 3));
        assert_eq!(*board.vault(&worse.id).unwrap().row, worse.0);
        // Another feed, later.
        board.apply(batch(TickKind::Reset, &[row("D")]), UnixMillis(90));
        assert_eq!(board.vault_count(), 1);
    }

    #[test]
    fn what_becomes_worse_is_told_and_what_is_new_or_stays_is_not() {
        let mut board = Board::default();
        let all = [row("A").low("40"), row("B").high("12"), row("C").critical("7")];
        let first = board.apply(batch(TickKind::Reset, &all), UnixMillis(0));
        assert!(first.worse.is_empty());
        let next = [row("A").high("14"), row("B").critical("7"), row("C").critical("6")];
        let mut worse =
            |rows: &[Row]| board.apply(batch(TickKind::Update, rows), UnixMillis(0)).worse;
        assert_eq!(worse(&next), [next[0].id.clone(), next[1].id.clone()]);
        assert!(worse(&next).is_empty());
        assert!(worse(&[row("C").high("9"), row("D").critical("1")]).is_empty());
    }

    #[test]
    fn a_new_vault_changes_the_members() {
        let mut board = Board::default();
        board.apply(batch(TickKind::Reset, &[row("A").chain(137)]), UnixMillis(0));
        let more = [row("A").chain(137), row("B").chain(1)];
        assert_eq!(
            board.apply(batch(TickKind::Update, &more), UnixMillis(0)).members,
            Members::Added
        );
        assert_eq!(board.chains(), [ChainId(1), ChainId(137)]);
    }
}
