//! The ladder and the platform's alerts, with a simulated clock.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use alerts::{Before, Condition, Effect, Engine, Exposure, Policy, Vaults};
use domain::platform_alert::PlatformAlert;
use domain::vault::VaultPatch;
use domain::{Level, UnixMillis, Vault, VaultId};
use proptest::prelude::*;

const MINUTE: Duration = Duration::from_secs(60);

/// One vault under watch, with a clock that only moves when told.
struct Bench {
    engine: Engine,
    vault: Vault,
    now: UnixMillis,
}

/// All the vaults there are.
struct Only(Vault);

impl Vaults for Only {
    fn vault(&self, id: &VaultId) -> Option<&Vault> {
        (self.0.id == *id).then_some(&self.0)
    }
}

impl Bench {
    fn new() -> Self {
        let mut vault = Vault::unknown(VaultId::new("ETH-017").unwrap());
        vault.apply(patch(
            r#"{"collateral":{"token":"WETH","amount":"120","valueUSD":232320},
            "debt":{"token":"USDC","amount":"176500","valueUSD":176500},"maxLTV":80,"liquidationThreshold":82.5,"ltv":60}"#,
        ));
        Self { engine: Engine::new(Policy::default()), vault, now: UnixMillis(1_000_000_000) }
    }

    fn update(&mut self, update: &str) -> Vec<Effect> {
        let before = Before::of(&self.vault);
        self.vault.apply(patch(update));
        let mut effects = Vec::new();
        self.engine.vault_changed(&before, &self.vault, self.now, &mut effects);
        effects
    }

    fn ltv(&mut self, ltv: &str) -> Vec<Effect> {
        self.update(&format!(r#"{{"ltv":{ltv}}}"#))
    }

    fn after(&mut self, time: Duration) -> Vec<Effect> {
        self.now = self.now.plus(time);
        let mut effects = Vec::new();
        let vaults = Only(self.vault.clone());
        self.engine.tick(&vaults, &Exposure::default(), self.now, &mut effects);
        effects
    }

    fn platform(&mut self, alert: &str) -> Vec<Effect> {
        let alert: PlatformAlert = serde_json::from_str(alert).unwrap();
        let mut effects = Vec::new();
        let vaults = Only(self.vault.clone());
        self.engine.platform_alert(&alert, &vaults, self.now, &mut effects);
        effects
    }
}

fn patch(text: &str) -> VaultPatch {
    serde_json::from_str(text).unwrap()
}

/// `(what, severity)` of each effect.
fn kinds(effects: &[Effect]) -> Vec<(&'static str, Level)> {
    let kind = |effect: &Effect| match effect {
        Effect::Raise(_) => "raise",
        Effect::Worsen(_) => "worsen",
        Effect::Update(_) => "update",
        Effect::Resolve(_) => "resolve",
    };
    effects.iter().map(|effect| (kind(effect), effect.alert().severity)).collect()
}

#[test]
fn a_crossing_into_critical_is_told_at_once_and_in_the_agreed_words() {
    let mut b = Bench::new();
    assert_eq!(b.ltv("74.6"), [], "high waits");
    let effects = b.ltv("75.97");
    assert_eq!(kinds(&effects), [("raise", Level::Critical)]);
    let alert = effects[0].alert();
    assert_eq!(alert.title, "ETH-017: 7.9 % to liquidation");
    assert_eq!(
        alert.message,
        "WETH $1,936, liquidates $1,783. LTV 74.6 → 76.0 %. Repay 13,600 USDC or add 10.1 WETH → 15 %."
    );
    assert_eq!(b.ltv("76.2"), [], "the same condition is not raised again");
}

#[test]
fn high_waits_15_s_and_medium_60_s() {
    let mut b = Bench::new();
    assert_eq!(b.ltv("71"), []);
    assert_eq!(b.after(Duration::from_millis(14_999)), []);
    assert_eq!(kinds(&b.after(Duration::from_millis(1))), [("raise", Level::High)]);
    let mut b = Bench::new();
    assert_eq!(b.ltv("63"), []);
    assert_eq!(b.after(Duration::from_secs(59)), []);
    assert_eq!(kinds(&b.after(Duration::from_secs(1))), [("raise", Level::Medium)]);
}

#[test]
fn a_spike_that_is_over_before_its_time_is_no_alert() {
    let mut b = Bench::new();
    b.ltv("71");
    b.after(Duration::from_secs(10));
    assert_eq!(b.ltv("61"), []);
    assert_eq!(b.after(MINUTE), []);
    assert!(!b.engine.has_timers(), "nothing is remembered of it");
}

#[test]
fn getting_worse_is_told_in_place() {
    let mut b = Bench::new();
    b.ltv("71");
    assert_eq!(kinds(&b.after(Duration::from_secs(15))), [("raise", Level::High)]);
    let worse = b.ltv("80");
    assert_eq!(kinds(&worse), [("worsen", Level::Critical)]);
    assert_eq!(worse[0].alert().title, "ETH-017: 3.0 % left, was 13.9 %");
    assert_eq!(worse[0].alert().condition, Condition::solvency(b.vault.id.clone()));
}

#[test]
fn recovery_needs_two_points_and_two_minutes() {
    let mut b = Bench::new();
    b.ltv("80");
    b.ltv("75.5"); // 8.4 % of room: above the entry, below the exit at 10 %
    assert_eq!(kinds(&b.after(10 * MINUTE)), [("update", Level::Critical)]);
    b.ltv("60");
    assert_eq!(kinds(&b.after(Duration::from_secs(119))), [("update", Level::Critical)]);
    assert_eq!(b.after(Duration::ZERO), []);
    let over = b.after(Duration::from_secs(1));
    assert_eq!(kinds(&over), [("resolve", Level::Critical)]);
    assert_eq!(over[0].alert().title, "ETH-017 recovered: 27.2 % left");
    let message = "LTV 80.0 → 60.0 %. Critical for 12 min, low 3.0 %. Nothing to do.";
    assert_eq!(over[0].alert().message, message);
}

#[test]
fn a_value_that_flaps_around_the_line_for_an_hour_is_one_alert() {
    let mut b = Bench::new();
    let mut told = Vec::new();
    for second in 0..3_600 {
        told.extend(kinds(&b.ltv(if second % 2 == 0 { "75.95" } else { "75.85" })));
        told.extend(kinds(&b.after(Duration::from_secs(1))));
    }
    told.retain(|(kind, _)| *kind != "update");
    assert_eq!(told, [("raise", Level::Critical)]);
}

#[test]
fn a_partial_recovery_lowers_the_level_quietly() {
    let mut b = Bench::new();
    b.ltv("80");
    b.ltv("71");
    assert_eq!(kinds(&b.after(2 * MINUTE)), [("update", Level::High)]);
    assert_eq!(kinds(&b.ltv("80")), [("worsen", Level::Critical)], "worse again is told again");
}

#[test]
fn what_becomes_unknown_keeps_firing_and_what_is_closed_is_over() {
    let mut b = Bench::new();
    b.ltv("80");
    b.update(r#"{"ltv":null,"collateral":null,"debt":null,"healthFactor":null}"#);
    assert!(kinds(&b.after(10 * MINUTE)).iter().all(|(kind, _)| *kind == "update"));
    assert_eq!(kinds(&b.update(r#"{"status":"CLOSED"}"#)), [("resolve", Level::Critical)]);
}

#[test]
fn platform_alerts_about_solvency_join_the_vaults_own_condition() {
    let mut b = Bench::new();
    assert_eq!(kinds(&b.ltv("80")), [("raise", Level::Critical)]);
    let same =
        r#"{"id":"7f","vaultId":"ETH-017","category":"LTV","severity":"CRITICAL","message":"x"}"#;
    assert_eq!(b.platform(same), []);
    assert_eq!(b.platform(&same.replace("\"LTV\"", "\"HEALTH_FACTOR\"")), []);
    let later = b.after(Duration::from_secs(10));
    assert_eq!(later[0].alert().suppressed, 2, "it says how many");
}

#[test]
fn a_platform_alert_is_told_where_our_own_figures_see_nothing() {
    let mut b = Bench::new();
    let alert =
        r#"{"id":"a","vaultId":"ETH-017","category":"LTV","type":"CRITICAL","message":"x"}"#;
    assert_eq!(kinds(&b.platform(alert)), [("raise", Level::Critical)]);
    assert_eq!(b.platform(&alert.replace("\"a\"", "\"b\"")), [], "its id is random, means nothing");
    assert_eq!(b.ltv("60.1"), []);
    assert!(b.after(10 * MINUTE).iter().all(|e| matches!(e, Effect::Update(_))), "still claimed");
    let resolved = r#"{"vaultId":"ETH-017","category":"LTV","message":"x","resolved":true}"#;
    assert_eq!(kinds(&b.platform(resolved)), [("resolve", Level::Critical)]);
}

#[test]
fn other_categories_are_conditions_of_their_own() {
    let mut b = Bench::new();
    let alert = |severity: &str, n: u32| {
        format!(
            r#"{{"id":"{n}","category":"MARKET_RISK","severity":"{severity}","title":"USDC 0.9962","message":"Low."}}"#
        )
    };
    let raised = b.platform(&alert("MEDIUM", 1));
    assert_eq!(kinds(&raised), [("raise", Level::Medium)]);
    assert_eq!(raised[0].alert().title, "USDC 0.9962");
    let mut updates = 0;
    for n in 0..10_000 {
        let again = b.platform(&alert("MEDIUM", n));
        assert!(again.iter().all(|effect| matches!(effect, Effect::Update(_))));
        updates += again.len();
    }
    assert!(updates < 20, "ten thousand repetitions are {updates} changes");
    assert_eq!(kinds(&b.platform(&alert("CRITICAL", 2))), [("worsen", Level::Critical)]);
    assert_eq!(b.after(Duration::from_secs(24 * 3600 - 1)), []);
    assert_eq!(kinds(&b.after(Duration::from_secs(1))), [("resolve", Level::Critical)]);
}

#[test]
fn a_liquidation_pierces_the_solvency_alert() {
    let mut b = Bench::new();
    b.update(r#"{"status":"ACTIVE"}"#);
    b.ltv("80");
    let effects = b.update(
        r#"{"status":"LIQUIDATED","collateral":{"token":"WETH","amount":"68.0","valueUSD":131648}}"#,
    );
    assert_eq!(effects[0].alert().title, "ETH-017 liquidated");
    assert_eq!(kinds(&effects)[0], ("raise", Level::Critical));
    let message = &effects[0].alert().message;
    assert!(message.starts_with("Left: 68.0 WETH"), "{message}");
    let mut first_seen = Bench::new();
    assert_eq!(first_seen.update(r#"{"status":"LIQUIDATED"}"#), [], "old news when first seen so");
}

#[test]
fn a_dead_feed_is_told_after_60_s_when_somebody_is_exposed_and_after_5_min_otherwise() {
    let check = |exposure: &Exposure, patience: u64, severity| {
        let mut engine = Engine::new(Policy::default());
        let mut effects = Vec::new();
        let vaults = Only(Vault::unknown(VaultId::new("V").unwrap()));
        let start = UnixMillis(0);
        engine.feed_lost(start);
        engine.tick(&vaults, exposure, start.plus(Duration::from_secs(patience - 1)), &mut effects);
        assert_eq!(effects, []);
        let due = start.plus(Duration::from_secs(patience));
        engine.tick(&vaults, exposure, due, &mut effects);
        assert_eq!(kinds(&effects), [("raise", severity)]);
        engine.tick(&vaults, exposure, due.plus(MINUTE), &mut effects);
        assert_eq!(effects.len(), 1, "once");
        let title = effects[0].alert().title.clone();
        effects.clear();
        engine.feed_back(due.plus(MINUTE), &mut effects);
        assert_eq!(kinds(&effects), [("resolve", severity)]);
        title
    };
    let calm = Exposure { feed: "Acme".into(), vaults: 300, critical: 0, at_risk: 0 };
    assert_eq!(check(&calm, 300, Level::High), "No data for 5 min: Acme");
    let exposed = Exposure { critical: 2, at_risk: 3, ..calm };
    assert_eq!(check(&exposed, 60, Level::Critical), "No data for 60 s: Acme");
}

#[test]
fn a_restart_neither_repeats_nor_forgets() {
    let mut b = Bench::new();
    let condition = Condition::solvency(b.vault.id.clone());
    b.engine.restore(&condition, Level::Critical, b.now.minus(MINUTE));
    assert!(b.ltv("80").iter().all(|e| matches!(e, Effect::Update(_))), "told before the restart");
    b.ltv("60");
    assert_eq!(kinds(&b.after(2 * MINUTE)), [("resolve", Level::Critical)]);
}

#[test]
fn a_clock_set_back_an_hour_does_not_delay_an_alert_for_an_hour() {
    let mut b = Bench::new();
    b.ltv("71");
    b.now = b.now.minus(Duration::from_secs(3_600));
    b.ltv("71.1");
    assert_eq!(kinds(&b.after(Duration::from_secs(15))), [("raise", Level::High)]);
}

proptest! {
    /// Whatever the figures do, there is at most one open alert, and a critical figure is never without one.
    #[test]
    fn one_alert_per_condition_and_never_none_while_critical(
        steps in proptest::collection::vec((50u32..85, 0u64..200), 1..60)
    ) {
        let mut b = Bench::new();
        let mut open = false;
        for (ltv, seconds) in steps {
            let mut effects = b.ltv(&ltv.to_string());
            effects.extend(b.after(Duration::from_secs(seconds)));
            for effect in &effects {
                match effect {
                    Effect::Raise(_) => { prop_assert!(!open); open = true; }
                    Effect::Worsen(_) | Effect::Update(_) => prop_assert!(open),
                    Effect::Resolve(_) => { prop_assert!(open); open = false; }
                }
            }
            prop_assert!(open || ltv < 76, "critical and silent at LTV {}", ltv);
        }
    }
}
