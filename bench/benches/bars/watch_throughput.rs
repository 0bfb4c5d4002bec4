//! `vaultwatchctl watch --quiet` against the minimal Rust loop.
//!
//! The whole monitor: it validates, recognises duplicates, keeps last values, and judges every update.

use std::process::Command;

use anyhow::Result;
use bench::reader::read;
use bench::{Bar, Dialect, Frames, Limit, Report, Series};

use crate::{role, shipped};

pub(crate) const NAME: &str = "watch_throughput";

const MESSAGES: usize = 1_000_000;
const VAULTS: usize = 1_000;
const ROUNDS: usize = 5;

pub(crate) fn run() -> Result<Report> {
    let mut report = Report::new(NAME, "the whole monitor against the minimal Rust loop");
    let watch = shipped("vaultwatchctl")?;
    let frames = Frames::updates(Dialect::Plain, MESSAGES, VAULTS);
    let mut minimal = Series::new("minimal Rust", "messages/s");
    let mut ours = Series::new("vaultwatchctl watch", "messages/s");
    for round in 1..=ROUNDS {
        let mut peer = role("minimal", &[])?;
        let rate = read(&frames, MESSAGES, |url| {
            peer.arg(url).arg(MESSAGES.to_string());
            peer
        })?;
        minimal.push(rate.rate);
        let rate = read(&frames, MESSAGES, |url| {
            let mut command = Command::new(&watch);
            command.args(["watch", "--quiet", "--once", "--url", url]);
            command
        })?;
        ours.push(rate.rate);
        let last = |series: &Series| series.values.last().copied().unwrap_or(f64::NAN);
        println!(
            "{round}: minimal {:>9.0}/s   watch {:>9.0}/s   ratio {:.3}",
            last(&minimal),
            last(&ours),
            last(&ours) / last(&minimal)
        );
    }
    report.bars.push(Bar::of("watch / minimal Rust", &ours.over(&minimal), Limit::AtLeast(0.4)));
    report.series = vec![minimal, ours];
    report.detail("messages", MESSAGES);
    report.detail("vaults", VAULTS);
    report.detail("frameBytes", frames.mean_bytes());
    Ok(report)
}
