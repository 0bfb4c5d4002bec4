//! What the application costs in the tray, without a window, on its calm demo feed; and how soon it watches.

use std::io::{BufRead as _, BufReader};
use std::time::Duration;

use anyhow::{Context, Result};
use bench::feeder::Feeder;
use bench::{Bar, Limit, Report, Series};
use e2e::tray::{Host, Tray};

use super::{Desk, Running, SETTLE, megabytes, milliseconds};

pub(crate) const NAME: &str = "desktop_hidden";

const ROUNDS: usize = 3;
const STARTS: usize = 9;
/// How long it is watched doing little.
const IDLE: Duration = Duration::from_secs(30);

pub(crate) fn run() -> Result<Report> {
    let mut report = Report::new(
        NAME,
        "vaultwatch --hidden on its demo feed, against a Tauri application that opened no window",
    );
    let desk = match Desk::start() {
        Ok(desk) => desk,
        Err(error) => {
            report.skipped.push(format!("no desktop to measure on: {error:#}"));
            return Ok(report);
        }
    };
    let _tray = desk.runtime.block_on(Tray::serve(&desk.desktop, Host::Present))?;
    let mut dirty = Series::new("private dirty memory", "MB");
    let mut ours = Series::new("proportional memory", "MB");
    let mut bare = Series::new("proportional memory, bare", "MB");
    let mut cpu = Series::new("CPU in the tray", "% of a core");
    for round in 1..=ROUNDS {
        // One after the other: what both map counts for each of them in full.
        {
            let app = desk.app(&["--hidden"])?;
            std::thread::sleep(SETTLE);
            dirty.push(megabytes(app.process().private_dirty()?));
            ours.push(app.proportional()?);
            cpu.push(app.share(IDLE)?);
        }
        let app = desk.bare(&[])?;
        std::thread::sleep(SETTLE);
        bare.push(app.proportional()?);
        println!(
            "{round}: {:.1} MB dirty, {:.1} MB in all, {:.2} %; bare {:.1} MB",
            dirty.median(),
            ours.median(),
            cpu.median(),
            bare.median()
        );
    }
    let (mut connected, mut ready) =
        (Series::new("start to connection", "ms"), Series::new("start to loop, bare", "ms"));
    let mut beyond = Series::new("start to connection beyond the bare one's start", "ms");
    for _ in 0..STARTS {
        ready.push(milliseconds(until_ready(&desk)?));
        connected.push(milliseconds(until_connected(&desk)?));
    }
    beyond.values = connected.values.iter().zip(&ready.values).map(|(a, b)| a - b).collect();
    report.bars = vec![
        Bar::of("private dirty memory in the tray", &dirty, Limit::AtMost(40.0)),
        Bar::of("proportional memory, ours / bare", &ours.over(&bare), Limit::AtMost(1.25)),
        Bar::of("CPU in the tray, calm demo feed", &cpu, Limit::AtMost(0.5)),
        Bar::of("start hidden to connected, beyond a bare start", &beyond, Limit::AtMost(400.0)),
    ];
    report.beside(&connected);
    report.beside(&ready);
    report.series = vec![dirty, ours, bare, cpu, connected, ready, beyond];
    report.detail("idleSeconds", IDLE.as_secs());
    Ok(report)
}

/// Until the loop of events turns.
fn until_ready(desk: &Desk) -> Result<Duration> {
    let mut app: Running = desk.bare(&[])?;
    let mut line = String::new();
    let output = app.child.stdout.take().context("it has an output")?;
    BufReader::new(output).read_line(&mut line)?;
    anyhow::ensure!(line.trim() == "ready", "it said {line:?}");
    Ok(app.begun.elapsed())
}

/// Until it has shaken hands with a server that was waiting for it.
fn until_connected(desk: &Desk) -> Result<Duration> {
    let feeder = Feeder::bind()?;
    let app = desk.app(&["--hidden", "--url", &feeder.url()?])?;
    let fed = feeder.greet(false)?;
    let passed = app.begun.elapsed();
    drop(fed);
    Ok(passed)
}
