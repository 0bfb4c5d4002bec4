//! What `watch` prints: JSON lines for programs, short lines for people.

use std::collections::BTreeMap;
use std::io::{BufWriter, Stdout, Write};
use std::sync::Mutex;

use domain::market::Market;
use domain::solvency::{Health, Solvency};
use domain::view::FeedState;
use domain::{ChainId, Level, Vault, VaultId, text};
use monitor::{AlertState, Diagnostics, Observed, Statistics};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Text,
    /// Only the summary.
    Quiet,
}

/// Standard output. Once nobody reads it any more, it is silent.
pub(crate) struct Printer {
    format: Format,
    json_summary: bool,
    out: Mutex<Option<BufWriter<Stdout>>>,
}

impl Printer {
    pub(crate) fn new(format: Format, json_summary: bool) -> Self {
        let out = BufWriter::with_capacity(64 * 1024, std::io::stdout());
        Self { format, json_summary, out: Mutex::new(Some(out)) }
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.format == Format::Quiet
    }

    pub(crate) fn print(&self, observed: Observed<'_>) {
        match self.format {
            Format::Quiet => {}
            Format::Json => self.line(&json_of(observed)),
            Format::Text => self.line(&text_of(observed)),
        }
    }

    pub(crate) fn summary(&self, s: &Statistics) {
        let seconds = s
            .last_message
            .zip(s.first_message)
            .map_or(0.0, |(last, first)| last.since(first).as_secs_f64());
        if self.json_summary {
            self.line(
                &json!({
                    "event": "summary", "messages": s.messages, "invalid": s.invalid,
                    "duplicates": s.duplicates, "gaps": s.gaps, "alerts": s.alerts,
                    "vaults": s.vaults, "seconds": seconds,
                })
                .to_string(),
            );
        } else {
            self.line(&format!(
                "{} messages of {} vaults in {seconds:.1} s: {} alerts, {} invalid, {} duplicates, {} gaps",
                s.messages, s.vaults, s.alerts, s.invalid, s.duplicates, s.gaps
            ));
        }
    }

    /// The connection's figures; with `--json` all of them, and its last events.
    pub(crate) fn figures(&self, diagnostics: &Diagnostics) {
        let connection = &diagnostics.connection;
        if self.json_summary {
            let line = json!({
                "event": "stats", "connection": connection, "statistics": diagnostics.statistics,
                "stages": diagnostics.stages, "plugins": diagnostics.plugins,
                "events": diagnostics.events,
            });
            return self.line(&line.to_string());
        }
        let s = &diagnostics.statistics;
        let rtt = connection.rtt.p50.map_or_else(|| "–".to_owned(), |ms| format!("{ms:.1} ms"));
        self.line(&format!(
            "FIGURES {} messages, {} invalid, {} duplicates, {} gaps, round trip {rtt}, {} attempts",
            s.messages, s.invalid, s.duplicates, s.gaps, connection.attempts
        ));
    }

    fn line(&self, line: &str) {
        let mut out = self.out.lock().expect("printing does not panic");
        let written = out.as_mut().map_or(Ok(()), |to| {
            to.write_all(line.as_bytes())?;
            to.write_all(b"\n")?;
            to.flush()
        });
        if written.is_err() {
            *out = None;
        }
    }
}

/// A figure as a JSON number with the digits it came with.
fn number(figure: Option<impl ToString>) -> Option<Box<RawValue>> {
    RawValue::from_string(figure?.to_string()).ok()
}

fn state_name(state: &FeedState) -> &'static str {
    match state {
        FeedState::Connecting { .. } => "connecting",
        FeedState::Live => "connected",
        FeedState::Retrying { .. } => "reconnecting",
        FeedState::Offline => "offline",
        FeedState::NotGuarded { .. } => "failed",
    }
}

fn cause(state: &FeedState) -> Option<&str> {
    match state {
        FeedState::Retrying { cause, .. } | FeedState::NotGuarded { cause, .. } => Some(cause),
        _ => None,
    }
}

fn alert_state(state: AlertState) -> &'static str {
    match state {
        AlertState::Firing => "firing",
        AlertState::Worse => "worse",
        AlertState::Updated => "updated",
        AlertState::Resolved => "resolved",
    }
}

fn json_of(observed: Observed<'_>) -> String {
    let value = match observed {
        Observed::Vault { vault, level } => return vault_json(vault, level),
        Observed::Market(market) => return market_json(market),
        Observed::State { state, endpoint } => json!({
            "event": "state", "state": state_name(state), "endpoint": endpoint, "cause": cause(state),
        }),
        Observed::Failed { cause } => json!({"event": "failed", "cause": cause}),
        Observed::Status(status) => {
            let extra = status.extra.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            json!({
                "event": "status", "isRunning": status.is_running,
                "alertsCount": status.alerts_count, "extra": extra.collect::<BTreeMap<_, _>>(),
            })
        }
        Observed::Alert { notification: n, state } => json!({
            "event": "alert", "id": n.id, "vaultId": n.vault, "severity": n.severity,
            "state": alert_state(state), "title": n.title, "message": n.message,
            "suppressed": n.suppressed,
        }),
        Observed::Invalid(invalid) => json!({
            "event": "invalid", "kind": invalid.kind, "reason": invalid.reason,
            "field": invalid.field,
        }),
        Observed::Gap { from, to, recovered } => json!({
            "event": "gap", "from": from, "to": to, "recovered": recovered,
        }),
        Observed::Custom(message) => json!({
            "event": "custom", "type": message.ty.as_str(),
            "data": message.decode::<Value>().unwrap_or(Value::Null),
        }),
    };
    value.to_string()
}

fn vault_json(vault: &Vault, level: Option<Level>) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Line<'a> {
        event: &'static str,
        id: &'a VaultId,
        ltv: Option<Box<RawValue>>,
        health_factor: Option<Box<RawValue>>,
        risk_level: Option<Level>,
        room: Option<Box<RawValue>>,
    }
    let solvency = Solvency::of(vault);
    let health_factor = match solvency.health {
        Health::Factor(hf) => Some(hf),
        Health::Unknown | Health::NoDebt => solvency.reported_health_factor,
    };
    let line = Line {
        event: "vault",
        id: &vault.id,
        ltv: number(solvency.ltv),
        health_factor: number(health_factor),
        risk_level: level,
        // Our own division: more digits would only be noise.
        room: number(solvency.room.map(|room| room.0.round_dp(6).normalize())),
    };
    serde_json::to_string(&line).expect("a line has string keys only")
}

fn market_json(market: &Market) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Line<'a> {
        event: &'static str,
        chain_id: ChainId,
        block_number: Option<u64>,
        price_feeds: BTreeMap<&'a str, Option<Box<RawValue>>>,
    }
    let prices = market.price_feeds.iter();
    let line = Line {
        event: "market",
        chain_id: market.chain_id,
        block_number: market.block_number,
        price_feeds: prices.map(|(token, price)| (token.as_str(), number(Some(price)))).collect(),
    };
    serde_json::to_string(&line).expect("a line has string keys only")
}

fn text_of(observed: Observed<'_>) -> String {
    match observed {
        Observed::State { state, endpoint } => match cause(state) {
            Some(cause) => format!("[{}] {endpoint}: {cause}", state.word()),
            None => format!("[{}] {endpoint}", state.word()),
        },
        Observed::Failed { cause } => format!("[failed] {cause}"),
        Observed::Vault { vault, level } => {
            let s = Solvency::of(vault);
            let room = s.room.map_or("–".to_owned(), text::room);
            let ltv = s.ltv.map_or("–".to_owned(), text::percent);
            let level = level.map_or("Unknown", Level::word);
            format!("{:<12} {level:<8} {room:>6} % to liquidation   LTV {ltv:>6} %", vault.label())
        }
        Observed::Market(market) => {
            let prices: Vec<_> = market
                .price_feeds
                .iter()
                .map(|(token, price)| format!("{token} ${}", text::price(*price)))
                .collect();
            format!("{:<12} {}", market.chain_id.name(), prices.join("  "))
        }
        Observed::Status(status) => {
            format!("platform     {}", if status.is_running { "running" } else { "NOT RUNNING" })
        }
        Observed::Alert { notification: n, state } => {
            let word = alert_state(state);
            format!("ALERT {word} {}: {}\n      {}", n.severity, n.title, n.message)
        }
        Observed::Invalid(invalid) => format!("invalid      {invalid}"),
        Observed::Gap { from, to, recovered } => {
            let outcome = if recovered { "recovered" } else { "not recovered" };
            format!("gap          after {from} up to {to}, {outcome}")
        }
        Observed::Custom(message) => {
            format!("{:<12} {}", message.ty, String::from_utf8_lossy(message.data()))
        }
    }
}
