//! The demo is alive, says what it is, and wakes nobody twice.

use std::fs;
use std::time::Duration;

use anyhow::Result;
use e2e::{
    Desktop, Launch,
    notifications::Notifications,
    patience::{until, until_within},
    tray::{Host, Tray, TrayItem},
};

/// The market crashes in its own time, and on a busy machine.
const CRASH: Duration = Duration::from_secs(180);

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_notifies_once_and_says_demo() -> Result<()> {
    let desktop = Desktop::start().await?;
    let notifications = Notifications::serve(&desktop).await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let launch = Launch::demo().env("VAULTWATCH_DEMO_SCENARIO", "crash");
    let page = launch.drive(&desktop).await?;

    page.wait_text("demo-banner", "the word demo", |t| t.to_lowercase().contains("demo")).await?;
    page.wait_text("connection-state", "the word Live", |text| text.contains("Live")).await?;
    until("rows", async || Ok((page.count("vault-row-").await? > 3).then_some(()))).await?;
    assert!(TrayItem::only(&desktop).await?.title().await?.contains("DEMO"));

    until_within(CRASH, "the first notification", async || {
        Ok((!notifications.shown().is_empty()).then_some(()))
    })
    .await?;
    // More of them follow, in the window alone.
    until_within(CRASH, "three unread notifications in the window", async || {
        let unread = page.text("notification-unread").await?.unwrap_or_default();
        let number: String = unread.chars().filter(char::is_ascii_digit).collect();
        Ok((number.parse::<u32>().unwrap_or(0) >= 3).then_some(()))
    })
    .await?;

    let shown = notifications.shown();
    assert_eq!(shown.len(), 1, "{shown:#?}");
    assert!(shown[0].summary.starts_with("DEMO "), "{}", shown[0].summary);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_out_of_reach_is_not_replaced_by_the_demo() -> Result<()> {
    let desktop = Desktop::start().await?;
    // Nobody listens on the discard port.
    let page = Launch::feed("ws://127.0.0.1:9").drive(&desktop).await?;
    page.wait_text("connection-state", "trouble", |text| text.contains("Reconnecting")).await?;
    assert_eq!(page.text("demo-banner").await?, None);
    assert_eq!(page.count("vault-row-").await?, 0);
    Ok(())
}

/// As `vaultwatchctl record` writes it: a vault, and what became of it in a quarter of an hour. Each figure stays for about
/// half of the time, so that somebody who looks now and then sees both.
const RECORDING: &str = r#"{"type":"recording","data":{"version":1,"url":"wss://feed.example/ws","startedAt":1763800000000,"topics":["*"]},"timestamp":1763800000000}
{"at":0,"type":"vault_update_REC-1","data":{"full":true,"id":"REC-1","chainId":1,"status":"ACTIVE","ltv":51.5,"maxLTV":80,"healthFactor":1.55},"timestamp":1763800000000}
{"at":450000,"type":"vault_update_REC-1","data":{"ltv":52.5},"timestamp":1763800450000}
{"at":900000,"type":"vault_update_REC-1","data":{"healthFactor":1.53},"timestamp":1763800900000}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_played_as_fast_as_asked_for() -> Result<()> {
    let desktop = Desktop::start().await?;
    let file = desktop.session().path("day.ndjson");
    fs::write(&file, RECORDING)?;
    // A quarter of an hour in nine tenths of a second, again and again.
    let launch = Launch::demo().arg(&format!("--demo={}", file.display()));
    let page = launch.arg("--demo-speed=1000").drive(&desktop).await?;
    page.wait_text("demo-banner", "the word demo", |t| t.to_lowercase().contains("demo")).await?;
    page.wait_text("vault-ltv-REC-1", "the first figure", |text| text.contains("51.5")).await?;
    page.wait_text("vault-ltv-REC-1", "the last figure", |text| text.contains("52.5")).await?;
    assert_eq!(page.count("vault-row-").await?, 1, "nothing else is played");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_that_cannot_be_played_is_named_with_what_is_wrong() -> Result<()> {
    let desktop = Desktop::start().await?;
    let path = |name: &str| desktop.session().path(name);
    fs::write(path("own.toml"), "population = 3\n[[price]]\ntoken = \"WETC\"\nto = 1.0\n")?;
    fs::write(path("cut.ndjson"), &RECORDING[..RECORDING.find("{\"at\":0").unwrap_or(0) + 20])?;
    for (name, speed, words) in [
        ("nowhere.ndjson", "1", &["--demo:", "nowhere.ndjson", "nor a file"][..]),
        ("own.toml", "1", &["own.toml, line 3", "price.token"]),
        ("cut.ndjson", "1", &["cut.ndjson", "line 2", "cut short"]),
        ("stormy", "2", &["speed", "built-in"]),
    ] {
        let demo =
            if name == "stormy" { name.to_owned() } else { path(name).display().to_string() };
        let launch = Launch::demo().arg(&format!("--demo={demo}"));
        let launch = if speed == "1" { launch } else { launch.arg("--demo-speed").arg(speed) };
        let mut app = launch.run(&desktop)?;
        let status = app.process.wait_for_exit().await?;
        let said = app.process.log();
        assert_eq!(status.code(), Some(2), "{name}: {said}");
        assert!(words.iter().all(|word| said.contains(word)), "{name}: {said}");
    }
    Ok(())
}
