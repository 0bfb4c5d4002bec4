//! What the window asks about all vaults at once: it has the rows in view only.

use std::cmp::Reverse;

use domain::fuzzy;
use domain::view::{Shock, VaultRow, WhatIfView};
use domain::what_if::Portfolio;
use rust_decimal::Decimal;

use super::{Board, Entry};

/// Most vaults a search finds.
const FOUND: usize = 50;

impl Board {
    /// What a shock would do to all of them.
    pub(crate) fn what_if(&self, shocks: &[Shock]) -> WhatIfView {
        let shocks = &shocks[..shocks.len().min(WhatIfView::SHOCKS)];
        let mut portfolio = Portfolio::new(shocks);
        for entry in self.vaults.values() {
            portfolio.take_in(&entry.vault, entry.freshness, || entry.fresh_row());
        }
        portfolio.view()
    }

    /// The vaults that a person may mean by this, the likeliest first; of an empty text the worst ones.
    pub(crate) fn find(&self, text: &str, most: usize) -> Vec<VaultRow> {
        let text = text.trim();
        let mut found: Vec<_> =
            self.vaults.values().filter_map(|entry| Some((score(text, entry)?, entry))).collect();
        let key = |(score, entry): &(u32, &Entry)| {
            let room =
                domain::solvency::room_left(&entry.vault).map_or(Decimal::MAX, |room| room.0);
            (Reverse(*score), Reverse(entry.level), room)
        };
        found.sort_by_cached_key(|one| (key(one), one.1.vault.id.clone()));
        found.truncate(most.min(FOUND));
        found.iter().map(|(_, entry)| entry.fresh_row()).collect()
    }
}

/// By the id, or by the name, or with a token; the id is what people type.
fn score(text: &str, entry: &Entry) -> Option<u32> {
    let vault = &entry.vault;
    let name = vault.name.as_deref().unwrap_or_default();
    let tokens = vault.collateral.iter().flatten().map(|holding| holding.token.as_str());
    let mut all = String::with_capacity(64);
    for part in [vault.id.as_str(), name].into_iter().chain(tokens) {
        all.push_str(part);
        all.push(' ');
    }
    fuzzy::score(text, &all)
}

#[cfg(test)]
mod tests {
    use domain::vault::{Holding, VaultPatch};
    use domain::view::PriceChange;
    use domain::{Level, UnixMillis, Usd, VaultId};

    use super::*;
    use crate::board::Applied;

    fn board(vaults: &[(&str, &str, i64)]) -> Board {
        let mut board = Board::default();
        for (id, token, debt) in vaults {
            let id = VaultId::new(id).unwrap();
            let patch = Box::new(VaultPatch::default());
            let Applied::Changed { entry, .. } =
                board.apply_vault(id, patch, UnixMillis(1), UnixMillis(1))
            else {
                panic!("a new vault")
            };
            let holding = |token: &str, value: i64| Holding {
                token: token.into(),
                amount: Some(Decimal::ONE.into()),
                value: Some(Usd(value.into())),
                last_updated: None,
            };
            entry.vault.collateral = Some(vec![holding(token, 1_000)]);
            entry.vault.debt = Some(vec![holding("USDC", *debt)]);
            entry.vault.liquidation_threshold = Some(domain::Percent(80.into()));
            let level = domain::solvency::measure(&entry.vault).map(domain::Measure::level);
            let change = entry.set_level(level);
            board.count_critical(change);
        }
        board
    }

    fn ids(rows: &[VaultRow]) -> Vec<&str> {
        rows.iter().map(|row| row.id.as_str()).collect()
    }

    #[test]
    fn a_vault_is_found_by_what_people_remember_of_it() {
        let board =
            board(&[("ETH-017", "WETH", 700), ("ETH-117", "WETH", 100), ("ARB-170", "ARB", 780)]);
        assert_eq!(ids(&board.find("eth017", 5)), ["ETH-017"]);
        // Where a part of the id begins with it, and then how bad it is.
        assert_eq!(ids(&board.find("17", 5)), ["ARB-170", "ETH-017", "ETH-117"]);
        assert_eq!(ids(&board.find("arb", 5)), ["ARB-170"]);
        assert_eq!(ids(&board.find("weth", 1)), ["ETH-017"]);
        assert_eq!(ids(&board.find(" ", 2)), ["ARB-170", "ETH-017"]);
        assert!(board.find("xyz", 5).is_empty());
        assert_eq!(board.find("", 1)[0].level, Some(Level::Critical));
    }

    #[test]
    fn a_shock_is_answered_from_the_board_and_changes_nothing_of_it() {
        let board = board(&[("A", "WETH", 700), ("B", "ARB", 780)]);
        let shocks = [Shock { token: "WETH".into(), change: PriceChange::try_from(-200).unwrap() }];
        let view = board.what_if(&shocks);
        assert_eq!((view.fallen, view.falls[0].id.as_str()), (1, "A"));
        assert_eq!(board.what_if(&[]).fallen, 0);
        let many = vec![shocks[0].clone(); 5_000];
        assert_eq!(board.what_if(&many).fallen, 1, "a page may send what it likes");
    }
}
