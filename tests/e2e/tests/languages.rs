//! A person is told in their language by everything that is no window: the operating system's notifications and the tray.

use anyhow::Result;
use e2e::{
    Desktop, Launch,
    feed::Feed,
    fixtures::Vault,
    notifications::{CRITICAL, Notifications},
    patience::until,
    tray::{Host, Tray, TrayItem},
};

/// As the desktops of the country set it.
const GERMAN: &str = "de_DE.UTF-8";

const ENGLISH_MENU: [&str; 7] = [
    "Open",
    "Snooze all",
    "For 15 minutes",
    "For 1 hour",
    "Until tomorrow",
    "Send a test critical",
    "Quit",
];
const GERMAN_MENU: [&str; 7] = [
    "Öffnen",
    "Alle zurückstellen",
    "Für 15 Minuten",
    "Für 1 Stunde",
    "Bis morgen",
    "Kritischen Testalarm senden",
    "Beenden",
];

/// Until the menu has these entries, whatever else it says.
async fn until_menu(item: &TrayItem, wanted: [&str; 7]) -> Result<()> {
    until(&format!("a menu with {wanted:?}"), async || {
        let menu = item.menu().await?;
        let there = |label: &&str| menu.iter().any(|entry| entry.label == *label);
        Ok(wanted.iter().all(there).then_some(()))
    })
    .await
}

async fn until_line(item: &TrayItem, wanted: &str) -> Result<()> {
    until(&format!("the line {wanted:?} in the menu"), async || {
        let menu = item.menu().await?;
        Ok(menu.iter().any(|entry| entry.label == wanted).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_german_desktop_it_speaks_german_without_a_window() -> Result<()> {
    let desktop = Desktop::start().await?;
    let notifications = Notifications::serve(&desktop).await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_high().envelope()]);
    let _app = Launch::feed(&feed.url()).hidden().env("LANG", GERMAN).run(&desktop)?;
    let item = TrayItem::only(&desktop).await?;
    until_menu(&item, GERMAN_MENU).await?;
    until_line(&item, "Live · 1 Vault").await?;

    feed.send_vault(&Vault::eth_017_critical())?;
    let title = "ETH-017: 7,9 % bis zur Liquidation";
    let alert = notifications.wait_for("the critical alert", |n| n.summary == title).await?;
    assert_eq!(alert.urgency(), Some(CRITICAL));
    let buttons = ["default", "Öffnen", "ack", "Quittieren", "snooze", "In 10 min wieder"];
    assert_eq!(alert.actions, buttons);
    until_line(&item, "Live · 1 Vault · 1 kritisch").await?;

    notifications.invoke_action(alert.id, "ack").await?;
    until_line(&item, &format!("{title} (quittiert)")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_in_the_settings_changes_the_tray_at_once() -> Result<()> {
    let desktop = Desktop::start().await?;
    let notifications = Notifications::serve(&desktop).await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_high().envelope()]);
    let page = Launch::feed(&feed.url()).env("LANG", GERMAN).drive(&desktop).await?;
    let item = TrayItem::only(&desktop).await?;
    until_line(&item, "Live · 1 Vault").await?;

    page.click("nav-settings").await?;
    page.click("language-en").await?;

    until_menu(&item, ENGLISH_MENU).await?;
    until_line(&item, "Live · 1 vault").await?;
    feed.send_vault(&Vault::eth_017_critical())?;
    let title = "ETH-017: 7.9 % to liquidation";
    let alert = notifications.wait_for("the critical alert", |n| n.summary == title).await?;
    assert_eq!(alert.actions, ["default", "Open", "ack", "Acknowledge", "snooze", "Snooze 10 min"]);
    Ok(())
}
