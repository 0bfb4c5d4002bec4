//! The window comes back as it was left, takes nothing along when it goes, and what becomes of it does not touch the
//! watch.

use std::time::Duration;

use anyhow::{Context, Result};
use e2e::{
    App, Desktop, Launch, Page,
    app::{TITLE, binary, start_again},
    feed::Feed,
    fixtures::Vault,
    notifications::{Notification, Notifications},
    patience::until,
    screen::Screen,
    tray::{Host, Tray, TrayItem},
    windows::{Window, WindowState},
};
use serde_json::{Value, json};

/// Two pictures of the same page differ by a clock and what is blinking.
const SAME: f64 = 0.03;

/// The window's pixels once they rest.
async fn at_rest(desktop: &Desktop, window: &Window) -> Result<Screen> {
    let grab = || Screen::grab_window(desktop.session(), &window.id);
    let mut last = grab()?;
    until("a window that rests", async || {
        tokio::time::sleep(Duration::from_millis(250)).await;
        let next = grab()?;
        let rests = next.difference(&last) < SAME / 3.0 && next.colors() > 8;
        last = next;
        Ok(rests.then(|| last.clone()))
    })
    .await
}

async fn close(desktop: &Desktop, window: &Window) -> Result<()> {
    desktop.windows().close(window)?;
    desktop.windows().wait_for_none(TITLE).await
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_to_the_tray_it_leaves_no_process_and_comes_back_as_it_was() -> Result<()> {
    let desktop = Desktop::start().await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_high().envelope(), Vault::calm("ARB-A").envelope()]);
    let launch = || Launch::feed(&feed.url());
    let app = launch().run(&desktop)?;
    let window = desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    let item = TrayItem::only(&desktop).await?;
    start_again(&desktop, launch().arg("vaultwatch://settings")).await?;
    desktop.windows().put(&window, [120, 90, 1_000, 700])?;
    let windows = desktop.windows();
    until("its new place", async || {
        Ok((windows.geometry(&window)?[2..] == [1_000, 700]).then_some(()))
    })
    .await?;
    let (place, before) = (windows.geometry(&window)?, at_rest(&desktop, &window).await?);

    for _ in 0..2 {
        let window = windows.wait_for(TITLE, WindowState::Shown).await?;
        close(&desktop, &window).await?;
        until("the end of every process of WebKit", async || {
            let all = desktop.session().processes();
            Ok((!all.iter().any(|name| name.starts_with("WebKit"))).then_some(()))
        })
        .await?;
        until("a process without any other", async || {
            Ok(app.process.descendants().is_empty().then_some(()))
        })
        .await?;

        item.activate().await?;
        let window = windows.wait_for(TITLE, WindowState::Shown).await?;
        let after = at_rest(&desktop, &window).await?;
        assert_eq!(windows.geometry(&window)?, place, "where it was, and no pixel further");
        let difference = after.difference(&before);
        assert!(difference < SAME, "it shows another page: {difference}");
    }
    assert_eq!(feed.connections(), 1, "the connection outlives every window");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_maximised_window_comes_back_maximised_and_knows_its_size_without() -> Result<()> {
    let desktop = Desktop::start().await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let feed = Feed::start().await?;
    let _app = Launch::feed(&feed.url()).run(&desktop)?;
    let windows = desktop.windows();
    let window = windows.wait_for(TITLE, WindowState::Shown).await?;
    let item = TrayItem::only(&desktop).await?;
    windows.put(&window, [60, 80, 900, 640])?;
    let size = async |window: &Window, wanted: &dyn Fn(i32) -> bool| {
        until("its width", async || {
            let [_, _, width, _] = windows.geometry(window)?;
            Ok(wanted(width).then_some(width))
        })
        .await
    };
    size(&window, &|width| width == 900).await?;
    wait_for_kept(&desktop, |kept| kept["place"]["width"] == 900.0).await?;
    windows.toggle_maximised(&window)?;
    let maximised = size(&window, &|width| width > 1_500).await?;
    wait_for_kept(&desktop, |kept| kept["place"]["shape"] == "maximized").await?;
    close(&desktop, &window).await?;

    item.activate().await?;
    let window = windows.wait_for(TITLE, WindowState::Shown).await?;
    size(&window, &|width| width == maximised).await?;
    windows.toggle_maximised(&window)?;
    size(&window, &|width| width == 900).await?;
    Ok(())
}

/// What the app keeps of its window, once it is as wanted.
async fn wait_for_kept(desktop: &Desktop, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
    let path = desktop.session().path("app").join("window.json");
    until("the window's place to be kept", async || {
        let Ok(text) = std::fs::read(&path) else { return Ok(None) };
        let kept: Value = serde_json::from_slice(&text)?;
        Ok(wanted(&kept).then_some(kept))
    })
    .await
}

/// What the page left, as it wrote it.
fn left(kept: &Value) -> Value {
    kept["left"].as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn page_filters_and_scroll_are_there_after_a_restart() -> Result<()> {
    let desktop = Desktop::start().await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let feed = Feed::start().await?;
    let vaults: Vec<_> = (0..80).map(|n| Vault::calm(&format!("V-{n:02}")).envelope()).collect();
    feed.greet_with(&vaults);
    let launch = || Launch::feed(&feed.url());
    {
        let page = launch().drive(&desktop).await?;
        page.wait_for("vault-row-V-00").await?;
        scroll(&page, 900).await?;
        wait_for_kept(&desktop, |kept| left(kept)["tableTop"] == 900).await?;
        start_again(&desktop, launch().arg("--quit")).await?;
        desktop.windows().wait_for_none(TITLE).await?;
    }
    {
        let page = launch().drive(&desktop).await?;
        page.wait_for("vault-table").await?;
        until("the table where it was left", async || {
            Ok((scrolled(&page).await? == 900).then_some(()))
        })
        .await?;
        let search = "const field = document.querySelector('[data-testid=search]'); \
            field.value = 'V-07'; field.dispatchEvent(new Event('input', { bubbles: true }))";
        page.driver.script(search, &[]).await?;
        until("one vault", async || Ok((page.count("vault-row-").await? == 1).then_some(())))
            .await?;
        page.click("nav-alerts").await?;
        wait_for_kept(&desktop, |kept| {
            let left = left(kept);
            left["page"] == "alerts" && left["table"]["search"] == "V-07"
        })
        .await?;
        start_again(&desktop, launch().arg("--quit")).await?;
        desktop.windows().wait_for_none(TITLE).await?;
    }
    let page = launch().drive(&desktop).await?;
    page.wait_for("alerts-page").await?;
    page.click("nav-overview").await?;
    page.wait_for("vault-row-V-07").await?;
    assert_eq!(page.count("vault-row-").await?, 1, "the search, too");
    Ok(())
}

async fn scroll(page: &Page, top: u32) -> Result<()> {
    let script = "document.querySelector('[data-testid=vault-table]').scrollTop = arguments[0]";
    page.driver.script(script, &[json!(top)]).await.map(drop)
}

async fn scrolled(page: &Page) -> Result<u64> {
    let script = "return Math.round(document.querySelector('[data-testid=vault-table]').scrollTop)";
    page.driver.script(script, &[]).await?.as_u64().context("no number")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_frame_has_last_values_and_a_page_keeps_nothing_but_an_object() -> Result<()> {
    let desktop = Desktop::start().await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let feed = Feed::start().await?;
    let hostile = r#"</script><b id="owned">"#;
    let vault =
        json!({"id": "X", "name": hostile, "chainId": 1, "ltv": 70, "liquidationThreshold": 82.5});
    feed.greet_with(&[
        Vault::eth_017_critical().envelope(),
        e2e::fixtures::envelope("vault_update_X", &vault.to_string()),
    ]);
    // A window that is made at the start may be there before the values are, so it is loaded again later.
    let page = Launch::feed(&feed.url()).drive(&desktop).await?;
    page.wait_for("vault-row-ETH-017").await?;
    let script = "return typeof window.__VAULTWATCH_FIRST_FRAME__";
    assert_eq!(page.driver.script(script, &[]).await?, "string");
    let script = "return document.querySelectorAll('#owned').length";
    assert_eq!(page.driver.script(script, &[]).await?, 0);
    let overwrite = "'use strict'; try { window.__VAULTWATCH_FIRST_FRAME__ = ''; return 'changed' } \
        catch { return 'stays' }";
    assert_eq!(page.driver.script(overwrite, &[]).await?, "stays");
    Ok(())
}

/// The window's process is killed: what was shown is gone, and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_fails_takes_nothing_along() -> Result<()> {
    let desktop = Desktop::start().await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_high().envelope()]);
    let mut app = Launch::feed(&feed.url()).run(&desktop)?;
    desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    feed.wait_for_connections(1).await?;
    until("its webview", async || Ok(app.has_webview().then_some(()))).await?;
    assert_eq!(app.process.kill_children(), 1);
    desktop.windows().wait_for_none(TITLE).await?;
    assert!(app.process.is_running()?);

    TrayItem::only(&desktop).await?.activate().await?;
    desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    assert_eq!(feed.connections(), 1, "the watch has not noticed");
    Ok(())
}

/// The page's own program panics: it says so, an alert comes all the same, and the page can be had again.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_panics_says_so_and_an_alert_still_arrives() -> Result<()> {
    let desktop = Desktop::start().await?;
    let notifications = Notifications::serve(&desktop).await?;
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_high().envelope()]);
    let page = Launch::feed(&feed.url()).drive(&desktop).await?;
    page.wait_for("vault-row-ETH-017").await?;
    // Once, where the program relies on the browser: after that it works as ever.
    let refuse = "const real = Document.prototype.createElement; \
        Document.prototype.createElement = () => { \
            Document.prototype.createElement = real; throw new Error('refused by the test') }; \
        location.hash = '#/settings'";
    page.driver.script(refuse, &[]).await?;
    let seen = "const panic = document.getElementById('panic'); \
        return panic?.contains(document.activeElement) ? panic.innerText : null";
    let said = until("the overlay, with its button in focus", async || {
        Ok(page.driver.script(seen, &[]).await?.as_str().map(str::to_owned))
    })
    .await?;
    assert!(said.contains("still being watched") && said.contains("vtag"), "{said}");

    feed.send_vault(&Vault::eth_017_critical())?;
    let alert = |n: &Notification| n.summary == "ETH-017: 7.9 % to liquidation";
    notifications.wait_for("the critical alert", alert).await?;

    page.driver.script("document.querySelector('#panic button').click()", &[]).await?;
    page.wait_for("settings").await?;
    Ok(())
}

/// And a watch that fails leaves no window behind that looks alive.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_watch_there_is_no_window() -> Result<()> {
    let desktop = Desktop::start().await?;
    let feed = Feed::start().await?;
    let mut app: App = Launch::feed(&feed.url()).run(&desktop)?;
    desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    until("its webview", async || Ok(app.has_webview().then_some(()))).await?;
    app.process.kill()?;
    desktop.windows().wait_for_none(TITLE).await?;
    until("the end of all that belonged to it", async || {
        let all = desktop.session().processes();
        let left = |name: &String| name.starts_with("WebKit") || name.starts_with("vaultwatch");
        Ok((!all.iter().any(left)).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_windows_process_is_not_started_by_hand() -> Result<()> {
    let desktop = Desktop::start().await?;
    let mut window = desktop.command(binary("vaultwatch-window")?);
    let mut window = desktop.spawn("window", &mut window)?;
    assert_eq!(window.wait_for_exit().await?.code(), Some(1));
    assert!(window.log().contains("start `vaultwatch` instead"), "{}", window.log());
    Ok(())
}
