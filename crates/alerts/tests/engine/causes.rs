//! What has made a vault's alert worse is what it begins with.

use crate::desk::*;

const V: &str = "ETH-017";

/// 27 s after a critical alert of 120 WETH against 176,500 USDC, LTV 76 of 82.5 %. A restart in between forgets nothing.
#[track_caller]
fn check(update: &str, expected: &str) {
    for restarted in [false, true] {
        let mut d = Desk::new();
        d.open(V, "60");
        d.slide(V, 70, 76);
        d.after(Duration::from_secs(27));
        if restarted {
            d.restart();
        }
        let effects = d.update(V, update);
        assert_eq!(changes(&effects).first(), Some(&("worsen", Level::Critical)));
        let said = &last(&effects).message;
        assert!(said.starts_with(expected), "restarted: {restarted}: {said}");
    }
}

/// "WETH +2.2 % in 27 s" it said, as if that were the harm.
#[test]
fn a_debt_that_grew_is_named_and_not_a_price_that_rose() {
    check(
        r#"{"ltv":80,"debt":{"token":"USDC","amount":"190000","valueUSD":190000},
            "collateral":{"token":"WETH","amount":"120","valueUSD":237500}}"#,
        "Debt +13,500 USDC in 27 s. WETH $1,979, liquidates $1,919. LTV 76.0 → 80.0 %. Repay ",
    );
}

#[test]
fn collateral_that_was_withdrawn_is_named() {
    check(
        r#"{"ltv":80,"collateral":{"token":"WETH","amount":"114","valueUSD":220704}}"#,
        "Collateral −6.00 WETH in 27 s. WETH $1,936, liquidates $1,877. LTV 76.0 → 80.0 %. Repay ",
    );
}

#[test]
fn a_threshold_that_was_lowered_is_named() {
    check(
        r#"{"liquidationThreshold":79}"#,
        "Threshold 82.5 → 79 % in 27 s. WETH $1,936, liquidates $1,862. LTV 76.0 %. Repay ",
    );
}

#[test]
fn of_several_causes_none_is_left_out() {
    check(
        r#"{"ltv":80,"debt":{"token":"USDC","amount":"180000","valueUSD":180000},
            "collateral":{"token":"WETH","amount":"120","valueUSD":225000}}"#,
        "Debt +3,500 USDC, WETH −3.2 % in 27 s, liquidates $1,818. Repay ",
    );
}

#[test]
fn interest_alone_is_no_cause() {
    check(
        r#"{"ltv":80,"debt":{"token":"USDC","amount":"176550","valueUSD":176550},
            "collateral":{"token":"WETH","amount":"120","valueUSD":220687.5}}"#,
        "WETH −5.0 % in 27 s, liquidates $1,783. Repay ",
    );
}

/// The borrowing limit stands for a threshold that is not known any more: it was not lowered.
#[test]
fn where_nothing_is_known_to_have_changed_nothing_is_said_to_have() {
    check(r#"{"liquidationThreshold":null}"#, "WETH $1,936, liquidates $1,839. LTV 76.0 %. Repay ");
}

#[test]
fn debts_in_several_tokens_grow_in_dollars() {
    let debts = |usdc: u32| {
        format!(
            r#"[{{"token":"USDC","amount":"{usdc}","valueUSD":{usdc}}},
                {{"token":"DAI","amount":"120000","valueUSD":120000}}]"#
        )
    };
    let mut d = Desk::new();
    let vault = format!(
        r#"{{"chainId":1,"status":"ACTIVE","liquidationThreshold":82.5,"ltv":76,"debt":{},
            "collateral":[{{"token":"WETH","amount":"120","valueUSD":232320}},
                {{"token":"WBTC","amount":"1","valueUSD":57153}}]}}"#,
        debts(100_000)
    );
    assert_eq!(changes(&d.update(V, &vault)), [("raise", Level::Critical)]);
    d.after(Duration::from_secs(27));
    let effects = d.update(V, &format!(r#"{{"ltv":80,"debt":{}}}"#, debts(112_000)));
    let said = &last(&effects).message;
    assert!(said.starts_with("Debt +$12.0k in 27 s. LTV 76.0 → 80.0 %. Repay "), "{said}");
}

/// The notification was kept, what the engine knew of its vault was not: a price from before is not made up.
#[test]
fn an_alert_of_which_only_the_notification_was_kept_counts_from_where_it_is_known_again() {
    let mut d = Desk::new();
    d.open(V, "60");
    d.slide(V, 70, 76);
    let (view, condition) = (d.only(), Condition::solvency(id(V)));
    d.memory.clear();
    d.restart();
    d.engine.adopt(view, condition);
    d.update(V, r#"{"ltv":76.1}"#);
    d.after(MINUTE);
    let effects =
        d.update(V, r#"{"ltv":80,"collateral":{"token":"WETH","amount":"120","valueUSD":220625}}"#);
    let said = &last(&effects).message;
    assert!(said.starts_with("WETH −5.0 % in 50 s, liquidates $1,783. Repay "), "{said}");
}
