//! The demo is alive, says what it is, and wakes nobody twice.

use std::time::Duration;

use anyhow::Result;
use e2e::{
    Desktop, Launch,
    notifications::Notifications,
    patience::{until, until_within},
    tray::{Host, Tray, TrayItem},
};

/// The market crashes in its own time, and on a busy machine.
const CRASH: Duration = Duration::from_secs(180);

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_notifies_once_and_says_demo() -> Result<()> {
    let desktop = Desktop::start().await?;
    let notifications = Notifications::serve(&desktop).await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let launch = Launch::demo().env("VAULTWATCH_DEMO_SCENARIO", "crash");
    let page = launch.drive(&desktop).await?;

    page.wait_text("demo-banner", "the word demo", |t| t.to_lowercase().contains("demo")).await?;
    page.wait_text("connection-state", "the word Live", |text| text.contains("Live")).await?;
    until("rows", async || Ok((page.count("vault-row-").await? > 3).then_some(()))).await?;
    assert!(TrayItem::only(&desktop).await?.title().await?.contains("DEMO"));

    until_within(CRASH, "the first notification", async || {
        Ok((!notifications.shown().is_empty()).then_some(()))
    })
    .await?;
    // More of them follow, in the window alone.
    until_within(CRASH, "three unread notifications in the window", async || {
        let unread = page.text("notification-unread").await?.unwrap_or_default();
        let number: String = unread.chars().filter(char::is_ascii_digit).collect();
        Ok((number.parse::<u32>().unwrap_or(0) >= 3).then_some(()))
    })
    .await?;

    let shown = notifications.shown();
    assert_eq!(shown.len(), 1, "{shown:#?}");
    assert!(shown[0].summary.starts_with("DEMO "), "{}", shown[0].summary);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_out_of_reach_is_not_replaced_by_the_demo() -> Result<()> {
    let desktop = Desktop::start().await?;
    // Nobody listens on the discard port.
    let page = Launch::feed("ws://127.0.0.1:9").drive(&desktop).await?;
    page.wait_text("connection-state", "trouble", |text| text.contains("Reconnecting")).await?;
    assert_eq!(page.text("demo-banner").await?, None);
    assert_eq!(page.count("vault-row-").await?, 0);
    Ok(())
}
