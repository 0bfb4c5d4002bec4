//! What a connection costs the gateway on which nothing is said, and whether 10,000 of them are held.
//!
//! They are held for longer than the silence after which a client is pinged: each has to be there to answer.

use std::time::Duration;

use anyhow::{Result, ensure};
use bench::cores::{Core, pin};
use bench::{Bar, Limit, Report, Series};
use tokio::task::LocalSet;
use tokio::time::sleep;

use super::crowd::{Crowd, Greeting};
use super::server::Server;
use crate::runtime;

pub(crate) const NAME: &str = "gateway_idle";

const CONNECTIONS: usize = 10_000;
/// Until what the greetings took is given back.
const SETTLE: Duration = Duration::from_secs(3);
/// Longer than the silence of 20 s that is allowed, and than the wait for an answer after that.
const HELD: Duration = Duration::from_secs(45);

pub(crate) fn run() -> Result<Report> {
    let mut report = Report::new(NAME, "10,000 connections on which nothing is said");
    pin(Core::Feeder);
    let mut memory = Vec::new();
    for (name, greeting) in [("vaultwatch.v1", Greeting::V1), ("plain", Greeting::Plain)] {
        let mut per_connection = Series::new(format!("memory, {name}"), "KB/connection");
        let mut processor = Series::new(format!("CPU, {name}"), "% of a core");
        let held = runtime()?.block_on(LocalSet::new().run_until(async {
            let most = format!("--max-connections={}", 2 * CONNECTIONS);
            let server = Server::gateway(&[&most, "--silence=20s"])?;
            let process = server.process();
            let before = process.resident()?;
            let crowd = Crowd::connect(server.address, CONNECTIONS, greeting).await?;
            sleep(SETTLE).await;
            let kilobytes = |bytes: u64| bytes as f64 / 1e3 / CONNECTIONS as f64;
            let greeted = process.resident()?.saturating_sub(before);
            let cpu = process.cpu()?;
            sleep(HELD).await;
            let cpu = process.cpu()?.saturating_sub(cpu).as_secs_f64();
            processor.push(cpu / HELD.as_secs_f64() * 100.0);
            let after = process.resident()?.saturating_sub(before);
            println!(
                "{name}: {:.1} KB a connection once greeted, {:.1} KB when held",
                kilobytes(greeted),
                kilobytes(after)
            );
            per_connection.push(kilobytes(greeted.max(after)));
            crowd.check()?;
            ensure!(crowd.pings() >= CONNECTIONS as u64, "only {} were pinged", crowd.pings());
            Ok::<_, anyhow::Error>(CONNECTIONS)
        }))?;
        report.bars.push(Bar::of(
            format!("resident memory of an idle connection, {name}"),
            &per_connection,
            Limit::AtMost(12.0),
        ));
        report.bars.push(Bar::once(
            format!("idle connections held, {name}"),
            "connections",
            held as f64,
            Limit::AtLeast(CONNECTIONS as f64),
        ));
        memory.extend([per_connection, processor]);
    }
    report.series = memory;
    report.detail("heldSeconds", HELD.as_secs());
    Ok(report)
}
