//! A vault is opened that has thirty days of history: until the line of all of them is on the page.

use anyhow::{Context, Result};
use bench::{Bar, Limit, Report, Series};

use super::{Page, SHELL, feed, folder};
use crate::runtime;

pub(crate) const NAME: &str = "window_history";

const ROUNDS: u64 = 15;
/// Goes to the vault, chooses thirty days, and tells the milliseconds from that until a line is drawn.
const OPEN: &str = r#"
    const done = arguments[1];
    const look = (css, then) => {
        const found = document.querySelector(css);
        if (found) return then(found);
        const seen = new MutationObserver(() => {
            const found = document.querySelector(css);
            if (found) { seen.disconnect(); then(found); }
        });
        seen.observe(document.body, { childList: true, subtree: true, attributes: true });
    };
    const begun = performance.now();
    location.hash = '#/vault/' + arguments[0];
    look('.chart-line[d]', () => {
        const opened = performance.now() - begun;
        const chosen = performance.now();
        document.querySelector('[data-testid=range-30-d]').click();
        look('[data-testid=range-30-d][aria-pressed=true]', () => {
            const settle = (left) => left > 0 ? queueMicrotask(() => settle(left - 1)) : done({ opened, month: performance.now() - chosen });
            settle(200);
        });
    });
"#;

pub(crate) fn run() -> Result<Report> {
    let mut report =
        Report::new(NAME, "a vault's page, from the click to the line of thirty days, in Chromium");
    let mut opened = Series::new("opened", "ms");
    let mut month = Series::new("thirty days chosen", "ms");
    runtime()?.block_on(async {
        let page = Page::start(&folder(400)?, SHELL, (1_440, 900)).await?;
        page.go("").await?;
        page.until("all rows", "return bench.ready && bench.sent() === 400").await?;
        for round in 0..ROUNDS {
            let answer = page.driver.script_async(OPEN, &[feed::id(round).into()]).await?;
            let figure = |name: &str| answer[name].as_f64().with_context(|| format!("{answer}"));
            opened.push(figure("opened")?);
            month.push(figure("month")?);
            page.driver.script("location.hash = '#/overview'; return null", &[]).await?;
            page.until("the overview", "return !!document.querySelector('main.overview')").await?;
        }
        anyhow::Ok(())
    })?;
    report.bars = vec![Bar::of("until the line is drawn", &opened, Limit::AtMost(100.0))];
    report.beside(&month);
    report.series = vec![opened, month];
    Ok(report)
}
