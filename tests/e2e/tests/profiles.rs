//! Several profiles at once: each with its own feed, notifications and store, and all of them in one tray and one window.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use e2e::{
    Desktop, Launch, Page,
    feed::{Feed, Heard},
    fixtures::Vault,
    notifications::{Notification, Notifications},
    patience::until,
    tray::{Host, Tray, TrayItem},
};

/// Without sound, no complaint that none is to be heard.
const QUIET: &str = "[channels.sound]\nenabled = false\n";

/// A desktop with two feeds, each of which knows a vault of the same name.
struct Desk {
    desktop: Desktop,
    acme: Feed,
    globex: Feed,
    notifications: Notifications,
}

impl Desk {
    async fn start() -> Result<Self> {
        let desktop = Desktop::start().await?;
        let notifications = Notifications::serve(&desktop).await?;
        let (acme, globex) = (Feed::start().await?, Feed::start().await?);
        for feed in [&acme, &globex] {
            feed.greet_with(&[Vault::eth_017_high().envelope()]);
        }
        Ok(Self { desktop, acme, globex, notifications })
    }

    /// The settings' file with both.
    fn both(&self) -> String {
        format!("{QUIET}\n{}\n{}", profile("acme", &self.acme), profile("globex", &self.globex))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.desktop.session().path("app").join(name)
    }

    fn config(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.path("config.toml"))?)
    }

    async fn wait_for_both(&self) -> Result<()> {
        self.acme.wait_for_connections(1).await?;
        self.globex.wait_for_connections(1).await
    }

    /// The critical alert about ETH-017 in that profile.
    async fn told_by(&self, profile: &str) -> Result<std::sync::Arc<Notification>> {
        let title = format!("{profile}: ETH-017: 7.9 % to liquidation");
        self.notifications.wait_for(&title, |told| told.summary == title).await
    }

    /// Until the app knows the number under which this is shown: a button is nobody's before.
    async fn wait_for_number(&self, profile: &str, shown: &Notification) -> Result<()> {
        let kept = self.path(&format!("profiles/{profile}/on-screen.json"));
        until("the number on disk", async || {
            let text = std::fs::read_to_string(&kept).unwrap_or_default();
            Ok(text.contains(&format!("\"number\":{}", shown.id)).then_some(()))
        })
        .await
    }

    async fn until_config(&self, what: &str, wanted: impl Fn(&str) -> bool) -> Result<()> {
        until(what, async || Ok(wanted(&self.config()?).then_some(()))).await
    }
}

fn profile(name: &str, feed: &Feed) -> String {
    format!("[profiles.{name}]\nurl = \"{}\"\n", feed.url())
}

async fn wait_for_leave(feed: &Feed) -> Result<()> {
    feed.heard.wait_for("the end of the connection", |heard| *heard == Heard::Gone).await?;
    Ok(())
}

async fn open_settings(page: &Page) -> Result<()> {
    page.click("nav-settings").await?;
    page.wait_for("profile-line-acme").await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_tells_its_own_alert_and_one_answer_is_for_one_of_them() -> Result<()> {
    let desk = Desk::start().await?;
    let _tray = Tray::serve(&desk.desktop, Host::Present).await?;
    let _app = Launch::default().hidden().config(&desk.both()).run(&desk.desktop)?;
    desk.wait_for_both().await?;
    let item = TrayItem::only(&desk.desktop).await?;
    let critical = Vault::eth_017_critical();
    desk.acme.send_vault(&critical)?;
    desk.globex.send_vault(&critical)?;
    let (acme, globex) = (desk.told_by("acme").await?, desk.told_by("globex").await?);
    assert_ne!(acme.id, globex.id, "neither replaces the other");
    assert!(acme.is_new() && globex.is_new());
    let (_, tooltip) = item.tooltip().await?;
    ensure!(
        tooltip.contains("acme: Live") && tooltip.contains("globex: Live"),
        "a line for each: {tooltip}"
    );

    desk.wait_for_number("acme", &acme).await?;
    desk.wait_for_number("globex", &globex).await?;
    desk.notifications.invoke_action(acme.id, "ack").await?;
    let labels = until("acme's line to be acknowledged, and globex's not", async || {
        let labels: Vec<_> = item.menu().await?.into_iter().map(|entry| entry.label).collect();
        let line = |profile: &str| {
            let about = format!("{profile}: ETH-017");
            labels.iter().find(|label| label.starts_with(&about)).cloned()
        };
        let (Some(acme), Some(globex)) = (line("acme"), line("globex")) else { return Ok(None) };
        let answered = |line: &str| line.ends_with("(acknowledged)");
        Ok((answered(&acme) && !answered(&globex)).then_some(labels.clone()))
    })
    .await?;
    assert!(labels.iter().any(|label| label.starts_with("globex: Live")), "{labels:?}");
    assert_eq!(item.status().await?, "NeedsAttention", "globex's still waits");
    desk.notifications.invoke_action(globex.id, "ack").await?;
    until("nothing that waits", async || Ok((item.status().await? == "Active").then_some(())))
        .await?;
    for name in ["acme", "globex"] {
        let store = desk.path(&format!("profiles/{name}"));
        assert!(store.is_dir(), "{} is its own", store.display());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_shows_one_and_a_click_on_a_notification_leads_to_the_other() -> Result<()> {
    let desk = Desk::start().await?;
    desk.globex.greet_with(&[Vault::eth_017_high().envelope(), Vault::calm("GLOBEX-1").envelope()]);
    let page = Launch::default().config(&desk.both()).drive(&desk.desktop).await?;
    desk.wait_for_both().await?;
    page.wait_for("vault-row-ETH-017").await?;
    page.wait_text("profile-switch", "acme", |text| text.contains("acme")).await?;
    assert_eq!(page.text("vault-row-GLOBEX-1").await?, None, "that is the other one's");

    desk.globex.send_vault(&Vault::eth_017_critical())?;
    let told = desk.told_by("globex").await?;
    page.wait_for("profile-unread-globex").await?;
    page.wait_text("elsewhere", "globex's alert", |text| text.contains("globex: ETH-017")).await?;
    assert_eq!(page.count("notification-item-").await?, 0, "it is not acme's");

    desk.wait_for_number("globex", &told).await?;
    desk.notifications.invoke_action(told.id, "default").await?;
    page.wait_text("profile-switch", "globex", |text| text.contains("globex")).await?;
    page.wait_for_none("elsewhere").await?;
    page.click("nav-overview").await?;
    page.wait_for("vault-row-GLOBEX-1").await?;

    page.click("profile-acme").await?;
    page.wait_text("profile-switch", "acme", |text| text.contains("acme")).await?;
    page.wait_for_none("vault-row-GLOBEX-1").await?;
    page.wait_for("vault-row-ETH-017").await?;
    // What comes in now is acme's again.
    desk.acme.send_vault(&Vault::calm("ACME-1"))?;
    page.wait_for("vault-row-ACME-1").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_paused_renamed_and_removed_from_the_settings_while_the_other_goes_on() -> Result<()>
{
    let desk = Desk::start().await?;
    let page = Launch::default().config(&desk.both()).drive(&desk.desktop).await?;
    desk.wait_for_both().await?;
    open_settings(&page).await?;

    page.click("profile-pause-globex").await?;
    wait_for_leave(&desk.globex).await?;
    page.wait_text("profile-state-globex", "Paused", |text| text == "Paused").await?;
    desk.until_config("paused = true", |text| text.contains("paused = true")).await?;
    page.click("profile-pause-globex").await?;
    desk.globex.wait_for_connections(2).await?;

    page.click("profile-rename-globex").await?;
    page.wait_for("profile-rename-dialog").await?;
    page.driver
        .script(
            "const field = document.querySelector('[data-testid=profile-new-name]');
             field.value = 'initech'; field.dispatchEvent(new Event('input', { bubbles: true }));",
            &[],
        )
        .await?;
    page.click("profile-rename-save").await?;
    page.wait_for("profile-line-initech").await?;
    desk.globex.wait_for_connections(3).await?;
    assert!(desk.path("profiles/initech").is_dir() && !desk.path("profiles/globex").exists());
    let config = desk.config()?;
    ensure!(config.contains("[profiles.initech]") && !config.contains("globex"), "{config}");

    page.click("profile-remove-initech").await?;
    let kept = page
        .wait_text("profile-kept", "its folder", |text| text.contains("profiles/initech"))
        .await?;
    ensure!(kept.contains("notifications"), "what would be lost is named: {kept}");
    assert!(desk.path("profiles/initech").is_dir(), "nothing is deleted before the answer");
    page.click("profile-remove-delete").await?;
    page.wait_for_none("profile-line-initech").await?;
    until("its folder to go", async || Ok((!desk.path("profiles/initech").exists()).then_some(())))
        .await?;
    assert!(!desk.config()?.contains("initech"));

    assert!(desk.path("profiles/acme").is_dir());
    assert_eq!(desk.acme.connections(), 1, "it never noticed");
    desk.acme.send_vault(&Vault::critical("ACME-1"))?;
    // Of a single profile the name is no news.
    desk.notifications.wait_for("acme's alert", |told| told.summary.starts_with("ACME-1")).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_the_file_starts_and_ends_watches_at_once() -> Result<()> {
    let desk = Desk::start().await?;
    let acme = format!("{QUIET}\n{}", profile("acme", &desk.acme));
    let _app = Launch::default().hidden().config(&acme).run(&desk.desktop)?;
    desk.acme.wait_for_connections(1).await?;
    let file = desk.path("config.toml");
    std::fs::write(&file, desk.both())?;
    desk.globex.wait_for_connections(1).await?;
    assert_eq!(desk.acme.connections(), 1, "what was not changed goes on");
    std::fs::write(&file, format!("{}paused = true\n", desk.both()))?;
    wait_for_leave(&desk.globex).await?;
    std::fs::write(&file, desk.both())?;
    desk.globex.wait_for_connections(2).await?;
    std::fs::write(&file, acme)?;
    let ends = |heard: &[Heard]| heard.iter().filter(|one| **one == Heard::Gone).count() >= 2;
    desk.globex.heard.wait_until("the end of globex", ends).await?;
    assert!(desk.path("profiles/globex").is_dir(), "what was kept stays");
    assert_eq!(desk.acme.connections(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_cannot_be_watched_hinders_no_other() -> Result<()> {
    let desk = Desk::start().await?;
    let config = format!(
        "{QUIET}\n{}\n[profiles.globex]\nurl = \"http://feed.example\"\n",
        profile("acme", &desk.acme)
    );
    let page = Launch::default().config(&config).drive(&desk.desktop).await?;
    desk.acme.wait_for_connections(1).await?;
    let told = |told: &Notification| told.summary.contains("config.toml");
    let told = desk.notifications.wait_for("the mistake", told).await?;
    ensure!(told.body.contains("globex"), "it says which: {}", told.body);
    page.wait_for("vault-row-ETH-017").await?;
    open_settings(&page).await?;
    page.wait_text("profile-state-globex", "why", |text| text.starts_with("Not watched: ")).await?;
    desk.acme.send_vault(&Vault::eth_017_critical())?;
    desk.told_by("acme").await?;

    // Mended, it is watched without a restart.
    std::fs::write(desk.path("config.toml"), desk.both())?;
    desk.globex.wait_for_connections(1).await?;
    assert_eq!(desk.acme.connections(), 1);
    Ok(())
}
