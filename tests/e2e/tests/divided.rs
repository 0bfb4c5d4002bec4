//! The page as it is shipped is two programs, of which the second is loaded when the first has shown something. Here it
//! runs in a browser, with no shell to talk to.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use e2e::patience::until;
use e2e::processes::Session;
use e2e::site::Site;
use e2e::webdriver::WebDriver;
use serde_json::json;

/// The file of the second program.
const SECOND: &str = "split_later.wasm";
/// What tells of it, on every page.
const MISSING: &str = "[data-testid=part-missing]";
const NOT_LOADED: &str = "[data-testid=not-loaded]";

/// What the application embeds, to be damaged.
fn copied(into: &Path) -> Result<()> {
    let dist = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../src-ui/dist");
    for entry in fs::read_dir(&dist).with_context(|| dist.display().to_string())? {
        let entry = entry?;
        fs::copy(entry.path(), into.join(entry.file_name()))?;
    }
    anyhow::ensure!(into.join(SECOND).exists(), "the window was not built: cargo xtask build");
    Ok(())
}

async fn until_found(driver: &WebDriver, css: &str) -> Result<()> {
    until(css, async || Ok(driver.find(css).await?.map(drop))).await
}

#[tokio::test]
async fn the_second_program_comes_by_itself() -> Result<()> {
    let folder = tempfile::tempdir()?;
    copied(folder.path())?;
    let site = Site::serve(folder.path().to_owned()).await?;
    let session = Session::new()?;
    let driver = WebDriver::chromium(&session).await?;
    driver.go(&site.url("")).await?;
    until_found(&driver, "main.overview").await?;
    // Nobody has asked for a page of it.
    let loaded = "return performance.getEntriesByType('resource').some((one) => one.name.endsWith(arguments[0]) && one.responseEnd > 0)";
    until("the second program", async || {
        let there = driver.script(loaded, &[json!(SECOND)]).await?;
        Ok(there.as_bool().unwrap_or_default().then_some(()))
    })
    .await?;
    driver.go(&site.url("#/settings")).await?;
    until_found(&driver, "main.settings").await
}

/// By keys as well, and none of what is typed meanwhile is for the page.
#[tokio::test]
async fn what_is_asked_for_before_it_is_there_comes_with_it() -> Result<()> {
    let folder = tempfile::tempdir()?;
    copied(folder.path())?;
    let site = Site::serve(folder.path().to_owned()).await?;
    let session = Session::new()?;
    let driver = WebDriver::chromium(&session).await?;
    for (ask, shown) in [
        ("document.querySelector('[data-testid=notification-bell]').click()", "notification-panel"),
        (
            "document.dispatchEvent(new KeyboardEvent('keydown', {key: 'k', ctrlKey: true}))",
            "palette",
        ),
    ] {
        driver.go("about:blank").await?;
        // In the moment in which the first program has drawn, which is long before the second is asked for.
        let at_once = format!(
            "new MutationObserver((_, seen) => {{ if (!document.querySelector('[data-testid=notification-bell]')) return; \
             seen.disconnect(); setTimeout(() => {{ {ask} }}, 20); }}).observe(document, {{ childList: true, subtree: true }})"
        );
        let source = json!({ "source": at_once });
        let added = driver.browser_command("Page.addScriptToEvaluateOnNewDocument", source).await?;
        driver.go(&site.url("")).await?;
        until_found(&driver, &format!("[data-testid={shown}]")).await?;
        driver.browser_command("Page.removeScriptToEvaluateOnNewDocument", added).await?;
    }
    Ok(())
}

#[tokio::test]
async fn without_it_the_page_says_so_and_the_first_one_goes_on() -> Result<()> {
    let folder = tempfile::tempdir()?;
    copied(folder.path())?;
    let second = folder.path().join(SECOND);
    let kept = fs::read(&second)?;
    fs::write(&second, &kept[..kept.len() / 2])?;
    let site = Site::serve(folder.path().to_owned()).await?;
    let session = Session::new()?;
    let driver = WebDriver::chromium(&session).await?;
    driver.go(&site.url("#/settings")).await?;
    until_found(&driver, NOT_LOADED).await?;
    driver.script("location.hash = '#/overview'; return null", &[]).await?;
    until_found(&driver, "main.overview").await?;
    until_found(&driver, MISSING).await?;
    driver.script("location.hash = '#/settings'; return null", &[]).await?;
    until_found(&driver, NOT_LOADED).await?;

    fs::write(&second, &kept)?;
    let again = driver.find(&format!("{MISSING} button")).await?.context("a way out")?;
    driver.click(&again).await?;
    until_found(&driver, "main.settings").await?;
    anyhow::ensure!(driver.find(MISSING).await?.is_none(), "the banner stays");
    Ok(())
}
