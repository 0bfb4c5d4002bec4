//! The application as it is shipped, on a private desktop, against a Tauri application that does nothing (`bench/bare`).
//!
//! The display has no graphics card, as most machines that measure have none: what is drawn is drawn by the processor,
//! on both sides. Times until something is seen are taken from the display's own pixels.

pub(crate) mod hidden;
pub(crate) mod opened;
pub(crate) mod watched;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bench::process::Process;
use e2e::Desktop;
use tokio::runtime::Runtime;

use crate::shipped;

/// In the title of the application's window.
const TITLE: &str = "VaultWatch";
const BARE_TITLE: &str = "Bare";
/// What happens once, at the start, is not idling.
const SETTLE: Duration = Duration::from_secs(8);
/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(20);

/// The colour of the bare application's page.
const BARE: [u8; 3] = [0xfe, 0x01, 0xfd];
const BARE_PIXELS: usize = 10_000;
/// Of vaults at medium risk, in either theme: in a row and nowhere else.
const MEDIUM: [[u8; 3]; 2] = [[0x4a, 0x3c, 0x00], [0xf2, 0xe3, 0x94]];
const MEDIUM_PIXELS: usize = 100;

/// A desktop, and what ran on it, which ends with it.
struct Desk {
    /// Serves the tray, so it has threads of its own.
    runtime: Runtime,
    desktop: Desktop,
}

impl Desk {
    /// # Errors
    /// Why there can be none here: a program is not installed.
    fn start() -> Result<Self> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let desktop = runtime.block_on(Desktop::start())?;
        Ok(Self { runtime, desktop })
    }

    /// The application as it is shipped.
    fn app(&self, arguments: &[&str]) -> Result<Running> {
        let folder = self.desktop.session().path("app");
        let mut command = self.desktop.command(shipped("vaultwatch")?);
        command.args(arguments).arg("--data-dir").arg(folder);
        Running::start(&mut command)
    }

    fn bare(&self, arguments: &[&str]) -> Result<Running> {
        let mut command = self.desktop.command(Path::new(env!("CARGO_BIN_EXE_bare-tauri")));
        Running::start(command.args(arguments))
    }

    /// Waits until no window has that title.
    fn until_closed(&self, title: &str) -> Result<()> {
        self.runtime.block_on(self.desktop.windows().wait_for_none(title))
    }

    fn window(&self, title: &str) -> Result<e2e::windows::Window> {
        let shown = e2e::windows::WindowState::Shown;
        self.runtime.block_on(self.desktop.windows().wait_for(title, shown))
    }
}

/// A process that is killed when nobody looks at it any more.
struct Running {
    child: Child,
    begun: Instant,
}

impl Running {
    fn start(command: &mut Command) -> Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let begun = Instant::now();
        let child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        Ok(Self { child, begun })
    }

    fn process(&self) -> Process {
        Process::of(self.child.id())
    }

    /// Processor time of all its processes together.
    fn cpu(&self) -> Result<Duration> {
        self.process().tree().into_iter().map(Process::cpu).sum()
    }

    /// What share of a core all its processes take for so long, in percent.
    fn share(&self, during: Duration) -> Result<f64> {
        let (begun, before) = (Instant::now(), self.cpu()?);
        sleep(during);
        let spent = self.cpu()?.saturating_sub(before);
        Ok(spent.as_secs_f64() / begun.elapsed().as_secs_f64() * 100.0)
    }

    /// Of all its processes, in MB.
    fn proportional(&self) -> Result<f64> {
        let all: Result<Vec<u64>> =
            self.process().tree().into_iter().map(Process::proportional).collect();
        Ok(megabytes(all?.iter().sum()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whoever waits for the application to connect waits no more, should it never have come.
fn let_go(url: &str) {
    // Somebody who listens is there, or nobody waits.
    let _ = std::net::TcpStream::connect(url.trim_matches(|c| "ws:/".contains(c)));
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// A vault at medium risk: it has a coloured row, and nobody is told within a minute.
fn medium(number: usize, turn: usize) -> String {
    // A fifth away from 82.5: between 15 and 25 % of room.
    let ltv = 65.0 + (turn % 7) as f64 * 0.1;
    format!(
        r#"{{"type":"vault_update_M-{number:03}","data":{{"ltv":{ltv},"maxLTV":80,"liquidationThreshold":82.5,"healthFactor":1.26,"status":"ACTIVE","chainId":1,"collateral":{{"token":"WETH","amount":"120","valueUSD":240000}},"debt":{{"token":"USDC","amount":"{0}","valueUSD":{0}}}}},"timestamp":{1},"id":"m-{turn}-{number}"}}"#,
        240_000.0 * ltv / 100.0,
        1_763_800_000_000_u64 + turn as u64 * 1_000 + number as u64,
    )
}
