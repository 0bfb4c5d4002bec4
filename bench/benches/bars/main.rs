//! Every bar, measured: `cargo xtask bench [NAME…]`. What each benchmark does is told in `bench/README.md`.

#![expect(clippy::print_stdout, reason = "a benchmark prints its result")]

mod alert_latency;
mod client_throughput;
mod conflation;
mod desktop;
mod flood;
mod foreign;
mod gateway;
mod idle;
mod outbox;
mod readers;
mod reconnect;
mod rules;
mod slow_link;
mod watch_throughput;
mod window;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};
use bench::Report;
use bench::machine::{self, Machine};
use bench::report::save_json;

type Benchmark = (&'static str, fn() -> Result<Report>);

const BENCHMARKS: &[Benchmark] = &[
    (client_throughput::NAME, client_throughput::run),
    (watch_throughput::NAME, watch_throughput::run),
    (conflation::NAME, conflation::run),
    (alert_latency::NAME, alert_latency::run),
    (outbox::NAME, outbox::run),
    (rules::NAME, rules::run),
    (flood::NAME, flood::run),
    (reconnect::NAME, reconnect::run),
    (idle::NAME, idle::run),
    (gateway::fan_out::NAME, gateway::fan_out::run),
    (gateway::idle::NAME, gateway::idle::run),
    (gateway::publish::NAME, gateway::publish::run),
    (gateway::resume::NAME, gateway::resume::run),
    (gateway::failover::NAME, gateway::failover::run),
    (desktop::hidden::NAME, desktop::hidden::run),
    (desktop::opened::NAME, desktop::opened::run),
    (desktop::watched::NAME, desktop::watched::run),
    (window::rows::NAME, window::rows::run),
    (window::history::NAME, window::history::run),
    (window::frames::NAME, window::frames::run),
    (window::frames::MEMORY, window::frames::memory),
];

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all bars were met.
fn run() -> Result<bool> {
    // What cargo adds for benchmarks of its own harness.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let mut args = args.iter().map(String::as_str);
    let mut names = Vec::new();
    let mut out = None;
    while let Some(arg) = args.next() {
        match arg {
            "--role" => {
                let (name, rest) = (args.next().context("a role")?, args.collect::<Vec<_>>());
                readers::run(name, &rest)?;
                return Ok(true);
            }
            "--out" => out = Some(PathBuf::from(args.next().context("a folder")?)),
            name => names.push(name),
        }
    }
    let is_chosen =
        |name: &&str, benchmark: &str| benchmark == *name || is_of_group(benchmark, name);
    if let Some(unknown) =
        names.iter().find(|name| BENCHMARKS.iter().all(|(known, _)| !is_chosen(name, known)))
    {
        let known: Vec<_> = BENCHMARKS.iter().map(|(name, _)| *name).collect();
        bail!("no benchmark `{unknown}`: {}", known.join(", "));
    }
    let chosen = BENCHMARKS
        .iter()
        .filter(|(known, _)| names.is_empty() || names.iter().any(|name| is_chosen(name, known)));
    measure(chosen, &out.unwrap_or_else(|| folder(&names)))
}

/// `gateway` stands for all of the gateway's.
fn is_of_group(benchmark: &str, group: &str) -> bool {
    benchmark.strip_prefix(group).is_some_and(|rest| rest.starts_with('_'))
}

fn measure<'a>(benchmarks: impl Iterator<Item = &'a Benchmark>, folder: &Path) -> Result<bool> {
    let machine = Machine::here();
    if machine.cores < 2 {
        println!("one core only: what measures and what is measured are in each other's way");
    }
    if machine.load.is_some_and(|load| load > 0.5) {
        println!("this machine is busy with something else: the figures will suffer");
    }
    save_json(&machine, &folder.join("machine.json"))?;
    let mut verdicts = Vec::new();
    let mut all_met = true;
    for (name, run) in benchmarks {
        println!("\n# {name}");
        let report = run().with_context(|| format!("{name} could not be measured"))?;
        report.save(folder)?;
        all_met &= report.is_met();
        let told = report.bars.iter().map(ToString::to_string);
        let beside = report.beside.iter().map(|what| format!("also  {what}"));
        let skipped = report.skipped.iter().map(|what| format!("skip  {what}"));
        for line in told.chain(beside).chain(skipped) {
            println!("{line}");
            verdicts.push(line);
        }
    }
    println!("\n# all bars\n{}\n\nwritten to {}", verdicts.join("\n"), folder.display());
    Ok(all_met)
}

/// A run of everything is worth keeping; one of a part is for whoever works on it.
fn folder(names: &[&str]) -> PathBuf {
    let date = machine::date();
    match names {
        [] => Path::new(env!("CARGO_MANIFEST_DIR")).join("results").join(format!("{date}-bars")),
        some => scratch().join("results").join(format!("{date}-{}", some.join("-"))),
    }
}

/// For files that a benchmark needs while it runs. On a disk, which a folder for temporary files need not be.
fn scratch() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// This program in another role.
fn role(name: &str, args: &[&str]) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--role", name]).args(args);
    Ok(command)
}

/// A binary as it is shipped, from the same build.
fn shipped(name: &str) -> Result<PathBuf> {
    // This one lies in `deps` below it.
    let own = std::env::current_exe()?;
    let folder = own.parent().and_then(Path::parent).context("this program lies in a folder")?;
    let path = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    ensure!(path.exists(), "{name} is not built: `cargo xtask bench` builds it first");
    Ok(path)
}

/// One thread for everything, where the calling thread runs.
fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}
