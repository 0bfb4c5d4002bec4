//! How soon there is something to see, at a start and when the window is opened again, and what is left of a window that
//! was closed.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Result;
use bench::{Bar, Limit, Report, Series};
use e2e::tray::TrayItem;

use super::feed::{VAULTS, all_at_once, with_feed};
use super::{Desk, Running, SETTLE, TITLE, milliseconds, on_a_desktop};

pub(crate) const NAME: &str = "desktop_opened";

const ROUNDS: usize = 7;
/// An open window has done what happens once after this long.
const SHOWN: Duration = Duration::from_secs(2);
/// A window that was closed has left nothing after this long.
const GONE: Duration = Duration::from_secs(4);

pub(crate) fn run() -> Result<Report> {
    let about = format!(
        "the window with {VAULTS} vaults, against that of a Tauri application that says hello"
    );
    on_a_desktop(Report::new(NAME, about), |desk, report| {
        starts(desk, report)?;
        again(desk, report)?;
        report.detail("vaults", VAULTS);
        Ok(())
    })
}

fn starts(desk: &Desk, report: &mut Report) -> Result<()> {
    let mut ours = Series::new("start to first row", "ms");
    let mut bare = Series::new("start to paint, bare", "ms");
    for round in 1..=ROUNDS {
        bare.push(milliseconds(bare_paint(desk)?));
        ours.push(milliseconds(first_row(desk)?));
        println!(
            "{round}: bare {:.0} ms, first row {:.0} ms",
            bare.values[round - 1],
            ours.values[round - 1]
        );
    }
    let limit = Limit::AtMost(1.3);
    report.bars.push(Bar::of("start to first row, ours / bare paint", &ours.over(&bare), limit));
    report.series.extend([ours, bare]);
    Ok(())
}

fn bare_paint(desk: &Desk) -> Result<Duration> {
    let app = desk.bare(&["window"])?;
    desk.painted(app.begun)
}

/// With a server that sends all vaults at once. Nothing is known of them before.
fn first_row(desk: &Desk) -> Result<Duration> {
    with_feed(all_at_once, |url| {
        desk.until_alone()?;
        desk.ensure_no_rows()?;
        let app = desk.app(&desk.new_folder(), &["--url", url])?;
        Ok((desk.rows(app.begun)?, app))
    })
}

/// Of one run whose window is opened and closed again and again.
fn again(desk: &Desk, report: &mut Report) -> Result<()> {
    let found = with_feed(all_at_once, |url| {
        let mut app = desk.app(&desk.new_folder(), &["--hidden", "--url", url])?;
        sleep(SETTLE);
        Ok((rounds(desk, &mut app)?, app))
    })?;
    report.bars.extend([
        Bar::of("opened again until rows are seen", &found.shown, Limit::AtMost(700.0)),
        Bar::of(
            "proportional memory after the window, over what it was before",
            &found.after.over(&found.before),
            Limit::AtMost(1.35),
        ),
        Bar::once(
            "processes beside the application's own after the window was closed",
            "processes",
            found.left as f64,
            Limit::AtMost(0.0),
        ),
    ]);
    report.beside(&found.with);
    report.series.extend([found.shown, found.before, found.with, found.after]);
    Ok(())
}

struct Found {
    shown: Series,
    before: Series,
    with: Series,
    after: Series,
    /// Processes that were left, over all rounds.
    left: usize,
}

fn rounds(desk: &Desk, app: &mut Running) -> Result<Found> {
    let mut found = Found {
        shown: Series::new("opened again", "ms"),
        before: Series::new("proportional memory before any window", "MB"),
        with: Series::new("proportional memory with a window", "MB"),
        after: Series::new("proportional memory after the window", "MB"),
        left: 0,
    };
    let item = desk.wait(TrayItem::only(&desk.desktop))?;
    let floor = app.proportional()?;
    for round in 1..=ROUNDS {
        desk.ensure_no_rows()?;
        let begun = Instant::now();
        desk.wait(item.activate())?;
        found.shown.push(milliseconds(desk.rows(begun)?));
        let window = desk.window(TITLE)?;
        sleep(SHOWN);
        found.with.push(app.proportional()?);
        desk.desktop.windows().close(&window)?;
        desk.until_closed(TITLE)?;
        sleep(GONE);
        let left = app.process().tree().len() - 1;
        let names = desk.desktop.session().processes();
        let webkit = names.iter().filter(|name| name.starts_with("WebKit")).count();
        found.left += left.max(webkit);
        found.before.push(floor);
        found.after.push(app.proportional()?);
        println!(
            "{round}: shown after {:.0} ms; {floor:.1} MB, with a window {:.1} MB, after it {:.1} MB",
            found.shown.values[round - 1],
            found.with.values[round - 1],
            found.after.values[round - 1],
        );
    }
    Ok(found)
}
