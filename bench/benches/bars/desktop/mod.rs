//! The application as it is shipped, on a private desktop, against a Tauri application that does nothing (`bench/bare`).
//!
//! The display has no graphics card, as most machines that measure have none: what is drawn is drawn by the processor,
//! on both sides. Times until something is seen are taken from the display's own pixels.
//!
//! Whatever does not happen within [`LIMIT`] ends the benchmark with an error that says what it was; what the programs
//! have said of it is printed with that.

mod feed;
pub(crate) mod hidden;
pub(crate) mod opened;
mod running;
pub(crate) mod watched;

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bench::Report;
use e2e::Desktop;
use e2e::patience::until;
use e2e::tray::{Host, Tray};
use e2e::windows::{Window, WindowState};
use tokio::runtime::Runtime;

use self::running::Running;
use crate::shipped;

/// In the title of the application's window.
const TITLE: &str = "VaultWatch";
/// What happens once, at the start, is not idling.
const SETTLE: Duration = Duration::from_secs(8);
/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(45);

/// The colour of the bare application's page.
const BARE: [u8; 3] = [0xfe, 0x01, 0xfd];
const BARE_PIXELS: usize = 10_000;
/// Of vaults at medium risk, in either theme.
const MEDIUM: [[u8; 3]; 2] = [[0x4a, 0x3c, 0x00], [0xf2, 0xe3, 0x94]];
/// More than the figures above the table have of it, which are there first: so many are half of the rows' bars.
const MEDIUM_PIXELS: usize = 1_500;

/// A desktop with a tray, and what ran on it, which ends with it.
struct Desk {
    _tray: Tray,
    desktop: Desktop,
    /// Of folders for the application's data.
    made: Cell<usize>,
    /// Serves the tray, so it has threads of its own; the last to go.
    runtime: Runtime,
}

/// Measures on a desktop. Where there can be none the report says why.
fn on_a_desktop(
    mut report: Report,
    measure: impl FnOnce(&Desk, &mut Report) -> Result<()>,
) -> Result<Report> {
    let desk = match Desk::start() {
        Ok(desk) => desk,
        Err(error) => {
            report.skipped.push(format!("no desktop to measure on: {error:#}"));
            return Ok(report);
        }
    };
    measure(&desk, &mut report)?;
    Ok(report)
}

impl Desk {
    /// # Errors
    /// Why there can be none here: a program is not installed.
    fn start() -> Result<Self> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let (desktop, tray) = runtime.block_on(async {
            let desktop = Desktop::start().await?;
            let tray = Tray::serve(&desktop, Host::Present).await?;
            anyhow::Ok((desktop, tray))
        })?;
        Ok(Self { _tray: tray, desktop, made: Cell::new(0), runtime })
    }

    /// A folder in which the application finds nothing: what it shows then has come from its feed.
    fn new_folder(&self) -> PathBuf {
        let number = self.made.replace(self.made.get() + 1);
        self.desktop.session().path(&format!("app-{number}"))
    }

    /// The application as it is shipped, with its data in that folder. Nothing of an earlier one is left.
    fn app(&self, folder: &Path, arguments: &[&str]) -> Result<Running> {
        self.until_alone()?;
        let mut command = self.desktop.command(shipped("vaultwatch")?);
        command.args(arguments).arg("--data-dir").arg(folder);
        Running::start(&mut command, self.desktop.session().log("vaultwatch")?)
    }

    fn bare(&self, arguments: &[&str]) -> Result<Running> {
        self.until_alone()?;
        let mut command = self.desktop.command(Path::new(env!("CARGO_BIN_EXE_bare-tauri")));
        Running::start(command.args(arguments), self.desktop.session().log("bare")?)
    }

    /// Waits until nothing runs of what was started before: it would take time from what is measured, and the
    /// application hands its start on to one that still has the name.
    fn until_alone(&self) -> Result<()> {
        let session = self.desktop.session();
        self.wait(until("the end of what ran before", async || {
            let ours = |name: &String| {
                ["vaultwatch", "bare-tauri", "WebKit"].iter().any(|ours| name.starts_with(ours))
            };
            Ok((!session.processes().iter().any(ours)).then_some(()))
        }))
    }

    /// Waits until no window has that title.
    fn until_closed(&self, title: &str) -> Result<()> {
        self.wait(self.desktop.windows().wait_for_none(title))
    }

    fn window(&self, title: &str) -> Result<Window> {
        self.wait(self.desktop.windows().wait_for(title, WindowState::Shown))
    }

    /// For as long as [`LIMIT`]: who is asked may hang.
    fn wait<T>(&self, for_it: impl Future<Output = Result<T>>) -> Result<T> {
        let within = async { tokio::time::timeout(LIMIT, for_it).await };
        self.runtime.block_on(within).with_context(|| format!("no answer within {LIMIT:?}"))?
    }

    /// The time from `begun` until rows of vaults are seen.
    fn rows(&self, begun: Instant) -> Result<Duration> {
        let seen = self.desktop.pixels()?.until(begun, &MEDIUM, MEDIUM_PIXELS, LIMIT);
        seen.context("no row of a vault is seen")
    }

    /// The time from `begun` until the bare application's page is seen.
    fn painted(&self, begun: Instant) -> Result<Duration> {
        let seen = self.desktop.pixels()?.until(begun, &[BARE], BARE_PIXELS, LIMIT);
        seen.context("the bare application's page is not seen")
    }

    /// Otherwise it would be seen at once.
    fn ensure_no_rows(&self) -> Result<()> {
        let before = self.desktop.pixels()?.count(&MEDIUM)?;
        anyhow::ensure!(before < MEDIUM_PIXELS, "the colour of a row is there before it");
        Ok(())
    }
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
