//! How soon there is something to see, at a start and when the window is opened again, and what is left of a window that
//! was closed.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bench::feeder::Feeder;
use bench::{Bar, Dialect, Frames, Limit, Report, Series};
use e2e::tray::{Host, Tray, TrayItem};

use super::{
    BARE, BARE_PIXELS, BARE_TITLE, Desk, LIMIT, MEDIUM, MEDIUM_PIXELS, Running, SETTLE, TITLE,
    let_go, medium, milliseconds,
};

pub(crate) const NAME: &str = "desktop_opened";

const ROUNDS: usize = 7;
const VAULTS: usize = 60;
/// A window that was closed has left nothing after this long.
const GONE: Duration = Duration::from_secs(4);

pub(crate) fn run() -> Result<Report> {
    let mut report = Report::new(
        NAME,
        format!(
            "the window with {VAULTS} vaults, against that of a Tauri application that says hello"
        ),
    );
    let desk = match Desk::start() {
        Ok(desk) => desk,
        Err(error) => {
            report.skipped.push(format!("no desktop to measure on: {error:#}"));
            return Ok(report);
        }
    };
    let _tray = desk.runtime.block_on(Tray::serve(&desk.desktop, Host::Present))?;
    let mut ours = Series::new("start to first row", "ms");
    let mut bare = Series::new("start to paint, bare", "ms");
    for round in 1..=ROUNDS {
        bare.push(milliseconds(bare_paint(&desk)?));
        ours.push(milliseconds(first_row(&desk)?));
        println!(
            "{round}: bare {:.0} ms, first row {:.0} ms",
            bare.values[round - 1],
            ours.values[round - 1]
        );
    }
    let again = open_again(&desk)?;
    report.bars = vec![
        Bar::of("start to first row, ours / bare paint", &ours.over(&bare), Limit::AtMost(1.3)),
        Bar::of("opened again until rows are seen", &again.shown, Limit::AtMost(700.0)),
        Bar::of(
            "proportional memory after the window, over what it was before",
            &again.after.over(&again.before),
            Limit::AtMost(1.35),
        ),
        Bar::once(
            "processes beside the application's own after the window was closed",
            "processes",
            again.left as f64,
            Limit::AtMost(0.0),
        ),
    ];
    report.beside(&again.with);
    report.series = vec![ours, bare, again.shown, again.before, again.with, again.after];
    report.detail("vaults", VAULTS);
    Ok(report)
}

fn bare_paint(desk: &Desk) -> Result<Duration> {
    let pixels = desk.desktop.pixels()?;
    let passed = {
        let app = desk.bare(&["window"])?;
        pixels.until(app.begun, &[BARE], BARE_PIXELS, LIMIT)?
    };
    desk.until_closed(BARE_TITLE)?;
    Ok(passed)
}

/// With a server that sends all vaults at once.
fn first_row(desk: &Desk) -> Result<Duration> {
    let pixels = desk.desktop.pixels()?;
    ensure!(pixels.count(&MEDIUM)? < MEDIUM_PIXELS, "the colour of a row is there before it");
    let (feeder, frames) = (Feeder::bind()?, vaults());
    let url = feeder.url()?;
    let passed = thread::scope(|scope| {
        let fed = scope.spawn(|| -> Result<()> {
            let mut fed = feeder.greet(false)?;
            fed.send(frames.between(0, VAULTS))?;
            fed.until_gone();
            Ok(())
        });
        let passed = {
            let app = desk.app(&["--url", &url])?;
            pixels.until(app.begun, &MEDIUM, MEDIUM_PIXELS, LIMIT)
        };
        let_go(&url);
        fed.join().map_err(|_| anyhow::anyhow!("the feeder panicked"))??;
        passed
    })?;
    desk.until_closed(TITLE)?;
    Ok(passed)
}

/// Of one run whose window is opened and closed again and again.
struct Again {
    shown: Series,
    before: Series,
    with: Series,
    after: Series,
    /// Processes that were left, over all rounds.
    left: usize,
}

fn open_again(desk: &Desk) -> Result<Again> {
    let (feeder, frames) = (Feeder::bind()?, vaults());
    let url = feeder.url()?;
    thread::scope(|scope| {
        let fed = scope.spawn(|| -> Result<()> {
            let mut fed = feeder.greet(false)?;
            fed.send(frames.between(0, VAULTS))?;
            fed.until_gone();
            Ok(())
        });
        let measured = {
            let app = desk.app(&["--hidden", "--url", &url])?;
            thread::sleep(SETTLE);
            rounds(desk, &app)
        };
        let_go(&url);
        fed.join().map_err(|_| anyhow::anyhow!("the feeder panicked"))??;
        measured
    })
}

fn rounds(desk: &Desk, app: &Running) -> Result<Again> {
    let all = |name: &str, unit| Series::new(name, unit);
    let mut again = Again {
        shown: all("opened again", "ms"),
        before: all("proportional memory before any window", "MB"),
        with: all("proportional memory with a window", "MB"),
        after: all("proportional memory after the window", "MB"),
        left: 0,
    };
    let pixels = desk.desktop.pixels()?;
    let item = desk.runtime.block_on(TrayItem::only(&desk.desktop))?;
    let floor = app.proportional()?;
    for round in 1..=ROUNDS {
        let begun = Instant::now();
        desk.runtime.block_on(item.activate())?;
        again.shown.push(milliseconds(pixels.until(begun, &MEDIUM, MEDIUM_PIXELS, LIMIT)?));
        let window = desk.window(TITLE)?;
        thread::sleep(Duration::from_secs(2));
        again.with.push(app.proportional()?);
        desk.desktop.windows().close(&window)?;
        desk.until_closed(TITLE)?;
        thread::sleep(GONE);
        let left = app.process().tree().len() - 1;
        let names = desk.desktop.session().processes();
        let webkit = names.iter().filter(|name| name.starts_with("WebKit")).count();
        again.left += left.max(webkit);
        again.before.push(floor);
        again.after.push(app.proportional()?);
        println!(
            "{round}: shown after {:.0} ms; {floor:.1} MB, with a window {:.1} MB, after it {:.1} MB",
            again.shown.values[round - 1],
            again.with.values[round - 1],
            again.after.values[round - 1],
        );
    }
    Ok(again)
}

fn vaults() -> Frames {
    Frames::texts(Dialect::Plain, (0..VAULTS).map(|number| medium(number, 0)))
}
