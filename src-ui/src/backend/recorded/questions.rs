//! Answers from the recorded rows, by the code that the shell answers with.

use std::rc::Rc;

use domain::solvency::Limit;
use domain::vault::{Holding, Reported};
use domain::view::{
    CheckEnd, CheckLine, CheckStep, CircuitView, ConfigAnswer, ConfigChange, ConfigValue,
    ConfigView, ConnectionEvent, EndpointView, FactGroup, KeyAct, KeyView, KeysAnswer, KeysView,
    Origin, PluginState, PluginView, PriceTrend, PulseView, Shock, StateTime, SystemView,
    VaultDetail, VaultRow, WhatIfView,
};
use domain::what_if::{Portfolio, vault_of};
use domain::{ChainId, UnixMillis, Vault, fuzzy};
use smol_str::SmolStr;

use super::recording::{read, recording};
use super::{Recorded, done};
use crate::backend::{Address, Answer, BackendError, Questions};
use crate::clock;

/// What the recorded settings' file says.
pub(super) struct Config {
    values: Vec<ConfigValue>,
    before: Option<Vec<ConfigValue>>,
    revision: u32,
    keys: Vec<KeyView>,
    removed: Option<KeyView>,
}

impl Default for Config {
    fn default() -> Self {
        let value = |key: &str, text: Option<&str>, default: &str| ConfigValue {
            key: key.to_owned(),
            text: text.map(str::to_owned),
            default: default.to_owned(),
        };
        let values = vec![
            value("alerts.notifyFrom", None, "critical"),
            value("alerts.timeZone", None, ""),
            value("alerts.quietHours", Some("22:00 to 07:00"), ""),
            value("alerts.repeatCritical", None, "2m, 5m, 10m"),
            value("alerts.repeatCriticalAfter", None, "15m"),
            value("alerts.repeatHigh", None, "1h"),
            value("alerts.digestHour", None, "9"),
            value("alerts.soundAfter", Some("1m"), "2m"),
            value("alerts.callOutAfter", None, "4m"),
            value("alerts.hideAmounts", None, "never"),
            value("alerts.ackLapse", None, "30m"),
            value("retention.read", None, "1d"),
            value("retention.critical", None, "30d"),
            value("retention.log", None, "365d"),
            value("history.minutes", None, "1d"),
            value("history.fiveMinutes", None, "30d"),
            value("history.hours", None, "365d"),
            value("history.megabytes", None, "4096"),
            value("profiles.acme.url", Some("wss://feed.acme.example/ws"), ""),
        ];
        let key = |kid: &str, days: i64, active| KeyView {
            kid: kid.to_owned(),
            created: UnixMillis(clock::now().0 - days * 86_400_000),
            active,
        };
        let keys = vec![key("2026-06", 170, false), key("2026-11", 20, true)];
        Self { values, before: None, revision: 1, keys, removed: None }
    }
}

impl Config {
    fn view(&self) -> ConfigView {
        ConfigView {
            values: self.values.clone(),
            revision: self.revision.to_string(),
            path: "/home/you/.config/vaultwatch/config.toml".to_owned(),
            locked: None,
            undo: self.before.is_some(),
        }
    }

    fn change(&mut self, change: &ConfigChange) -> ConfigAnswer {
        if change.revision != self.revision.to_string() {
            return ConfigAnswer::Outdated(self.view());
        }
        let text = change.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
        // The one thing that this recording knows to be wrong.
        if let Some(text) = text
            && change.key.ends_with("After")
            && !text.starts_with(|letter: char| letter.is_ascii_digit())
        {
            return ConfigAnswer::Faulty(
                "is no time; write a whole number with ms, s, m, h or d, as in 90s".to_owned(),
            );
        }
        self.before = Some(self.values.clone());
        for value in self.values.iter_mut().filter(|value| value.key == change.key) {
            value.text = text.map(str::to_owned);
        }
        self.revision += 1;
        ConfigAnswer::Saved(self.view())
    }

    fn keys(&self) -> KeysView {
        KeysView {
            tenant: "acme".to_owned(),
            encrypted: true,
            keys: self.keys.clone(),
            removed: self.removed.as_ref().map(|key| key.kid.clone()),
        }
    }

    fn import_key(&mut self, kid: &str, key: &str) -> KeysAnswer {
        if kid.is_empty() || self.keys.iter().any(|there| there.kid == kid) {
            return KeysAnswer::WrongName(
                "there is another key of this name; choose another".into(),
            );
        }
        if key.len() != 44 {
            return KeysAnswer::WrongKey("this is no base64 of 32 bytes".into());
        }
        let active = self.keys.is_empty();
        self.keys.push(KeyView { kid: kid.to_owned(), created: clock::now(), active });
        KeysAnswer::Done(self.keys())
    }

    fn change_key(&mut self, kid: &str, act: KeyAct) {
        match act {
            KeyAct::Activate => self.keys.iter_mut().for_each(|key| key.active = key.kid == kid),
            KeyAct::Remove => {
                self.removed = self.keys.iter().find(|key| key.kid == kid).cloned();
                self.keys.retain(|key| key.kid != kid);
            }
            KeyAct::BringBack => self.keys.extend(self.removed.take()),
        }
    }
}

impl Questions for Recorded {
    fn what_if(&self, shocks: Vec<Shock>) -> Answer<WhatIfView> {
        let mut portfolio = Portfolio::new(&shocks);
        let recording = recording();
        for row in self.state.borrow().rows.values() {
            let detail = recording.details.get(row.id.as_str());
            let detail = detail.and_then(|raw| read::<VaultDetail>(raw).ok());
            let vault = match detail {
                Some(detail) => vault_of(&VaultDetail { row: row.clone(), ..detail }),
                None => of_row(row),
            };
            portfolio.take_in(&vault, row.freshness, || row.clone());
        }
        let view = portfolio.view();
        Box::pin(async move { Ok(view) })
    }

    fn find_vaults(&self, text: String, most: usize) -> Answer<Vec<VaultRow>> {
        let state = self.state.borrow();
        let score = |row: &VaultRow| {
            let name = row.name.as_deref().unwrap_or_default();
            fuzzy::score(text.trim(), &format!("{} {name} {}", row.id, row.tokens))
        };
        let found = state.rows.values().filter_map(|row| Some((score(row)?, row)));
        let mut found: Vec<_> = found.collect();
        found.sort_by_key(|(score, row)| {
            (std::cmp::Reverse(*score), std::cmp::Reverse(row.level), row.id.clone())
        });
        let rows: Vec<_> = found.into_iter().take(most).map(|(_, row)| row.clone()).collect();
        Box::pin(async move { Ok(rows) })
    }

    fn price_trends(&self, chain: ChainId, tokens: Vec<SmolStr>) -> Answer<Vec<PriceTrend>> {
        // Each goes another way, with an hour and a half that nobody saw.
        let trend = |(number, token): (usize, SmolStr)| {
            let seed = i32::try_from(number).unwrap_or(0) * 7 + (chain.0 % 5) as i32;
            let point = |at: usize| {
                let at = at as i32;
                let wave = |length: i32, height: i32| {
                    let phase = (at + seed) % length;
                    phase.min(length - phase) * height / length
                };
                let moved = wave(23, 240) + wave(5, 60) - at * (seed % 9);
                (!(30..33).contains(&at)).then_some(moved)
            };
            PriceTrend { token, points: (0..PriceTrend::POINTS).map(point).collect() }
        };
        let trends = tokens.into_iter().enumerate().map(trend).collect();
        Box::pin(async move { Ok(trends) })
    }

    fn system(&self) -> Answer<SystemView> {
        let view = system(clock::now());
        Box::pin(async move { Ok(view) })
    }

    fn connection_events(&self) -> Answer<Vec<ConnectionEvent>> {
        let now = clock::now();
        Box::pin(async move { Ok(events(now)) })
    }

    fn check_address(&self, address: Address, told: Box<dyn Fn(CheckLine)>) -> Answer<CheckEnd> {
        Box::pin(async move { Ok(check(&address, told).await) })
    }

    fn config(&self) -> Answer<ConfigView> {
        let view = self.config.borrow().view();
        Box::pin(async move { Ok(view) })
    }

    fn change_config(&self, change: ConfigChange) -> Answer<ConfigAnswer> {
        let answer = self.config.borrow_mut().change(&change);
        Box::pin(async move { Ok(answer) })
    }

    fn undo_config(&self) -> Answer<ConfigView> {
        let mut config = self.config.borrow_mut();
        let answer = match config.before.take() {
            Some(before) => {
                config.values = before;
                config.revision += 1;
                Ok(config.view())
            }
            None => Err(BackendError::Refused {
                command: "undo_config",
                reason: "the last change cannot be taken back".to_owned(),
            }),
        };
        Box::pin(async move { answer })
    }

    fn set_token(&self, _token: String) -> Answer<()> {
        done()
    }

    fn keys(&self) -> Answer<KeysView> {
        let view = self.config.borrow().keys();
        Box::pin(async move { Ok(view) })
    }

    fn import_key(&self, kid: String, key: String) -> Answer<KeysAnswer> {
        let answer = self.config.borrow_mut().import_key(kid.trim(), key.trim());
        Box::pin(async move { Ok(answer) })
    }

    fn change_key(&self, kid: String, act: KeyAct) -> Answer<KeysView> {
        self.config.borrow_mut().change_key(&kid, act);
        self.keys()
    }
}

/// As much of a vault as its row tells: what it owes is not said, so a shock to that moves nothing.
fn of_row(row: &VaultRow) -> Vault {
    let tokens: Vec<_> = row.tokens.split(", ").filter(|token| !token.is_empty()).collect();
    let only = tokens.len() == 1;
    let holding = |token: &&str| Holding {
        token: (*token).into(),
        value: row.collateral.filter(|_| only),
        ..Holding::default()
    };
    let owed = Holding { token: "USDC".into(), value: row.debt, ..Holding::default() };
    Vault {
        chain_id: row.chain_id,
        status: row.status,
        collateral: Some(tokens.iter().map(holding).collect()),
        debt: Some(vec![owed]),
        ltv: row.ltv.map(Reported::Current),
        max_ltv: row.max_ltv,
        liquidation_threshold: match row.limit {
            Some(Limit::LiquidationThreshold(threshold)) => Some(threshold),
            _ => None,
        },
        ..Vault::unknown(row.id.clone())
    }
}

fn system(now: UnixMillis) -> SystemView {
    let ago = |seconds: i64| UnixMillis(now.0 - seconds * 1_000);
    let state =
        |name: &str, millis: u64, now: bool| StateTime { name: name.to_owned(), millis, now };
    let endpoint = |address: &str, current, failures, latency, circuit| EndpointView {
        address: address.to_owned(),
        current,
        failures,
        latency,
        circuit,
    };
    let facts = |title: &str, facts: &[(&str, &str)]| FactGroup {
        title: title.to_owned(),
        facts: facts
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    };
    // Waves of two lengths, and half a minute without a connection.
    let beat = |second: i64| {
        let wave = |length: i64, height: i64| {
            let phase = second % length;
            phase.min(length - phase) * height / length
        };
        let up = !(200..230).contains(&second);
        let messages = if up { 14 + wave(61, 22) + wave(7, 6) } else { 0 };
        PulseView {
            at: ago(second),
            messages: messages.unsigned_abs() as u32,
            trip: up.then(|| (21_000 + wave(97, 30_000) + wave(11, 4_000)).unsigned_abs() as u32),
        }
    };
    let plugin = |name: &str, state, detail: &str| PluginView {
        name: name.to_owned(),
        state,
        detail: detail.to_owned(),
    };
    SystemView {
        at: now,
        states: vec![
            state("idle", 12, false),
            state("connecting", 1_840, false),
            state("connected", 1_214_000, true),
            state("backoff", 28_300, false),
        ],
        endpoints: vec![
            endpoint("wss://feed.acme.example/ws", true, 0, Some(38), CircuitView::Closed),
            endpoint(
                "wss://backup.acme.example/ws",
                false,
                3,
                Some(112),
                CircuitView::Open(ago(-41)),
            ),
        ],
        pulse: (0..600).rev().map(beat).collect(),
        groups: vec![
            facts(
                "Connecting",
                &[
                    ("Protocol", "vaultwatch.v1: resume, snapshots, acknowledgements"),
                    ("Attempts", "4"),
                    ("Connections", "2"),
                    ("Ended: lost", "1"),
                    ("Last connect", "DNS 1.8 ms, TCP 11.2 ms, TLS 14.9 ms, upgrade 9.6 ms"),
                ],
            ),
            facts(
                "Traffic",
                &[
                    ("Messages", "48,210"),
                    ("In", "14.1 MiB"),
                    ("Out", "18.2 KiB"),
                    ("Duplicates", "3"),
                ],
            ),
            facts("Queues", &[("Wait to be sent", "0"), ("On their way, not acknowledged", "0")]),
            facts(
                "Continuity",
                &[("Gaps", "1"), ("Resumes from the log", "1"), ("Faults of the server", "0")],
            ),
        ],
        plugins: vec![
            plugin("desk-labels", PluginState::Running, "48,210 calls of on_message"),
            plugin(
                "night-pager",
                PluginState::Broken,
                "no hooks; unknown name `pagr` (line 4, column 9)",
            ),
        ],
        last_event: Some(ago(1_214)),
    }
}

fn events(now: UnixMillis) -> Vec<ConnectionEvent> {
    let event = |seconds: i64, kind: &str, text: &str, trouble: bool| ConnectionEvent {
        at: Some(UnixMillis(now.0 - seconds * 1_000)),
        kind: kind.to_owned(),
        text: text.to_owned(),
        trouble,
    };
    vec![
        event(92, "invalid", "field `data.ltv`: must be a decimal number", true),
        event(
            1_214,
            "state",
            "handshaking → connected, wss://feed.acme.example/ws, attempt 3",
            false,
        ),
        event(1_215, "gap", "messages after 8812 up to 9079 came late, but all of them", false),
        event(1_216, "state", "backoff → connecting, wss://feed.acme.example/ws, attempt 3", false),
        event(
            1_229,
            "state",
            "connected → backoff, attempt 1: the connection was lost: reset by peer; again in 0.9 s",
            true,
        ),
    ]
}

/// What a person would see of a feed that is there, of one that is not, and of one that refuses.
async fn check(address: &Address, told: Box<dyn Fn(CheckLine)>) -> CheckEnd {
    let told = Rc::new(told);
    let mut lines = vec![
        CheckLine::right(CheckStep::Configuration, address.url.clone()),
        CheckLine::right(CheckStep::Dns, "feed.acme.example is 192.0.2.17; 1.8 ms"),
    ];
    let end = if address.url.contains("nowhere") {
        lines.truncate(1);
        lines.push(CheckLine::wrong(
            CheckStep::Dns,
            "the host was not found",
            "check the host's name, and whether this machine has a name server",
        ));
        CheckEnd { ok: false, first: None }
    } else {
        lines.push(CheckLine::right(CheckStep::Tcp, "192.0.2.17:443 answers; 11.2 ms"));
        lines.push(CheckLine::right(CheckStep::Upgrade, "the server chose vaultwatch.v1; 9.6 ms"));
        lines.push(CheckLine::right(CheckStep::FirstMessage, "`vault_update_ETH-017` after 31 ms"));
        let first = r#"{"type":"vault_update_ETH-017","data":{"vaultId":"ETH-017","ltv":75.97},"timestamp":1764180000000}"#;
        CheckEnd { ok: true, first: Some(Origin::new(first.to_owned())) }
    };
    for line in lines {
        let (told, waited) = (Rc::clone(&told), crate::session::rest(60));
        waited.await;
        told(line);
    }
    end
}
