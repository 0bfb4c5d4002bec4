//! The soak in full, and one report of it: `cargo xtask soak`.
//!
//! Most parts live with what they test and run in a reduced form among the other tests: random faults and the herd in
//! `crates/realtime/examples/soak`, kills and power cuts in `crates/store/tests/crash`. The application's is here.

#![expect(clippy::print_stdout, reason = "a benchmark prints its result")]

mod app;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use bench::machine::{self, Machine};
use bench::report::save_json;
use serde_json::{Map, Value, json};

/// Random faults in one run, and clients that lose their server.
const FAULTS: &str = "10000";
const SEED: &str = "1";
const CLIENTS: &str = "1000";

/// Of the application, unless `--minutes` says otherwise.
const MINUTES: u64 = 60;

fn main() -> Result<()> {
    let Wanted { minutes, only_app } = Wanted::of(std::env::args().skip(1))?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let machine = Machine::here();
    let (mut report, ended_well) = if only_app { (json!({}), true) } else { parts()? };
    println!("the application, for {minutes} minutes");
    let app = app::soak(minutes);
    // What went before took a quarter of an hour, and is kept.
    report["app"] = match &app {
        Ok((told, _)) => told.clone(),
        Err(error) => json!({ "failed": format!("{error:#}") }),
    };
    // Not over the report of a whole one of that day.
    let kind = if only_app { "soak-app" } else { "soak" };
    let folder = root.join("results").join(format!("{}-{kind}", machine::date()));
    save_json(&machine, &folder.join("machine.json"))?;
    save_json(&report, &folder.join("soak.json"))?;
    println!("written to {}", folder.display());
    let (_, flat) = app.context("the application")?;
    if !only_app {
        judge(&report)?;
    }
    ensure!(
        flat,
        "the application's memory, handles, threads or processes have grown; see soak.json"
    );
    // Its own judgement, which has the memory in it; after the report is on disk, where one looks for the reason.
    ensure!(ended_well, "the soak found fault with itself; see above");
    Ok(())
}

/// What is to be soaked.
struct Wanted {
    minutes: u64,
    /// Not the parts that live elsewhere.
    only_app: bool,
}

impl Wanted {
    /// What cargo adds for benchmarks of its own harness is left out.
    fn of(arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut wanted = Self { minutes: MINUTES, only_app: false };
        let mut arguments = arguments.filter(|argument| argument != "--bench");
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--minutes" => {
                    let minutes = arguments.next().unwrap_or_default();
                    wanted.minutes = minutes.parse().context("--minutes wants a number")?;
                }
                "--only-app" => wanted.only_app = true,
                other => anyhow::bail!("`{other}` is not understood: --minutes N, --only-app"),
            }
        }
        Ok(wanted)
    }
}

/// Everything but the application, and whether it was content with itself.
fn parts() -> Result<(Value, bool)> {
    let (mut report, ended_well) = faults_and_herd()?;
    println!("{report:#}");
    for (name, test) in [
        ("kills", "kill::soak_100_kills_lose_nothing"),
        ("powerCuts", "power::soak_100_power_cuts_lose_nothing"),
    ] {
        let crash = crash(test)?;
        println!("{name}: {crash:#}");
        report[name] = crash;
    }
    Ok((report, ended_well))
}

/// # Errors
/// What the parts did wrong.
fn judge(report: &Value) -> Result<()> {
    let sum = |report: &Value| -> u64 {
        ["lost", "doubled", "disordered", "publishesLost", "publishesDoubled"]
            .iter()
            .filter_map(|name| report[*name].as_u64())
            .sum()
    };
    ensure!(
        sum(report) + sum(&report["kills"]) + sum(&report["powerCuts"]) == 0,
        "something was lost or doubled"
    );
    ensure!(
        report["acknowledged"] == report["published"],
        "something was published and never acknowledged"
    );
    ensure!(
        report["herd"]["worstWindowShare"].as_f64().is_some_and(|share| share <= 0.1),
        "the herd came back at once"
    );
    Ok(())
}

/// The example tells its figures as one JSON object, and fails by itself when they are bad.
fn faults_and_herd() -> Result<(Value, bool)> {
    println!("{FAULTS} random faults, then {CLIENTS} clients whose server dies");
    let mut soak = cargo();
    soak.args(["run", "--release", "-p", "realtime", "--features", "testing", "--example", "soak"]);
    soak.args(["--", FAULTS, SEED, CLIENTS]);
    let (text, ended_well) = printed(&mut soak)?;
    let report = serde_json::from_str(&text).with_context(|| format!("no report: {text}"))?;
    Ok((report, ended_well))
}

/// A test that is ignored otherwise, and tells its figures as JSON on a line of its own.
fn crash(test: &str) -> Result<Value> {
    println!("{test}");
    let begun = Instant::now();
    let mut tests = cargo();
    // The selection of all other test runs, so that nothing is compiled anew.
    tests.args(["nextest", "run", "--workspace", "--run-ignored", "only", "--no-capture"]);
    tests.args(["-E", &format!("package(store) and test(={test})")]);
    let (text, ended_well) = printed(&mut tests)?;
    ensure!(ended_well, "{test} failed: {text}");
    let line = text.lines().find(|line| line.starts_with('{')).unwrap_or_default();
    let mut figures: Map<String, Value> =
        serde_json::from_str(line).with_context(|| format!("{test} told no figures: {text}"))?;
    figures.insert("seconds".to_owned(), json!(begun.elapsed().as_secs_f64()));
    Ok(Value::Object(figures))
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Standard output, and whether it ended well; progress goes to the terminal.
fn printed(command: &mut Command) -> Result<(String, bool)> {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("it lies in the workspace")?;
    command.current_dir(root).stderr(Stdio::inherit());
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    Ok((String::from_utf8_lossy(&output.stdout).into_owned(), output.status.success()))
}
