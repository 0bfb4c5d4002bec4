//! Pictures of the window in both themes and at both ends of its widths, left behind to be looked at.

use anyhow::{Result, bail};
use e2e::{Desktop, Launch, Page, feed::Feed, fixtures::Vault, screenshots::Theme};

const NARROW: u64 = 360;

#[tokio::test(flavor = "multi_thread")]
async fn both_themes_and_a_narrow_window() -> Result<()> {
    let desktop = Desktop::start().await?;
    let feed = Feed::start().await?;
    let vaults = portfolio();
    feed.greet_with(&vaults.iter().map(Vault::envelope).collect::<Vec<_>>());
    let page = Launch::feed(&feed.url()).drive(&desktop).await?;
    page.wait_for("vault-row-ETH-017").await?;
    feed.wait_for_connections(1).await?;
    // Its words tell where it came from.
    feed.send_vault(&Vault::eth_017_critical())?;
    page.wait_text("vault-level-ETH-017", "Critical", |text| text.contains("Critical")).await?;

    for theme in [Theme::Dark, Theme::Light] {
        page.resize(1440, 900).await?;
        set_theme(&page, theme).await?;
        page.save_screenshot("overview", theme).await?;
        page.click("notification-bell").await?;
        page.wait_for("notification-panel").await?;
        page.save_screenshot("notifications", theme).await?;
        page.click("notification-bell").await?;
        page.click("vault-row-ETH-017").await?;
        page.wait_for("vault-detail").await?;
        page.save_screenshot("vault", theme).await?;
        page.click("nav-overview").await?;

        page.resize(NARROW, 800).await?;
        page.wait_for("vault-row-ETH-017").await?;
        let width = page.driver.script("return document.documentElement.scrollWidth", &[]).await?;
        assert_eq!(width, NARROW, "the page scrolls sideways");
        page.save_screenshot("overview", theme).await?;
    }
    Ok(())
}

/// Clicks through the themes until the window looks like the wanted one.
async fn set_theme(page: &Page, theme: Theme) -> Result<()> {
    for _ in 0..4 {
        let brightness = page.picture().await?.brightness();
        let is_there = match theme {
            Theme::Dark => brightness < 90,
            Theme::Light => brightness > 165,
        };
        if is_there {
            return Ok(());
        }
        page.click("theme-toggle").await?;
    }
    bail!("no theme looks {theme}")
}

/// Two dozen vaults from calm to critical.
fn portfolio() -> Vec<Vault> {
    let calm = [
        ("ETH", ("WETH", "100", "200000"), "80000", "40", "2.0625"),
        ("BTC", ("WBTC", "3", "330000"), "214500", "65", "1.2692"),
        ("SOL", ("SOL", "900", "180000"), "126000", "70", "1.1786"),
        ("LST", ("wstETH", "50", "125000"), "92500", "74", "1.1149"),
    ];
    let mut vaults = vec![Vault::eth_017_high()];
    for number in 1..=6 {
        for (family, collateral, debt, ltv, health_factor) in calm {
            let id = format!("{family}-{number:03}");
            vaults.push(Vault { id, collateral, debt: ("USDC", debt, debt), ltv, health_factor });
        }
    }
    vaults
}
