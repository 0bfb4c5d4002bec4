//! The app lives in the tray where there is one, and stays within reach where there is none.

use anyhow::Result;
use e2e::{
    App, Desktop, Launch,
    app::TITLE,
    feed::Feed,
    fixtures::Vault,
    notifications::Notifications,
    patience::until,
    tray::{Host, Tray, TrayItem},
    windows::WindowState,
};

#[tokio::test(flavor = "multi_thread")]
async fn with_its_window_closed_it_watches_on() -> Result<()> {
    let desktop = Desktop::start().await?;
    let notifications = Notifications::serve(&desktop).await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_high().envelope()]);
    let mut app = Launch::feed(&feed.url()).run(&desktop)?;
    let window = desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    let item = TrayItem::only(&desktop).await?;
    assert_eq!(item.title().await?, "VaultWatch");
    wait_for_state_line(&item, "Live · 1 vault").await?;
    let calm = item.icon().await?;
    assert!(calm.is_visible(), "{calm:?}");
    until("its webview", async || Ok(app.has_webview().then_some(()))).await?;

    desktop.windows().close(&window)?;

    desktop.windows().wait_for_none(TITLE).await?;
    wait_for_no_webview(&app).await?;
    assert!(app.process.is_running()?);
    assert!(item.is_registered(&desktop).await?);
    assert_eq!(feed.connections(), 1, "the connection outlives the window");

    feed.send_vault(&Vault::eth_017_critical())?;
    let alert = notifications.wait_for("the alert", |n| n.summary.starts_with("ETH-017")).await?;
    wait_for_state_line(&item, "Live · 1 vault · 1 critical").await?;
    until("the icon of a critical vault", async || {
        let icon = item.icon().await?;
        Ok((icon != calm && icon.is_visible()).then_some(()))
    })
    .await?;

    item.click("Open").await?;
    let window = desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    desktop.windows().close(&window)?;
    desktop.windows().wait_for_none(TITLE).await?;
    // So does a click on the notification.
    notifications.invoke_action(alert.id, "default").await?;
    desktop.windows().wait_for(TITLE, WindowState::Shown).await?;

    item.click("Quit").await?;
    let status = app.process.wait_for_exit().await?;
    assert!(status.success(), "{status}");
    until("the item to leave", async || Ok((!item.is_registered(&desktop).await?).then_some(())))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_it_starts_without_a_webview() -> Result<()> {
    let desktop = Desktop::start().await?;
    let notifications = Notifications::serve(&desktop).await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_critical().envelope()]);

    let app = Launch::feed(&feed.url()).hidden().run(&desktop)?;

    let item = TrayItem::only(&desktop).await?;
    notifications.wait_for("the alert", |n| n.summary.starts_with("ETH-017")).await?;
    assert!(desktop.windows().titled(TITLE)?.is_empty());
    let processes = app.process.descendants();
    assert!(!processes.iter().any(|name| name.starts_with("WebKit")), "{processes:?}");

    item.activate().await?;
    desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_tray_closing_minimises() -> Result<()> {
    let desktop = Desktop::start().await?;
    closing_minimises(&desktop).await
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_tray_that_nobody_shows_closing_minimises() -> Result<()> {
    let desktop = Desktop::start().await?;
    let _tray = Tray::serve(&desktop, Host::Absent).await?;
    closing_minimises(&desktop).await
}

/// A click on the close button does not wait until the page is there.
#[tokio::test(flavor = "multi_thread")]
async fn closed_in_its_first_moment_it_minimises() -> Result<()> {
    let desktop = Desktop::start().await?;
    let feed = Feed::start().await?;
    let mut app = Launch::feed(&feed.url()).run(&desktop)?;
    let window = loop {
        if let Some(window) = desktop.windows().titled(TITLE)?.pop() {
            break window;
        }
        tokio::task::yield_now().await;
    };
    desktop.windows().close(&window)?;
    desktop.windows().wait_for(TITLE, WindowState::Minimised).await?;
    assert!(app.process.is_running()?);
    Ok(())
}

/// And a second start brings the window back.
async fn closing_minimises(desktop: &Desktop) -> Result<()> {
    let feed = Feed::start().await?;
    let launch = Launch::feed(&feed.url());
    let mut app = launch.run(desktop)?;
    let window = desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    feed.wait_for_connections(1).await?;

    desktop.windows().close(&window)?;
    desktop.windows().wait_for(TITLE, WindowState::Minimised).await?;
    assert!(app.process.is_running()?);

    let mut second = launch.run(desktop)?;
    assert!(second.process.wait_for_exit().await?.success());
    desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    assert_eq!(desktop.windows().titled(TITLE)?.len(), 1);
    assert!(app.process.is_running()?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_without_a_tray_a_second_start_shows_it() -> Result<()> {
    let desktop = Desktop::start().await?;
    let feed = Feed::start().await?;
    let launch = Launch::feed(&feed.url()).hidden();
    let mut app = launch.run(&desktop)?;
    feed.wait_for_connections(1).await?;

    let mut second = Launch::feed(&feed.url()).run(&desktop)?;
    assert!(second.process.wait_for_exit().await?.success());
    desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    assert!(app.process.is_running()?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tray_that_comes_late_is_used() -> Result<()> {
    let desktop = Desktop::start().await?;
    let feed = Feed::start().await?;
    let mut app = Launch::feed(&feed.url()).run(&desktop)?;
    let window = desktop.windows().wait_for(TITLE, WindowState::Shown).await?;

    let tray = Tray::serve(&desktop, Host::Present).await?;
    TrayItem::only(&desktop).await?;
    // The panel crashes and comes back.
    tray.leave().await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let item = TrayItem::only(&desktop).await?;

    desktop.windows().close(&window)?;
    desktop.windows().wait_for_none(TITLE).await?;
    assert!(app.process.is_running()?);
    assert!(item.is_registered(&desktop).await?);
    Ok(())
}

async fn wait_for_no_webview(app: &App) -> Result<()> {
    until("the end of the webview", async || Ok((!app.has_webview()).then_some(()))).await
}

/// The menu's line that says how things stand.
async fn wait_for_state_line(item: &TrayItem, wanted: &str) -> Result<()> {
    until(&format!("the menu to say {wanted:?}"), async || {
        let menu = item.menu().await?;
        Ok(menu.iter().any(|entry| entry.label == wanted && !entry.enabled).then_some(()))
    })
    .await
}
