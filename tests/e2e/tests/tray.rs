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
async fn hidden_without_a_tray_it_shows_itself_in_the_end() -> Result<()> {
    let desktop = Desktop::start().await?;
    let feed = Feed::start().await?;
    let mut app = Launch::feed(&feed.url()).hidden().run(&desktop)?;
    feed.wait_for_connections(1).await?;
    assert!(desktop.windows().titled(TITLE)?.is_empty(), "the panel may be on its way");
    desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    assert!(app.process.is_running()?);
    Ok(())
}

/// Of a panel that was replaced, or crashed for good, while the window was closed.
#[tokio::test(flavor = "multi_thread")]
async fn where_the_panel_leaves_there_is_a_minimised_window_until_it_is_back() -> Result<()> {
    let desktop = Desktop::start().await?;
    let tray = Tray::serve(&desktop, Host::Present).await?;
    let feed = Feed::start().await?;
    let app = Launch::feed(&feed.url()).hidden().run(&desktop)?;
    let item = TrayItem::only(&desktop).await?;
    feed.wait_for_connections(1).await?;
    // It has been in the tray: a start that never finds one is another matter.
    item.activate().await?;
    let window = desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    desktop.windows().close(&window)?;
    desktop.windows().wait_for_none(TITLE).await?;

    tray.set_hosts(0).await?;
    assert!(desktop.windows().titled(TITLE)?.is_empty(), "it may come back at once");
    desktop.windows().wait_for(TITLE, WindowState::Minimised).await?;
    // Nobody has looked at it: with the panel it goes again.
    tray.set_hosts(1).await?;
    desktop.windows().wait_for_none(TITLE).await?;
    wait_for_no_webview(&app).await?;

    // The same where the whole tray goes.
    tray.leave().await?;
    let window = desktop.windows().wait_for(TITLE, WindowState::Minimised).await?;
    let mut second = Launch::feed(&feed.url()).run(&desktop)?;
    assert!(second.process.wait_for_exit().await?.success());
    desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    // Somebody has looked at it: it stays.
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    until("the item", async || Ok(item.is_registered(&desktop).await?.then_some(()))).await?;
    assert_eq!(desktop.windows().titled(TITLE)?.len(), 1);
    desktop.windows().close(&window)?;
    desktop.windows().wait_for_none(TITLE).await?;
    assert_eq!(feed.connections(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_panels_one_may_leave() -> Result<()> {
    let desktop = Desktop::start().await?;
    let tray = Tray::serve(&desktop, Host::Present).await?;
    tray.set_hosts(2).await?;
    let feed = Feed::start().await?;
    let mut app = Launch::feed(&feed.url()).run(&desktop)?;
    let window = desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    let item = TrayItem::only(&desktop).await?;

    tray.set_hosts(1).await?;
    desktop.windows().close(&window)?;
    desktop.windows().wait_for_none(TITLE).await?;
    item.activate().await?;
    let window = desktop.windows().wait_for(TITLE, WindowState::Shown).await?;

    tray.set_hosts(0).await?;
    desktop.windows().close(&window)?;
    desktop.windows().wait_for(TITLE, WindowState::Minimised).await?;
    assert!(app.process.is_running()?);
    Ok(())
}

/// What the item says while things get worse and better: state, count, figures, all in one place.
#[tokio::test(flavor = "multi_thread")]
async fn every_state_has_its_icon_and_its_words() -> Result<()> {
    let desktop = Desktop::start().await?;
    let _notifications = Notifications::serve(&desktop).await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let mut feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_high().envelope()]);
    let _app = Launch::feed(&feed.url()).hidden().run(&desktop)?;
    let item = TrayItem::only(&desktop).await?;

    wait_for_state_line(&item, "Live · 1 vault").await?;
    let (live, status) = (item.icon().await?, item.status().await?);
    let (title, _) = item.tooltip().await?;
    assert_eq!((title.as_str(), status.as_str()), ("VaultWatch", "Active"));

    feed.send_vault(&Vault::eth_017_critical())?;
    feed.send_vault(&Vault::critical("ARB-A"))?;
    wait_for_state_line(&item, "Live · 2 vaults · 2 critical").await?;
    let critical = item.icon().await?;
    assert_eq!(item.status().await?, "NeedsAttention");
    let (_, text) = item.tooltip().await?;
    assert!(text.contains("7.9 %"), "how close the closest is: {text}");
    assert_ne!(critical, live);
    feed.send_vault(&Vault::critical("ARB-B"))?;
    wait_for_state_line(&item, "Live · 3 vaults · 3 critical").await?;
    assert_ne!(item.icon().await?, critical, "the number is in the picture");

    feed.stop().await;
    until("that it is not live", async || {
        let (_, text) = item.tooltip().await?;
        Ok((!text.starts_with("Live")).then_some(()))
    })
    .await?;
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
