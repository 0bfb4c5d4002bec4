//! Ten thousand vaults and five thousand updates a second, for a minute: what each frame costs, and whether memory stays.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bench::{Bar, Limit, Report, Series};
use serde_json::json;
use tokio::time::sleep;

use super::{Page, SHELL, folder};
use crate::runtime;

pub(crate) const NAME: &str = "window_frames";
pub(crate) const MEMORY: &str = "window_memory";

const VAULTS: u64 = 10_000;
const UPDATES: u64 = 5_000;
const MINUTE: Duration = Duration::from_secs(60);
const TEN_MINUTES: Duration = Duration::from_secs(600);
/// Before memory is looked at for the first time: buffers and caches have their size then.
const SETTLE: Duration = Duration::from_secs(20);
const LOOKS: u32 = 12;

/// Script time.
pub(crate) fn run() -> Result<Report> {
    measure(NAME, MINUTE)
}

/// The same for ten minutes, and what memory does.
pub(crate) fn memory() -> Result<Report> {
    measure(MEMORY, TEN_MINUTES)
}

fn measure(name: &'static str, length: Duration) -> Result<Report> {
    let what = format!(
        "the overview with {VAULTS} vaults, {UPDATES} updates/s for {} s, in Chromium",
        length.as_secs()
    );
    let mut report = Report::new(name, what);
    runtime()?.block_on(async {
        let page = Page::start(&folder(VAULTS)?, SHELL, (1_440, 900)).await?;
        page.go("").await?;
        page.until("the page", "return bench.ready").await?;
        page.until("all rows", &format!("return bench.sent() === {VAULTS}")).await?;
        page.driver.script(&format!("bench.rate = {UPDATES}; return null"), &[]).await?;
        sleep(SETTLE).await;
        page.driver
            .script("bench.frames.length = 0; bench.updates = bench.batches = 0; return null", &[])
            .await?;
        let mut memory = Series::new("memory of the page", "MB");
        for _ in 0..LOOKS {
            sleep(length / LOOKS).await;
            memory.push(megabytes(&page).await?);
        }
        let answer = page.driver.script("return bench.frames", &[]).await?;
        let all = answer.as_array().context("no frames")?;
        let mut frames = Series::new("script time of a frame", "ms");
        // One in which nothing was done is not what it costs.
        all.iter()
            .filter_map(serde_json::Value::as_f64)
            .filter(|took| *took > 0.05)
            .for_each(|took| frames.push(took));
        ensure!(frames.values.len() > 100, "only {} frames", frames.values.len());
        let seconds = length.as_secs_f64();
        report.detail("updatesPerSecond", page.number("return bench.updates").await? / seconds);
        report.detail("batchesPerSecond", page.number("return bench.batches").await? / seconds);
        report.detail("frames", frames.values.len());
        report.detail("framesAltogether", all.len());
        report.bars = vec![
            Bar::once(
                "script time of a frame, p95",
                "ms",
                frames.quantile(0.95),
                Limit::AtMost(8.0),
            ),
            Bar::once(
                "script time of a frame, p99",
                "ms",
                frames.quantile(0.99),
                Limit::AtMost(16.0),
            ),
        ];
        let first = memory.values[0];
        let growth =
            memory.values.iter().map(|now| (now / first - 1.0).abs() * 100.0).fold(0.0, f64::max);
        if name == MEMORY {
            report.bars.push(Bar::once(
                "memory, farthest from the first look",
                "%",
                growth,
                Limit::AtMost(5.0),
            ));
        } else {
            report.beside(&memory);
        }
        report.series = vec![memory];
        anyhow::Ok(())
    })?;
    Ok(report)
}

/// What the page holds: the JavaScript that is not garbage, its elements, and the memory of its own program.
async fn megabytes(page: &Page) -> Result<f64> {
    page.tell("HeapProfiler.collectGarbage", json!({})).await?;
    let script = "return performance.memory.usedJSHeapSize + bench.memory()";
    Ok(page.number(script).await? / 1e6)
}
