//! The last values of each chain's market.

use std::collections::HashMap;

use domain::market::{Market, MarketPatch};
use domain::view::{Freshness, MarketView, TokenPriceView};
use domain::{ChainId, UnixMillis};
use foldhash::fast::FixedState;

use super::{Order, STALE_AFTER, order};

/// Most chains; a feed that invents more is not believed.
const LIMIT: usize = 1_000;

#[derive(Debug, Default)]
pub(super) struct Markets(HashMap<ChainId, Entry, FixedState>);

#[derive(Debug)]
struct Entry {
    market: Market,
    received: UnixMillis,
    /// The sender's timestamp of the newest message.
    stamp: UnixMillis,
    /// As it was looked at last.
    freshness: Freshness,
    /// Waits to be sent to the window.
    dirty: bool,
}

impl Markets {
    /// `None`: there are too many chains.
    pub(super) fn apply(
        &mut self,
        chain: ChainId,
        patch: MarketPatch,
        stamp: UnixMillis,
        now: UnixMillis,
    ) -> Option<(&Market, Order)> {
        if self.0.len() >= LIMIT && !self.0.contains_key(&chain) {
            return None;
        }
        let entry = self.0.entry(chain).or_insert_with(|| Entry {
            market: Market::unknown(chain),
            received: now,
            stamp,
            freshness: Freshness::Live,
            dirty: true,
        });
        let order = order(entry.stamp, stamp);
        if order != Order::Late {
            entry.market.apply(patch);
            entry.received = now;
            entry.stamp = stamp;
            entry.freshness = Freshness::Live;
            entry.dirty = true;
        }
        Some((&entry.market, order))
    }

    /// Each with when it was received.
    pub(super) fn known(&self) -> impl Iterator<Item = (&Market, UnixMillis)> {
        self.0.values().map(|entry| (&entry.market, entry.received))
    }

    /// Renews the freshness of all; whether it changed anywhere.
    pub(super) fn age(&mut self, feed_down: bool, now: UnixMillis) -> bool {
        let mut changed = false;
        for entry in self.0.values_mut() {
            let freshness = entry.freshness_at(feed_down, now);
            if freshness != entry.freshness {
                entry.freshness = freshness;
                entry.dirty = true;
                changed = true;
            }
        }
        changed
    }

    /// All of them wait for the window.
    pub(super) fn mark_all(&mut self) {
        for entry in self.0.values_mut() {
            entry.dirty = true;
        }
    }

    /// What waits for the window goes on waiting.
    pub(super) fn all(&self, feed_down: bool, now: UnixMillis) -> Vec<MarketView> {
        in_order(self.0.values().map(|entry| entry.view(feed_down, now)))
    }

    /// Those that wait for the window.
    pub(super) fn take(&mut self, feed_down: bool, now: UnixMillis) -> Vec<MarketView> {
        let waiting = self.0.values_mut().filter(|entry| entry.dirty);
        in_order(waiting.map(|entry| {
            entry.dirty = false;
            entry.view(feed_down, now)
        }))
    }
}

fn in_order(markets: impl Iterator<Item = MarketView>) -> Vec<MarketView> {
    let mut markets: Vec<_> = markets.collect();
    markets.sort_by_key(|market| market.chain_id);
    markets
}

impl Entry {
    fn freshness_at(&self, feed_down: bool, now: UnixMillis) -> Freshness {
        let old = feed_down || now.since(self.received) > STALE_AFTER;
        if old { Freshness::Stale } else { Freshness::Live }
    }

    fn view(&self, feed_down: bool, now: UnixMillis) -> MarketView {
        let market = &self.market;
        MarketView {
            chain_id: market.chain_id,
            received: self.received,
            freshness: self.freshness_at(feed_down, now),
            prices: market
                .price_feeds
                .iter()
                .map(|(token, price)| TokenPriceView { token: token.clone(), price: *price })
                .collect(),
            volatility: market.volatility,
            gas_price: market.gas_price.clone(),
            block_number: market.block_number,
            price_change_24h: market.price_change_24h,
            sentiment: market.sentiment,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_that_falls_silent_while_the_feed_is_up_is_told_as_stale() {
        let chain = ChainId(1);
        let at = |seconds: i64| UnixMillis(seconds * 1_000);
        let mut markets = Markets::default();
        let news = |markets: &mut Markets, seconds| {
            markets.apply(chain, MarketPatch::default(), at(seconds), at(seconds)).unwrap();
        };
        let told = |markets: &mut Markets, down, seconds| {
            let told = markets.take(down, at(seconds));
            told.iter().map(|market| market.freshness).collect::<Vec<_>>()
        };
        news(&mut markets, 0);
        assert_eq!(told(&mut markets, false, 0), [Freshness::Live]);
        assert!(!markets.age(false, at(60)));
        assert!(markets.age(false, at(61)));
        assert_eq!(told(&mut markets, false, 61), [Freshness::Stale]);
        assert!(!markets.age(false, at(62)), "once");
        news(&mut markets, 63);
        assert_eq!(told(&mut markets, false, 63), [Freshness::Live]);
        assert!(markets.age(true, at(64)), "nothing is live while the feed is down");
        assert_eq!(told(&mut markets, true, 64), [Freshness::Stale]);
    }
}
