//! 100,000 updates per second over 1,000 vaults on their way to the window.
//!
//! Conflated: the monitor as it is, with a window that takes every batch at once. Unconflated: the same monitor, with each
//! update handed to the same window as a batch of its own. Both serialise what the window gets, as the bridge does.

use std::process::Stdio;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bench::cores::{Core, pin};
use bench::feeder::Feeder;
use bench::pace::Pace;
use bench::{Bar, Dialect, Frames, Limit, Report, Series};
use serde_json::Value;

use crate::role;

pub(crate) const NAME: &str = "conflation";

const RATE: usize = 100_000;
const SECONDS: usize = 4;
const MESSAGES: usize = RATE * SECONDS;
pub(crate) const VAULTS: usize = 1_000;
const ROUNDS: usize = 5;
/// Sent together: a hundredth of a flush.
const TOGETHER: usize = 33;

pub(crate) fn run() -> Result<Report> {
    let mut report = Report::new(
        NAME,
        "100,000 updates/s over 1,000 vaults to the window: newest values every 33 ms against every update",
    );
    let frames = Frames::updates(Dialect::Plain, MESSAGES, VAULTS);
    let mut cpu = Series::new("conflated, CPU", "share of a core");
    let mut plain_cpu = Series::new("unconflated, CPU", "share of a core");
    let mut batches = Series::new("batches", "1/s");
    let mut fewer = Series::new("updates per value delivered", "ratio");
    let mut oldest = Series::new("last value delivered after", "ms");
    let mut missing = Series::new("keys whose last value is missing", "keys");
    for round in 1..=ROUNDS {
        let plain = deliver(&frames, "unconflated")?;
        ensure!(plain["values"] == MESSAGES, "unconflated means all: {plain}");
        let ours = deliver(&frames, "conflated")?;
        let figure = |report: &Value, name: &str| report[name].as_f64().unwrap_or(f64::NAN);
        plain_cpu.push(figure(&plain, "cpuSeconds") / SECONDS as f64);
        cpu.push(figure(&ours, "cpuSeconds") / SECONDS as f64);
        batches.push(figure(&ours, "batches") / figure(&ours, "seconds"));
        fewer.push(MESSAGES as f64 / figure(&ours, "values"));
        oldest.push(figure(&ours, "settledMs"));
        missing.push(figure(&ours, "missing"));
        println!("{round}: unconflated {plain}\n   conflated   {ours}");
    }
    report.bars = vec![
        Bar::of("batches", &batches, Limit::AtMost(31.0)),
        Bar::of("updates per value delivered", &fewer, Limit::AtLeast(3.0)),
        Bar::of("CPU, conflated / unconflated", &cpu.over(&plain_cpu), Limit::AtMost(0.5)),
        Bar::once(
            "last values missing, all rounds",
            "keys",
            missing.values.iter().sum(),
            Limit::AtMost(0.0),
        ),
    ];
    report.series = vec![plain_cpu, cpu, batches, fewer, oldest];
    report.detail("messages", MESSAGES);
    report.detail("perSecond", RATE);
    report.detail("vaults", VAULTS);
    Ok(report)
}

fn deliver(frames: &Frames, way: &str) -> Result<Value> {
    let feeder = Feeder::bind()?;
    let url = feeder.url()?;
    thread::scope(|scope| {
        let fed = scope.spawn(|| -> Result<()> {
            pin(Core::Feeder);
            let mut fed = feeder.greet(false)?;
            let mut pace = Pace::every(Duration::from_secs(1) * TOGETHER as u32 / RATE as u32);
            for from in (0..MESSAGES).step_by(TOGETHER) {
                pace.wait();
                fed.send(frames.between(from, from + TOGETHER))?;
            }
            // The other side looks at what the window has; then it goes.
            fed.until_gone();
            Ok(())
        });
        pin(Core::Reader);
        let mut command = role("window", &[way, &url])?;
        command.arg(MESSAGES.to_string()).arg(VAULTS.to_string());
        let output = command.stderr(Stdio::inherit()).output()?;
        fed.join().map_err(|_| anyhow::anyhow!("the feeder panicked"))??;
        ensure!(output.status.success(), "the {way} reader failed");
        let text = String::from_utf8_lossy(&output.stdout);
        serde_json::from_str(text.trim()).context("the reader prints JSON")
    })
}
