//! Pictures of the window in both themes and at every width: those of the recording are compared with the ones in
//! `docs/screenshots`, those of the app are left behind to be looked at.

use anyhow::{Result, bail, ensure};
use e2e::{
    Browser, Desktop, Launch, Page,
    browser::{PAGES, PLAYED},
    feed::Feed,
    fixtures::Vault,
    screenshots::{self, Likeness, Theme},
};
use serde_json::json;

const NARROW: u64 = 360;
const USUAL: u64 = 1280;
/// The widest one is that of the two pictures in the readme.
const SIZES: [(u64, u64); 3] = [(USUAL, 800), (800, 900), (NARROW, 800)];
const README: (u64, u64) = (1440, 900);
/// Tall enough for all of it.
const GALLERY: (u64, u64) = (1600, 4000);
/// Views that are looked at in German as well, where words are longer: what has room in English may have none there.
const GERMAN: [&str; 4] = ["overview", "vault", "alerts", "settings"];

#[tokio::test(flavor = "multi_thread")]
async fn every_view_looks_as_it_did_in_the_dark() -> Result<()> {
    every_view(Theme::Dark).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_view_looks_as_it_did_in_the_light() -> Result<()> {
    every_view(Theme::Light).await
}

async fn every_view(theme: Theme) -> Result<()> {
    let browser = Browser::start().await?;
    let mut others = Vec::new();
    for size in SIZES {
        browser.open(theme, "live", "overview", size).await?;
        browser.advance(PLAYED).await?;
        wave_toasts_away(&browser).await?;
        for (view, page) in PAGES {
            browser.go(page).await?;
            assert_fits(&browser, view, size.0).await?;
            compare(&browser, view, theme, size.0, &mut others).await?;
        }
        // Hundreds of alerts at once leave room for the page.
        browser.open(theme, "storm", "overview", size).await?;
        browser.advance(PLAYED).await?;
        let toasts = browser.count(".toast").await?;
        assert!(toasts <= if size.0 == NARROW { 2 } else { 5 }, "{toasts} toasts");
        compare(&browser, "storm", theme, size.0, &mut others).await?;
    }
    browser.open(theme, "live", "overview", README).await?;
    browser.advance(PLAYED).await?;
    compare(&browser, "overview", theme, README.0, &mut others).await?;
    if theme == Theme::Dark {
        // The design system shows itself in both themes at once.
        browser.open(theme, "live", "gallery", GALLERY).await?;
        browser.advance(1_000).await?;
        let parts = browser.count(".gallery-theme[data-theme=dark] .gallery-part").await?;
        assert!(parts >= 14, "only {parts} parts");
        assert_eq!(browser.count(".gallery-part").await?, 2 * parts, "in both themes");
        compare(&browser, "gallery", theme, GALLERY.0, &mut others).await?;
    }
    all_alike(&others)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_views_most_looked_at_look_as_they_did_in_german() -> Result<()> {
    let browser = Browser::start().await?;
    let mut others = Vec::new();
    for size in [(USUAL, 800), (NARROW, 800)] {
        browser.open(Theme::Dark, "live", "settings", size).await?;
        browser.advance(1_000).await?;
        browser.click("[data-testid=language-de] input").await?;
        let spoken = browser.driver.script("return document.documentElement.lang", &[]).await?;
        assert_eq!(spoken, "de");
        browser.advance(PLAYED).await?;
        wave_toasts_away(&browser).await?;
        for (view, page) in PAGES.iter().filter(|(view, _)| GERMAN.contains(view)) {
            browser.go(page).await?;
            assert_fits(&browser, view, size.0).await?;
            compare(&browser, &format!("{view}-de"), Theme::Dark, size.0, &mut others).await?;
        }
    }
    all_alike(&others)
}

/// What has happened meanwhile has been seen.
async fn wave_toasts_away(browser: &Browser) -> Result<()> {
    if browser.count("[data-testid=dismiss-toasts]").await? > 0 {
        browser.click("[data-testid=dismiss-toasts]").await?;
    }
    while browser.count(".toast").await? > 0 {
        browser.click(".toast > .icon-button").await?;
    }
    Ok(())
}

/// Nothing reaches out of the window but what is pulled sideways, and the filters over the alerts are one line where there is
/// room for it.
async fn assert_fits(browser: &Browser, view: &str, width: u64) -> Result<()> {
    let scrolled =
        browser.driver.script("return document.documentElement.scrollWidth", &[]).await?;
    assert_eq!(scrolled, width, "{view} scrolls sideways");
    // Also where something around it hides what is too wide.
    let script = "return [...document.querySelectorAll('main *, header *, nav *')]
        .filter((one) => one instanceof HTMLElement && one.getBoundingClientRect().right > innerWidth + 0.5)
        .filter((one) => !one.closest('.filter-chips, .segments, .scroll-x'))
        .map((one) => `${one.tagName}.${one.className}`)";
    let outside = browser.driver.script(script, &[]).await?;
    assert_eq!(outside, json!([]), "{view} at {width}");
    if view == "alerts" && width == USUAL {
        let script = "return document.querySelector('.filters').getBoundingClientRect().height";
        let height = browser.driver.script(script, &[]).await?.as_f64().unwrap_or(f64::MAX);
        assert!(height < 40.0, "the filters are {height} px high");
    }
    Ok(())
}

fn all_alike(others: &[String]) -> Result<()> {
    ensure!(
        others.is_empty(),
        "{}\nIf they are meant to look so, run this again with UPDATE_SCREENSHOTS=1 and commit docs/screenshots.",
        others.join("\n")
    );
    Ok(())
}

async fn compare(
    browser: &Browser,
    view: &str,
    theme: Theme,
    width: u64,
    others: &mut Vec<String>,
) -> Result<()> {
    let png = browser.picture().await?;
    match screenshots::compare(browser.session(), view, theme, width, &png)? {
        Likeness::Alike | Likeness::Updated => {}
        Likeness::Other(how) => others.push(how),
    }
    Ok(())
}

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
        page.click_until("vault-row-ETH-017", "vault-detail").await?;
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
