//! The figures of `docs/risk.md`, computed independently, and what follows where figures are missing or disagree.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use bytes::Bytes;
use domain::payload::Payload;
use domain::solvency::{Health, Limit, Solvency};
use domain::{Level, Measure, Vault, VaultId, text};
use rust_decimal::{Decimal, RoundingStrategy};
use wire::{Frame, Invalid};

fn payload(ty: &str, data: &str) -> Result<Payload, Invalid> {
    let frame = Bytes::from(format!(r#"{{"type":"{ty}","data":{data},"timestamp":1}}"#));
    let Frame::Single(message) = Frame::parse(frame).unwrap() else { panic!("one message") };
    Payload::of(&message)
}

/// The vault "V" after these updates.
fn vault(updates: &[&str]) -> Vault {
    let mut vault = Vault::unknown(VaultId::new("V").unwrap());
    for update in updates {
        let Payload::Vault(_, patch) = payload("vault_update_V", update).unwrap() else {
            panic!("a vault update")
        };
        vault.apply(*patch);
    }
    vault
}

fn solvency(updates: &[&str]) -> Solvency {
    Solvency::of(&vault(updates))
}

fn places(value: Decimal, places: u32) -> String {
    value.round_dp_with_strategy(places, RoundingStrategy::ToZero).to_string()
}

fn factor(solvency: &Solvency) -> Decimal {
    let Health::Factor(hf) = solvency.health else {
        panic!("a health factor: {:?}", solvency.health)
    };
    hf.0
}

const ONE_COLLATERAL: &str = r#"{"collateral":{"token":"WETH","amount":"10","valueUSD":20000},
    "debt":{"token":"USDC","amount":"12000","valueUSD":12000},"liquidationThreshold":82.5}"#;

#[test]
fn one_collateral() {
    let s = solvency(&[ONE_COLLATERAL]);
    assert_eq!(s.ltv.unwrap().0.normalize().to_string(), "60");
    assert_eq!(factor(&s).to_string(), "1.375");
    assert_eq!(places(s.room.unwrap().0, 2), "27.27");
    assert_eq!(places(s.liquidation_price.unwrap().0, 4), "1454.5454");
    assert_eq!(s.price.unwrap().0.normalize().to_string(), "2000");
    assert_eq!((s.level, s.cure), (Some(Level::Low), None));
}

#[test]
fn two_collaterals_have_no_liquidation_price_of_their_own() {
    // 5 WETH at 1850.25 and 0.4 WBTC at 61,234.50, average threshold 79.37 %, 14,000 USDC at 0.9997.
    let s = solvency(&[r#"{"collateral":[{"token":"WETH","amount":"5","valueUSD":"9251.25"},
        {"token":"WBTC","amount":"0.4","valueUSD":"24493.80"}],
        "debt":{"token":"USDC","amount":"14000","valueUSD":"13995.80"},"liquidationThreshold":79.37}"#]);
    assert_eq!(s.collateral.unwrap().to_string(), "33745.05");
    assert_eq!(text::percent(s.ltv.unwrap()), "41.5");
    let hf = factor(&s).round_dp_with_strategy(18, RoundingStrategy::MidpointAwayFromZero);
    assert_eq!(hf.to_string(), "1.913677402149216193");
    assert_eq!(s.liquidation_price, None);
}

#[test]
fn maker_counts_the_other_way_round() {
    let lt = Decimal::ONE_HUNDRED / Decimal::new(145, 2);
    let update = format!(
        r#"{{"collateral":{{"token":"ETH","amount":"10","valueUSD":20000}},"debt":{{"token":"DAI","amount":"12000","valueUSD":12000}},"liquidationThreshold":{lt}}}"#
    );
    let s = solvency(&[&update]);
    let ratio = Decimal::from(10_000) / s.ltv.unwrap().0;
    assert_eq!(ratio.round_dp(2).to_string(), "166.67");
    assert_eq!(s.liquidation_price.unwrap().0.round_dp(6).normalize().to_string(), "1740");
}

#[test]
fn the_cure_of_the_alert_example() {
    let s = solvency(&[r#"{"collateral":{"token":"WETH","amount":"120","valueUSD":232320},
        "debt":{"token":"USDC","amount":"176500","valueUSD":176500},"ltv":75.97,"maxLTV":80,"liquidationThreshold":82.5}"#]);
    assert_eq!(text::room(s.room.unwrap()), "7.9");
    assert_eq!(text::price(s.liquidation_price.unwrap()), "1,783");
    assert_eq!(text::price(s.price.unwrap()), "1,936");
    let cure = s.cure.unwrap();
    let said = |remedy: &domain::cure::Remedy| {
        let tokens = remedy.tokens.as_ref().unwrap();
        format!("{} {}", text::at_least(tokens.amount.value()), tokens.token)
    };
    assert_eq!(said(&cure.repay), "13,600 USDC");
    assert_eq!(said(&cure.add), "10.1 WETH");
    // Paying the one or the other brings the room back to exactly 15 %.
    let threshold = Decimal::new(825, 3);
    let room = |debt: Decimal, collateral: Decimal| Decimal::ONE - debt / (collateral * threshold);
    let (debt, collateral) = (s.debt.unwrap().0, s.collateral.unwrap().0);
    assert_eq!(room(debt - cure.repay.usd.0, collateral).round_dp(12), Decimal::new(15, 2));
    assert_eq!(room(debt, collateral + cure.add.usd.0).round_dp(12), Decimal::new(15, 2));
}

#[test]
fn a_sparse_update_is_judged_by_what_it_says() {
    let s = solvency(&[r#"{"ltv":75}"#]);
    assert_eq!(
        (s.level, s.room, s.limit, s.health),
        (Some(Level::Medium), None, None, Health::Unknown)
    );
    let s = solvency(&[r#"{"healthFactor":1.05}"#]);
    assert_eq!((s.level, text::room(s.room.unwrap()).as_str()), (Some(Level::Critical), "4.7"));
    let s = solvency(&[r#"{"ltv":75,"maxLTV":80}"#]);
    assert!(matches!(s.limit, Some(Limit::MaxLtv(_))));
    assert_eq!(s.level, Some(Level::Critical));
    assert_eq!(solvency(&[r#"{"name":"x"}"#]).level, None);
}

#[test]
fn a_newer_ltv_outweighs_older_values() {
    let s = solvency(&[ONE_COLLATERAL, r#"{"ltv":76}"#]);
    assert_eq!(s.level, Some(Level::Critical));
    assert_eq!(s.recomputed_ltv.unwrap().0.normalize().to_string(), "60");
    // The price follows from the new LTV: 12000 / 76 % / 10.
    assert_eq!(s.price.unwrap().0.round_dp(2).to_string(), "1578.95");
    let repay = s.cure.unwrap().repay.usd.0;
    assert_eq!(repay.round_dp(2).to_string(), "927.63");
}

#[test]
fn newer_values_outweigh_an_older_ltv() {
    let s = solvency(&[
        r#"{"ltv":60,"healthFactor":1.375,"riskLevel":"LOW"}"#,
        ONE_COLLATERAL,
        r#"{"collateral":{"valueUSD":15700}}"#,
    ]);
    assert_eq!(text::percent(s.ltv.unwrap()), "76.4");
    assert_eq!(s.level, Some(Level::Critical));
    assert_eq!(s.reported_health_factor, None, "the old one says nothing about the new values");
}

#[test]
fn a_health_factor_that_is_none_is_shown_as_reported() {
    // collateral / debt, as some platforms send it.
    let s = solvency(&[ONE_COLLATERAL, r#"{"ltv":60,"healthFactor":1.6667}"#]);
    assert_eq!(factor(&s).to_string(), "1.375");
    assert_eq!(s.reported_health_factor.unwrap().to_string(), "1.6667");
    assert_eq!(solvency(&[r#"{"healthFactor":0}"#]).level, None, "0 is what they send for no debt");
}

#[test]
fn no_debt_is_no_risk() {
    let s = solvency(&[r#"{"collateral":{"token":"WETH","amount":"1","valueUSD":2000},
        "debt":{"token":"USDC","amount":"0","valueUSD":0},"healthFactor":null,"liquidationThreshold":82.5}"#]);
    assert_eq!((s.health, s.level), (Health::NoDebt, Some(Level::Low)));
    assert_eq!(s.room.unwrap().0, Decimal::ONE_HUNDRED);
    assert_eq!(s.liquidation_price, None);
}

#[test]
fn pairs_of_one_family_have_a_ladder_of_their_own() {
    let pair = |debt: &str| {
        vault(&[&format!(
            r#"{{"collateral":{{"token":"wstETH","amount":"1","valueUSD":2000}},"debt":{{"token":"{debt}","amount":"1","valueUSD":1700}},"liquidationThreshold":95}}"#
        )])
    };
    let s = Solvency::of(&pair("WETH"));
    assert!(matches!(s.measure, Some(Measure::CorrelatedRoom(_))));
    assert_eq!(s.level, Some(Level::Low), "10.5 % of room is plenty between ETH and stETH");
    assert_eq!(Solvency::of(&pair("USDC")).level, Some(Level::High));
}

#[test]
fn the_platforms_level_counts_while_it_belongs_to_the_figures() {
    assert_eq!(solvency(&[r#"{"riskLevel":"CRITICAL"}"#]).level, Some(Level::Critical));
    assert_eq!(solvency(&[ONE_COLLATERAL, r#"{"riskLevel":"HIGH"}"#]).level, Some(Level::High));
    assert_eq!(
        solvency(&[ONE_COLLATERAL, r#"{"riskLevel":"HIGH"}"#, r#"{"ltv":50}"#]).level,
        Some(Level::Low)
    );
    assert_eq!(
        solvency(&[r#"{"ltv":95,"riskLevel":"LOW"}"#]).level,
        Some(Level::Critical),
        "never better than our own"
    );
}

#[test]
fn partial_updates_keep_null_clears_full_replaces() {
    let v = vault(&[r#"{"name":"A","chainId":"137","maxLTV":80}"#, r#"{"ltv":"50.10"}"#]);
    assert_eq!((v.label(), v.chain_id.unwrap().0), ("A", 137));
    assert_eq!(v.ltv.unwrap().value().to_string(), "50.10");
    let v = vault(&[r#"{"name":"A","maxLTV":80}"#, r#"{"name":null}"#]);
    assert_eq!((v.label(), v.max_ltv.is_some()), ("V", true));
    let v = vault(&[r#"{"name":"A","maxLTV":80}"#, r#"{"full":true,"ltv":1}"#]);
    assert_eq!((v.label(), v.max_ltv), ("V", None));
    let v = vault(&[
        ONE_COLLATERAL,
        r#"{"collateral":{"token":"WETH","amount":"9.000000000000000001"}}"#,
    ]);
    let held = &v.collateral.as_ref().unwrap()[0];
    assert_eq!(held.amount.as_ref().unwrap().to_string(), "9.000000000000000001");
    assert!(held.value.is_some(), "merged into the holding of that token");
}

#[track_caller]
fn refused(ty: &str, data: &str, field: &str) {
    let invalid = payload(ty, data).expect_err("must be refused");
    assert_eq!(invalid.field.as_deref(), Some(field), "{invalid}");
}

#[test]
fn what_is_wrong_is_named() {
    refused("vault_update_V", r#"{"ltv":"high"}"#, "data.ltv");
    refused("vault_update_V", r#"{"ltv":-1}"#, "data.ltv");
    refused("vault_update_V", r#"{"ltv":"NaN"}"#, "data.ltv");
    refused("vault_update_V", r#"{"ltv":1e400}"#, "data.ltv");
    refused("vault_update_V", r#"{"ltv":true}"#, "data.ltv");
    refused("vault_update_V", r#"{"status":"BROKEN"}"#, "data.status");
    refused(
        "vault_update_V",
        r#"{"collateral":{"token":"WETH","amount":"-3"}}"#,
        "data.collateral.amount",
    );
    refused(
        "vault_update_V",
        r#"{"collateral":[{"token":"A"},{"token":"B","amount":[]}]}"#,
        "data.collateral[1].amount",
    );
    refused("vault_update_V", r#"{"vaultId":"W"}"#, "data.vaultId");
    refused("vault_update_V", r#"7"#, "data");
    refused("vault_update", r#"{"ltv":7}"#, "data.vaultId");
    refused("vault_update", "{\"vaultId\":\"a\\u0007\"}", "data.vaultId");
    refused("market_data_1", r#"{"chainId":137}"#, "data.chainId");
    refused("market_data_1", r#"{"priceFeeds":{"ETH":"x"}}"#, "data.priceFeeds.ETH");
    refused("risk_alert", r#"{"severity":"HIGH"}"#, "data");
    refused("risk_alert", r#"{"message":"x","severity":"SEVERE"}"#, "data.severity");
    refused("system_status", r#"{"isRunning":"yes"}"#, "data.isRunning");
}

#[test]
fn what_is_clearly_low_is_low_by_every_ladder_and_its_exits() {
    for tenths in 0..1_000u32 {
        let ltv = format!("{}.{}", tenths / 10, tenths % 10);
        let v = vault(&[&format!(r#"{{"ltv":{ltv},"liquidationThreshold":82.5}}"#)]);
        if domain::solvency::is_clearly_low(&v) {
            let measure = domain::solvency::measure(&v).unwrap();
            assert_eq!(measure.level_on_exit(), Level::Low, "at LTV {ltv}");
        } else {
            assert!(tenths >= 602, "LTV {ltv} is far from 27 % of room");
        }
    }
    let told = vault(&[r#"{"ltv":10,"liquidationThreshold":82.5,"riskLevel":"HIGH"}"#]);
    assert!(!domain::solvency::is_clearly_low(&told), "the platform knows more");
}
