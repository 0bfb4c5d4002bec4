//! The watch needs no display, and outlives the one it was started on.

use anyhow::Result;
use e2e::{
    Desktop, Launch,
    app::{App, TITLE, start_again},
    feed::Feed,
    fixtures::Vault,
    notifications::{CRITICAL, Notifications},
    patience::until,
    tray::{Host, Tray, TrayItem},
    windows::WindowState,
};

async fn wait_for_alert(notifications: &Notifications, vault: &str) -> Result<()> {
    let is_it = |title: &str| title.contains(vault);
    let alert = notifications
        .wait_for(vault, |n| is_it(&n.summary) && n.urgency() == Some(CRITICAL))
        .await?;
    assert_eq!(notifications.about(vault).len(), 1, "{alert:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_it_watches_where_there_is_no_display_and_shows_itself_where_one_comes() -> Result<()>
{
    let desktop = Desktop::without_display()?;
    let notifications = Notifications::serve(&desktop).await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let feed = Feed::start().await?;
    let launch = || Launch::feed(&feed.url());

    let mut shown = launch().run(&desktop)?;
    assert_eq!(shown.process.wait_for_exit().await?.code(), Some(1));
    let said = shown.process.log();
    assert!(said.contains("no display") && said.contains("--hidden"), "{said}");

    let mut app: App = launch().arg("--hidden").run(&desktop)?;
    feed.wait_for_connections(1).await?;
    TrayItem::only(&desktop).await?;
    feed.send_vault(&Vault::critical("ETH-1"))?;
    wait_for_alert(&notifications, "ETH-1").await?;

    // Somebody logs in at a screen.
    desktop.start_display().await?;
    start_again(&desktop, launch()).await?;
    desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    assert!(app.process.is_running()?);
    assert_eq!(feed.connections(), 1, "it is the same watch");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_display_that_goes_takes_the_window_along_and_no_alert() -> Result<()> {
    let desktop = Desktop::start().await?;
    let notifications = Notifications::serve(&desktop).await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let feed = Feed::start().await?;
    let launch = || Launch::feed(&feed.url());
    let mut app: App = launch().run(&desktop)?;
    desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    until("its webview", async || Ok(app.has_webview().then_some(()))).await?;

    desktop.end_display()?;
    until("the end of the window", async || Ok((!app.has_webview()).then_some(()))).await?;
    feed.send_vault(&Vault::critical("ETH-2"))?;
    wait_for_alert(&notifications, "ETH-2").await?;
    assert!(app.process.is_running()?, "{}", app.process.log());

    // The next session starts it hidden, and a click on its tray shows the window there.
    desktop.start_display().await?;
    start_again(&desktop, launch().arg("--hidden")).await?;
    // It goes the same way, behind the other: had a window been made, it would be there.
    start_again(&desktop, launch().arg("--test-critical")).await?;
    notifications.wait_for("the test", |n| n.summary.starts_with("Test")).await?;
    assert_eq!(app.process.descendants(), Vec::<String>::new(), "nobody asked for a window");
    // Run from anywhere, an errand does not move the window there.
    start_again(&desktop, launch().arg("--snooze-all").env("DISPLAY", "localhost:10.0")).await?;
    TrayItem::only(&desktop).await?.activate().await?;
    desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    assert_eq!(feed.connections(), 1, "it is the same watch");
    Ok(())
}

/// Without the bus nobody sees a notification, and the next session's start would not find this one.
#[tokio::test(flavor = "multi_thread")]
async fn with_the_sessions_bus_it_ends_so_that_it_is_started_again() -> Result<()> {
    let desktop = Desktop::start().await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let feed = Feed::start().await?;
    let mut app: App = Launch::feed(&feed.url()).arg("--hidden").run(&desktop)?;
    feed.wait_for_connections(1).await?;
    TrayItem::only(&desktop).await?;
    desktop.end_bus()?;
    assert_eq!(
        app.process.wait_for_exit().await?.code(),
        Some(1),
        "a failure: {}",
        app.process.log()
    );
    Ok(())
}
