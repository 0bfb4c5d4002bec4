//! The notification center of the real window: many at once, taken back, exported, and what is chosen is kept.

use anyhow::{Context, Result};
use e2e::{Desktop, Launch, Page, feed::Feed, fixtures::Vault};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn many_are_acknowledged_taken_back_and_exported() -> Result<()> {
    let desktop = Desktop::start().await?;
    let feed = Feed::start().await?;
    let page = Launch::feed(&feed.url()).drive(&desktop).await?;
    feed.wait_for_connections(1).await?;
    for id in ["A-1", "A-2", "A-3"] {
        feed.send_vault(&Vault::critical(id))?;
    }
    page.click("nav-alerts").await?;
    page.wait_text("select-all-text", "three alerts", |text| text.starts_with("3 ")).await?;

    page.click("select-all").await?;
    page.click("bulk-ack").await?;
    let said = page.wait_for("undo-bar").await?;
    assert!(said.contains("Acknowledged 3 alerts"), "{said}");
    wait_for_states(&page, "acknowledged", 3).await?;
    page.click("undo").await?;
    wait_for_states(&page, "firing", 3).await?;

    page.click("export-alerts").await?;
    page.click("export-csv").await?;
    let path = page.wait_for("export-path").await?;
    let csv = std::fs::read_to_string(path.trim()).context("the file that was named")?;
    assert_eq!(csv.lines().count(), 4, "{csv}");
    assert!(csv.contains(",A-2,") && csv.contains(",firing,"), "{csv}");

    page.click("export-alerts").await?;
    page.click("export-json").await?;
    let is_json = |text: &str| text.trim().ends_with(".json");
    let path = page.wait_text("export-path", "the other file", is_json).await?;
    let json = std::fs::read(path.trim()).context("the file that was named")?;
    let exported: Vec<serde_json::Value> = serde_json::from_slice(&json)?;
    assert_eq!(exported.len(), 3);
    for one in &exported {
        // The platform's own words, as they came over the wire and through the database.
        let raised_by = one["raisedBy"]["text"].as_str().context("the message")?;
        let vault = one["vault"].as_str().context("a vault's alert")?;
        assert!(
            raised_by.starts_with(&format!("{{\"type\":\"vault_update_{vault}\"")),
            "{raised_by}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn where_toasts_fly_is_kept() -> Result<()> {
    let desktop = Desktop::start().await?;
    let feed = Feed::start().await?;
    let page = Launch::feed(&feed.url()).drive(&desktop).await?;
    page.click("nav-settings").await?;
    page.wait_for("settings").await?;
    let position = "document.querySelector('[data-testid=toast-position-top-left]').click()";
    page.driver.script(position, &[]).await?;
    wait_for_position(&page, "top-left").await?;
    // As after a restart of the window: it knows nothing but what the backend keeps.
    page.driver.script("location.reload()", &[]).await?;
    wait_for_position(&page, "top-left").await
}

async fn wait_for_position(page: &Page, position: &str) -> Result<()> {
    e2e::patience::until(&format!("toasts at {position}"), async || {
        let there = page.attribute("toasts", "data-position").await?;
        Ok((there.as_deref() == Some(position)).then_some(()))
    })
    .await
}

async fn wait_for_states(page: &Page, state: &str, number: u64) -> Result<()> {
    let script = "return document.querySelectorAll(arguments[0]).length";
    let css = format!(".alerts-list [data-state={state}]");
    e2e::patience::until(&format!("{number} alerts {state}"), async || {
        let found = page.driver.script(script, &[json!(css)]).await?;
        Ok((found.as_u64() == Some(number)).then_some(()))
    })
    .await
}
