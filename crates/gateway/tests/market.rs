//! The demo market, played by hand: no sockets, no clock but the one passed in.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use gateway::market::{Emission, Kind, Market};
use gateway::{DemoOptions, Rate, Scenario};
use proptest::prelude::*;
use serde_json::{Map, Value};
use wire::UnixMillis;

const START: UnixMillis = UnixMillis(1_763_800_000_000);

fn options(scenario: Scenario, seed: u64) -> DemoOptions {
    DemoOptions { scenario, seed, ..DemoOptions::default() }
}

/// Plays so many seconds, told the time every `step` milliseconds.
fn play(options: &DemoOptions, seconds: i64, step: i64) -> Vec<Emission> {
    let mut market = Market::new(options, START);
    let mut sent = market.advance(START);
    for at in (step..=seconds * 1_000).step_by(usize::try_from(step).unwrap()) {
        sent.extend(market.advance(UnixMillis(START.0 + at)));
    }
    sent
}

/// A reader who believes every message.
#[derive(Default)]
struct Reader {
    values: BTreeMap<String, Map<String, Value>>,
    alerts: Vec<Map<String, Value>>,
    /// Vaults in danger, and when each first got there, milliseconds after the start.
    critical: BTreeMap<String, i64>,
    recovered: usize,
    liquidated: usize,
}

impl Reader {
    fn read(&mut self, emission: &Emission) {
        let envelope: Value = serde_json::from_str(&emission.json).expect("valid JSON");
        assert_eq!(envelope["type"], emission.ty.as_str());
        let at = envelope["timestamp"].as_i64().expect("a timestamp") - START.0;
        let data = envelope["data"].as_object().expect("an object").clone();
        check_numbers(&emission.json, &envelope["data"]);
        match emission.kind {
            Kind::Event => self.alerts.push(data),
            Kind::State { full } => {
                assert_eq!(data.contains_key("full"), full, "{}", emission.json);
                let value = self.values.entry(emission.ty.to_string()).or_default();
                if full {
                    value.clear();
                }
                let values_told = data.contains_key("collateral") || data.contains_key("debt");
                let ratios_told = data.contains_key("ltv") && data.contains_key("healthFactor");
                assert!(!values_told || ratios_told, "{}", emission.json);
                value.extend(data);
                let value = value.clone();
                if emission.ty.starts_with("vault_update_") {
                    self.read_vault(&emission.ty, &value, at);
                }
            }
        }
    }

    fn read_vault(&mut self, ty: &str, vault: &Map<String, Value>, at: i64) {
        let number = |name: &str| vault[name].as_f64().expect(name);
        let collateral = match &vault["collateral"] {
            Value::Array(legs) => legs.iter().map(|leg| leg["valueUSD"].as_f64().unwrap()).sum(),
            leg => leg["valueUSD"].as_f64().unwrap(),
        };
        let debt = vault["debt"]["valueUSD"].as_f64().unwrap();
        let (ltv, threshold) = (number("ltv"), number("liquidationThreshold"));
        let expected = if debt == 0.0 { 0.0 } else { debt / f64::max(collateral, 0.01) * 100.0 };
        assert!((ltv - expected).abs() < 0.01, "{ty}: {ltv}, not {expected}");
        match &vault["healthFactor"] {
            Value::Null => assert_eq!(ltv, 0.0, "{ty}"),
            factor => {
                let (factor, expected) = (factor.as_f64().unwrap(), threshold / ltv);
                assert!((factor / expected - 1.0).abs() < 0.001, "{ty}: {factor} {expected}");
            }
        }
        assert!(number("maxLTV") < threshold && threshold < 100.0, "{ty}");
        self.liquidated += usize::from(vault["status"] == "LIQUIDATED");
        let critical = 1.0 - ltv / threshold <= 0.08;
        if critical {
            self.critical.entry(ty.into()).or_insert(at);
        } else if self.critical.contains_key(ty) {
            self.recovered += 1;
        }
    }
}

fn check_numbers(json: &str, value: &Value) {
    match value {
        Value::Number(number) => {
            let number = number.as_f64().unwrap();
            assert!(
                number.is_finite() && (number >= 0.0 || json.contains("priceChange24h")),
                "{json}"
            );
        }
        Value::Array(items) => items.iter().for_each(|item| check_numbers(json, item)),
        Value::Object(fields) => fields.values().for_each(|item| check_numbers(json, item)),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

fn read(sent: &[Emission]) -> Reader {
    let mut reader = Reader::default();
    sent.iter().for_each(|emission| reader.read(emission));
    reader
}

#[test]
fn the_same_seed_plays_the_same_market_however_often_it_is_told_the_time() {
    for scenario in Scenario::ALL {
        let first = play(&options(scenario, 5), 60, 10);
        assert!(first == play(&options(scenario, 5), 60, 10), "{scenario}");
        assert!(first == play(&options(scenario, 5), 60, 1_000), "{scenario}");
        assert!(first != play(&options(scenario, 6), 60, 10), "{scenario}");
    }
}

#[test]
fn it_begins_with_the_complete_state_of_everything() {
    let sent = play(&DemoOptions::default(), 0, 10);
    let types: Vec<&str> = sent.iter().map(|emission| emission.ty.as_str()).collect();
    assert_eq!(types.len(), 200 + 3 + 1);
    for ty in [
        "vault_update_ETH-001",
        "vault_update_ARB-060",
        "vault_update_POL-040",
        "market_data_1",
        "market_data_42161",
        "market_data_137",
        "system_status",
    ] {
        assert!(types.contains(&ty), "{ty}");
    }
    assert!(sent.iter().all(|emission| emission.kind == Kind::State { full: true }));
}

#[test]
fn most_vaults_start_low_and_none_critical() {
    for seed in 0..20 {
        let reader = read(&play(&options(Scenario::Calm, seed), 0, 10));
        let vaults = reader.values.iter().filter(|(ty, _)| ty.starts_with("vault_update_"));
        let used = |vault: &Map<String, Value>| {
            vault["ltv"].as_f64().unwrap() / vault["liquidationThreshold"].as_f64().unwrap()
        };
        let used: Vec<f64> = vaults.map(|(_, vault)| used(vault)).collect();
        let over = |limit: f64| used.iter().filter(|used| **used > limit).count();
        assert!(over(0.75) < 40, "{}", over(0.75));
        assert!((6..20).contains(&over(0.85)), "{}", over(0.85));
        assert_eq!(over(0.92), 0);
    }
}

#[test]
fn criticals_come_when_promised() {
    let check = |scenario, seconds: i64, earliest: i64, most: usize| {
        for seed in 0..40 {
            let reader = read(&play(&options(scenario, seed), seconds, 100));
            let first = reader.critical.values().min().copied().expect("a critical vault");
            assert!(first >= earliest * 1_000, "{scenario} {seed}: {first}");
            let count = reader.critical.len();
            assert!((1..=most).contains(&count), "{scenario} {seed}: {count}");
        }
    };
    check(Scenario::Calm, 60, 20, 2);
    check(Scenario::Stormy, 20, 5, 3);
    check(Scenario::Crash, 5, 0, 40);
}

#[test]
fn trouble_comes_and_goes() {
    for scenario in Scenario::ALL {
        let reader = read(&play(&options(scenario, 2), 1_500, 1_000));
        assert!(reader.critical.len() >= 3, "{scenario}: {} criticals", reader.critical.len());
        assert!(reader.recovered >= 3, "{scenario}: {} recovered", reader.recovered);
        let with = |name: &str, value: &str| {
            reader.alerts.iter().filter(|alert| alert[name] == value).count()
        };
        assert!(with("severity", "CRITICAL") >= 3 && with("category", "LTV") >= 3, "{scenario}");
        let resolved = reader.alerts.iter().filter(|alert| alert["resolved"] == true);
        for alert in resolved.clone() {
            let opened = |other: &&Map<String, Value>| {
                other["id"] == alert["id"] && other["resolved"] == false
            };
            assert!(reader.alerts.iter().any(|other| opened(&other)), "{alert:?}");
        }
        assert!(resolved.count() >= 3, "{scenario}");
        if scenario == Scenario::Crash {
            assert!(reader.liquidated > 0 && with("category", "LIQUIDATION") > 0);
        }
        let now_critical = reader.values.iter().filter(|(ty, vault)| {
            ty.starts_with("vault_update_")
                && vault["ltv"].as_f64() > vault["liquidationThreshold"].as_f64().map(|t| t * 0.92)
        });
        let now_critical = now_critical.count();
        assert!(now_critical < 40, "{scenario}: {now_critical} critical after 25 minutes");
    }
}

#[test]
fn one_vault_falls_silent_and_comes_back() {
    let options = DemoOptions { rate: Some(Rate::new(100).unwrap()), ..DemoOptions::default() };
    let mut last: BTreeMap<String, i64> = BTreeMap::new();
    let mut silences = Vec::new();
    for emission in play(&options, 600, 100) {
        if !emission.ty.starts_with("vault_update_") {
            continue;
        }
        let envelope: Value = serde_json::from_str(&emission.json).unwrap();
        let at = envelope["timestamp"].as_i64().unwrap();
        if let Some(before) = last.insert(emission.ty.to_string(), at)
            && at - before > 120_000
        {
            silences.push(emission.ty);
        }
    }
    assert_eq!(silences.len(), 1, "{silences:?}");
}

#[test]
fn updates_come_at_the_rate_and_are_mostly_partial() {
    for rate in [1, 20, 5_000, 50_000] {
        let options =
            DemoOptions { rate: Some(Rate::new(rate).unwrap()), ..options(Scenario::Stormy, 4) };
        let sent = play(&options, 10, 10);
        let updates = sent.iter().skip(204).filter(|e| e.ty.starts_with("vault_update_"));
        let full = updates.clone().filter(|e| e.kind == Kind::State { full: true }).count();
        let expected = rate as usize * 10;
        let count = updates.count();
        assert!(count.abs_diff(expected) <= expected / 50 + 12, "{rate}: {count}");
        assert!(full <= count / 40 + 3, "{rate}: {full} of {count}");
    }
}

#[test]
fn a_clock_that_is_set_or_slept_through_is_not_caught_up_with() {
    let mut market = Market::new(&DemoOptions::default(), START);
    market.advance(START);
    for jump in [3_600_000, -3_600_000] {
        let now = UnixMillis(START.0 + jump);
        assert!(market.advance(now).len() < 50);
        let after = market.advance(UnixMillis(now.0 + 1_000));
        assert!(after.len() >= 15, "{}", after.len());
        assert!(after.iter().all(|emission| {
            let envelope: Value = serde_json::from_str(&emission.json).unwrap();
            (0..=1_000).contains(&(envelope["timestamp"].as_i64().unwrap() - now.0))
        }));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_market_makes_sense(seed: u64, vaults in 1_u16..60, scenario in 0_usize..3, seconds in 1_i64..200) {
        let vaults = NonZeroU16::new(vaults).unwrap();
        let options = DemoOptions { vaults, ..options(Scenario::ALL[scenario], seed) };
        let reader = read(&play(&options, seconds, 100));
        prop_assert_eq!(reader.values.len(), usize::from(vaults.get()) + 4);
    }
}
