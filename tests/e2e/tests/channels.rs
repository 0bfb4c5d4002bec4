//! A critical alert that nobody answers goes to other channels, from the whole app to a real HTTP server.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use e2e::{
    Desktop, Launch,
    feed::Feed,
    fixtures::Vault,
    notifications::Notifications,
    patience::until,
    receiver::{Receiver, Request},
};
use ring::hmac;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn config(hook: &Receiver, ntfy: &Receiver) -> String {
    format!(
        r#"
[channels.sound]
enabled = false
[channels.webhook]
url = "{}"
secret_env = "HOOK_SECRET"
[channels.ntfy]
url = "{}"
token_env = "NTFY_TOKEN"
click = "https://desk.example/vaults/{{vaultId}}"
[[policy]]
sound_after = "0s"
call_out_after = "0s"
recovery = "1s"
"#,
        hook.url("hook"),
        ntfy.url("desk-topic")
    )
}

fn launch(feed: &Feed, hook: &Receiver, ntfy: &Receiver) -> Launch {
    Launch::feed(&feed.url())
        .hidden()
        .config(&config(hook, ntfy))
        .env("HOOK_SECRET", SECRET)
        .env("NTFY_TOKEN", "tk_secret")
}

/// As the documentation tells a receiver to check it.
fn check_signature(request: &Request) -> Result<()> {
    let timestamp = request.header("vaultwatch-timestamp");
    let hex = request.header("vaultwatch-signature").strip_prefix("sha256=").context("no hash")?;
    let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16);
    let tag = (0..hex.len()).step_by(2).map(digit).collect::<Result<Vec<_>, _>>()?;
    let signed = [timestamp.as_bytes(), b".", &request.body].concat();
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    ensure!(hmac::verify(&key, &signed, &tag).is_ok(), "signed by another: {request:?}");
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    ensure!(now.abs_diff(timestamp.parse()?) < 300, "of another time: {timestamp}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_answers_and_both_are_called_until_somebody_does() -> Result<()> {
    let desktop = Desktop::start().await?;
    let notifications = Notifications::serve(&desktop).await?;
    let (hook, ntfy) = (Receiver::start().await?, Receiver::start().await?);
    hook.answer_with(&[503]);
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_high().envelope()]);
    let launch = launch(&feed, &hook, &ntfy);
    let _app = launch.run(&desktop)?;
    feed.wait_for_connections(1).await?;
    feed.send_vault(&Vault::eth_017_critical())?;
    let shown = notifications.wait_for("the alert", |n| n.summary.contains("ETH-017")).await?;

    // The first attempt is refused for now: the same call comes again.
    let two = hook.record.wait_until("the call and its second attempt", |r| r.len() >= 2).await?;
    let first = &two[0];
    assert_eq!(first.path, "/hook");
    assert_eq!(first.header("content-type"), "application/json");
    for attempt in &two[..2] {
        check_signature(attempt)?;
        assert_eq!(attempt.field("event"), "alert.unacknowledged");
        let delivery = |r: &Request| r.header("vaultwatch-delivery").to_owned();
        assert_eq!(delivery(attempt), delivery(first), "the receiver recognises it");
        assert_eq!(attempt.field("delivery"), delivery(first));
    }
    let alert = &first.json()?["alert"];
    assert_eq!(alert["vaultId"], "ETH-017");
    assert_eq!(alert["severity"], "CRITICAL");
    assert_eq!(alert["title"], "ETH-017: 7.9 % to liquidation");

    let push = ntfy.record.wait_until("the push", |r| !r.is_empty()).await?.remove(0);
    assert_eq!(push.path, "/", "published as JSON to the server");
    assert_eq!(push.header("authorization"), "Bearer tk_secret");
    let body = push.json()?;
    assert_eq!((&body["topic"], &body["priority"]), (&"desk-topic".into(), &5.into()));
    assert_eq!(body["click"], "https://desk.example/vaults/ETH-017");
    assert_eq!(push.field("title"), "ETH-017: 7.9 % to liquidation");

    // Answered on the screen: those who were called are told.
    notifications.invoke_action(shown.id, "ack").await?;
    let answered = |r: &Request| r.field("event") == "alert.acknowledged";
    let answered = hook.record.wait_for("the acknowledgement", answered).await?;
    check_signature(&answered)?;
    assert_eq!(answered.json()?["alert"]["vaultId"], "ETH-017");
    let quiet = |r: &Request| r.json().is_ok_and(|body| body["priority"] == 2);
    ntfy.record.wait_for("the quiet end", quiet).await?;
    assert_eq!(hook.record.all().len(), 3, "taken, and not sent again: {:?}", hook.record.all());
    assert_eq!(ntfy.record.all().len(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_called_before_a_crash_is_told_the_end_after_it() -> Result<()> {
    let desktop = Desktop::start().await?;
    let notifications = Notifications::serve(&desktop).await?;
    let (hook, ntfy) = (Receiver::start().await?, Receiver::start().await?);
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_high().envelope()]);
    let launch = launch(&feed, &hook, &ntfy);
    let mut app = launch.run(&desktop)?;
    feed.wait_for_connections(1).await?;
    feed.send_vault(&Vault::eth_017_critical())?;
    hook.record.wait_until("the call", |r| !r.is_empty()).await?;
    ntfy.record.wait_until("the push", |r| !r.is_empty()).await?;
    notifications.wait_for("the alert", |n| n.summary.contains("ETH-017")).await?;
    app.process.kill()?;

    feed.greet_with(&[Vault::eth_017_critical().envelope()]);
    let _app = launch.run(&desktop)?;
    feed.wait_for_connections(2).await?;
    feed.send_vault(&Vault::calm("ETH-017"))?;
    let over = |r: &Request| r.field("event") == "alert.resolved";
    hook.record.wait_for("the end", over).await?;
    let calls = hook.record.all();
    let raised = calls.iter().filter(|r| r.field("event") == "alert.unacknowledged");
    let mut deliveries: Vec<_> = raised.map(|r| r.field("delivery")).collect();
    deliveries.dedup();
    assert_eq!(deliveries.len(), 1, "nobody was called for it a second time: {calls:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn with_every_profile_paused_it_is_told_and_tried_who_would_be_called() -> Result<()> {
    let desktop = Desktop::start().await?;
    let ntfy = Receiver::start().await?;
    let config = format!(
        "[channels.ntfy]\nurl = \"{}\"\n[profiles.acme]\nurl = \"ws://127.0.0.1:9\"\npaused = true\n",
        ntfy.url("desk-topic")
    );
    let page = Launch::default().config(&config).drive(&desktop).await?;
    page.click("nav-settings").await?;
    let told = until("the channel in the settings", async || {
        let section = "return document.getElementById('settings-channels')?.innerText ?? ''";
        let text = page.driver.script(section, &[]).await?;
        let text = text.as_str().unwrap_or_default().to_owned();
        Ok(text.contains("Send a test").then_some(text))
    })
    .await?;
    ensure!(told.contains("ntfy") && !told.contains("No channel is configured"), "{told}");
    let press = "[...document.querySelectorAll('#settings-channels button')]
        .find(button => button.innerText.includes('Send a test')).click()";
    page.driver.script(press, &[]).await?;
    let push = ntfy.record.wait_until("the test", |r| !r.is_empty()).await?.remove(0);
    assert_eq!(push.field("title"), "VaultWatch: a test");
    Ok(())
}
