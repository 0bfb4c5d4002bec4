use std::fmt::Write;

use smol_str::{SmolStr, format_smolstr};
use wire::UnixMillis;

use super::dice::Dice;
use super::prices::Prices;
use super::regime::Regime;
use super::token::{Chain, Stable, Token};
use super::{Emission, Kind};

/// The market of one chain, as `market_data_{chainId}` tells it.
#[derive(Debug)]
pub(super) struct ChainBulletin {
    chain: Chain,
    ty: SmolStr,
    /// Gwei.
    gas: f64,
    first_block: u64,
}

impl ChainBulletin {
    pub(super) fn new(chain: Chain) -> Self {
        let (gas, first_block) = match chain {
            Chain::Ethereum => (14.0, 23_850_000),
            Chain::Arbitrum => (0.02, 401_200_000),
            Chain::Polygon => (42.0, 79_300_000),
        };
        Self { chain, ty: format_smolstr!("market_data_{}", chain.id()), gas, first_block }
    }

    /// `seconds` since the start of the market.
    pub(super) fn report(
        &mut self,
        prices: &Prices,
        seconds: f64,
        now: UnixMillis,
        dice: &mut Dice,
    ) -> Emission {
        let (usual_gas, block_seconds) = match self.chain {
            Chain::Ethereum => (14.0, 12.0),
            Chain::Arbitrum => (0.02, 0.25),
            Chain::Polygon => (42.0, 2.0),
        };
        let rush = if prices.regime() == Regime::Stress { 4.0 } else { 1.0 };
        self.gas += 0.15 * (usual_gas * rush - self.gas);
        self.gas *= 1.0 + 0.04 * dice.normal().clamp(-3.0, 3.0);
        let block = self.first_block + (seconds / block_seconds) as u64;
        let change = prices.change();
        let sentiment = match change {
            ..-2.0 => "BEARISH",
            2.0.. => "BULLISH",
            _ => "NEUTRAL",
        };
        let mut json = String::with_capacity(420);
        // Writing to a string cannot fail.
        let _ = write!(
            json,
            "{{\"type\":\"{}\",\"data\":{{\"full\":true,\"chainId\":{},\"priceFeeds\":{{",
            self.ty,
            self.chain.id()
        );
        let mut listed: Vec<Token> = Vec::new();
        for token in self.chain.tokens() {
            if !listed.contains(token) {
                listed.push(*token);
                let usd = prices.usd(*token);
                let digits = if usd >= 100.0 { 2 } else { 4 };
                let _ = write!(json, "\"{}\":{usd:.digits$},", token.facts().symbol);
            }
        }
        for stable in Stable::ALL {
            let comma = if stable == Stable::Usdc { "" } else { "," };
            let usd = prices.stable_usd(stable);
            let _ = write!(json, "{comma}\"{}\":{usd:.4}", stable.symbol());
        }
        let _ = write!(
            json,
            "}},\"gasPrice\":{:.3},\"blockNumber\":{block},\"volatility\":{:.2},\
             \"priceChange24h\":{change:.2},\"marketSentiment\":\"{sentiment}\"}},\"timestamp\":{now}}}",
            self.gas,
            prices.volatility(),
        );
        Emission { ty: self.ty.clone(), kind: Kind::State { full: true }, json }
    }
}

/// What the platform says of itself.
#[derive(Debug, Default)]
pub(super) struct Health {
    pub(super) checks: u64,
    pub(super) market_messages: u64,
}

impl Health {
    pub(super) fn report(
        &self,
        open_alerts: usize,
        vaults: usize,
        now: UnixMillis,
        dice: &mut Dice,
    ) -> Emission {
        let response_ms = dice.between(18.0, 34.0);
        let json = format!(
            "{{\"type\":\"system_status\",\"data\":{{\"full\":true,\"isRunning\":true,\"lastCheck\":{now},\
             \"alertsCount\":{open_alerts},\"marketDataCount\":{},\"performanceMetrics\":{{\
             \"totalChecks\":{},\"averageResponseTime\":{response_ms:.1},\"lastCheckTime\":{now},\
             \"errorCount\":0,\"successRate\":100}},\"vaultsMonitored\":{vaults}}},\"timestamp\":{now}}}",
            self.market_messages, self.checks,
        );
        let ty = SmolStr::new_static("system_status");
        Emission { ty, kind: Kind::State { full: true }, json }
    }
}
