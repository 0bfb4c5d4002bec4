//! A desktop whose keychain is missing, or locked, as it is when a session begins.

use anyhow::Result;
use e2e::{
    Desktop, Launch, Page, app::binary, feed::Feed, fixtures::Vault, keyring::Keyring,
    patience::until,
};

fn launch(feed: &Feed) -> Launch {
    let config = format!("[profiles.acme]\nurl = \"{}\"\n[encryption.acme]\n", feed.url());
    Launch::default().config(&config)
}

async fn wait_for_words(page: &Page, words: &str) -> Result<()> {
    until(words, async || {
        let text = page.driver.script("return document.body.innerText", &[]).await?;
        Ok(text.as_str().unwrap_or_default().contains(words).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keychain_it_says_so_and_watches_what_is_not_encrypted() -> Result<()> {
    let desktop = Desktop::start().await?;
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_high().envelope()]);
    let page = launch(&feed).drive(&desktop).await?;
    wait_for_words(&page, "no keychain is available").await?;
    assert_eq!(feed.connections(), 0, "the keys may be on their way");
    // After half a minute it is more important to watch.
    feed.wait_for_connections(1).await?;
    page.wait_for("vault-row-ETH-017").await?;
    page.click("nav-alerts").await?;
    wait_for_words(&page, "Encrypted messages cannot be read").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_keychain_is_told_and_nobody_is_asked_for_a_password() -> Result<()> {
    let desktop = Desktop::start().await?;
    // The keys were made in an earlier session.
    let mut before = Keyring::unlocked(&desktop).await?;
    let ctl = binary("vaultwatchctl")?;
    let ctl = ctl.to_str().unwrap_or_default();
    let make = ["keys", "generate", "--profile", "acme", "--tenant", "acme", "--kid", "k1"];
    desktop.session().answer(ctl, &make)?;
    before.process.kill()?;
    until("the keyring to be gone", async || {
        let owned = desktop.bus_name_is_owned("org.freedesktop.secrets").await?;
        Ok((!owned).then_some(()))
    })
    .await?;

    let mut locked = Keyring::locked(&desktop).await?;
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_high().envelope()]);
    let page = launch(&feed).drive(&desktop).await?;
    wait_for_words(&page, "the keychain is locked").await?;
    assert_eq!(desktop.windows().titled("")?.len(), 1, "its own window, and no dialog");

    // Somebody logs in to the keyring.
    locked.process.kill()?;
    let _unlocked = Keyring::unlocked(&desktop).await?;
    feed.wait_for_connections(1).await?;
    page.wait_for("vault-row-ETH-017").await?;
    Ok(())
}
