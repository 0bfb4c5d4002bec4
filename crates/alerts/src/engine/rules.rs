//! The user's rules, changed while watching goes on.

use domain::market::Market;
use domain::{UnixMillis, Vault};

use super::Engine;
use crate::Effect;
use crate::rule::RuleBook;

/// What is known at the moment, each since when.
#[derive(Clone, Debug, Default)]
pub struct Known<'a> {
    pub vaults: Vec<(&'a Vault, UnixMillis)>,
    pub markets: Vec<(&'a Market, UnixMillis)>,
}

impl Engine {
    /// Puts other rules in place, and holds what is known against them. An alert of a rule that is still there goes on;
    /// that of one that is not, or is not about its vault any more, ends. Rules on the platform's status wait for the
    /// next one.
    pub fn change_rules(
        &mut self,
        book: RuleBook,
        known: Known<'_>,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        self.rules.set_rules(book);
        let fed = !self.feed.is_lost();
        let Known { mut vaults, mut markets } = known;
        // What is told should not depend on the order of a map.
        vaults.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        markets.sort_by_key(|(market, _)| market.chain_id);
        for (market, received) in markets {
            self.rules.market_known(market, received, now, &mut self.findings);
        }
        for (vault, received) in vaults {
            self.rules.vault_known(vault, received, fed, now, &mut self.findings);
        }
        self.decide(now, effects);
    }
}
