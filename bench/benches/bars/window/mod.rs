//! The window in Chromium: the page as it is shipped, with something in the shell's place that feeds it.
//!
//! Script time is that of the page's own code, the promises it settles included, and without what the browser lays out
//! and paints of it: that is the same whoever changed the page.

mod feed;
pub(crate) mod frames;
pub(crate) mod history;
pub(crate) mod rows;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::patience::until_within;
use e2e::processes::Session;
use e2e::site::Site;
use e2e::webdriver::WebDriver;
use serde_json::{Value, json};

use crate::scratch;

const SHELL: &str = include_str!("shell.js");
const ROWS: &str = include_str!("rows.js");
/// Ten thousand rows come in batches of some twenty, thirty times a second.
const FILLED: Duration = Duration::from_secs(180);

/// The folder that the pages are served from, made anew.
fn folder(vaults: u64) -> Result<PathBuf> {
    let folder = scratch().join("bench-window");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src-ui/dist");
    for entry in fs::read_dir(&dist).with_context(|| dist.display().to_string())? {
        let entry = entry?;
        fs::copy(entry.path(), folder.join(entry.file_name()))?;
    }
    fs::write(folder.join("hand.html"), include_str!("hand.html"))?;
    fs::write(folder.join("plain.html"), include_str!("plain.html"))?;
    fs::write(folder.join("bench-feed.json"), feed::file(vaults)?)?;
    Ok(folder)
}

/// The table that is written as one does it first, compiled like the window.
fn build_plain(folder: &Path) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = "wasm32-unknown-unknown";
    let mut build = Command::new(cargo);
    build.current_dir(&root).args([
        "build",
        "--quiet",
        "--profile",
        "wasm-release",
        "--target",
        target,
    ]);
    build.args(["-p", "vaultwatch-ui", "--example", "plain_table"]);
    ensure!(build.status()?.success(), "the plain table was not built");
    let built = root.join("target").join(target).join("wasm-release/examples/plain_table.wasm");
    let mut bind = Command::new("wasm-bindgen");
    bind.args(["--target", "web", "--no-typescript", "--out-dir"]).arg(folder).arg(built);
    ensure!(bind.status().context("wasm-bindgen")?.success(), "wasm-bindgen failed");
    Ok(())
}

/// A browser with one page.
struct Page {
    driver: WebDriver,
    site: Site,
    // Ends the browser when dropped, so after the others.
    _session: std::sync::Arc<Session>,
}

impl Page {
    async fn start(folder: &Path, script: &str, (width, height): (u64, u64)) -> Result<Self> {
        let site = Site::serve(folder.to_owned()).await?;
        let session = Session::new()?;
        let driver = WebDriver::chromium(&session).await?;
        let page = Self { driver, site, _session: session };
        page.tell("Page.addScriptToEvaluateOnNewDocument", json!({"source": script})).await?;
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        page.tell("Emulation.setDeviceMetricsOverride", metrics).await?;
        Ok(page)
    }

    async fn tell(&self, command: &str, parameters: Value) -> Result<Value> {
        self.driver.browser_command(command, parameters).await
    }

    async fn go(&self, rest: &str) -> Result<()> {
        self.driver.go(&self.site.url(rest)).await
    }

    async fn number(&self, script: &str) -> Result<f64> {
        self.driver.script(script, &[]).await?.as_f64().context("not a number")
    }

    /// Until the script returns something else than nothing, `false` or nought.
    async fn until(&self, what: &str, script: &str) -> Result<()> {
        until_within(FILLED, what, async || {
            let answer = self.driver.script(script, &[]).await?;
            let done = answer.as_bool().unwrap_or(!answer.is_null());
            Ok(done.then_some(()))
        })
        .await
    }

    /// What `bench.change()` told: how many rows changed, and the milliseconds that took.
    async fn change(&self) -> Result<(f64, f64)> {
        let script = "const done = arguments[0]; bench.change().then(done)";
        let answer = self.driver.script_async(script, &[]).await?;
        let figure = |name: &str| answer[name].as_f64().with_context(|| format!("{answer}"));
        Ok((figure("rows")?, figure("took")?))
    }
}
