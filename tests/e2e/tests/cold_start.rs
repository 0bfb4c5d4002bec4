//! Notifications over a start: clicked before there is a window, and left on the screen by a run that has crashed.

use std::sync::Arc;

use anyhow::Result;
use e2e::{
    Desktop, Launch,
    app::TITLE,
    feed::Feed,
    fixtures::Vault,
    notifications::{Notification, Notifications},
    patience::until,
    tray::{Host, Tray, TrayItem},
    windows::WindowState,
};

const RAISED: &str = "ETH-017: 7.9 % to liquidation";

fn raised(notification: &Notification) -> bool {
    notification.summary == RAISED
}

/// Put there again by a start: it was heard before.
fn put_back(notification: &Notification) -> bool {
    raised(notification)
        && notification.hints.contains_key("suppress-sound")
        && notification.body.contains(" As of ")
}

/// What a run that was killed has left.
struct Left {
    desktop: Desktop,
    _tray: Tray,
    feed: Feed,
    notifications: Notifications,
    shown: Arc<Notification>,
}

/// Until the app knows the number under which this is shown: the service is asked before it has answered.
async fn wait_for_number(desktop: &Desktop, shown: &Notification) -> Result<()> {
    let kept = desktop.session().path("app").join("profiles/default/on-screen.json");
    until("its number on disk", async || {
        let text = std::fs::read_to_string(&kept).unwrap_or_default();
        Ok(text.contains(&format!("\"number\":{}", shown.id)).then_some(()))
    })
    .await
}

async fn left_by_a_crash() -> Result<Left> {
    let desktop = Desktop::start().await?;
    let tray = Tray::serve(&desktop, Host::Present).await?;
    let notifications = Notifications::serve(&desktop).await?;
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_high().envelope()]);
    let mut app = Launch::feed(&feed.url()).hidden().run(&desktop)?;
    feed.wait_for_connections(1).await?;
    feed.send_vault(&Vault::eth_017_critical())?;
    let shown = notifications.wait_for("the critical alert", raised).await?;
    wait_for_number(&desktop, &shown).await?;
    app.process.kill()?;
    feed.greet_with(&[Vault::eth_017_critical().envelope()]);
    Ok(Left { desktop, _tray: tray, feed, notifications, shown })
}

/// The page asks where it is to begin only when it is there: until then the click is kept.
#[tokio::test(flavor = "multi_thread")]
async fn a_click_before_there_is_a_window_makes_one_and_leads_to_the_vault() -> Result<()> {
    let desktop = Desktop::start().await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let notifications = Notifications::serve(&desktop).await?;
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_critical().envelope()]);
    let click = async {
        let shown = notifications.wait_for("the critical alert", raised).await?;
        wait_for_number(&desktop, &shown).await?;
        assert!(desktop.windows().titled(TITLE)?.is_empty(), "it was started in the tray");
        notifications.invoke_action(shown.id, "default").await
    };
    let launch = Launch::feed(&feed.url()).hidden();
    let (page, clicked) = tokio::join!(launch.drive(&desktop), click);
    clicked?;
    let page = page?;
    page.wait_text("vault-detail", "the vault", |text| text.contains("1,783")).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_is_put_back_into_its_place_and_answers() -> Result<()> {
    let left = left_by_a_crash().await?;
    let _app = Launch::feed(&left.feed.url()).hidden().run(&left.desktop)?;
    let again = left.notifications.wait_for("it again", put_back).await?;
    assert_eq!((again.replaces_id, again.id), (left.shown.id, left.shown.id));
    assert!(["default", "ack", "snooze"].iter().all(|key| again.offers(key)), "{again:?}");
    left.feed.wait_for_connections(2).await?;
    TrayItem::only(&left.desktop).await?;
    left.notifications.invoke_action(again.id, "default").await?;
    left.desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    let about = left.notifications.about("ETH-017");
    assert!(about.iter().all(|n| n.id == left.shown.id), "one on the screen: {about:#?}");
    Ok(())
}

/// As after a new login.
#[tokio::test(flavor = "multi_thread")]
async fn with_another_service_what_is_open_is_there_again_from_the_start() -> Result<()> {
    let Left { desktop, _tray, feed, notifications, .. } = left_by_a_crash().await?;
    notifications.crash().await?;
    let successor = Notifications::serve(&desktop).await?;
    let _app = Launch::feed(&feed.url()).hidden().run(&desktop)?;
    let again = successor.wait_for("it again", put_back).await?;
    assert!(again.is_new());
    let item = TrayItem::only(&desktop).await?;
    wait_for_number(&desktop, &again).await?;
    successor.invoke_action(again.id, "ack").await?;
    until("an acknowledged line", async || {
        let menu = item.menu().await?;
        Ok(menu.iter().any(|entry| entry.label.ends_with("(acknowledged)")).then_some(()))
    })
    .await?;
    Ok(())
}
