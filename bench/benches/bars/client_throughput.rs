//! The loop of a user of the library against other ways to read the same feed.
//!
//! Ours validates envelope and payload, recognises duplicates, counts, and keeps the last value of each vault; the minimal
//! Rust loop parses into typed structs and adds up; Node and Python parse into whatever they parse into. All are processes
//! of their own, taken in turn; the ratio within a round counts.

use anyhow::Result;
use bench::reader::{Reading, read};
use bench::{Bar, Dialect, Frames, Limit, Report, Series};

use crate::foreign::{Foreign, Language};
use crate::role;

pub(crate) const NAME: &str = "client_throughput";

/// So many that the ends of the processes weigh little.
const MESSAGES: usize = 1_000_000;
/// The slower ones read fewer: a second's work for each.
const NODE: usize = 500_000;
const PYTHON: usize = 150_000;
const VAULTS: usize = 1_000;
const ROUNDS: usize = 7;

pub(crate) fn run() -> Result<Report> {
    let mut report = Report::new(
        NAME,
        "client with validation, de-duplication, metrics and last values against three other readers",
    );
    let node = Foreign::prepare(Language::Node);
    let python = Foreign::prepare(Language::Python);
    for dialect in Dialect::BOTH {
        let frames = Frames::updates(dialect, MESSAGES, VAULTS);
        let name = dialect.name();
        report.detail(&format!("{name}FrameBytes"), frames.mean_bytes());
        let series = |who: &str| Series::new(format!("{who}, {name}"), "messages/s");
        let (mut ours, mut minimal) = (series("client"), series("minimal Rust"));
        let cost = |who: &str| Series::new(format!("{who}, {name}, CPU"), "ns/message");
        let (mut ours_cpu, mut minimal_cpu) = (cost("client"), cost("minimal Rust"));
        let (mut in_node, mut in_python) = (series("Node ws"), series("Python websockets"));
        for round in 1..=ROUNDS {
            let own = |role_name: &'static str| -> Result<Reading> {
                let mut command = role(role_name, &[])?;
                read(&frames, MESSAGES, |url| {
                    command.arg(url).arg(MESSAGES.to_string());
                    command
                })
            };
            let reading = own("minimal")?;
            minimal.push(reading.rate);
            minimal_cpu.push(cpu_per_message(&reading));
            let reading = own("client")?;
            check(&reading)?;
            ours.push(reading.rate);
            ours_cpu.push(cpu_per_message(&reading));
            for (foreign, count, series) in
                [(&node, NODE, &mut in_node), (&python, PYTHON, &mut in_python)]
            {
                if let Ok(foreign) = foreign {
                    series.push(read(&frames, count, |url| foreign.command(url))?.rate);
                }
            }
            let last = |series: &Series| series.values.last().copied().unwrap_or(f64::NAN);
            println!(
                "{name} {round}: minimal {:>9.0}/s   client {:>9.0}/s   node {:>7.0}/s   python {:>7.0}/s   ratio {:.3}   by CPU {:.3} ({:.0} ns and {:.0} ns)",
                last(&minimal),
                last(&ours),
                last(&in_node),
                last(&in_python),
                last(&ours) / last(&minimal),
                last(&minimal_cpu) / last(&ours_cpu),
                last(&minimal_cpu),
                last(&ours_cpu)
            );
        }
        let mut bar = |what: &str, other: &Series, least| {
            let what = format!("client / {what}, {name}");
            report.bars.push(Bar::of(what, &ours.over(other), Limit::AtLeast(least)));
        };
        bar("minimal Rust", &minimal, 0.75);
        if node.is_ok() {
            bar("Node ws", &in_node, 3.5);
        }
        if python.is_ok() {
            bar("Python websockets", &in_python, 10.0);
        }
        report.series.extend(
            [minimal, ours, in_node, in_python, minimal_cpu, ours_cpu]
                .into_iter()
                .filter(|s| !s.values.is_empty()),
        );
    }
    for foreign in [&node, &python] {
        match foreign {
            Ok(foreign) => report.detail(foreign.package(), foreign.version()),
            Err(error) => report.skipped.push(format!("{error:#}")),
        }
    }
    report.detail("vaults", VAULTS);
    report.detail("messages", MESSAGES);
    Ok(report)
}

/// What a neighbour on the same machine disturbs less than a rate; told, not judged.
fn cpu_per_message(reading: &Reading) -> f64 {
    reading.report["cpuSeconds"].as_f64().unwrap_or(f64::NAN) * 1e9 / MESSAGES as f64
}

/// That it did its work.
fn check(reading: &Reading) -> Result<()> {
    let figure = |name: &str| reading.report[name].as_u64();
    anyhow::ensure!(
        figure("vaults") == Some(VAULTS as u64)
            && figure("duplicates") == Some(0)
            && figure("invalid") == Some(0)
            && figure("gaps") == Some(0),
        "the client misread: {}",
        reading.report
    );
    Ok(())
}
