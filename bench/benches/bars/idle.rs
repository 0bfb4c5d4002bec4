//! What `vaultwatchctl watch` costs when there is little to do: memory with 1,000 vaults, and processor time at one message
//! a second.

use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Result;
use bench::cores::{Core, pin};
use bench::feeder::Feeder;
use bench::process::Process;
use bench::{Bar, Dialect, Frames, Limit, Report, Series};

use crate::shipped;

pub(crate) const NAME: &str = "idle";

const VAULTS: usize = 1_000;
const SECONDS: usize = 40;
/// What happens once, at the start, is not idling.
const SETTLE: Duration = Duration::from_secs(3);

pub(crate) fn run() -> Result<Report> {
    let mut report =
        Report::new(NAME, "vaultwatchctl watch with 1,000 vaults, at one message a second");
    let frames = Frames::updates(Dialect::V1, 3 * VAULTS + SECONDS, VAULTS);
    let feeder = Feeder::bind()?;
    pin(Core::Reader);
    let mut watch = Command::new(shipped("vaultwatchctl")?)
        .args(["watch", "--json", "--once", "--url", &feeder.url()?])
        .stdout(Stdio::null())
        .spawn()?;
    pin(Core::Feeder);
    let process = Process::of(watch.id());
    let mut fed = feeder.greet(true)?;
    fed.send(frames.between(0, 3 * VAULTS))?;
    sleep(SETTLE);
    let mut resident = Series::new("resident", "MB");
    let mut per_second = Series::new("CPU, each second", "% of a core");
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let (begun, cpu) = (Instant::now(), process.cpu()?);
    let mut before = cpu;
    for second in 0..SECONDS {
        let at = 3 * VAULTS + second;
        fed.send(frames.between(at, at + 1))?;
        sleep((begun + Duration::from_secs(second as u64 + 1)).duration_since(Instant::now()));
        let now = process.cpu()?;
        per_second.push(now.saturating_sub(before).as_secs_f64() * 100.0);
        before = now;
        resident.push(megabytes(process.resident()?));
    }
    let share =
        process.cpu()?.saturating_sub(cpu).as_secs_f64() / begun.elapsed().as_secs_f64() * 100.0;
    report.detail("peakResidentMb", megabytes(process.peak_resident()?));
    report.detail("ownMemoryMb", megabytes(process.anonymous()?));
    fed.finish();
    watch.wait()?;
    let most = resident.highest();
    report.bars = vec![
        Bar::once(
            "resident with 1,000 vaults, most of all seconds",
            "MB",
            most,
            Limit::AtMost(20.0),
        ),
        Bar::once("CPU at one message a second", "% of a core", share, Limit::AtMost(0.2)),
    ];
    report.series = vec![resident, per_second];
    report.detail("seconds", SECONDS);
    report.detail("vaults", VAULTS);
    Ok(report)
}
