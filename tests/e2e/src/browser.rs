//! The window in Chromium, playing its recording, with a clock that the test moves.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, Result, ensure};
use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::{
    patience::until, processes::Session, screenshots::Theme, site::Site, webdriver::WebDriver,
};

const CLOCK: &str = include_str!("clock.js");

/// Every page of the window, by the name of its picture and its address.
pub const PAGES: &[(&str, &str)] = &[
    ("overview", "overview"),
    ("vault", "vault/ETH-017"),
    ("alerts", "alerts"),
    ("alert", "alert/9"),
    ("markets", "markets"),
    ("what-if", "what-if"),
    ("system", "system"),
    ("settings", "settings"),
    ("rules", "rules"),
    ("welcome", "welcome"),
];

/// Milliseconds of the recording that have been played when a picture is taken: sparklines have their form then.
pub const PLAYED: u64 = 30_000;

/// A page in a browser without a window. Everything on it is the same on every machine that has the same fonts and browser:
/// the recording, the clock, and no movement.
#[derive(Debug)]
pub struct Browser {
    pub driver: WebDriver,
    site: Site,
    session: Arc<Session>,
}

impl Browser {
    /// Starts it, with nothing in it yet.
    ///
    /// # Errors
    /// When the browser is not installed, or the window was not built for it.
    pub async fn start() -> Result<Self> {
        let site = Site::serve(window()?).await?;
        let session = Session::new()?;
        // Moments are told by the wall clock.
        session.set_env("TZ", "UTC");
        let driver = WebDriver::chromium(&session).await?;
        let browser = Self { driver, site, session };
        browser.tell("Page.addScriptToEvaluateOnNewDocument", json!({"source": CLOCK})).await?;
        let still = json!([{"name": "prefers-reduced-motion", "value": "reduce"}]);
        browser.tell("Emulation.setEmulatedMedia", json!({"features": still})).await?;
        Ok(browser)
    }

    /// Loads the window anew, that many CSS pixels wide and high, at one of its pages: `vault/ETH-017`.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn open(
        &self,
        theme: Theme,
        scene: &str,
        page: &str,
        (width, height): (u64, u64),
    ) -> Result<()> {
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.tell("Emulation.setDeviceMetricsOverride", metrics).await?;
        // Else only the part behind the `#` would change, and the page stay.
        self.driver.go("about:blank").await?;
        let rest = format!("?theme={theme}&scene={scene}#/{page}");
        self.driver.go(&self.site.url(&rest)).await?;
        self.until("the window", "main").await
    }

    /// Moves the page's clock, with everything that happens on the way.
    ///
    /// # Errors
    /// When something on the page fails.
    pub async fn advance(&self, millis: u64) -> Result<()> {
        let script = "const done = arguments[1]; advance(arguments[0]).then(() => done(null), e => done(String(e)))";
        let failed = self.driver.script_async(script, &[json!(millis)]).await?;
        ensure!(failed.is_null(), "the page failed: {failed}");
        Ok(())
    }

    /// Goes to a page of the window that is loaded.
    ///
    /// # Errors
    /// When the driver fails.
    pub async fn go(&self, page: &str) -> Result<()> {
        let script = "location.hash = arguments[0]; return null";
        self.driver.script(script, &[json!(format!("#/{page}"))]).await?;
        self.advance(1_000).await
    }

    /// Clicks what matches; the page draws what comes of it.
    ///
    /// # Errors
    /// When nothing does.
    pub async fn click(&self, css: &str) -> Result<()> {
        let script = "const found = document.querySelector(arguments[0]); if (found) found.click(); return !!found";
        let found = self.driver.script(script, &[json!(css)]).await?;
        ensure!(found == json!(true), "nothing on the page matches {css}");
        self.advance(500).await
    }

    /// How many elements match.
    ///
    /// # Errors
    /// When the driver fails.
    pub async fn count(&self, css: &str) -> Result<u64> {
        let script = "return document.querySelectorAll(arguments[0]).length";
        let answer = self.driver.script(script, &[json!(css)]).await?;
        answer.as_u64().context("not a number")
    }

    /// The page as a PNG.
    ///
    /// # Errors
    /// When the browser takes no picture.
    pub async fn picture(&self) -> Result<Vec<u8>> {
        let answer = self.tell("Page.captureScreenshot", json!({"format": "png"})).await?;
        let data = answer["data"].as_str().context("a picture without data")?;
        Ok(BASE64.decode(data.as_bytes())?)
    }

    /// The private home it runs in.
    #[must_use]
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }

    async fn until(&self, what: &str, css: &str) -> Result<()> {
        until(what, async || Ok((self.count(css).await? > 0).then_some(()))).await
    }

    /// A command in the browser's own protocol.
    async fn tell(&self, command: &str, parameters: Value) -> Result<Value> {
        self.driver.browser_command(command, parameters).await
    }
}

/// Where the window lies that plays its recording, made by the developer command that also runs these tests.
fn window() -> Result<PathBuf> {
    let folder = std::env::var_os("VAULTWATCH_UI_DIR").context(
        "VAULTWATCH_UI_DIR does not say where the window is: run these tests with `cargo xtask e2e`",
    )?;
    Ok(PathBuf::from(folder))
}
