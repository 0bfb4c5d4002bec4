use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::Amount;
use crate::patch::Patch;
use crate::units::{ChainId, Percent, Usd};

/// The last known market of one chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Market {
    pub chain_id: ChainId,
    pub volatility: Option<Percent>,
    pub gas_price: Option<Amount>,
    pub block_number: Option<u64>,
    pub price_feeds: BTreeMap<SmolStr, Usd>,
    /// How much of what is lent of each token is borrowed.
    pub utilization: BTreeMap<SmolStr, Percent>,
    pub market_cap: Option<Usd>,
    pub volume_24h: Option<Usd>,
    pub price_change_24h: Option<Change>,
    pub volatility_index: Option<Amount>,
    pub sentiment: Option<Sentiment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Sentiment {
    Bearish,
    Neutral,
    Bullish,
}

/// A signed change in percent points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change(pub f64);

impl Eq for Change {}

impl<'de> Deserialize<'de> for Change {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = <&serde_json::value::RawValue>::deserialize(from)?.get();
        let wrong = || serde::de::Error::custom("must be a number");
        let text = crate::units::number_text(raw).map_err(|_| wrong())?;
        text.parse().ok().filter(|n: &f64| n.is_finite()).map(Self).ok_or_else(wrong)
    }
}

impl Serialize for Change {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(self.0)
    }
}

/// One `market_data`: any part of a chain's market.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MarketPatch {
    pub chain_id: Option<ChainId>,
    pub full: Option<bool>,
    pub volatility: Patch<Percent>,
    pub gas_price: Patch<Amount>,
    pub block_number: Patch<u64>,
    pub price_feeds: Patch<BTreeMap<SmolStr, Usd>>,
    /// By token. An extension: not every platform tells.
    pub utilization: Patch<BTreeMap<SmolStr, Percent>>,
    pub market_cap: Patch<Usd>,
    #[serde(rename = "volume24h")]
    pub volume_24h: Patch<Usd>,
    #[serde(rename = "priceChange24h")]
    pub price_change_24h: Patch<Change>,
    pub volatility_index: Patch<Amount>,
    #[serde(rename = "marketSentiment")]
    pub sentiment: Patch<Sentiment>,
}

impl Market {
    #[must_use]
    pub fn unknown(chain_id: ChainId) -> Self {
        Self {
            chain_id,
            volatility: None,
            gas_price: None,
            block_number: None,
            price_feeds: BTreeMap::new(),
            utilization: BTreeMap::new(),
            market_cap: None,
            volume_24h: None,
            price_change_24h: None,
            volatility_index: None,
            sentiment: None,
        }
    }

    /// Applies an update. Prices and utilisation are merged token by token.
    pub fn apply(&mut self, patch: MarketPatch) {
        if patch.full == Some(true) {
            *self = Self::unknown(self.chain_id);
        }
        patch.volatility.apply(&mut self.volatility);
        patch.gas_price.apply(&mut self.gas_price);
        patch.block_number.apply(&mut self.block_number);
        merge(patch.price_feeds, &mut self.price_feeds);
        merge(patch.utilization, &mut self.utilization);
        patch.market_cap.apply(&mut self.market_cap);
        patch.volume_24h.apply(&mut self.volume_24h);
        patch.price_change_24h.apply(&mut self.price_change_24h);
        patch.volatility_index.apply(&mut self.volatility_index);
        patch.sentiment.apply(&mut self.sentiment);
    }
}

fn merge<T>(patch: Patch<BTreeMap<SmolStr, T>>, to: &mut BTreeMap<SmolStr, T>) {
    match patch {
        Patch::Keep => {}
        Patch::Clear => to.clear(),
        Patch::Set(values) => to.extend(values),
    }
}
