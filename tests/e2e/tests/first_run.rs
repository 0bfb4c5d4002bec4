//! The first run: an address is tried, kept and watched, all in the window; and what can be asked of it then.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use e2e::{
    Desktop, Launch, Page,
    feed::{Feed, Heard},
    fixtures::Vault,
    keyring::Keyring,
    notifications::Notifications,
    patience::until,
    tray::{Host, Tray, TrayItem},
};
use serde_json::json;

async fn type_into(page: &Page, test_id: &str, text: &str) -> Result<()> {
    let css = format!("[data-testid='{test_id}']");
    let field = until(test_id, async || page.driver.find(&css).await).await?;
    page.driver.type_into(&field, text).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_is_tried_kept_and_watched_from_the_window_alone() -> Result<()> {
    let desktop = Desktop::start().await?;
    let notifications = Notifications::serve(&desktop).await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_high().envelope()]);
    let page = Launch::demo().drive(&desktop).await?;
    page.wait_for("demo-banner").await?;

    page.click("choose-feed").await?;
    type_into(&page, "connect-url", &feed.url()).await?;
    page.click("connect-test").await?;
    page.wait_text("first-message", "the vault", |text| text.contains("vault_update_ETH-017"))
        .await?;
    let config = desktop.session().path("app").join("config.toml");
    assert!(!config.exists(), "a test keeps nothing");

    page.click("connect-keep").await?;
    page.wait_text("welcome-done", "the profile", |text| text.contains("feed is watched")).await?;
    assert!(fs::read_to_string(&config)?.contains(&feed.url()));
    page.click("test-critical").await?;
    notifications.wait_for("the test", |told| told.summary.to_lowercase().contains("test")).await?;
    page.click("test-seen").await?;
    page.click("test-heard").await?;
    page.wait_for("test-result").await?;
    page.click("test-close").await?;

    page.click("welcome-overview").await?;
    page.wait_for("vault-row-ETH-017").await?;
    page.wait_for_none("demo-banner").await?;
    page.wait_for_none("first-run").await?;
    until("no DEMO in the tray", async || {
        let title = TrayItem::only(&desktop).await?.title().await?;
        Ok((!title.contains("DEMO")).then_some(()))
    })
    .await?;

    // The shell's own answers: what the page does not know by itself.
    page.click("nav-what-if").await?;
    page.wait_text("what-if-falls", "the fall of it", |text| text.contains("ETH-017")).await?;
    let palette = "document.dispatchEvent(new KeyboardEvent('keydown',{key:'k',ctrlKey:true,bubbles:true,cancelable:true}))";
    page.driver.script(palette, &[]).await?;
    type_into(&page, "palette-input", "eth17").await?;
    page.click("palette-vault-ETH-017").await?;
    page.wait_for("vault-detail").await?;
    Ok(())
}

const TOKEN: &str = "tok-3f9d51c07a6e";

/// Every file below a folder. What goes while it is looked at is left out.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let below = entries.flat_map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => files_in(&entry.path()),
        Ok(kind) if kind.is_file() => vec![entry.path()],
        _ => Vec::new(),
    });
    below.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_goes_from_the_window_into_the_keychain_and_nowhere_else() -> Result<()> {
    let desktop = Desktop::start().await?;
    let keyring = Keyring::unlocked(&desktop).await?;
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_high().envelope()]);
    feed.require(TOKEN);
    let page = Launch::demo().drive(&desktop).await?;
    page.click("choose-feed").await?;
    type_into(&page, "connect-url", &feed.url()).await?;
    page.click("connect-test").await?;
    feed.heard.wait_for("a try without the token", |heard| *heard == Heard::Refused).await?;
    assert_eq!(feed.connections(), 0);

    type_into(&page, "connect-token", TOKEN).await?;
    page.click("connect-test").await?;
    page.wait_text("first-message", "the vault", |text| text.contains("vault_update_ETH-017"))
        .await?;
    assert!(keyring.labels(&desktop).await?.is_empty(), "a test keeps nothing");
    let tried = feed.connections();
    page.click("connect-keep").await?;
    page.wait_text("welcome-done", "the profile", |text| text.contains("feed is watched")).await?;
    // The watch has it of the keychain alone.
    feed.wait_for_connections(tried + 1).await?;
    page.click("welcome-overview").await?;
    page.wait_for("vault-row-ETH-017").await?;

    let config = fs::read_to_string(desktop.session().path("app").join("config.toml"))?;
    let name = config.lines().find_map(|line| line.strip_prefix("[profiles.")?.strip_suffix(']'));
    let name = name.with_context(|| format!("no profile in {config}"))?;
    let labels = keyring.labels(&desktop).await?;
    assert_eq!(labels, [format!("VaultWatch: token of profile {}", name.trim_matches('"'))]);
    // Settings, stores, logs, caches of the window's, and the keyring's own file, which is encrypted.
    let files = files_in(&desktop.session().path(""));
    ensure!(files.iter().any(|path| path.ends_with("config.toml")), "{files:?}");
    for path in files {
        // A file that is gone since it was listed has nothing in it.
        let bytes = fs::read(&path).unwrap_or_default();
        let found = bytes.windows(TOKEN.len()).any(|part| part == TOKEN.as_bytes());
        ensure!(!found, "the token is in {}", path.display());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_is_in_the_file_as_soon_as_its_field_is_left() -> Result<()> {
    let desktop = Desktop::start().await?;
    let feed = Feed::start().await?;
    let written = format!("# Ours.\n[profiles.acme]\nurl = \"{}\"\n", feed.url());
    let page = Launch::default().config(&written).drive(&desktop).await?;
    let config = desktop.session().path("app").join("config.toml");
    let says = async |what: &str| {
        until(&format!("{what:?} in the file"), async || {
            Ok(fs::read_to_string(&config)?.contains(what).then_some(()))
        })
        .await
    };
    page.click("nav-settings").await?;
    // `Enter` ends it.
    type_into(&page, "config-alerts-quietHours", "22:00 to 06:30\u{e007}").await?;
    says("quietHours = { from = \"22:00\", to = \"06:30\" }").await?;
    page.click("undo").await?;
    until("the file as it was", async || {
        Ok((fs::read_to_string(&config)? == written).then_some(()))
    })
    .await?;
    type_into(&page, "config-alerts-soundAfter", "soon\u{e007}").await?;
    let invalid = "return document.querySelector('#config-alerts-soundAfter').ariaInvalid";
    until("a reason at the field", async || {
        Ok((page.driver.script(invalid, &[]).await? == json!("true")).then_some(()))
    })
    .await?;
    assert_eq!(fs::read_to_string(&config)?, written);
    assert_eq!(feed.connections(), 1, "the connection is the same");
    Ok(())
}
