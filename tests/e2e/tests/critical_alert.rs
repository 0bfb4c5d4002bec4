//! A vault that crosses into critical wakes somebody, once, in the right words.

use anyhow::{Context, Result};
use e2e::{
    Desktop, Launch, Page,
    feed::Feed,
    fixtures::Vault,
    notifications::{CRITICAL, Notification, Notifications},
};

const TITLE: &str = "ETH-017: 7.9 % to liquidation";

/// High is not told before it is critical, however long a busy machine takes to draw the window.
const PATIENT: &str = "[[policy]]\nhold = { high = \"1h\" }\n";

#[tokio::test(flavor = "multi_thread")]
async fn crossing_into_critical_notifies_exactly_once() -> Result<()> {
    let desktop = Desktop::start().await?;
    let notifications = Notifications::serve(&desktop).await?;
    let feed = Feed::start().await?;
    let page = Launch::feed(&feed.url()).config(PATIENT).drive(&desktop).await?;
    cross(&feed, &page).await?;

    let notification = notifications.wait_for("the critical alert", |n| n.summary == TITLE).await?;
    assert_eq!(notification.urgency(), Some(CRITICAL));
    assert!(notification.is_new());
    assert_eq!(notification.app_name, "VaultWatch");
    assert_words(&notification.body);
    page.wait_text("notification-unread", "1", |text| text == "1").await?;

    // Another update at the same level, and then something that is told after it.
    feed.send_vault(&Vault::eth_017_still_critical())?;
    page.wait_text("vault-ltv-ETH-017", "76.2", |text| text.starts_with("76.2")).await?;
    feed.send_vault(&Vault::critical("FENCE-1"))?;
    notifications.wait_for("the next alert", |n| n.summary.starts_with("FENCE-1")).await?;

    let about = notifications.about("ETH-017");
    let new: Vec<_> = about.iter().filter(|n| n.is_new()).collect();
    assert_eq!(new.len(), 1, "{about:#?}");
    let in_place = about.iter().all(|n| n.is_new() || n.replaces_id == notification.id);
    assert!(in_place, "{about:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_tells_it_too() -> Result<()> {
    let desktop = Desktop::start().await?;
    let notifications = Notifications::serve(&desktop).await?;
    let feed = Feed::start().await?;
    let page = Launch::feed(&feed.url()).config(PATIENT).drive(&desktop).await?;
    cross(&feed, &page).await?;
    let notification = notifications.wait_for("the critical alert", |n| n.summary == TITLE).await?;

    page.wait_text("notification-unread", "1", |text| text == "1").await?;
    e2e::patience::until("a toast", async || Ok((page.count("toast-").await? > 0).then_some(())))
        .await?;
    page.click("notification-bell").await?;
    page.wait_text("notification-panel", "the alert", |text| text.contains(TITLE)).await?;
    assert_eq!(page.count("notification-item-").await?, 1);

    // A click on the operating system's notification leads to the vault.
    assert!(notification.offers("default"), "{:?}", notification.actions);
    notifications.invoke_action(notification.id, "default").await?;
    page.wait_text("vault-detail", "the vault", |text| text.contains("ETH-017")).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_in_a_name_is_shown_as_it_is() -> Result<()> {
    let desktop = Desktop::start().await?;
    let notifications = Notifications::serve(&desktop).await?;
    notifications.set_capabilities(&["actions", "body", "body-markup"]);
    let feed = Feed::start().await?;
    let app = Launch::feed(&feed.url()).hidden().run(&desktop)?;
    feed.wait_for_connections(1).await?;

    let collateral = ("A<b>&C", "120", "232320");
    feed.send_vault(&Vault { collateral, ..Vault::eth_017_critical() })?;

    let about_it = |n: &Notification| n.summary.contains("ETH-017");
    let notification = notifications.wait_for("the critical alert", about_it).await?;
    assert!(notification.body.contains("A&lt;b&gt;&amp;C"), "{}", notification.body);
    drop(app);
    Ok(())
}

/// ETH-017 at 74.6 %, seen, and then at 75.97 %.
async fn cross(feed: &Feed, page: &Page) -> Result<()> {
    feed.wait_for_connections(1).await?;
    feed.send_vault(&Vault::eth_017_high())?;
    page.wait_for("vault-row-ETH-017").await?;
    feed.send_vault(&Vault::eth_017_critical())
}

/// Figures first, then what to do. What it takes is rounded up, towards safety, but not beyond reason.
fn assert_words(body: &str) {
    let check = || -> Result<(f64, f64)> {
        let rest = body
            .strip_prefix("WETH $1,936, liquidates $1,783. LTV 74.6 → 76.0 %. Repay ")
            .context("it begins otherwise")?;
        let (repay, rest) = rest.split_once(" USDC or add ").context("no choice")?;
        let add = rest.strip_suffix(" WETH → 15 %.").context("it ends otherwise")?;
        Ok((repay.replace(',', "").parse()?, add.parse()?))
    };
    match check() {
        Ok((repay, add)) => {
            // 176,500 − 0.85 · 0.825 · 232,320 = 13,585.60 and (176,500 / (0.85 · 0.825) − 232,320) / 1,936 = 10.007.
            assert!((13_585.6..=13_900.0).contains(&repay), "{body}");
            assert!((10.007..=10.2).contains(&add), "{body}");
        }
        Err(error) => panic!("{error:#}: {body}"),
    }
}
