//! A server this project did not write, which also says what no server should.

use anyhow::{Context, Result};
use e2e::{
    Desktop, Launch, Page,
    ctl::Ctl,
    fixtures::{Vault, envelope},
    python_feed::PythonFeed,
};
use serde_json::Value;

/// Of the size limit for one message, 16 MiB, and then some.
const TOO_BIG: u32 = 20;

/// A price where a number belongs: the envelope is fine, its content is not.
fn wrong_type() -> String {
    let data = r#"{"id":"ETH-017","chainId":1,"ltv":{"percent":99},"healthFactor":1.01}"#;
    envelope("vault_update_ETH-017", data)
}

fn sparse() -> String {
    envelope("vault_update", r#"{"vaultId":"123","ltv":75}"#)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_survives_a_hostile_server() -> Result<()> {
    let desktop = Desktop::start().await?;
    let mut feed = PythonFeed::start(&desktop).await?;
    let page = Launch::feed(&feed.url()).drive(&desktop).await?;
    feed.wait_for_client().await?;
    wait_for_live(&page).await?;
    shows_next(&mut feed, &page, "70.1").await?;

    feed.send_raw(&sparse()).await?;
    page.wait_text("vault-ltv-123", "75.0", |text| text.starts_with("75.0")).await?;

    feed.send_raw("{\"type\":\"vault_update_ETH-017\",").await?;
    shows_next(&mut feed, &page, "70.2").await?;
    feed.send_raw(&wrong_type()).await?;
    shows_next(&mut feed, &page, "70.3").await?;
    feed.send_raw(r#"{"type":7,"data":{},"timestamp":1}"#).await?;
    shows_next(&mut feed, &page, "70.4").await?;
    feed.send_binary(&[0, 159, 146, 150]).await?;
    shows_next(&mut feed, &page, "70.5").await?;

    let before = clients(&feed);
    feed.send_big(TOO_BIG).await?;
    wait_for_client_after(&feed, before).await?;
    wait_for_live(&page).await?;
    shows_next(&mut feed, &page, "70.6").await?;

    page.click("nav-system").await?;
    page.wait_text("invalid-list", "each of them", |text| {
        text.contains("ltv")
            && text.contains("type")
            && text.contains("{\"type\":\"vault_update_ETH-017\",")
    })
    .await?;
    page.click("nav-overview").await?;

    let before = clients(&feed);
    feed.close(1000).await?;
    wait_for_client_after(&feed, before).await?;
    wait_for_live(&page).await?;
    shows_next(&mut feed, &page, "70.7").await?;

    feed.stop().await?;
    page.wait_text("connection-state", "trouble", |text| text.contains("Reconnecting")).await?;
    feed.start_again().await?;
    wait_for_live(&page).await?;
    feed.wait_for_client().await?;
    shows_next(&mut feed, &page, "70.8").await
}

#[tokio::test(flavor = "multi_thread")]
async fn vaultwatchctl_survives_a_hostile_server() -> Result<()> {
    let desktop = Desktop::start().await?;
    let mut feed = PythonFeed::start(&desktop).await?;
    let url = feed.url();
    let ctl = Ctl::start(desktop.session(), &["watch", "--url", &url, "--json"])?;
    ctl.wait_for("state", |event| event["state"] == "connected").await?;

    feed.send_vault(&Vault::eth_017_high()).await?;
    ctl.wait_for("vault", |event| event["id"] == "ETH-017" && is(&event["ltv"], "74.6")).await?;
    feed.send_raw(&sparse()).await?;
    ctl.wait_for("vault", |event| event["id"] == "123" && is(&event["ltv"], "75")).await?;

    feed.send_raw("{not json").await?;
    let malformed = ctl.wait_for("invalid", |_| true).await?;
    assert!(malformed["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{malformed}");
    feed.send_raw(&wrong_type()).await?;
    let in_ltv = |event: &Value| event["field"].as_str().is_some_and(|f| f.contains("ltv"));
    ctl.wait_for("invalid", in_ltv).await?;
    feed.send_big(TOO_BIG).await?;
    wait_for_client_after(&feed, 1).await?;

    feed.send_vault(&Vault::eth_017_critical()).await?;
    let alert = ctl.wait_for("alert", |event| event["vaultId"] == "ETH-017").await?;
    assert_eq!(alert["severity"], "CRITICAL");
    assert_eq!(alert["state"], "firing");
    assert_eq!(alert["title"], "ETH-017: 7.9 % to liquidation");

    feed.stop().await?;
    feed.start_again().await?;
    feed.wait_for_client().await?;
    feed.send_vault(&Vault::eth_017_still_critical()).await?;
    ctl.wait_for("vault", |event| is(&event["ltv"], "76.21")).await?;

    ctl.interrupt()?;
    let (status, events) = ctl.finish().await?;
    assert_eq!(status.code(), Some(0));
    let summary = events.last().context("no summary")?;
    assert_eq!(summary["event"], "summary", "{summary}");
    assert_eq!(summary["vaults"], 2, "{summary}");
    assert!(summary["invalid"].as_u64() >= Some(3), "{summary}");
    assert!(summary["alerts"].as_u64() >= Some(1), "{summary}");
    let words: Vec<_> = events.iter().filter(|e| e["event"] == "state").collect();
    assert!(words.iter().filter(|e| e["state"] == "connected").count() >= 3, "{words:#?}");
    assert!(events.iter().all(Value::is_object), "a line that is no JSON: {events:#?}");
    Ok(())
}

/// Sends ETH-017 with that LTV and waits for it on the screen: proof that what came before did no harm.
async fn shows_next(feed: &mut PythonFeed, page: &Page, ltv: &'static str) -> Result<()> {
    feed.send_vault(&Vault::eth_017_high().with_ltv(ltv)).await?;
    page.wait_text("vault-ltv-ETH-017", ltv, |text| text.starts_with(ltv)).await?;
    Ok(())
}

async fn wait_for_live(page: &Page) -> Result<()> {
    page.wait_text("connection-state", "the word Live", |text| text.contains("Live")).await?;
    Ok(())
}

fn clients(feed: &PythonFeed) -> usize {
    count(&feed.events().all())
}

async fn wait_for_client_after(feed: &PythonFeed, before: usize) -> Result<()> {
    feed.events().wait_until("the client to come back", |events| count(events) > before).await?;
    Ok(())
}

fn count(events: &[Value]) -> usize {
    events.iter().filter(|event| event["event"] == "connected").count()
}

/// Figures may be JSON numbers or decimal texts; their digits are what counts.
fn is(value: &Value, digits: &str) -> bool {
    match value {
        Value::String(text) => text == digits,
        Value::Number(number) => number.to_string().trim_end_matches(".0") == digits,
        _ => false,
    }
}
