use crate::{World, simple};

/// A vault of everything: LTV 60 % of 80 %, WETH at $2,000.
const VAULT: &str = r#"{"chainId":1,"status":"ACTIVE","ltv":"60","liquidationThreshold":"80","maxLTV":"75",
    "collateral":[{"token":"WETH","amount":"10","valueUSD":"20000"}],
    "debt":[{"token":"USDC","amount":"12000","valueUSD":"12000"}]}"#;

/// That the metric is this for [`VAULT`]: a rule entered there is raised, one entered just beyond is not.
#[track_caller]
fn is(metric: &str, value: &str, title: &str) {
    let beyond: rust_decimal::Decimal = value.parse().unwrap();
    let beyond = beyond + rust_decimal::Decimal::new(1, 4);
    let mut at_it = World::new(&simple(metric, "above", value, ""));
    assert_eq!(at_it.vault("A", VAULT, 0), [format!("raise High [rule:r A] A: {title}")]);
    let mut over_it = World::new(&simple(metric, "above", &beyond.to_string(), ""));
    assert!(over_it.vault("A", VAULT, 0).is_empty(), "{metric} above {beyond}");
}

#[test]
fn figures_of_a_vault() {
    is("ltv", "60", "LTV 60.0 %");
    is("ltv_of_limit", "75", "LTV of its limit 75.0 %");
    is("utilization", "80", "credit line used 80.0 %");
    is("room", "25", "room to liquidation 25.0 %");
    is("drop", "24.9999", "drop to liquidation 24.9 %");
    is("health_factor", "1.3333", "health factor 1.33");
    is("collateral", "20000", "collateral $20,000");
    is("debt", "12000", "debt $12,000");
    is("price", "2000", "collateral price $2,000");
}

#[test]
fn a_vault_without_debt_has_the_best_of_health() {
    let idle = r#"{"ltv":"0","liquidationThreshold":"80","debt":[],"collateral":[]}"#;
    for (metric, enter) in [("health_factor", "1.5"), ("drop", "50"), ("room", "50")] {
        let mut world = World::new(&simple(metric, "below", enter, ""));
        assert!(world.vault("A", idle, 0).is_empty(), "{metric}");
    }
    let mut world = World::new(&simple("health_factor", "above", "3", ""));
    assert_eq!(world.vault("A", idle, 0), ["raise High [rule:r A] A: health factor ∞"]);
}

#[test]
fn a_closed_vault_is_well() {
    let mut world = World::new(&simple("ltv", "above", "50", ""));
    assert_eq!(world.vault("A", VAULT, 0), ["raise High [rule:r A] A: LTV 60.0 %"]);
    assert_eq!(
        world.vault("A", r#"{"status":"CLOSED"}"#, 1),
        ["over High [rule:r A] A recovered: LTV 60.0 %"]
    );
}

#[test]
fn stablecoins_of_a_vault() {
    let mut world = World::new(&simple("depeg", "above", "1", ""));
    assert!(world.vault("A", VAULT, 0).is_empty());
    let off = r#"{"debt":[{"token":"USDC","amount":"12000","valueUSD":"11820"}]}"#;
    assert_eq!(
        world.vault("A", off, 1),
        ["raise High [rule:r A] A: stablecoin off its peg 1.50 %"]
    );
    // Above the peg counts as well; a token that is no stablecoin does not.
    let above = r#"{"debt":[{"token":"DAI","amount":"100","valueUSD":"103"}]}"#;
    assert_eq!(
        world.vault("B", above, 1),
        ["raise High [rule:r B] B: stablecoin off its peg 3.00 %"]
    );
    let ether = r#"{"debt":[{"token":"WETH","amount":"1","valueUSD":"2000"}],"collateral":[]}"#;
    assert!(world.vault("C", ether, 1).is_empty());
}

#[test]
fn status_of_a_vault() {
    let rule = "[[rule]]\nname = \"r\"\nmetric = \"vault_status\"\nis = [\"suspended\", \"CLOSED\"]\n\
                severity = \"medium\"\nfor = \"0s\"\nrecovery = \"0s\"\n";
    let mut world = World::new(rule);
    assert!(world.vault("A", VAULT, 0).is_empty());
    assert_eq!(
        world.vault("A", r#"{"status":"SUSPENDED"}"#, 1),
        ["raise Medium [rule:r A] A is suspended"]
    );
    assert_eq!(
        world.vault("A", r#"{"status":"ACTIVE"}"#, 2),
        ["over Medium [rule:r A] A is active again"]
    );
}

#[test]
fn age_of_a_vault() {
    let mut world = World::new(&simple("data_age", "above", "\"60s\"", ""));
    assert!(world.vault("A", VAULT, 0).is_empty());
    assert!(world.watch.has_timers());
    assert!(world.tick(59).is_empty());
    assert!(world.tick_while(false, 60).is_empty(), "the feed is down, which is told by itself");
    assert_eq!(world.tick(60), ["raise High [rule:r A] A: data age 60 s"]);
    assert_eq!(world.vault("A", "{}", 61), ["over High [rule:r A] A recovered: data age 0 s"]);
    let mut pending = World::new(
        &simple("data_age", "above", "\"60s\"", "").replace("for = \"0s\"", "for = \"10s\""),
    );
    pending.vault("A", VAULT, 0);
    assert!(pending.tick(60).is_empty(), "pending");
    assert!(pending.tick_while(false, 100).is_empty(), "the feed is down");
    assert_eq!(pending.tick(101), ["raise High [rule:r A] A: data age 101 s"]);
}

#[test]
fn prices_and_pegs_of_a_market() {
    let mut world =
        World::new(&simple("price", "below", "2000", "token = \"weth\"\nscope.chains = [1, 10]"));
    assert!(world.market(1, r#"{"priceFeeds":{"WETH":"2000.01"}}"#, 0).is_empty());
    assert_eq!(
        world.market(1, r#"{"priceFeeds":{"WETH":"1936"}}"#, 1),
        ["raise High [rule:r@1] weth $1,936 on Ethereum"]
    );
    assert_eq!(
        world.market(10, r#"{"priceFeeds":{"WETH":"1930"}}"#, 1),
        ["raise High [rule:r@10] weth $1,930 on Optimism"],
        "an alert for each chain"
    );
    assert!(world.market(137, r#"{"priceFeeds":{"WETH":"1"}}"#, 1).is_empty(), "out of scope");
    let mut world = World::new(&simple("depeg", "above", "2.5", "token = \"USDC\""));
    assert!(world.market(1, r#"{"priceFeeds":{"USDC":"0.976"}}"#, 0).is_empty());
    assert_eq!(
        world.market(1, r#"{"priceFeeds":{"USDC":"0.9712"}}"#, 1),
        ["raise High [rule:r@1] USDC off its peg 2.88 % on Ethereum"]
    );
}

#[test]
fn other_figures_of_a_market() {
    let json = r#"{"volatility":"81.5","gasPrice":"210","utilization":{"USDC":"91.25"}}"#;
    for (metric, more, title) in [
        ("volatility", "", "volatility 81.5 % on Ethereum"),
        ("gas_price", "", "gas price 210 on Ethereum"),
        ("utilization", "token = \"USDC\"", "USDC utilisation 91.3 % on Ethereum"),
    ] {
        let mut world = World::new(&simple(metric, "above", "80", more));
        assert_eq!(world.market(1, json, 0), [format!("raise High [rule:r@1] {title}")]);
    }
    let mut world = World::new(&simple("market_age", "above", "\"3m\"", ""));
    assert!(world.market(1, "{}", 0).is_empty());
    assert!(world.watch.has_timers() && world.tick(179).is_empty());
    assert_eq!(world.tick(180), ["raise High [rule:r@1] market data age 3 min on Ethereum"]);
    assert_eq!(
        world.market(1, "{}", 200),
        ["over High [rule:r@1] Recovered: market data age 0 s on Ethereum"]
    );
}

#[test]
fn fields_of_the_platforms_status() {
    let json = r#"{"isRunning":false,"alertsCount":7,"mode":"Degraded","queue":{"depth":"12.5"},
        "performanceMetrics":{"successRate":"91.2"}}"#;
    for (field, when, enter, title) in [
        ("isRunning", "below", "0", "isRunning 0"),
        ("alertsCount", "above", "7", "alertsCount 7"),
        ("performanceMetrics.successRate", "below", "95", "performanceMetrics.successRate 91.2"),
        ("queue.depth", "above", "12.5", "queue.depth 12.5"),
    ] {
        let mut world = World::new(&simple("status", when, enter, &format!("field = \"{field}\"")));
        assert_eq!(world.status(json, 0), [format!("raise High [rule:r] Platform: {title}")]);
    }
    let rule = "[[rule]]\nname = \"r\"\nmetric = \"status\"\nfield = \"mode\"\nis = [\"degraded\"]\n\
                severity = \"medium\"\nfor = \"0s\"\nrecovery = \"0s\"\n";
    let mut world = World::new(rule);
    assert_eq!(world.status(json, 0), ["raise Medium [rule:r] Platform: mode is degraded"]);
    assert_eq!(
        world.status(r#"{"isRunning":true,"mode":"normal"}"#, 1),
        ["over Medium [rule:r] Platform: mode is no longer degraded"]
    );
}

#[test]
fn changes_over_a_window() {
    let fall = "token = \"WETH\"\nchange = \"percent\"\nover = \"30m\"";
    let mut world = World::new(&simple("price", "below", "-10", fall));
    let price = |world: &mut World, price: &str, second| {
        world.market(1, &format!("{{\"priceFeeds\":{{\"WETH\":\"{price}\"}}}}"), second)
    };
    assert!(price(&mut world, "2000", 0).is_empty());
    assert!(price(&mut world, "1801", 600).is_empty());
    assert_eq!(
        price(&mut world, "1752.4", 1_200),
        ["raise High [rule:r@1] WETH −12.4 % in 30 min on Ethereum"]
    );
    assert_eq!(
        world.tick(3_000),
        ["over High [rule:r@1] Recovered: WETH +0.0 % in 30 min on Ethereum"],
        "the fall lies before the window by now"
    );
    let climb = "change = \"absolute\"\nover = \"10m\"";
    let mut world = World::new(&simple("ltv", "above", "5", climb));
    assert!(world.vault("A", VAULT, 0).is_empty());
    assert_eq!(
        world.vault("A", r#"{"ltv":"65.5"}"#, 60),
        ["raise High [rule:r A] A: LTV +5.5 points in 10 min"]
    );
}

#[test]
fn what_is_not_known() {
    let unknown = r#"{"name":"nobody told"}"#;
    let mut keep = World::new(&simple("ltv", "above", "50", ""));
    assert!(keep.vault("A", unknown, 0).is_empty());
    assert_eq!(keep.vault("A", VAULT, 1).len(), 1);
    assert!(keep.vault("A", r#"{"full":true}"#, 2).is_empty(), "what is known holds on");
    assert_eq!(keep.watch.size(), (1, 1));
    let mut ok = World::new(&simple("ltv", "above", "50", "no_data = \"ok\""));
    assert_eq!(ok.vault("A", VAULT, 1).len(), 1);
    assert_eq!(ok.vault("A", r#"{"full":true}"#, 2).len(), 1, "over");
    let mut alert = World::new(&simple("ltv", "above", "50", "no_data = \"alert\""));
    assert_eq!(alert.vault("A", unknown, 0), ["raise High [rule:r A] nobody told: LTV no data"]);
}
