//! With a real panel and a real notification service, which nobody wrote for these tests.

use anyhow::Result;
use e2e::{
    Desktop, Launch,
    dunst::{CRITICAL_FRAME, Dunst},
    feed::Feed,
    fixtures::Vault,
    panel::{self, Panel},
    patience::until,
    screen::Screen,
    screenshots::save_screen,
    tray::{Host, TrayItem, TrayState},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_panel_shows_the_item_and_its_states() -> Result<()> {
    let desktop = Desktop::start().await?;
    let _panel = Panel::start(&desktop).await?;
    let empty = at_rest(&desktop).await?;
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_high().envelope()]);
    let _app = Launch::feed(&feed.url()).hidden().run(&desktop)?;

    TrayItem::only(&desktop).await?;
    assert_eq!(TrayState::of(&desktop).await?.host, Host::Present);
    wait_for_change(&desktop, &empty).await?;
    let live = at_rest(&desktop).await?;

    feed.wait_for_connections(1).await?;
    feed.send_vault(&Vault::eth_017_critical())?;
    wait_for_change(&desktop, &live).await?;
    at_rest(&desktop).await?;
    save_screen(&desktop, "panel-critical").map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn dunst_shows_the_critical_alert() -> Result<()> {
    let desktop = Desktop::start().await?;
    let dunst = Dunst::start(&desktop).await?;
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_high().envelope()]);
    let _app = Launch::feed(&feed.url()).hidden().run(&desktop)?;
    feed.wait_for_connections(1).await?;

    feed.send_vault(&Vault::eth_017_critical())?;

    // dunst draws this frame for critical urgency alone.
    until("a critical notification on the screen", async || {
        Ok((Screen::grab(&desktop)?.count(CRITICAL_FRAME) > 100).then_some(()))
    })
    .await?;
    save_screen(&desktop, "dunst-critical")?;
    assert_eq!(dunst.on_screen()?, 1);
    let shown = dunst.close_and_list()?;
    assert_eq!(shown.len(), 1, "{shown:#?}");
    assert_eq!(shown[0].summary, "ETH-017: 7.9 % to liquidation");
    assert!(shown[0].body.contains("liquidates $1,783"), "{}", shown[0].body);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_comes_late_still_tells() -> Result<()> {
    let desktop = Desktop::start().await?;
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_critical().envelope()]);
    let page = Launch::feed(&feed.url()).drive(&desktop).await?;
    // Nobody shows notifications, but the center has it.
    page.wait_text("notification-unread", "1", |text| text == "1").await?;

    let dunst = Dunst::start(&desktop).await?;

    until("the alert in dunst", async || Ok((dunst.on_screen()? == 1).then_some(()))).await?;
    assert!(dunst.close_and_list()?[0].summary.starts_with("ETH-017"));
    Ok(())
}

/// The screen once two pictures in a row are the same.
async fn at_rest(desktop: &Desktop) -> Result<Screen> {
    let mut last = Screen::grab(desktop)?;
    until("a screen at rest", async || {
        let next = Screen::grab(desktop)?;
        let rests = next == last;
        last = next;
        Ok(rests.then(|| last.clone()))
    })
    .await
}

/// Waits until the panel looks different by more than a few pixels.
async fn wait_for_change(desktop: &Desktop, before: &Screen) -> Result<()> {
    until("a change in the panel", async || {
        let changed = Screen::grab(desktop)?.changed_in_top(panel::HEIGHT, before);
        Ok((changed > 20).then_some(()))
    })
    .await
}
