//! What `watch` prints: JSON lines for programs, short lines for people.

use std::collections::BTreeMap;
use std::io::{BufWriter, Stdout, Write};
use std::sync::Mutex;

use domain::market::Market;
use domain::solvency::{Health, Solvency};
use domain::view::{FeedState, StatusView};
use domain::{ChainId, Level, Vault, VaultId, text};
use monitor::{AlertState, Diagnostics, Observed, Statistics};
use plugins::PluginStatus;
use realtime::{ConnectionState, Event, Metrics, StageMetrics};
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
            Format::Text => {
                if let Some(text) = text_of(observed) {
                    self.line(&text);
                }
            }
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
                    "duplicates": s.duplicates, "conflated": s.conflated, "gaps": s.gaps, "alerts": s.alerts,
                    "vaults": s.vaults, "seconds": seconds,
                })
                .to_string(),
            );
        } else {
            self.line(&format!(
                "{} messages of {} vaults in {seconds:.1} s: {} alerts, {} invalid, {} duplicates, {} conflated, {} gaps",
                s.messages, s.vaults, s.alerts, s.invalid, s.duplicates, s.conflated, s.gaps
            ));
        }
    }

    /// The connection's figures; with `--json` all of them, and its last events.
    pub(crate) fn figures(&self, diagnostics: &Diagnostics) {
        let connection = &diagnostics.connection;
        if self.json_summary {
            let line = FiguresLine {
                event: "stats",
                connection,
                statistics: &diagnostics.statistics,
                stages: &diagnostics.stages,
                plugins: &diagnostics.plugins,
                events: &diagnostics.events,
            };
            let line = serde_json::to_string(&line).expect("figures have string keys only");
            return self.line(&line);
        }
        let s = &diagnostics.statistics;
        let events: Vec<&RawValue> =
            serde_json::from_str(diagnostics.events.get()).unwrap_or_default();
        let rtt = connection.rtt.p50.map_or_else(|| "–".to_owned(), |ms| format!("{ms:.1} ms"));
        self.line(&format!(
            "FIGURES {} messages, {} invalid, {} duplicates, {} gaps; {} for {} s, {} attempts, {} connections, round \
             trip {rtt}; {} B in, {} B out, {} sent, {} waiting, {} unacknowledged; {} \
             events, which --json shows",
            s.messages,
            s.invalid,
            s.duplicates,
            s.gaps,
            connection.state.name(),
            connection.time_in_state.get(&connection.state.kind()).copied().unwrap_or(0) / 1_000,
            connection.attempts,
            connection.connections,
            connection.bytes_in,
            connection.bytes_out,
            connection.sent,
            connection.queue.messages,
            connection.in_flight,
            events.len(),
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

/// All there is to know of the connection.
#[derive(Serialize)]
struct FiguresLine<'a> {
    event: &'static str,
    connection: &'a Metrics,
    statistics: &'a Statistics,
    stages: &'a [StageMetrics],
    plugins: &'a [PluginStatus],
    /// The last ones, the oldest first.
    events: &'a RawValue,
}

/// A figure as a JSON number with the digits it came with.
pub(crate) fn number(figure: Option<impl ToString>) -> Option<Box<RawValue>> {
    RawValue::from_string(figure?.to_string()).ok()
}

fn state_name(state: &FeedState) -> &'static str {
    match state {
        FeedState::Waiting { .. } => "waiting",
        FeedState::Connecting { .. } => "connecting",
        FeedState::Live => "connected",
        FeedState::Retrying { .. } => "reconnecting",
        FeedState::Offline => "offline",
        FeedState::NotGuarded { .. } => "failed",
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
        Observed::State { state, endpoint, change } => json!({
            "event": "state", "state": state_name(state), "endpoint": endpoint, "cause": state.cause(),
            "at": change.map(|c| c.at), "connection": change.map(|c| &c.current),
            "previous": change.map(|c| &c.previous), "attempt": change.map(|c| c.attempt),
            "delayMs": change.and_then(|c| c.delay).map(|delay| delay.as_millis() as u64),
        }),
        Observed::Connection { json, .. } => return json.to_owned(),
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
            "event": "custom", "type": message.ty(),
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

/// `None`: nothing a person needs a line for.
fn text_of(observed: Observed<'_>) -> Option<String> {
    Some(match observed {
        // Between two lines that say as much.
        Observed::State { change: Some(change), .. }
            if matches!(change.current, ConnectionState::Handshaking { .. }) =>
        {
            return None;
        }
        Observed::State { state, endpoint, .. } => match state.cause() {
            Some(cause) => format!("[{}] {endpoint}: {cause}", state.word()),
            None => format!("[{}] {endpoint}", state.word()),
        },
        Observed::Failed { cause } => format!("[failed] {cause}"),
        Observed::Vault { vault, level } => vault_text(vault, level),
        Observed::Market(market) => market_text(market),
        Observed::Status(status) => status_text(status),
        Observed::Alert { notification: n, state } => {
            let word = alert_state(state);
            format!("ALERT {word} {}: {}\n      {}", n.severity, n.title, n.message)
        }
        Observed::Invalid(invalid) => format!("invalid      {invalid}"),
        Observed::Gap { from, to, recovered } => {
            let outcome = if recovered { "recovered" } else { "not recovered" };
            format!("gap          after {from} up to {to}, {outcome}")
        }
        Observed::Connection { event, json } => format!("connection   {}", event_text(event, json)),
        Observed::Custom(message) => {
            format!("{:<12} {}", message.ty(), String::from_utf8_lossy(message.data()))
        }
    })
}

fn event_text(event: &Event, json: &str) -> String {
    match event {
        Event::Snapshot { offset, keys, lost_events, .. } => {
            let lost = lost_events.map_or("unknown".to_owned(), |lost| lost.to_string());
            format!("snapshot of {keys} values at offset {offset}; events lost: {lost}")
        }
        Event::SlowConsumer { conflated, .. } => {
            format!("this reader is slow: {conflated} values gave way to newer ones")
        }
        Event::Woke { slept, .. } => format!("the machine slept {} s", slept.as_secs()),
        Event::Missed { count } => format!("{count} events of the connection were missed here"),
        // Rare, and every part of it may matter.
        _ => json.to_owned(),
    }
}

pub(crate) fn vault_text(vault: &Vault, level: Option<Level>) -> String {
    let s = Solvency::of(vault);
    let room = s.room.map_or("–".to_owned(), text::room);
    let ltv = s.ltv.map_or("–".to_owned(), text::percent);
    let level = level.map_or("Unknown", Level::word);
    format!("{:<12} {level:<8} {room:>6} % to liquidation   LTV {ltv:>6} %", vault.label())
}

pub(crate) fn market_text(market: &Market) -> String {
    let prices = market.price_feeds.iter();
    let prices: Vec<_> =
        prices.map(|(token, price)| format!("{token} ${}", text::price(*price))).collect();
    format!("{:<12} {}", market.chain_id.name(), prices.join("  "))
}

pub(crate) fn status_text(status: &StatusView) -> String {
    format!("platform     {}", if status.is_running { "running" } else { "NOT RUNNING" })
}
