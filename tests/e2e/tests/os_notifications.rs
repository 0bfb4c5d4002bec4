//! Notifications of the operating system through an alert's life, and through everything that their service does.

use std::{collections::BTreeSet, time::Instant};

use anyhow::{Context, Result};
use e2e::{
    App, Desktop, Launch,
    app::TITLE,
    dunst::Dunst,
    feed::Feed,
    fixtures::Vault,
    notifications::{CRITICAL, Call, Manner, Notification, Notifications},
    patience::until,
    tray::{Host, Tray, TrayItem},
    windows::WindowState,
};

const RAISED: &str = "ETH-017: 7.9 % to liquidation";

/// What is over is over after a second, instead of two minutes. Without sound, no complaint that none is to be heard.
const QUICK: &str = "[channels.sound]\nenabled = false\n[[policy]]\nrecovery = \"1s\"\n";

/// A desktop with a tray and a feed, and the app in the tray without a window.
struct Desk {
    desktop: Desktop,
    _tray: Tray,
    feed: Feed,
    app: App,
    item: TrayItem,
}

impl Desk {
    async fn start() -> Result<Self> {
        Self::with(QUICK).await
    }

    async fn with(config: &str) -> Result<Self> {
        let desktop = Desktop::start().await?;
        let tray = Tray::serve(&desktop, Host::Present).await?;
        let feed = Feed::start().await?;
        feed.greet_with(&[Vault::eth_017_high().envelope()]);
        let app = Launch::feed(&feed.url()).hidden().config(config).run(&desktop)?;
        feed.wait_for_connections(1).await?;
        let item = TrayItem::only(&desktop).await?;
        Ok(Self { desktop, _tray: tray, feed, app, item })
    }

    async fn notifications(&self) -> Result<Notifications> {
        Notifications::serve(&self.desktop).await
    }

    /// ETH-017 crosses into critical.
    fn cross(&self) -> Result<()> {
        self.feed.send_vault(&Vault::eth_017_critical())
    }

    /// Something that is told after what came before it.
    async fn fence(&self, notifications: &Notifications, name: &str) -> Result<()> {
        self.feed.send_vault(&Vault::critical(name))?;
        notifications.wait_for("the next alert", |n| n.summary.starts_with(name)).await?;
        Ok(())
    }

    /// Until the app knows the number under which this is shown: the service is asked before it has answered.
    async fn wait_for_number(&self, shown: &Notification) -> Result<()> {
        let kept = self.desktop.session().path("app").join("profiles/default/on-screen.json");
        until("the number on disk", async || {
            let text = std::fs::read_to_string(&kept).unwrap_or_default();
            Ok(text.contains(&format!("\"number\":{}", shown.id)).then_some(()))
        })
        .await
    }

    async fn wait_for_status(&self, wanted: &str) -> Result<()> {
        until(&format!("a tray item that is {wanted}"), async || {
            Ok((self.item.status().await? == wanted).then_some(()))
        })
        .await
    }

    async fn wait_for_tooltip(&self, wanted: &str) -> Result<()> {
        until(&format!("a tooltip with {wanted:?}"), async || {
            let (_, text) = self.item.tooltip().await?;
            Ok(text.contains(wanted).then_some(()))
        })
        .await
    }
}

fn raised(notification: &Notification) -> bool {
    notification.summary == RAISED
}

#[tokio::test(flavor = "multi_thread")]
async fn from_its_raise_to_its_end_with_the_window_closed() -> Result<()> {
    let desk = Desk::start().await?;
    let notifications = desk.notifications().await?;
    assert_eq!(desk.item.status().await?, "Active");
    desk.cross()?;
    let first = notifications.wait_for("the critical alert", raised).await?;
    assert_eq!((first.urgency(), first.is_new()), (Some(CRITICAL), true));
    assert!(["default", "ack", "snooze"].iter().all(|key| first.offers(key)), "{first:?}");
    desk.wait_for_status("NeedsAttention").await?;
    desk.wait_for_tooltip(RAISED).await?;
    let menu = desk.item.menu().await?;
    assert!(menu.iter().any(|entry| entry.label.starts_with("ETH-017: ")), "{menu:?}");

    // The same level: not told again. Worse: told in place.
    desk.feed.send_vault(&Vault::eth_017_still_critical())?;
    desk.fence(&notifications, "FENCE-1").await?;
    assert_eq!(notifications.about("ETH-017").len(), 1);
    desk.feed.send_vault(&Vault::eth_017_worse())?;
    let worse = |n: &Notification| n.summary.starts_with("ETH-017: ") && !raised(n);
    let worse = notifications.wait_for("the worse one", worse).await?;
    assert_eq!((worse.id, worse.replaces_id), (first.id, first.id), "one on the screen");
    assert!(worse.summary.contains("left, was"), "{}", worse.summary);

    // Acknowledged on the screen. The other one still wants attention.
    notifications.invoke_action(first.id, "ack").await?;
    until("an acknowledged line", async || {
        let menu = desk.item.menu().await?;
        let acknowledged =
            |label: &str| label.starts_with("ETH-017") && label.ends_with("(acknowledged)");
        Ok(menu.iter().any(|entry| acknowledged(&entry.label)).then_some(()))
    })
    .await?;
    let fence = notifications.about("FENCE-1")[0].id;
    notifications.invoke_action(fence, "ack").await?;
    desk.wait_for_status("Active").await?;
    desk.feed.send_vault(&Vault::eth_017_worse())?;
    desk.fence(&notifications, "FENCE-2").await?;
    assert_eq!(notifications.about("ETH-017").len(), 2, "acknowledged, it is not told again");

    // Over: nobody is told by a notification, its line goes, and what comes after it is another alert.
    desk.feed.send_vault(&Vault::calm("ETH-017"))?;
    until("the end of its line", async || {
        let menu = desk.item.menu().await?;
        Ok((!menu.iter().any(|entry| entry.label.starts_with("ETH-017"))).then_some(()))
    })
    .await?;
    desk.fence(&notifications, "FENCE-3").await?;
    assert_eq!(notifications.about("ETH-017").len(), 2, "its end is quiet");
    desk.feed.send_vault(&Vault::eth_017_high())?;
    desk.cross()?;
    let again = |n: &Notification| raised(n) && n.id != first.id;
    let again = notifications.wait_for("the next alert", again).await?;
    assert!(again.is_new());
    // What nobody answered is closed when it is over.
    desk.feed.send_vault(&Vault::calm("ETH-017"))?;
    let closed = |call: &Call| matches!(call, Call::Close { id } if *id == again.id);
    notifications.record.wait_for("its end", closed).await?;
    assert!(desk.desktop.windows().titled(TITLE)?.is_empty() && !desk.app.has_webview());
    Ok(())
}

/// The window manager here follows no token, but what the window has of it is what a Wayland compositor goes by.
#[tokio::test(flavor = "multi_thread")]
async fn the_window_comes_up_by_the_token_of_the_click_or_start_that_wanted_it() -> Result<()> {
    let desk = Desk::start().await?;
    let notifications = desk.notifications().await?;
    desk.cross()?;
    let shown = notifications.wait_for("the critical alert", raised).await?;
    desk.wait_for_number(&shown).await?;
    notifications.give_token(shown.id, "of-the-click").await?;
    notifications.invoke_action(shown.id, "default").await?;
    let windows = desk.desktop.windows();
    let window = windows.wait_for(TITLE, WindowState::Shown).await?;
    let comes_up_by = async |token: &str| {
        until(&format!("a window that has come up by {token}"), async || {
            Ok((windows.startup_id(&window)?.as_deref() == Some(token)).then_some(()))
        })
        .await
    };
    comes_up_by("of-the-click").await?;

    let second = Launch::feed(&desk.feed.url()).env("XDG_ACTIVATION_TOKEN", "of-the-start");
    let mut second = second.run(&desk.desktop)?;
    assert!(second.process.wait_for_exit().await?.success(), "{}", second.process.log());
    comes_up_by("of-the-start").await?;
    // A token that comes late counts for the next click, on a busy machine as well.
    until("a window that has come up by the tray's token", async || {
        desk.item.activate_with("of-the-tray").await?;
        Ok((windows.startup_id(&window)?.as_deref() == Some("of-the-tray")).then_some(()))
    })
    .await?;
    assert_eq!(windows.titled(TITLE)?.len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_platform_takes_back_is_closed() -> Result<()> {
    let desk = Desk::start().await?;
    let notifications = desk.notifications().await?;
    let alert = |resolved: bool| {
        let data = format!(
            r#"{{"id":"ra-1","category":"SYSTEM","severity":"CRITICAL","title":"Oracle <down>","message":"Prices of WETH & co. stand still","resolved":{resolved}}}"#
        );
        e2e::fixtures::envelope("risk_alert", &data)
    };
    desk.feed.send_raw(&alert(false))?;
    let shown = notifications.wait_for("the alert", |n| n.summary.contains("Oracle")).await?;
    assert_eq!(shown.urgency(), Some(CRITICAL));
    desk.feed.send_raw(&alert(true))?;
    let closed = |call: &Call| matches!(call, Call::Close { id } if *id == shown.id);
    notifications.record.wait_for("its end", closed).await?;
    desk.wait_for_status("Active").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_hangs_for_30_s_blocks_nothing_and_loses_nothing() -> Result<()> {
    let desk = Desk::start().await?;
    let notifications = desk.notifications().await?;
    notifications.behave(Manner::Hangs);
    desk.cross()?;
    // Told in the tray, which goes on.
    desk.wait_for_tooltip("did not answer").await?;
    desk.wait_for_status("NeedsAttention").await?;
    desk.feed.send_vault(&Vault::calm("ETH-018"))?;
    desk.wait_for_tooltip("2 vaults").await?;
    // Longer than the monitor's own next attempts.
    tokio::time::sleep(std::time::Duration::from_secs(30)).await;
    notifications.behave(Manner::Answers);
    let shown = notifications.wait_for("the critical alert", raised).await?;
    desk.fence(&notifications, "FENCE-1").await?;
    let about = notifications.about("ETH-017");
    let one = about.iter().all(|n| n.id == shown.id);
    assert!(one, "one on the screen: {about:#?}");
    until("a tooltip without a complaint", async || {
        let (_, text) = desk.item.tooltip().await?;
        Ok((!text.contains("did not answer") && !text.contains("may not be")).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_refuses_is_told_of_and_its_successor_shows_it() -> Result<()> {
    let desk = Desk::start().await?;
    let notifications = desk.notifications().await?;
    notifications.behave(Manner::Refuses);
    desk.cross()?;
    desk.wait_for_tooltip("refused: not today").await?;
    assert!(notifications.shown().is_empty());
    notifications.crash().await?;
    let successor = desk.notifications().await?;
    let shown = successor.wait_for("the critical alert", |n| n.summary.contains("ETH-017")).await?;
    assert!(shown.is_new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_restarts_shows_again_what_is_open_and_its_buttons_work() -> Result<()> {
    let desk = Desk::start().await?;
    let notifications = desk.notifications().await?;
    desk.cross()?;
    notifications.wait_for("the critical alert", raised).await?;
    notifications.crash().await?;
    let successor = desk.notifications().await?;
    let again = successor.wait_for("it again", raised).await?;
    assert!(again.is_new());
    desk.wait_for_number(&again).await?;
    successor.invoke_action(again.id, "snooze").await?;
    until("a snoozed line", async || {
        let menu = desk.item.menu().await?;
        Ok(menu.iter().any(|entry| entry.label.ends_with("(snoozed)")).then_some(()))
    })
    .await?;
    desk.wait_for_status("Active").await?;
    desk.fence(&successor, "FENCE-1").await?;
    assert_eq!(successor.about("ETH-017").len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn do_not_disturb_is_told() -> Result<()> {
    let desk = Desk::start().await?;
    let notifications = desk.notifications().await?;
    notifications.inhibit(true).await?;
    desk.wait_for_tooltip("Do Not Disturb is on").await?;
    notifications.inhibit(false).await?;
    until("its end", async || {
        let (_, text) = desk.item.tooltip().await?;
        Ok((!text.contains("Do Not Disturb")).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tray_leads_to_an_alert_and_sends_a_test() -> Result<()> {
    let desk = Desk::start().await?;
    let notifications = desk.notifications().await?;
    desk.item.click("Send a test critical").await?;
    let test = notifications.wait_for("the test", |n| n.urgency() == Some(CRITICAL)).await?;
    assert!(test.offers("ack"), "{test:?}");
    desk.wait_for_status("NeedsAttention").await?;
    notifications.invoke_action(test.id, "ack").await?;
    desk.wait_for_status("Active").await?;
    desk.cross()?;
    notifications.wait_for("the critical alert", raised).await?;
    desk.wait_for_status("NeedsAttention").await?;
    let line = until("its line", async || {
        let menu = desk.item.menu().await?;
        Ok(menu.into_iter().find(|entry| entry.label.starts_with("ETH-017")))
    })
    .await?;
    desk.item.click("For 15 minutes").await?;
    desk.wait_for_status("Active").await?;
    let line = format!("{} (snoozed)", line.label);
    until("a snoozed line", async || {
        Ok(desk.item.menu().await?.into_iter().find(|entry| entry.label == line))
    })
    .await?;
    desk.item.click(&line).await?;
    desk.desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn dunst_is_clicked_and_restarted() -> Result<()> {
    let desk = Desk::start().await?;
    let mut dunst = Dunst::start(&desk.desktop).await?;
    desk.cross()?;
    until("the alert in dunst", async || Ok((dunst.on_screen()? == 1).then_some(()))).await?;
    dunst.process.kill()?;
    let dunst = Dunst::start(&desk.desktop).await?;
    until("it again", async || Ok((dunst.on_screen()? == 1).then_some(()))).await?;
    dunst.click()?;
    desk.desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    let shown = dunst.close_and_list()?;
    let shown = shown.first().context("what was clicked")?;
    assert_eq!(shown.summary, RAISED);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_at_once_are_a_few_notifications_and_all_in_the_center() -> Result<()> {
    let desk = Desk::start().await?;
    let notifications = desk.notifications().await?;
    let crash: Vec<_> = (0..500).map(|n| Vault::critical(&format!("V-{n:03}"))).collect();
    let begun = Instant::now();
    for vault in &crash {
        desk.feed.send_vault(vault)?;
    }
    until("500 critical vaults in the tray", async || {
        let (_, text) = desk.item.tooltip().await?;
        let menu = desk.item.menu().await?;
        let all = menu.iter().any(|entry| entry.label.contains("500 critical"));
        Ok((all || text.contains("500 critical")).then_some(()))
    })
    .await?;
    eprintln!("500 critical vaults in the tray after {:?}", begun.elapsed());
    let incident = |n: &Notification| n.summary.starts_with("500 vaults critical");
    let incident = notifications.wait_for("one for all", incident).await?;
    let shown = notifications.shown();
    let heard: BTreeSet<_> = shown.iter().map(|n| n.id).collect();
    assert!(heard.len() <= 4, "{} notifications: {shown:#?}", heard.len());
    // What was told alone before makes room for the one that says it all.
    for id in heard.into_iter().filter(|id| *id != incident.id) {
        let closed = |call: &Call| matches!(call, Call::Close { id: closed } if *closed == id);
        notifications.record.wait_for("the end of what it covers", closed).await?;
    }
    notifications.invoke_action(incident.id, "ack").await?;
    desk.wait_for_status("Active").await
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_message_holds_is_shown_as_text() -> Result<()> {
    let desk = Desk::start().await?;
    let notifications = desk.notifications().await?;
    let long = "x".repeat(10_000);
    for (n, text) in ["<b>bold</b> &amp; <a href='x'>", "مرحبا \u{202e}gnp.exe", "🚨🏦💥", &long]
        .into_iter()
        .enumerate()
    {
        let id = format!("BAD-{n}");
        let data = serde_json::json!({
            "vaultId": id, "severity": "CRITICAL", "category": "MARKET_RISK", "title": format!("{id} {text}"), "message": text,
        });
        desk.feed.send_raw(&e2e::fixtures::envelope("risk_alert", &data.to_string()))?;
        let told = |n: &Notification| n.summary.contains(&id);
        let shown = notifications.wait_for("the alert", told).await?;
        let whole = format!("{} {}", shown.summary, shown.body);
        assert!(whole.chars().count() <= 1_000, "{}", whole.chars().count());
        assert!(!whole.contains('\u{202e}') && !shown.body.contains(['<', '>']), "{whole}");
        match n {
            0 => {
                assert!(shown.body.contains("&lt;b&gt;bold&lt;/b&gt; &amp;amp;"), "{}", shown.body);
            }
            1 => assert!(shown.body.contains("مرحبا gnp.exe"), "{}", shown.body),
            2 => assert!(shown.body.contains("🚨🏦💥"), "{}", shown.body),
            _ => assert!(shown.body.contains("xxx"), "{}", shown.body),
        }
        notifications.invoke_action(shown.id, "ack").await?;
    }
    Ok(())
}
