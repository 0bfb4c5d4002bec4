//! What an open window costs while little happens: 20 updates a second, as a handful of markets gives them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use bench::feeder::Feeder;
use bench::{Bar, Dialect, Frames, Limit, Report, Series};
use e2e::tray::{Host, Tray};

use super::{
    BARE, BARE_PIXELS, BARE_TITLE, Desk, LIMIT, MEDIUM, MEDIUM_PIXELS, SETTLE, TITLE, let_go,
    medium,
};

pub(crate) const NAME: &str = "desktop_watched";

const ROUNDS: usize = 3;
const VAULTS: usize = 60;
/// Between two updates: 20 a second.
const EVERY: Duration = Duration::from_millis(50);
const DURING: Duration = Duration::from_secs(20);

pub(crate) fn run() -> Result<Report> {
    let mut report = Report::new(
        NAME,
        "processor time of the application and its window at 20 updates a second, against a Tauri window at rest",
    );
    let desk = match Desk::start() {
        Ok(desk) => desk,
        Err(error) => {
            report.skipped.push(format!("no desktop to measure on: {error:#}"));
            return Ok(report);
        }
    };
    let _tray = desk.runtime.block_on(Tray::serve(&desk.desktop, Host::Present))?;
    let mut ours = Series::new("20 updates/s, window visible", "% of a core");
    let mut calm = Series::new("no updates, window visible", "% of a core");
    let mut bare = Series::new("bare window", "% of a core");
    for round in 1..=ROUNDS {
        bare.push(at_rest(&desk)?);
        calm.push(watched(&desk, Updates::None)?);
        ours.push(watched(&desk, Updates::Some)?);
        println!(
            "{round}: bare {:.2} %, no updates {:.2} %, 20 updates/s {:.2} %",
            bare.values[round - 1],
            calm.values[round - 1],
            ours.values[round - 1]
        );
    }
    report.bars = vec![Bar::of("CPU, ours / bare window", &ours.over(&bare), Limit::AtMost(3.0))];
    report.beside(&ours);
    report.beside(&calm);
    report.beside(&bare);
    report.series = vec![ours, calm, bare];
    report.detail("vaults", VAULTS);
    report.detail("updatesPerSecond", 20);
    Ok(report)
}

fn at_rest(desk: &Desk) -> Result<f64> {
    let share = {
        let app = desk.bare(&["window"])?;
        desk.desktop.pixels()?.until(app.begun, &[BARE], BARE_PIXELS, LIMIT)?;
        thread::sleep(SETTLE);
        app.share(DURING)?
    };
    desk.until_closed(BARE_TITLE)?;
    Ok(share)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Updates {
    None,
    Some,
}

fn watched(desk: &Desk, updates: Updates) -> Result<f64> {
    let feeder = Feeder::bind()?;
    let url = feeder.url()?;
    let (measured, open) = (AtomicBool::new(false), AtomicBool::new(false));
    let share = thread::scope(|scope| {
        let fed = scope.spawn(|| -> Result<()> {
            let mut fed = feeder.greet(false)?;
            let turn = |turn| Frames::texts(Dialect::Plain, (0..VAULTS).map(|n| medium(n, turn)));
            fed.send(turn(0).between(0, VAULTS))?;
            // Made before they are needed.
            let frames: Vec<Frames> = (1..=7).map(turn).collect();
            let mut due = Instant::now();
            for number in 0.. {
                if measured.load(Ordering::Acquire) {
                    break;
                }
                due += EVERY;
                thread::sleep(due.saturating_duration_since(Instant::now()));
                if updates == Updates::Some && open.load(Ordering::Acquire) {
                    let (turn, vault) = (number / VAULTS % frames.len(), number % VAULTS);
                    fed.send(frames[turn].between(vault, vault + 1))?;
                }
            }
            Ok(())
        });
        let share = {
            let app = desk.app(&["--url", &url])?;
            let seen = desk.desktop.pixels()?.until(app.begun, &MEDIUM, MEDIUM_PIXELS, LIMIT);
            open.store(true, Ordering::Release);
            thread::sleep(SETTLE);
            let share = seen.and_then(|_| app.share(DURING));
            measured.store(true, Ordering::Release);
            share
        };
        let_go(&url);
        fed.join().map_err(|_| anyhow::anyhow!("the feeder panicked"))??;
        share
    })?;
    desk.until_closed(TITLE)?;
    Ok(share)
}
