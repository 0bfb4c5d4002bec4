//! Settings that are edited while the app runs, or broken before it starts; and a run that did not come to its end.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use e2e::{
    Desktop, Launch, Page, app::binary, feed::Feed, fixtures::Vault, notifications::Notifications,
    patience::until,
};
use serde_json::json;

fn config(feed: &Feed) -> String {
    format!("[profiles.acme]\nurl = \"{}\"\n", feed.url())
}

fn file(desktop: &Desktop) -> PathBuf {
    desktop.session().path("app").join("config.toml")
}

async fn says(page: &Page, what: &str) -> Result<()> {
    until(&format!("{what:?} on the page"), async || {
        let script = "return document.body.textContent.includes(arguments[0])";
        let there = page.driver.script(script, &[json!(what)]).await?;
        Ok((there == true).then_some(()))
    })
    .await
}

async fn until_there(path: &Path) -> Result<()> {
    until(&path.display().to_string(), async || Ok(path.is_file().then_some(()))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_counts_at_once_and_a_mistake_is_told_until_it_is_mended() -> Result<()> {
    let desktop = Desktop::start().await?;
    let notifications = Notifications::serve(&desktop).await?;
    let feed = Feed::start().await?;
    let good = config(&feed);
    let page = Launch::default().config(&good).drive(&desktop).await?;
    feed.wait_for_connections(1).await?;
    feed.send_vault(&Vault::eth_017_high())?;
    page.wait_for("vault-row-ETH-017").await?;
    until_there(&desktop.session().path("app").join("config.last-good.toml")).await?;

    std::fs::write(file(&desktop), format!("{good}\n[alerts]\nnotifyForm = \"high\"\n"))?;
    let told = notifications.wait_for("the mistake", |n| n.summary.contains("config.toml")).await?;
    assert!(
        told.body.contains("line 5, column 1: alerts.notifyForm: unknown key"),
        "{}",
        told.body
    );
    assert!(told.body.contains("did you mean"), "{}", told.body);
    page.click("nav-alerts").await?;
    says(&page, "config.toml does not count").await?;

    let rule = "[[rule]]\nname = \"ltv\"\nmetric = \"ltv\"\nwhen = \"above\"\nenter = 50\nseverity = \"critical\"\nfor = \"0s\"\n";
    std::fs::write(file(&desktop), format!("{good}\n{rule}"))?;
    notifications.wait_for("the rule's alert", |n| n.summary.starts_with("ETH-017: LTV")).await?;
    says(&page, "In force: rules and policies.").await?;
    assert_eq!(feed.connections(), 1, "the connection is the same");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_with_a_broken_file_watches_by_the_last_good_one() -> Result<()> {
    let desktop = Desktop::start().await?;
    let notifications = Notifications::serve(&desktop).await?;
    let feed = Feed::start().await?;
    let good = config(&feed);
    let mut first = Launch::default().hidden().config(&good).run(&desktop)?;
    feed.wait_for_connections(1).await?;
    until_there(&desktop.session().path("app").join("config.last-good.toml")).await?;
    first.process.kill()?;

    let broken = good.replace("[profiles.acme]", "[profiles.acme");
    let app = Launch::default().hidden().config(&broken).run(&desktop)?;
    feed.wait_for_connections(2).await?;
    let told = notifications.wait_for("the mistake", |n| n.summary.contains("config.toml")).await?;
    assert!(
        told.body.contains("line 1") && told.body.contains("The last settings"),
        "{}",
        told.body
    );
    feed.send_vault(&Vault::eth_017_critical())?;
    notifications.wait_for("the alert", |n| n.summary.starts_with("ETH-017")).await?;
    drop(app);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_last_good_file_a_broken_one_ends_the_start() -> Result<()> {
    let desktop = Desktop::start().await?;
    let mut app = Launch::default().hidden().config("[profiles.acme\n").run(&desktop)?;
    assert_eq!(app.process.wait_for_exit().await?.code(), Some(2));
    assert!(app.process.log().contains("line 1"), "{}", app.process.log());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_killed_is_told_at_the_next_start_and_one_that_ended_is_not() -> Result<()> {
    let desktop = Desktop::start().await?;
    let feed = Feed::start().await?;
    let launch = Launch::default().config(&config(&feed));
    let run = desktop.session().path("app").join("last-run.json");

    let mut ended = launch.clone().hidden().run(&desktop)?;
    feed.wait_for_connections(1).await?;
    until_there(&run).await?;
    let status = Command::new("kill").args(["-TERM", &ended.process.pid().to_string()]).status()?;
    ensure!(status.success(), "kill: {status}");
    ensure!(ended.process.wait_for_exit().await?.success(), "{}", ended.process.log());
    let said = std::fs::read_to_string(&run)?;
    assert!(said.contains("\"ended\":true"), "{said}");

    let mut killed = launch.clone().hidden().run(&desktop)?;
    feed.wait_for_connections(2).await?;
    until("this run's file", async || {
        Ok(std::fs::read_to_string(&run)?.contains("\"ended\":false").then_some(()))
    })
    .await?;
    killed.process.kill()?;

    let page = launch.drive(&desktop).await?;
    page.click("nav-alerts").await?;
    says(&page, "VaultWatch ended unexpectedly").await?;
    says(&page, "Nobody was watching from ").await?;
    let script =
        "return document.body.textContent.split('VaultWatch ended unexpectedly').length - 1";
    let times = page.driver.script(script, &[]).await?;
    // Once in the list and once as a toast, at the most; never for the run that ended.
    assert!(times.as_u64().context("a number")? <= 2, "{times}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_full_disk_it_starts_watches_and_says_so() -> Result<()> {
    let desktop = Desktop::start().await?;
    let notifications = Notifications::serve(&desktop).await?;
    let feed = Feed::start().await?;
    let folder = desktop.session().path("full");
    std::fs::create_dir(&folder)?;
    // The mount is this process' alone and ends with it.
    let script = "mount -t tmpfs -o size=64k none \"$1\" || exit 77; \
        dd if=/dev/zero of=\"$1/ballast\" bs=4096 2> /dev/null; \
        exec \"$2\" --hidden --url \"$3\" --data-dir \"$1\"";
    let mut command = desktop.command("unshare");
    command.args(["--mount", "sh", "-c", script, "sh"]).arg(&folder);
    command.arg(binary("vaultwatch")?).arg(feed.url());
    let mut app = desktop.spawn("vaultwatch", &mut command)?;
    let begun = until("a connection, or an end", async || {
        Ok((feed.connections() > 0 || !app.is_running()?).then_some(()))
    });
    begun.await?;
    if !app.is_running()? {
        // Only root may mount without a namespace of users, which the session bus would not let in.
        let user = Command::new("id").arg("-u").output()?;
        ensure!(user.stdout != b"0\n", "it did not start: {}", app.log());
        return Ok(());
    }
    let told = notifications.wait_for("the disk", |n| n.summary.contains("disk is full")).await?;
    assert!(told.body.contains("free some space"), "{}", told.body);
    feed.send_vault(&Vault::eth_017_critical())?;
    notifications.wait_for("the alert", |n| n.summary.starts_with("ETH-017")).await?;
    Ok(())
}
