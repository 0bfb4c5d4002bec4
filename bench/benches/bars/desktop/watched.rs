//! What an open window costs while little happens: 20 updates a second, as a handful of markets gives them.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Result;
use bench::feeder::Fed;
use bench::{Bar, Frames, Limit, Report, Series};

use super::feed::{Over, VAULTS, all_at_once, vaults, with_feed};
use super::{Desk, SETTLE, on_a_desktop};

pub(crate) const NAME: &str = "desktop_watched";

const ROUNDS: usize = 3;
/// Between two updates: 20 a second.
const EVERY: Duration = Duration::from_millis(50);
const DURING: Duration = Duration::from_secs(20);
/// Each vault has so many figures, one after the other.
const TURNS: usize = 7;

pub(crate) fn run() -> Result<Report> {
    let about = "processor time of the application and its window at 20 updates a second, against a Tauri window at rest";
    on_a_desktop(Report::new(NAME, about), |desk, report| {
        let mut ours = Series::new("20 updates/s, window visible", "% of a core");
        let mut calm = Series::new("no updates, window visible", "% of a core");
        let mut bare = Series::new("bare window", "% of a core");
        for round in 1..=ROUNDS {
            bare.push(at_rest(desk)?);
            calm.push(watched(desk, all_at_once)?);
            ours.push(watched(desk, updates)?);
            println!(
                "{round}: bare {:.2} %, no updates {:.2} %, 20 updates/s {:.2} %",
                bare.values[round - 1],
                calm.values[round - 1],
                ours.values[round - 1]
            );
        }
        let limit = Limit::AtMost(3.0);
        report.bars.push(Bar::of("CPU, ours / bare window", &ours.over(&bare), limit));
        for series in [&ours, &calm, &bare] {
            report.beside(series);
        }
        report.series = vec![ours, calm, bare];
        report.detail("vaults", VAULTS);
        report.detail("updatesPerSecond", 20);
        Ok(())
    })
}

fn at_rest(desk: &Desk) -> Result<f64> {
    let mut app = desk.bare(&["window"])?;
    desk.painted(app.begun)?;
    sleep(SETTLE);
    app.share(DURING)
}

fn watched(desk: &Desk, serve: impl FnOnce(Fed, &Over) -> Result<()> + Send) -> Result<f64> {
    with_feed(serve, |url| {
        desk.until_alone()?;
        desk.ensure_no_rows()?;
        let mut app = desk.app(&desk.new_folder(), &["--url", url])?;
        desk.rows(app.begun)?;
        sleep(SETTLE);
        Ok((app.share(DURING)?, app))
    })
}

/// All vaults at once, and then one after the other until it is over.
fn updates(mut fed: Fed, over: &Over) -> Result<()> {
    over.unless(fed.send(vaults(0).between(0, VAULTS)))?;
    // Made before they are needed.
    let frames: Vec<Frames> = (1..=TURNS).map(vaults).collect();
    let mut due = Instant::now();
    for number in 0.. {
        due += EVERY;
        sleep(due.saturating_duration_since(Instant::now()));
        if over.is_over() {
            break;
        }
        let (turn, vault) = (number / VAULTS % frames.len(), number % VAULTS);
        over.unless(fed.send(frames[turn].between(vault, vault + 1)))?;
    }
    Ok(())
}
