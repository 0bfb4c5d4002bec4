//! A WebDriver client of just what the tests need, for WebKitWebDriver and for Chromium's.
//!
//! Screenshots of WebKit are not among it: without a graphics card its automation never answers the request for one (2.50
//! on Debian 12). They are taken from the display, where users look, too.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};

use crate::{
    Desktop,
    patience::until,
    processes::{Process, Session, descendants},
};

/// The member of a JSON object that marks a reference to an element, fixed by the WebDriver standard.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Longer than any command takes; a driver that hangs must not hang the test.
const REQUEST_LIMIT: Duration = Duration::from_secs(60);

/// No window, no sandbox (the tests may run as root), and letters that are drawn alike everywhere.
const CHROMIUM: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-lcd-text",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--lang=en-US",
];

/// A session with one browser window.
#[derive(Debug)]
pub struct WebDriver {
    driver: Process,
    started: Instant,
    session: String,
    agent: ureq::Agent,
}

/// An element of the page at the moment it was found.
#[derive(Clone, Debug)]
pub struct Element(String);

impl WebDriver {
    /// Starts the driver, and has it start `binary` with `args`. `env` reaches the binary through the driver.
    ///
    /// # Errors
    /// When the driver is not installed, or the binary does not open a window that lets itself be driven.
    pub async fn start(
        desktop: &Desktop,
        binary: &str,
        args: &[String],
        env: &[(String, String)],
    ) -> Result<Self> {
        // Free at this moment; the driver cannot choose one itself.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = desktop.command("WebKitWebDriver");
        command.arg(format!("--port={port}")).envs(env.iter().map(|(n, v)| (n, v)));
        let driver = desktop.spawn("webdriver", &mut command)?;
        let options = json!({"binary": binary, "args": args});
        let capabilities = json!({"webkitgtk:browserOptions": options});
        let up = Self::connect(driver, port, capabilities).await;
        up.with_context(|| format!("{binary} did not come up under WebDriver"))
    }

    /// Starts Chromium without a window, in a home of its own.
    ///
    /// # Errors
    /// When it is not installed, or does not come up.
    pub async fn chromium(session: &Session) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = session.command("chromedriver");
        command.arg(format!("--port={port}"));
        let driver = session.spawn("chromedriver", &mut command)?;
        let capabilities = json!({"goog:chromeOptions": {"args": CHROMIUM}});
        let up = Self::connect(driver, port, capabilities).await;
        let driver = up.context("Chromium did not come up")?;
        let limit = REQUEST_LIMIT.as_millis() as u64;
        driver.post("timeouts", json!({"script": limit})).await?;
        Ok(driver)
    }

    async fn connect(driver: Process, port: u16, capabilities: Value) -> Result<Self> {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(REQUEST_LIMIT))
            .http_status_as_error(false)
            .proxy(None)
            .build()
            .new_agent();
        let base = format!("http://127.0.0.1:{port}");
        until("the driver", async || {
            Ok(request(&agent, "GET", &format!("{base}/status"), None).await.ok())
        })
        .await?;
        let wanted = json!({"capabilities": {"alwaysMatch": capabilities}});
        let started = Instant::now();
        let answer = request(&agent, "POST", &format!("{base}/session"), Some(wanted)).await?;
        let id = answer["sessionId"].as_str().context("a session without an identifier")?;
        Ok(Self { session: format!("{base}/session/{id}"), driver, started, agent })
    }

    /// When the driver was asked to start the binary.
    #[must_use]
    pub fn started(&self) -> Instant {
        self.started
    }

    /// The names of the processes the driver has started, the binary included.
    #[must_use]
    pub fn processes(&self) -> Vec<String> {
        descendants(self.driver.pid())
    }

    /// What the driver and the binary printed so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.driver.log()
    }

    /// The first element that matches a CSS selector.
    ///
    /// # Errors
    /// When the driver fails; that nothing matches is `None`.
    pub async fn find(&self, css: &str) -> Result<Option<Element>> {
        let wanted = json!({"using": "css selector", "value": css});
        let answer = self.post("elements", wanted).await?;
        let element = |value: &Value| Some(Element(value[ELEMENT].as_str()?.to_owned()));
        Ok(answer.as_array().and_then(|elements| elements.first()).and_then(element))
    }

    /// Clicks the middle of an element, as a mouse does: it is scrolled into view, and must not be covered.
    ///
    /// # Errors
    /// When the element is gone, covered or outside the window.
    pub async fn click(&self, element: &Element) -> Result<()> {
        self.post(&format!("element/{}/click", element.0), json!({})).await.map(drop)
    }

    /// Types into an element.
    ///
    /// # Errors
    /// When the element is gone or takes no text.
    pub async fn type_into(&self, element: &Element, text: &str) -> Result<()> {
        self.post(&format!("element/{}/value", element.0), json!({"text": text})).await.map(drop)
    }

    /// Runs the body of a function in the page and returns what it returns.
    ///
    /// # Errors
    /// When it throws.
    pub async fn script(&self, body: &str, args: &[Value]) -> Result<Value> {
        self.post("execute/sync", json!({"script": body, "args": args})).await
    }

    /// Runs the body of a function in the page that gets one argument more: what it calls with a value is returned.
    ///
    /// # Errors
    /// When it throws, or does not call.
    pub async fn script_async(&self, body: &str, args: &[Value]) -> Result<Value> {
        self.post("execute/async", json!({"script": body, "args": args})).await
    }

    /// Loads a page.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn go(&self, url: &str) -> Result<()> {
        self.post("url", json!({"url": url})).await.map(drop)
    }

    /// A command of the protocol that Chromium's developer tools speak.
    ///
    /// # Errors
    /// When the browser is another one, or refuses.
    pub async fn browser_command(&self, command: &str, parameters: Value) -> Result<Value> {
        self.post("goog/cdp/execute", json!({"cmd": command, "params": parameters})).await
    }

    /// Resizes the window.
    ///
    /// # Errors
    /// When the driver fails.
    pub async fn resize(&self, width: u64, height: u64) -> Result<()> {
        self.post("window/rect", json!({"width": width, "height": height})).await.map(drop)
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value> {
        self.call("POST", path, Some(body)).await
    }

    async fn call(&self, method: &'static str, path: &str, body: Option<Value>) -> Result<Value> {
        request(&self.agent, method, &format!("{}/{path}", self.session), body).await
    }
}

/// One command. The answer's `value`, or the error the driver names in it.
async fn request(
    agent: &ureq::Agent,
    method: &'static str,
    url: &str,
    body: Option<Value>,
) -> Result<Value> {
    let (agent, url) = (agent.clone(), url.to_owned());
    let what = format!("WebDriver {method} {url}");
    let answer = tokio::task::spawn_blocking(move || -> Result<Value> {
        let mut response = match (method, body) {
            ("GET", _) => agent.get(&url).call()?,
            (_, body) => agent.post(&url).send_json(body.unwrap_or_else(|| json!({})))?,
        };
        Ok(response.body_mut().read_json()?)
    })
    .await?
    .context(what)?;
    let value = answer.get("value").ok_or_else(|| anyhow!("an answer without a value"))?;
    if let Some(error) = value.get("error").and_then(Value::as_str) {
        bail!("WebDriver: {error}: {}", value["message"].as_str().unwrap_or_default());
    }
    Ok(value.clone())
}
