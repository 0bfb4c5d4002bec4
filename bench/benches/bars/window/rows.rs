//! A hundred rows in view change at once: the window's table against one written by hand without any framework, and against
//! one written with Yew as one does it first.

use anyhow::{Result, ensure};
use bench::{Bar, Limit, Report, Series};

use super::{Page, ROWS, SHELL, build_plain, folder};
use crate::runtime;

pub(crate) const NAME: &str = "window_rows";

const ROUNDS: usize = 5;
const CHANGES: usize = 60;
/// The first ones compile what the browser has seen for the first time.
const WARM: usize = 20;
/// Tall enough for a hundred rows.
const SIZE: (u64, u64) = (1_440, 3_700);

pub(crate) fn run() -> Result<Report> {
    let mut report = Report::new(
        NAME,
        "a hundred rows change at once: the overview's table, one by hand, and a plain one with Yew",
    );
    let folder = folder(400)?;
    build_plain(&folder)?;
    let mut ours = Series::new("the window", "ms");
    let mut hand = Series::new("by hand", "ms");
    let mut plain = Series::new("plain Yew", "ms");
    runtime()?.block_on(async {
        for _ in 0..ROUNDS {
            let window = Page::start(&folder, SHELL, SIZE).await?;
            window.go("").await?;
            window.until("all rows", "return bench.ready && bench.sent() === 400").await?;
            ours.push(median(&window).await?);
            drop(window);
            for (name, series) in [("hand", &mut hand), ("plain", &mut plain)] {
                let page = Page::start(&folder, ROWS, SIZE).await?;
                page.go(&format!("{name}.html")).await?;
                page.until(name, "return bench.ready && !!window.apply").await?;
                series.push(median(&page).await?);
            }
        }
        anyhow::Ok(())
    })?;
    report.bars = vec![
        Bar::of("script time / by hand", &ours.over(&hand), Limit::AtMost(1.5)),
        Bar::of("script time / plain Yew", &ours.over(&plain), Limit::AtMost(0.4)),
    ];
    report.series = vec![ours, hand, plain];
    report.detail("changesEachRound", CHANGES);
    Ok(report)
}

async fn median(page: &Page) -> Result<f64> {
    let mut took = Series::new("changes", "ms");
    for change in 0..WARM + CHANGES {
        let (rows, millis) = page.change().await?;
        ensure!((rows - 100.0).abs() < 0.5, "{rows} rows");
        if change >= WARM {
            took.push(millis);
        }
    }
    Ok(took.median())
}
