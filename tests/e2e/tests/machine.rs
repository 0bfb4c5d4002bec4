//! The machine sleeps, its network goes and its screen is locked, with the real app in the tray.

use std::time::{Duration, Instant};

use anyhow::Result;
use e2e::{
    App, Desktop, Launch,
    feed::Feed,
    fixtures::Vault,
    notifications::{Notification, Notifications},
    patience::until,
    tray::{Host, Tray, TrayItem},
};
use proving::machine::{self, Bus, Logind, NetworkManager};
use proving::relay::{Manner, Relay};

const RAISED: &str = "ETH-017: 7.9 % to liquidation";
const VEILED: &str = "ETH-017: critical";

/// A desktop on a machine that does what the test wants, a tray, and a feed behind a relay.
struct Desk {
    desktop: Desktop,
    _tray: Tray,
    feed: Feed,
    bus: Bus,
    logind: Logind,
}

impl Desk {
    async fn start() -> Result<Self> {
        let desktop = Desktop::start().await?;
        let bus = Bus::start();
        desktop.session().set_env(machine::VARIABLE, &bus.address());
        let logind = Logind::serve(&bus).await;
        let tray = Tray::serve(&desktop, Host::Present).await?;
        let feed = Feed::start().await?;
        feed.greet_with(&[Vault::eth_017_high().envelope()]);
        Ok(Self { desktop, _tray: tray, feed, bus, logind })
    }

    /// The app, once it is connected and listens to the machine.
    async fn run(&self, launch: Launch) -> Result<(App, TrayItem)> {
        let app = launch.hidden().run(&self.desktop)?;
        self.feed.wait_for_connections(1).await?;
        until("somebody who listens to logind", async || Ok(self.logind.was_asked().then_some(())))
            .await?;
        Ok((app, TrayItem::only(&self.desktop).await?))
    }
}

async fn wait_for_tooltip(item: &TrayItem, wanted: &str) -> Result<()> {
    until(&format!("a tooltip with {wanted:?}"), async || {
        let (_, text) = item.tooltip().await?;
        Ok(text.contains(wanted).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_died_in_sleep_is_live_again_within_seconds() -> Result<()> {
    let desk = Desk::start().await?;
    let relay = Relay::to(&desk.feed.url(), Manner::Direct);
    let url = format!("ws://{}", relay.address());
    let (_app, item) = desk.run(Launch::feed(&url)).await?;
    wait_for_tooltip(&item, "Live").await?;
    desk.logind.sleep().await;
    relay.swallow();
    desk.logind.wake().await;
    let woke = Instant::now();
    desk.feed.wait_for_connections(2).await?;
    let took = woke.elapsed();
    // Without a word of logind's it would be found after 25 s of silence.
    assert!(took < Duration::from_secs(10), "{took:?}");
    wait_for_tooltip(&item, "Live").await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_network_it_says_so_and_is_live_within_three_seconds_of_the_next() -> Result<()> {
    let desk = Desk::start().await?;
    let network = NetworkManager::serve(&desk.bus, NetworkManager::CONNECTED).await;
    // Loopback needs no network; so the feed has a name, and is reached by a proxy.
    let relay = Relay::to(&desk.feed.url(), Manner::Proxy);
    let config = format!(
        "[profiles.acme]\nurl = \"ws://feed.example/ws\"\nallowPlaintext = true\nproxy = \"http://{}\"\n",
        relay.address()
    );
    let launch =
        Launch::default().config(&config).env(session::Options::VARIABLE, "networkmanager");
    let (_app, item) = desk.run(launch).await?;
    wait_for_tooltip(&item, "Live").await?;
    network.state(NetworkManager::DISCONNECTED).await;
    wait_for_tooltip(&item, "Offline · no network, nothing is guarded").await?;
    network.state(NetworkManager::CONNECTING).await;
    network.state(NetworkManager::CONNECTED).await;
    let back = Instant::now();
    desk.feed.wait_for_connections(2).await?;
    assert!(back.elapsed() < Duration::from_secs(3), "{:?}", back.elapsed());
    wait_for_tooltip(&item, "Live").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_screen_shows_no_amounts_and_keeps_no_alert_back() -> Result<()> {
    let desk = Desk::start().await?;
    let notifications = Notifications::serve(&desk.desktop).await?;
    let config = "[channels.sound]\nenabled = false\n[alerts]\nhideAmounts = \"locked\"\n";
    let (_app, _item) = desk.run(Launch::feed(&desk.feed.url()).config(config)).await?;
    desk.feed.send_vault(&Vault::eth_017_critical())?;
    let whole = notifications.wait_for("the alert", |n| n.summary == RAISED).await?;
    assert!(whole.body.contains("USDC"), "{}", whole.body);

    desk.logind.locked(true).await;
    let veiled = notifications.wait_for("the same, veiled", |n| n.summary == VEILED).await?;
    assert_eq!(veiled.replaces_id, whole.id, "in place");
    assert_eq!(veiled.urgency(), whole.urgency());
    assert!(is_quiet(&veiled) && !is_quiet(&whole));
    assert_eq!(veiled.body, "Close to liquidation. Repay or add collateral.");

    // Nothing is kept back: neither what is new nor what gets worse, and both are heard.
    desk.feed.send_vault(&Vault::critical("ARB-A"))?;
    let new = notifications.wait_for("another", |n| n.summary == "ARB-A: critical").await?;
    desk.feed.send_vault(&Vault::eth_017_worse())?;
    let worse = |n: &Notification| n.summary == VEILED && !is_quiet(n);
    let worse = notifications.wait_for("that it is worse", worse).await?;
    assert!(new.is_new() && !is_quiet(&new) && worse.replaces_id == whole.id);
    let since = notifications.shown().iter().position(|n| n.summary == VEILED).unwrap_or_default();
    for shown in notifications.shown().iter().skip(since) {
        let figure = |c: char| c.is_ascii_digit() || "$%".contains(c);
        assert!(!shown.body.contains(figure), "{}", shown.body);
        assert!(!shown.summary.replace("ETH-017", "").contains(figure), "{}", shown.summary);
    }

    desk.logind.locked(false).await;
    let left =
        |n: &Notification| n.summary.starts_with("ETH-017: ") && n.summary.contains("left, was");
    let again = notifications.wait_for("its figures again", left).await?;
    assert!(again.replaces_id == whole.id && is_quiet(&again));
    notifications.wait_for("the other's", |n| n.summary.starts_with("ARB-A: 7.9 %")).await?;
    Ok(())
}

fn is_quiet(notification: &Notification) -> bool {
    notification.hints.contains_key("suppress-sound")
}
