//! Scenarios from files, played by a gateway to clients over real sockets.
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gateway::{Access, Gateway, Performance, Repeat, Script, ScriptError, Source, Speed};
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;

use crate::plain::{PATIENCE, Plain};
use crate::published;

fn shipped() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.collect();
    files.sort();
    assert!(files.len() >= 3);
    files
}

fn script(text: &str) -> Script {
    Script::parse(text, Path::new("test.toml")).unwrap_or_else(|error| panic!("{error}"))
}

async fn play(performance: Performance) -> Gateway {
    let listen = "127.0.0.1:0".parse().unwrap();
    Gateway::bind(listen, Access::open(), Source::Script(performance)).await.unwrap()
}

#[tokio::test]
async fn every_shipped_scenario_plays_to_its_end_or_for_minutes() {
    for path in shipped() {
        let script = Script::open(&path).unwrap_or_else(|error| panic!("{error}"));
        let vaults = script.vaults();
        let speed = Speed::new(200).unwrap();
        let gateway = play(Performance { speed, ..Performance::new(script) }).await;
        let mut client = Plain::connect(&gateway.url()).await;
        let (mut seen, mut alerts) = (std::collections::BTreeSet::new(), 0);
        let begun = Instant::now();
        // Of each vault it tells, and that something is wrong with some.
        while seen.len() < vaults || alerts == 0 {
            assert!(begun.elapsed() < PATIENCE, "{}: {} of {vaults}", path.display(), seen.len());
            let Some(Message::Text(text)) = client.within(Duration::from_millis(100)).await else {
                // A scenario may take the connection away, and the gateway for a while.
                if let Ok(again) = Plain::try_connect(&gateway.url()).await {
                    client = again;
                }
                continue;
            };
            let Ok(message) = serde_json::from_str::<Value>(&text) else { continue };
            let Some(ty) = message["type"].as_str() else { continue };
            alerts += usize::from(ty == "risk_alert");
            if ty.starts_with("vault_update_") {
                seen.insert(ty.to_owned());
            }
        }
        assert_eq!(seen.len(), vaults, "{}: no more than are described", path.display());
        gateway.shutdown().await;
    }
}

#[tokio::test]
async fn a_vault_lives_through_what_its_file_says() {
    let script = script(
        r#"
        [[vault]]
        id = "V"
        chain = 137
        collateral = [{ token = "WETH", amount = 10 }]
        debt = { token = "USDC", amount = 14000 }
        threshold = 80
        [[price]]
        token = "WETH"
        to = 2000.0
        [[price]]
        token = "WETH"
        at = "30s"
        by = -10
        [[act]]
        at = "1m"
        vault = "V"
        repay = 4000
        "#,
    );
    let speed = Speed::new(100).unwrap();
    let gateway = play(Performance { speed, ..Performance::new(script) }).await;
    let mut client = Plain::connect(&gateway.url()).await;
    let first = client.until(|m| m["type"] == "vault_update_V").await;
    assert_eq!(first["data"]["chainId"], 137);
    assert_eq!(first["data"]["ltv"], 70.0);
    let ltv =
        |m: &Value| if m["type"] == "vault_update_V" { m["data"]["ltv"].as_f64() } else { None };
    let fallen = client.until(|m| ltv(m).is_some_and(|ltv| ltv > 70.0)).await;
    assert_eq!(fallen["data"]["ltv"].as_f64().unwrap(), 77.7778);
    let alert = client.until(|m| m["type"] == "risk_alert").await;
    assert_eq!(
        (&alert["data"]["vaultId"], &alert["data"]["severity"]),
        (&"V".into(), &"CRITICAL".into())
    );
    assert!(alert["id"].is_string());
    let saved = client.until(|m| ltv(m).is_some_and(|ltv| ltv < 70.0)).await;
    assert_eq!(saved["data"]["ltv"].as_f64().unwrap(), 55.5556);
    let resolved = client.until(|m| m["data"]["resolved"] == true).await;
    assert_eq!(resolved["data"]["id"], alert["data"]["id"]);
}

#[tokio::test]
async fn faults_reach_the_clients() {
    let script = script(
        r#"
        population = 5
        rate = 100
        [[fault]]
        at = "30s"
        kind = "malformed_frame"
        count = 2
        [[fault]]
        at = "31s"
        kind = "duplicate"
        count = 4
        [[fault]]
        at = "32s"
        kind = "malformed_data"
        [[fault]]
        at = "34s"
        kind = "restart"
        for = "50s"
        "#,
    );
    // Nothing happens for three seconds: whoever wants to see it has to be there by then.
    let speed = Speed::new(10).unwrap();
    let gateway = play(Performance { speed, ..Performance::new(script) }).await;
    let mut client = Plain::connect(&gateway.url()).await;
    let (mut ids, mut frames, mut twice, mut wrong) = (std::collections::BTreeSet::new(), 0, 0, 0);
    loop {
        match client.next().await {
            Message::Text(text) => match serde_json::from_str::<Value>(&text) {
                Err(_) => frames += 1,
                Ok(message) => {
                    wrong += usize::from(message["data"]["severity"] == "SEVERE");
                    if let Some(id) = message["id"].as_str() {
                        twice += usize::from(!ids.insert(id.to_owned()));
                    }
                }
            },
            Message::Close(reason) => {
                assert_eq!(u16::from(reason.unwrap().code), 1001);
                break;
            }
            _ => {}
        }
    }
    assert_eq!((frames, twice, wrong), (2, 4, 1));
    // Nobody is there for five seconds.
    assert!(Plain::try_connect(&gateway.url()).await.is_err());
    let begun = Instant::now();
    let mut client = loop {
        if let Ok(client) = Plain::try_connect(&gateway.url()).await {
            break client;
        }
        assert!(begun.elapsed() < PATIENCE, "never back");
        tokio::task::yield_now().await;
    };
    client.until(|m| m["data"]["full"] == true).await;
    gateway.shutdown().await;
}

#[tokio::test]
async fn a_connection_is_taken_away_without_a_word_and_more_can_be_had_at_once() {
    // Again and again, for whoever comes late to the first time; and far enough from each other to be there in between.
    let again = |n| format!("[[fault]]\nat = \"{}s\"\nkind = \"disconnect\"\n", 5 + 40 * n);
    let script = script(&format!("population = 5\n{}", (0..15).map(again).collect::<String>()));
    let speed = Speed::new(10).unwrap();
    let gateway = play(Performance { speed, ..Performance::new(script) }).await;
    let mut client = Plain::connect(&gateway.url()).await;
    while let Some(message) = client.within(PATIENCE).await {
        assert!(!matches!(message, Message::Close(_)), "{message:?}");
    }
    let mut client = Plain::connect(&gateway.url()).await;
    client.until(|m| m["data"]["full"] == true).await;
}

#[tokio::test]
async fn silence_and_lateness_are_about_their_types_alone() {
    let script = script(
        r#"
        population = 5
        rate = 50
        [[fault]]
        at = "1s"
        kind = "silence"
        for = "1h"
        types = ["vault_update_*"]
        [[fault]]
        at = "1s"
        kind = "late"
        for = "1h"
        by = "30s"
        types = ["system_status"]
        "#,
    );
    let speed = Speed::new(20).unwrap();
    let gateway = play(Performance { speed, ..Performance::new(script) }).await;
    let mut client = Plain::connect(&gateway.url()).await;
    let begun = Instant::now();
    let (mut last_vault, mut newest) = (0, 0);
    loop {
        let message = client.until(|m| m["type"].is_string()).await;
        let at = message["timestamp"].as_i64().unwrap();
        if message["type"] == "system_status" && newest - at > 1_000 {
            // A second and a half by the clients' clock, and what this machine makes of it; not half a minute.
            assert!((1_400..15_000).contains(&(newest - at)), "{}", newest - at);
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "nothing was late");
        newest = newest.max(at);
        if message["type"].as_str().unwrap().starts_with("vault_update_") {
            last_vault = at;
        }
    }
    assert!(newest - last_vault > 1_000, "{newest} {last_vault}");
}

#[tokio::test]
async fn an_end_is_an_end_unless_it_is_repeated() {
    let text = "population = 3\nrate = 100\nlength = \"2s\"\n";
    let speed = Speed::new(10).unwrap();
    for (repeat, rounds) in [(Repeat::Once, 1), (Repeat::Forever, 3)] {
        let gateway = play(Performance { speed, repeat, ..Performance::new(script(text)) }).await;
        published(&gateway, 150 * rounds).await;
        if repeat == Repeat::Once {
            let mut client = Plain::connect(&gateway.url()).await;
            let mut quiet = 0;
            while quiet < 3 {
                quiet += usize::from(client.within(Duration::from_millis(200)).await.is_none());
            }
            assert!(gateway.stats().published < 300);
        }
    }
}

#[test]
fn what_makes_no_sense_is_named_with_line_and_field() {
    #[track_caller]
    fn check(text: &str, line: usize, field: &str) {
        match Script::parse(text, Path::new("x.toml")) {
            Err(ScriptError::Invalid { line: at, field: named, reason, .. }) => {
                assert_eq!((at, named.as_str()), (line, field), "{reason}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    check("", 1, "vault");
    check("population = 5\nrate = 0\n", 2, "rate");
    check("population = 5\nnoticed = 1.5\n", 2, "noticed");
    check("population = 5\nlength = \"5ms\"\n", 2, "length");
    let vault = |line: &str| {
        format!(
            "[[vault]]\nid = \"A\"\ncollateral = [{{ token = \"WETH\", amount = 1 }}]\ndebt = {{ token = \"DAI\", amount = 1 }}\n{line}\n"
        )
    };
    check(&vault("chain = 5"), 5, "vault.chain");
    check(&vault("threshold = 120"), 5, "vault.threshold");
    check(&vault("max_ltv = 99"), 5, "vault.max_ltv");
    check(&vault("reacts_within = \"1m\""), 5, "vault.reacts_within");
    check(
        &vault("[[vault]]\nid = \"A\"\ncollateral = []\ndebt = { token = \"DAI\", amount = 1 }"),
        7,
        "vault.collateral",
    );
    check(&(vault("") + &vault("")), 7, "vault.id");
    check(&vault("[[act]]\nat = \"1s\"\nvault = \"B\"\nrepay = 1"), 7, "act.vault");
    check(&vault("[[act]]\nat = \"1s\"\nvault = \"A\""), 7, "act");
    check(&vault("[[act]]\nat = \"1s\"\nvault = \"A\"\nrepay = -1"), 8, "act.repay");
    check(
        "population = 9\n[[vault]]\nid = \"ETH-003\"\ncollateral = [{ token = \"WETH\", amount = 1 }]\ndebt = { token = \"DAI\", amount = 1 }",
        3,
        "vault.id",
    );
    check(&vault("").replace("WETH", "DOGE"), 3, "vault.collateral.token");
    check(&vault("").replace("DAI", "WETH"), 4, "vault.debt.token");
    check(&vault("").replace("\"A\"", "\"a b\""), 2, "vault.id");
    let price = |line: &str| format!("population = 2\n[[price]]\ntoken = \"WETH\"\n{line}\n");
    check(&price(""), 3, "price");
    check(&price("to = 1\nby = 2"), 3, "price");
    check(&price("to = -1"), 4, "price.to");
    check(&price("by = -100"), 4, "price.by");
    check(&price("volatility = 99"), 4, "price.volatility");
    check(&price("volatility = 9\nover = \"1s\""), 5, "price.over");
    check(&price("to = 9").replace("WETH", "*"), 3, "price.token");
    check(&price("to = 9").replace("WETH", "X"), 3, "price.token");
    let fault = |line: &str| format!("population = 2\n[[fault]]\nat = \"1s\"\n{line}\n");
    check(&fault("kind = \"silence\""), 4, "fault.for");
    check(&fault("kind = \"late\"\nfor = \"1s\""), 4, "fault.by");
    check(&fault("kind = \"burst\"\ncount = 0"), 5, "fault.count");
    check(&fault("kind = \"disconnect\"\nfor = \"1s\""), 5, "fault.for");
    check(&fault("kind = \"silence\"\nfor = \"1s\"\ntypes = []"), 6, "fault.types");
}

#[test]
fn what_is_no_scenario_at_all_is_shown_where_it_is() {
    for (text, said) in [
        ("population = 5\nwheather = \"calm\"\n", ["line 2", "wheather"]),
        ("population = 5\nrate = \"fast\"\n", ["line 2", "rate = \"fast\""]),
        ("population = 5\n[[fault]]\nat = \"1s\"\nkind = \"flood\"\n", ["line 4", "flood"]),
        (
            "population = 5\n[[price]]\ntoken = \"WETH\"\nat = \"soon\"\nto = 1\n",
            ["line 4", "soon"],
        ),
        ("population = \n", ["line 1", "population"]),
    ] {
        let error = Script::parse(text, Path::new("x.toml")).unwrap_err();
        assert!(matches!(error, ScriptError::Toml { .. }));
        let error = error.to_string();
        assert!(said.iter().all(|said| error.contains(said)), "{error}");
    }
    let missing = Script::open(Path::new("/nowhere/x.toml"));
    assert!(matches!(missing, Err(ScriptError::Io { .. })));
}
