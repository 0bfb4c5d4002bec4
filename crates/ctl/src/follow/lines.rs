use std::collections::BTreeMap;
use std::io::Write;

use domain::market::Market;
use domain::platform_alert::PlatformAlert;
use domain::solvency::{self, Health, Solvency};
use domain::vault::{Holding, VaultStatus};
use domain::view::StatusView;
use domain::{ChainId, Level, Vault, VaultId};
use realtime::{RealTimeState, Topic};
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;
use smol_str::SmolStr;

use crate::printer::number;

/// A value that can be printed.
pub(super) trait Shown: Send + Sync + 'static {
    /// Its fields, by the names they have on the wire, with all their digits.
    fn json(&self) -> Box<RawValue>;
    fn text(&self) -> String;
}

/// Standard output, line by line.
pub(super) struct Lines {
    json: bool,
    topic: Topic,
}

/// The eight fields of a stream's state, and whose they are.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    event: &'static str,
    topic: &'a Topic,
    data: Option<Box<RawValue>>,
    is_connected: bool,
    is_connecting: bool,
    is_reconnecting: bool,
    connection_state: &'static str,
    error: Option<String>,
    last_message: Option<Box<RawValue>>,
    message_count: u64,
}

impl Lines {
    pub(super) fn new(json: bool, topic: Topic) -> Self {
        Self { json, topic }
    }

    pub(super) fn print<T: Shown>(&mut self, state: &RealTimeState<T>) {
        let line = if self.json { self.json_of(state) } else { text_of(state) };
        let mut out = std::io::stdout().lock();
        // Nobody reads any more: the stream goes on all the same, until it is told to stop.
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }

    fn json_of<T: Shown>(&self, state: &RealTimeState<T>) -> String {
        let last_message = state.last_message.as_ref();
        let line = Line {
            event: "stream",
            topic: &self.topic,
            data: state.data.as_deref().map(Shown::json),
            is_connected: state.is_connected,
            is_connecting: state.is_connecting,
            is_reconnecting: state.is_reconnecting,
            connection_state: state.connection_state.name(),
            error: state.error.as_ref().map(ToString::to_string),
            last_message: last_message.and_then(|m| RawValue::from_string(m.to_json()).ok()),
            message_count: state.message_count,
        };
        serde_json::to_string(&line).expect("a line has string keys only")
    }
}

fn text_of<T: Shown>(state: &RealTimeState<T>) -> String {
    let name = state.connection_state.name();
    match (&state.error, &state.data) {
        (Some(error), _) => format!("[{name}] {error}"),
        (None, Some(data)) => data.text(),
        (None, None) => format!("[{name}]"),
    }
}

fn raw(value: &impl Serialize) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).expect("a value has string keys only")
}

#[derive(Serialize)]
struct HoldingFigures<'a> {
    token: &'a str,
    amount: Option<Box<RawValue>>,
    #[serde(rename = "valueUSD")]
    value: Option<Box<RawValue>>,
}

impl<'a> HoldingFigures<'a> {
    fn of(holding: &'a Holding) -> Self {
        Self {
            token: &holding.token,
            amount: number(holding.amount.as_ref()),
            value: number(holding.value),
        }
    }

    fn all(holdings: Option<&'a Vec<Holding>>) -> Option<Vec<Self>> {
        Some(holdings?.iter().map(Self::of).collect())
    }
}

impl Shown for Vault {
    fn json(&self) -> Box<RawValue> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Figures<'a> {
            vault_id: &'a VaultId,
            name: Option<&'a SmolStr>,
            chain_id: Option<ChainId>,
            status: Option<VaultStatus>,
            collateral: Option<Vec<HoldingFigures<'a>>>,
            debt: Option<Vec<HoldingFigures<'a>>>,
            ltv: Option<Box<RawValue>>,
            #[serde(rename = "maxLTV")]
            max_ltv: Option<Box<RawValue>>,
            liquidation_threshold: Option<Box<RawValue>>,
            health_factor: Option<Box<RawValue>>,
            risk_level: Option<Level>,
            room: Option<Box<RawValue>>,
        }
        let solvency = Solvency::of(self);
        let health_factor = match solvency.health {
            Health::Factor(hf) => Some(hf),
            Health::Unknown | Health::NoDebt => solvency.reported_health_factor,
        };
        raw(&Figures {
            vault_id: &self.id,
            name: self.name.as_ref(),
            chain_id: self.chain_id,
            status: self.status,
            collateral: HoldingFigures::all(self.collateral.as_ref()),
            debt: HoldingFigures::all(self.debt.as_ref()),
            ltv: number(solvency.ltv),
            max_ltv: number(self.max_ltv),
            liquidation_threshold: number(self.liquidation_threshold),
            health_factor: number(health_factor),
            risk_level: solvency::level(self, solvency.measure),
            room: number(solvency.room.map(|room| room.0.round_dp(6).normalize())),
        })
    }

    fn text(&self) -> String {
        crate::printer::vault_text(self, solvency::level(self, solvency::measure(self)))
    }
}

impl Shown for Market {
    fn json(&self) -> Box<RawValue> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Figures<'a> {
            chain_id: ChainId,
            block_number: Option<u64>,
            gas_price: Option<Box<RawValue>>,
            volatility: Option<Box<RawValue>>,
            price_feeds: BTreeMap<&'a str, Option<Box<RawValue>>>,
            price_change_24h: Option<domain::market::Change>,
            market_sentiment: Option<domain::market::Sentiment>,
        }
        let prices = self.price_feeds.iter();
        raw(&Figures {
            chain_id: self.chain_id,
            block_number: self.block_number,
            gas_price: number(self.gas_price.as_ref()),
            volatility: number(self.volatility),
            price_feeds: prices.map(|(token, usd)| (token.as_str(), number(Some(usd)))).collect(),
            price_change_24h: self.price_change_24h,
            market_sentiment: self.sentiment,
        })
    }

    fn text(&self) -> String {
        crate::printer::market_text(self)
    }
}

impl Shown for PlatformAlert {
    fn json(&self) -> Box<RawValue> {
        raw(&json!({
            "id": self.id, "vaultId": self.vault_id, "type": self.ty,
            "severity": self.effective_severity(), "category": self.category, "title": self.title,
            "message": self.message, "acknowledged": self.acknowledged, "resolved": self.resolved,
        }))
    }

    fn text(&self) -> String {
        let about = self.vault_id.as_ref().map_or("platform", VaultId::as_str);
        let over = if self.resolved == Some(true) { " resolved" } else { "" };
        let title = self.title.as_deref().map(|title| format!("{title}: ")).unwrap_or_default();
        format!("ALERT {}{over} {about}: {title}{}", self.effective_severity(), self.message)
    }
}

impl Shown for StatusView {
    fn json(&self) -> Box<RawValue> {
        let extra: BTreeMap<_, _> =
            self.extra.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        raw(&json!({
            "isRunning": self.is_running, "alertsCount": self.alerts_count,
            "marketDataCount": self.market_data_count, "performanceMetrics": self.metrics,
            "extra": extra,
        }))
    }

    fn text(&self) -> String {
        crate::printer::status_text(self)
    }
}
