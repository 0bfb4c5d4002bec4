//! The real binaries.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result, ensure};

use crate::{Desktop, Page, processes::Process, webdriver::WebDriver};

/// In the title of every window of the app.
pub const TITLE: &str = "VaultWatch";

/// How the app is to be started.
#[derive(Clone, Debug, Default)]
pub struct Launch {
    args: Vec<String>,
    env: Vec<(String, String)>,
    config: Option<String>,
}

impl Launch {
    /// Connected to that feed.
    #[must_use]
    pub fn feed(url: &str) -> Self {
        Self::default().arg("--url").arg(url)
    }

    /// On the embedded demo feed. Nothing is given on the command line, because that is what a newcomer types.
    #[must_use]
    pub fn demo() -> Self {
        Self::default()
    }

    /// In the tray alone, without a window.
    #[must_use]
    pub fn hidden(self) -> Self {
        self.arg("--hidden")
    }

    #[must_use]
    pub fn arg(mut self, arg: &str) -> Self {
        self.args.push(arg.into());
        self
    }

    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// With this `config.toml`.
    #[must_use]
    pub fn config(mut self, text: &str) -> Self {
        self.config = Some(text.into());
        self
    }

    /// Starts it as a user does.
    ///
    /// # Errors
    /// When the binary is missing.
    pub fn run(&self, desktop: &Desktop) -> Result<App> {
        self.write_config(desktop)?;
        let mut command = desktop.command(binary("vaultwatch")?);
        command.args(self.args_on(desktop)).envs(self.env.iter().map(|(n, v)| (n, v)));
        Ok(App { process: desktop.spawn("vaultwatch", &mut command)? })
    }

    /// Starts it with its window driven by WebDriver.
    ///
    /// # Errors
    /// When the binary is missing or opens no window.
    pub async fn drive(&self, desktop: &Desktop) -> Result<Page> {
        self.write_config(desktop)?;
        let binary = binary("vaultwatch")?;
        let mut env = self.env.clone();
        for name in ["TAURI_AUTOMATION", "TAURI_WEBVIEW_AUTOMATION"] {
            env.push((name.into(), "true".into()));
        }
        let args = self.args_on(desktop);
        let driver = WebDriver::start(desktop, &binary.to_string_lossy(), &args, &env).await?;
        Page::of(desktop, driver, TITLE).await
    }

    fn write_config(&self, desktop: &Desktop) -> Result<()> {
        let Some(text) = &self.config else { return Ok(()) };
        let folder = desktop.session().path("app");
        std::fs::create_dir_all(&folder)?;
        Ok(std::fs::write(folder.join("config.toml"), text)?)
    }

    fn args_on(&self, desktop: &Desktop) -> Vec<String> {
        let mut args = self.args.clone();
        let folder = desktop.session().path("app").to_string_lossy().into_owned();
        args.extend(["--data-dir".into(), folder]);
        args
    }
}

/// The running app.
#[derive(Debug)]
pub struct App {
    pub process: Process,
}

impl App {
    /// Whether there is a process that renders web pages for it.
    #[must_use]
    pub fn has_webview(&self) -> bool {
        self.process.descendants().iter().any(|name| name.starts_with("WebKitWebProc"))
    }
}

/// Starts it beside one that runs, as a click on a link does, and waits for that start's end.
///
/// # Errors
/// When it does not end, or not well.
pub async fn start_again(desktop: &Desktop, launch: Launch) -> Result<()> {
    let mut second = launch.run(desktop)?;
    let status = second.process.wait_for_exit().await?;
    ensure!(status.success(), "{status}: {}", second.process.log());
    Ok(())
}

/// A binary of this project, made by the developer command that also runs these tests.
///
/// # Errors
/// When it is not there.
pub fn binary(name: &str) -> Result<PathBuf> {
    let folder = std::env::var_os("VAULTWATCH_BIN_DIR").context(
        "VAULTWATCH_BIN_DIR does not say where the binaries are: run these tests with `cargo xtask e2e`",
    )?;
    let path = PathBuf::from(folder).join(name);
    ensure!(
        path.is_file(),
        "{} is missing: run these tests with `cargo xtask e2e`",
        path.display()
    );
    Ok(path)
}

/// The shared libraries a binary of this project loads.
///
/// # Errors
/// When the binary is missing.
pub fn shared_libraries(name: &str) -> Result<String> {
    let output = Command::new("ldd").arg(binary(name)?).output()?;
    ensure!(output.status.success(), "ldd failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
