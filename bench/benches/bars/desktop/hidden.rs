//! What the application costs in the tray, without a window, on its calm demo feed; and how soon it watches.

use std::path::Path;
use std::sync::mpsc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bench::{Bar, Limit, Report, Series};

use super::feed::with_feed;
use super::{Desk, LIMIT, SETTLE, megabytes, milliseconds, on_a_desktop};

pub(crate) const NAME: &str = "desktop_hidden";

const ROUNDS: usize = 3;
const STARTS: usize = 9;
/// How long it is watched doing little.
const IDLE: Duration = Duration::from_secs(30);

pub(crate) fn run() -> Result<Report> {
    let about =
        "vaultwatch --hidden on its demo feed, against a Tauri application that opened no window";
    on_a_desktop(Report::new(NAME, about), |desk, report| {
        in_the_tray(desk, report)?;
        starts(desk, report)?;
        report.detail("idleSeconds", IDLE.as_secs());
        Ok(())
    })
}

fn in_the_tray(desk: &Desk, report: &mut Report) -> Result<()> {
    let mut dirty = Series::new("private dirty memory", "MB");
    let mut ours = Series::new("proportional memory", "MB");
    let mut bare = Series::new("proportional memory, bare", "MB");
    let mut cpu = Series::new("CPU in the tray", "% of a core");
    let folder = desk.new_folder();
    for round in 1..=ROUNDS {
        // One after the other: what both map counts for each of them in full.
        {
            let mut app = desk.app(&folder, &["--hidden"])?;
            sleep(SETTLE);
            dirty.push(megabytes(app.process().private_dirty()?));
            ours.push(app.proportional()?);
            cpu.push(app.share(IDLE)?);
        }
        let mut app = desk.bare(&[])?;
        sleep(SETTLE);
        bare.push(app.proportional()?);
        println!(
            "{round}: {:.1} MB dirty, {:.1} MB in all, {:.2} %; bare {:.1} MB",
            dirty.median(),
            ours.median(),
            cpu.median(),
            bare.median()
        );
    }
    report.bars.extend([
        Bar::of("private dirty memory in the tray", &dirty, Limit::AtMost(40.0)),
        Bar::of("proportional memory, ours / bare", &ours.over(&bare), Limit::AtMost(1.25)),
        Bar::of("CPU in the tray, calm demo feed", &cpu, Limit::AtMost(0.5)),
    ]);
    report.series.extend([dirty, ours, bare, cpu]);
    Ok(())
}

fn starts(desk: &Desk, report: &mut Report) -> Result<()> {
    let mut connected = Series::new("start to connection", "ms");
    let mut ready = Series::new("start to loop, bare", "ms");
    let mut beyond = Series::new("start to connection beyond the bare one's start", "ms");
    // As on every day but the first: its data are there.
    let folder = desk.new_folder();
    until_connected(desk, &folder)?;
    for _ in 0..STARTS {
        ready.push(milliseconds(desk.bare(&[])?.until_it_says("ready")?));
        connected.push(milliseconds(until_connected(desk, &folder)?));
    }
    beyond.values = connected.values.iter().zip(&ready.values).map(|(a, b)| a - b).collect();
    let limit = Limit::AtMost(400.0);
    report.bars.push(Bar::of("start hidden to connected, beyond a bare start", &beyond, limit));
    report.beside(&connected);
    report.beside(&ready);
    report.series.extend([connected, ready, beyond]);
    Ok(())
}

/// Until it has shaken hands with a server that was waiting for it.
fn until_connected(desk: &Desk, folder: &Path) -> Result<Duration> {
    let (told, greeted) = mpsc::channel();
    with_feed(
        move |fed, _| {
            // Nobody waits any more when it took too long.
            let _ = told.send(Instant::now());
            fed.until_gone();
            Ok(())
        },
        |url| {
            let app = desk.app(folder, &["--hidden", "--url", url])?;
            let at = greeted.recv_timeout(LIMIT);
            let at = at.with_context(|| format!("it does not connect within {LIMIT:?}"))?;
            Ok((at.duration_since(app.begun), app))
        },
    )
}
