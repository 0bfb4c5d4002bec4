//! Updates handed on to 500 clients in plain mode, against a broadcaster in Node with `ws`, which most people there would
//! write.
//!
//! One more client publishes the same frames to either, as many at a time as keep it busy; conflation is off, so that every
//! client gets every update. Each has a core for itself; the clients share the other one. Sessions of `vaultwatch.v1`, whose
//! messages say where they lie, are measured beside.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bench::cores::{Core, pin};
use bench::{Bar, Limit, Report, Series};
use tokio::io::AsyncWriteExt;
use tokio::task::LocalSet;

use super::crowd::{Crowd, Greeting, connect, masked};
use super::server::{Server, free_address};
use super::update;
use crate::foreign::{Foreign, Language};
use crate::runtime;

pub(crate) const NAME: &str = "gateway_fan_out";

const CLIENTS: usize = 500;
const VAULTS: usize = 1_000;
/// Updates under way at a time.
const WINDOW: u64 = 1_000;
/// Sent at a time.
const CHUNK: usize = 100;
const WARM_UP: Duration = Duration::from_millis(700);
const MEASURED: Duration = Duration::from_secs(3);
const ROUNDS: usize = 5;

/// Conflation off, and no limit in the way.
const UNLIMITED: &[&str] = &[
    "--conflate-after=100000",
    "--max-queued=64MiB",
    "--max-queued-events=100000",
    "--publish-rate=100000000",
    "--publish-rate-per-tenant=100000000",
    "--publish-rate-per-address=100000000",
    "--bytes-per-tenant=2000MiB",
    "--bytes-per-address=2000MiB",
];

pub(crate) fn run() -> Result<Report> {
    let mut report =
        Report::new(NAME, "200-byte updates to 500 clients, conflation off, against Node ws");
    let node = Foreign::prepare(Language::Node);
    let mut ours = Series::new("gateway", "deliveries/s");
    let mut sessions = Series::new("gateway, vaultwatch.v1", "deliveries/s");
    let mut theirs = Series::new("Node ws", "deliveries/s");
    let mut cost = Series::new("gateway, CPU", "ns/delivery");
    pin(Core::Feeder);
    for round in 1..=ROUNDS {
        let server = Server::gateway(UNLIMITED)?;
        let (rate, cpu) = measure(&server, Greeting::Plain)?;
        ours.push(rate);
        cost.push(cpu);
        drop(server);
        sessions.push(measure(&Server::gateway(UNLIMITED)?, Greeting::V1)?.0);
        if let Ok(node) = &node {
            let address = free_address()?;
            let script = include_str!("broadcaster.cjs");
            let mut command = node.other("broadcaster.cjs", script)?;
            command.arg(address.port().to_string());
            let server = Server::start(address, &mut command, Core::Reader)?;
            theirs.push(measure(&server, Greeting::Plain)?.0);
        }
        let last = |series: &Series| series.values.last().copied().unwrap_or(f64::NAN);
        println!(
            "{round}: gateway {:>9.0}/s ({:.0} ns), v1 {:>9.0}/s   node {:>9.0}/s   ratio {:.2}",
            last(&ours),
            last(&cost),
            last(&sessions),
            last(&theirs),
            last(&ours) / last(&theirs)
        );
    }
    match node {
        Ok(node) => {
            report.detail(node.package(), node.version());
            report.bars.push(Bar::of(
                "deliveries, gateway / Node ws",
                &ours.over(&theirs),
                Limit::AtLeast(4.0),
            ));
        }
        Err(error) => report.skipped.push(format!("{error:#}")),
    }
    report.detail("clients", CLIENTS);
    report.detail("updateBytes", update(1, VAULTS, "u-0000001").len());
    report.series =
        [ours, theirs, sessions, cost].into_iter().filter(|s| !s.values.is_empty()).collect();
    Ok(report)
}

/// Deliveries per second, and what one costs the server in nanoseconds.
fn measure(server: &Server, greeting: Greeting) -> Result<(f64, f64)> {
    runtime()?.block_on(LocalSet::new().run_until(async {
        let crowd = Crowd::connect(server.address, CLIENTS, greeting).await?;
        // Until all are greeted.
        tokio::time::sleep(WARM_UP).await;
        let publisher = tokio::task::spawn_local(publish(server.address, crowd.clone()));
        tokio::time::sleep(WARM_UP).await;
        let (begun, before, cpu) = (Instant::now(), crowd.messages(), server.process().cpu()?);
        tokio::time::sleep(MEASURED).await;
        let (elapsed, after) = (begun.elapsed().as_secs_f64(), crowd.messages());
        let cpu = server.process().cpu()?.saturating_sub(cpu).as_secs_f64();
        ensure!(!publisher.is_finished(), "the publisher was turned away");
        publisher.abort();
        crowd.check()?;
        let delivered = (after - before) as f64;
        Ok((delivered / elapsed, cpu * 1e9 / delivered))
    }))
}

/// Keeps the server busy with updates that are no longer than so many ahead of their receivers.
async fn publish(address: SocketAddr, crowd: Crowd) -> Result<()> {
    let socket = connect(address, Greeting::Plain)?;
    socket.set_nonblocking(true)?;
    let mut socket = tokio::net::TcpStream::from_std(socket)?;
    let chunks: Vec<Vec<u8>> = (0..VAULTS / CHUNK)
        .map(|chunk| {
            let mut bytes = Vec::new();
            for number in chunk * CHUNK..(chunk + 1) * CHUNK {
                masked(&mut bytes, &update(number, VAULTS, &format!("u-{number:07}")));
            }
            bytes
        })
        .collect();
    // What greeted the clients is no update.
    let greetings = crowd.messages();
    let received = || (crowd.messages() - greetings) / CLIENTS as u64;
    let mut sent = 0;
    for chunk in chunks.iter().cycle() {
        while sent - received() > WINDOW - CHUNK as u64 {
            tokio::task::yield_now().await;
        }
        socket.write_all(chunk).await?;
        sent += CHUNK as u64;
    }
    Ok(())
}
