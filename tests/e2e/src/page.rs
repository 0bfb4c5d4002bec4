//! The app's window by its test ids.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;

use crate::{
    Desktop,
    patience::{until, until_within},
    processes::Session,
    screen::Screen,
    screenshots::{self, Theme},
    webdriver::WebDriver,
    windows::WindowState,
};

/// The page in the app's window. Everything is found anew each time it is asked for, because rows come and go.
#[derive(Debug)]
pub struct Page {
    pub driver: WebDriver,
    session: Arc<Session>,
    /// As X writes it.
    window: String,
}

/// Fewer colours than this are a window that has not been painted yet.
const PAINTED: usize = 8;
/// What a click leads to is there by then, or it led nowhere.
const LED: Duration = Duration::from_secs(3);

impl Page {
    /// The page of the window that has `title` in its title.
    ///
    /// # Errors
    /// When there is no such window.
    pub async fn of(desktop: &Desktop, driver: WebDriver, title: &str) -> Result<Self> {
        let window = desktop.windows().wait_for(title, WindowState::Shown).await?.id;
        Ok(Self { driver, session: Arc::clone(desktop.session()), window })
    }

    /// The text of the element as shown, or `None` when there is none.
    ///
    /// # Errors
    /// When the driver fails.
    pub async fn text(&self, test_id: &str) -> Result<Option<String>> {
        let script = "return document.querySelector(arguments[0])?.innerText ?? null";
        let answer = self.driver.script(script, &[json!(selector(test_id))]).await?;
        Ok(answer.as_str().map(|text| text.trim().to_owned()))
    }

    /// An attribute of the element, or `None` when either is missing.
    ///
    /// # Errors
    /// When the driver fails.
    pub async fn attribute(&self, test_id: &str, name: &str) -> Result<Option<String>> {
        let script =
            "return document.querySelector(arguments[0])?.getAttribute(arguments[1]) ?? null";
        let answer = self.driver.script(script, &[json!(selector(test_id)), json!(name)]).await?;
        Ok(answer.as_str().map(str::to_owned))
    }

    /// How many elements have a test id that starts so.
    ///
    /// # Errors
    /// When the driver fails.
    pub async fn count(&self, prefix: &str) -> Result<u64> {
        let script = "return document.querySelectorAll(arguments[0]).length";
        let css = format!("[data-testid^=\"{prefix}\"]");
        let answer = self.driver.script(script, &[json!(css)]).await?;
        answer.as_u64().context("not a number")
    }

    /// Waits until the element is there.
    ///
    /// # Errors
    /// When it is not within [`crate::patience::PATIENCE`].
    pub async fn wait_for(&self, test_id: &str) -> Result<String> {
        self.wait_text(test_id, "any text", |_| true).await
    }

    /// Waits until the element is gone.
    ///
    /// # Errors
    /// When it is still there after [`crate::patience::PATIENCE`].
    pub async fn wait_for_none(&self, test_id: &str) -> Result<()> {
        let what = format!("{test_id} to go");
        until(&what, async || Ok(self.text(test_id).await?.is_none().then_some(()))).await
    }

    /// Waits until the element is there and its text is as wanted.
    ///
    /// # Errors
    /// When it is not within [`crate::patience::PATIENCE`]; the message tells the page's text then.
    pub async fn wait_text(
        &self,
        test_id: &str,
        what: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<String> {
        let awaited = format!("{test_id} with {what}");
        let found =
            until(&awaited, async || Ok(self.text(test_id).await?.filter(|text| wanted(text))))
                .await;
        match found {
            Ok(text) => Ok(text),
            Err(error) => Err(error.context(format!("the page: {}", self.describe().await))),
        }
    }

    /// Clicks the element as a mouse does, as soon as it is there and not covered.
    ///
    /// # Errors
    /// When it cannot be clicked within [`crate::patience::PATIENCE`].
    pub async fn click(&self, test_id: &str) -> Result<()> {
        let css = selector(test_id);
        let mut obstacle = None;
        let clicked = until(&format!("{test_id} to be clickable"), async || {
            let Some(element) = self.driver.find(&css).await? else { return Ok(None) };
            // It may be replaced between being found and being clicked, or something may fly over it.
            match self.driver.click(&element).await {
                Ok(()) => Ok(Some(())),
                Err(error) => {
                    obstacle = Some(error);
                    Ok(None)
                }
            }
        })
        .await;
        match clicked {
            Ok(()) => Ok(()),
            Err(error) => {
                let page = self.describe().await;
                Err(error.context(format!("last obstacle: {obstacle:?}; the page: {page}")))
            }
        }
    }

    /// Clicks until what the click leads to is there. A banner that comes in this moment moves what is below it, and has the
    /// click land beside it.
    ///
    /// # Errors
    /// When it is not there after [`crate::patience::PATIENCE`], or nothing is there to be clicked.
    pub async fn click_until(&self, test_id: &str, shown: &str) -> Result<()> {
        until(&format!("{shown} after a click on {test_id}"), async || {
            self.click(test_id).await?;
            let is_there = async || Ok(self.text(shown).await?.map(drop));
            // In vain: the click landed beside it.
            Ok(until_within(LED, shown, is_there).await.ok())
        })
        .await
    }

    /// Makes the page that many CSS pixels wide and high.
    ///
    /// # Errors
    /// When the window does not become so.
    pub async fn resize(&self, width: u64, height: u64) -> Result<()> {
        let size = async || -> Result<(u64, u64)> {
            let size = self.driver.script("return [innerWidth, innerHeight]", &[]).await?;
            let side = |i: usize| size[i].as_u64().context("not a number");
            Ok((side(0)?, side(1)?))
        };
        let before = size().await?;
        self.driver.resize(width, height).await?;
        until("the window's new size", async || {
            let now = size().await?;
            Ok((now != before || now == (width, height)).then_some(()))
        })
        .await?;
        // The driver counts what the toolkit puts around the page.
        let (got_width, got_height) = size().await?;
        self.driver.resize(2 * width - got_width, 2 * height - got_height).await?;
        let what = format!("the page at {width}x{height}");
        until(&what, async || Ok((size().await? == (width, height)).then_some(()))).await
    }

    /// The window's pixels, as soon as it is painted and does not change.
    ///
    /// # Errors
    /// When it is not painted or never rests.
    pub async fn picture(&self) -> Result<Screen> {
        let grab = || Screen::grab_window(&self.session, &self.window);
        let mut last = grab()?;
        until("a window that is painted and rests", async || {
            let next = grab()?;
            let done = next == last && next.colors() >= PAINTED;
            last = next;
            Ok(done.then(|| last.clone()))
        })
        .await
    }

    /// Saves a picture of the window as `{view}-{theme}-{width}.png`, as soon as it rests.
    ///
    /// # Errors
    /// As [`Page::picture`], or when the file cannot be written.
    pub async fn save_screenshot(&self, view: &str, theme: Theme) -> Result<Screen> {
        let picture = self.picture().await.with_context(|| format!("no picture of {view}"))?;
        let png = self.session.bytes("import", &["-window", &self.window, "png:-"])?;
        screenshots::save(view, theme, picture.width(), &png)?;
        Ok(picture)
    }

    /// What stands on the page, for messages.
    async fn describe(&self) -> String {
        let script = "return document.body.innerText + '\\ntest ids: ' + [...document.querySelectorAll('[data-testid]')].map(e => e.dataset.testid).join(' ')";
        match self.driver.script(script, &[]).await {
            Ok(text) => text.as_str().unwrap_or_default().chars().take(4_000).collect(),
            Err(error) => format!("cannot be read: {error:#}"),
        }
    }
}

fn selector(test_id: &str) -> String {
    format!("[data-testid=\"{test_id}\"]")
}
