//! The window shows what the feed says, digit by digit and soon after the start.

use std::time::Duration;

use anyhow::{Context, Result};
use e2e::{
    Browser, Desktop, Launch, Page, browser::PLAYED, feed::Feed, fixtures::Vault,
    screenshots::Theme,
};

/// More digits than a binary floating-point number holds: one anywhere on the way would change them.
const PRECISE: &str = "74.612345678901234567";

#[tokio::test(flavor = "multi_thread")]
async fn rows_appear_and_change_as_sent() -> Result<()> {
    let desktop = Desktop::start().await?;
    let feed = Feed::start().await?;
    let page = Launch::feed(&feed.url()).drive(&desktop).await?;
    feed.wait_for_connections(1).await?;
    page.wait_text("connection-state", "the word Live", |text| text.contains("Live")).await?;
    assert_eq!(page.text("demo-banner").await?, None);

    feed.send_vault(&Vault::eth_017_high().with_ltv(PRECISE))?;
    page.wait_for("vault-row-ETH-017").await?;
    assert_ltv(&page, "74.6", PRECISE).await?;

    feed.send_vault(&Vault::eth_017_critical())?;
    assert_ltv(&page, "76.0", "75.97").await?;
    page.wait_text("vault-hf-ETH-017", "1.086", |text| text.contains("1.086")).await?;
    page.wait_text("vault-level-ETH-017", "the word Critical", |text| text.contains("Critical"))
        .await?;

    feed.send_vault(&Vault { id: "SOL-002".into(), ..Vault::eth_017_high() })?;
    page.wait_for("vault-row-SOL-002").await?;
    let search = page.driver.find("[data-testid=\"search\"]").await?.context("no search")?;
    page.driver.type_into(&search, "sol").await?;
    page.wait_for_none("vault-row-ETH-017").await?;
    page.wait_for("vault-row-SOL-002").await?;
    Ok(())
}

/// A row that had become critical stood among the high ones for up to five seconds, under a strip that counted it already.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_becomes_critical_or_high_stands_among_those_at_once() -> Result<()> {
    /// Milliseconds. It may take half of that: worse is put in its place four times a second at the most.
    const LOOK: u64 = 600;
    let browser = Browser::start().await?;
    browser.open(Theme::Dark, "live", "overview", (1280, 800)).await?;
    browser.advance(1_000).await?;
    let begin = critical_rows(&browser).await?;
    let mut before = Vec::new();
    for look in 0..PLAYED / LOOK {
        browser.advance(LOOK).await?;
        let lower = rows_under_less(&browser).await?;
        let stayed: Vec<_> = lower.iter().filter(|row| before.contains(*row)).collect();
        assert!(stayed.is_empty(), "{stayed:?} after {} ms", (look + 1) * LOOK);
        before = lower;
    }
    let end = critical_rows(&browser).await?;
    assert!(end.iter().any(|row| !begin.contains(row)), "none became critical: {begin:?}");
    Ok(())
}

async fn critical_rows(browser: &Browser) -> Result<Vec<String>> {
    let script = "return [...document.querySelectorAll('.lines .row[data-level=critical]')].map((row) => row.id)";
    Ok(serde_json::from_value(browser.driver.script(script, &[]).await?)?)
}

/// The rows that are critical or high under a header that says less.
async fn rows_under_less(browser: &Browser) -> Result<Vec<String>> {
    let script = "const rank = { critical: 0, high: 1 };
        const rankOf = (line) => rank[line.dataset.level] ?? 2;
        const lower = [];
        let header = 2;
        for (const line of document.querySelectorAll('.lines > [data-level]')) {
            if (line.matches('.section')) header = rankOf(line);
            else if (rankOf(line) < header) lower.push(line.id);
        }
        return lower";
    Ok(serde_json::from_value(browser.driver.script(script, &[]).await?)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_on_a_row_opens_the_vault() -> Result<()> {
    let desktop = Desktop::start().await?;
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_critical().envelope()]);
    let page = Launch::feed(&feed.url()).drive(&desktop).await?;

    page.click_until("vault-row-ETH-017", "vault-detail").await?;
    let shown = |text: &str| text.contains("ETH-017") && text.contains("1,783");
    page.wait_text("vault-detail", "its name and liquidation price", shown).await?;

    feed.send_vault(&Vault::eth_017_still_critical())?;
    page.wait_text("vault-detail", "the next LTV", |text| text.contains("76.2")).await?;

    page.click("nav-overview").await?;
    page.wait_for("vault-row-ETH-017").await?;
    page.wait_for_none("vault-detail").await
}

#[tokio::test(flavor = "multi_thread")]
async fn diagnostics_are_written_for_their_owner_alone() -> Result<()> {
    let desktop = Desktop::start().await?;
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_critical().envelope()]);
    let page = Launch::feed(&feed.url()).drive(&desktop).await?;
    page.wait_for("vault-row-ETH-017").await?;
    page.click("nav-system").await?;
    // Notices come a moment later, above it: it may move away from below a click.
    page.click_until("diagnostics-export", "diagnostics-path").await?;
    let path = page.wait_for("diagnostics-path").await?;
    let text = std::fs::read_to_string(path.trim()).context("the file that was named")?;
    let json: serde_json::Value = serde_json::from_str(&text)?;
    assert_eq!(json["statistics"]["vaults"], 1);
    // The connection's figures, and what happened to it.
    assert!(json["connection"]["timeInState"]["connected"].is_u64(), "{text}");
    let events = json["events"].as_array().context("a list of events")?;
    let connected = |event: &serde_json::Value| event["current"]["state"] == "connected";
    assert!(events.iter().any(connected), "{text}");
    assert!(!text.contains("ETH-017"), "no vault is named: {text}");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path.trim())?.permissions());
    assert_eq!(mode & 0o777, 0o600);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_row_is_there_soon_after_the_start() -> Result<()> {
    let desktop = Desktop::start().await?;
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_high().envelope()]);

    let page = Launch::feed(&feed.url()).drive(&desktop).await?;
    page.wait_for("vault-row-ETH-017").await?;
    let taken = page.driver.started().elapsed();

    eprintln!("first row {} ms after the start", taken.as_millis());
    // The bar is 3 s. Twice that is allowed here, because this machine draws without a graphics card, runs another
    // desktop beside this one, and the clock also counts WebDriver's own work; what was measured is printed.
    assert!(taken < Duration::from_secs(6), "first row only after {taken:?}");
    Ok(())
}

/// One decimal on the screen, and every digit that was sent behind it.
async fn assert_ltv(page: &Page, shown: &str, sent: &str) -> Result<()> {
    let cell = "vault-ltv-ETH-017";
    page.wait_text(cell, shown, |text| text.starts_with(shown)).await?;
    let title = page.attribute(cell, "title").await?.unwrap_or_default();
    assert!(title.contains(sent), "{title:?} does not tell {sent}");
    Ok(())
}
