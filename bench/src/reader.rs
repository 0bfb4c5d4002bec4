//! How fast a program reads.

use std::process::Command;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::cores::{Core, pin};
use crate::feeder::Feeder;
use crate::frames::{Dialect, Frames};

/// One message in so many may be conflated: a reader that waits for its disk is slow for a moment, and of state that
/// waits for it only the newest counts. More would not be reading.
const CONFLATED: usize = 1_000;

/// What a reader did.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Messages per second, from the first byte of the first one to the end of the process.
    pub rate: f64,
    /// The last line it printed.
    pub report: Value,
}

/// Runs a program that reads `count` messages, prints a JSON object with their number as `messages`, and ends. It has one
/// core for itself, what feeds it another.
///
/// # Errors
/// It could not be started, failed, or did not read all of them.
pub fn read(
    frames: &Frames,
    count: usize,
    command: impl FnOnce(&str) -> Command,
) -> Result<Reading> {
    let feeder = Feeder::bind()?;
    let mut command = command(&feeder.url()?);
    let (output, ended, begun) = thread::scope(|scope| {
        let fed = scope.spawn(|| -> Result<Instant> {
            pin(Core::Feeder);
            let mut fed = feeder.greet(frames.dialect == Dialect::V1)?;
            let begun = Instant::now();
            fed.send(frames.between(0, count)).context("the reader went away")?;
            fed.finish();
            Ok(begun)
        });
        // A process runs where the thread does that starts it.
        pin(Core::Reader);
        let output = command.output().with_context(|| format!("cannot start {command:?}"));
        let ended = Instant::now();
        if output.as_ref().map_or(true, |output| !output.status.success()) {
            // It may never have come; then the feeder still waits for it.
            if let Ok(url) = feeder.url() {
                let _ = std::net::TcpStream::connect(url.trim_matches(|c| "ws:/".contains(c)));
            }
        }
        (output, ended, fed.join())
    });
    let output = output?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed: {errors}");
    let begun = begun.map_err(|_| anyhow::anyhow!("the feeder panicked"))??;
    let printed = String::from_utf8_lossy(&output.stdout);
    let last = printed.lines().last().unwrap_or_default();
    let report: Value = serde_json::from_str(last)
        .with_context(|| format!("{command:?} printed no JSON: {printed}{errors}"))?;
    let told = |what: &str| report[what].as_u64().unwrap_or(0) as usize;
    let (read, conflated) = (told("messages"), told("conflated"));
    ensure!(read + conflated == count, "not every message was read: {last} {errors}");
    ensure!(conflated <= count / CONFLATED, "too many messages were conflated: {last}");
    Ok(Reading { rate: count as f64 / ended.duration_since(begun).as_secs_f64(), report })
}
