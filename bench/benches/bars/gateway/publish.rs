//! Envelopes published over HTTP as NDJSON, a thousand to a body, each with an id of its own that is remembered: into
//! memory, and onto NATS JetStream with what it promises by default and with more.

use std::thread;
use std::time::Instant;

use anyhow::{Result, anyhow};
use bench::cores::{Core, pin};
use bench::{Bar, Limit, Report, Series};

use super::nats::{Nats, Sync};
use super::post::{Publisher, get};
use super::server::Server;
use super::update;

pub(crate) const NAME: &str = "gateway_publish";

const BATCH: usize = 1_000;
const VAULTS: usize = 1_000;
/// Publishers at a time, each with one body under way.
const PUBLISHERS: usize = 4;
const ROUNDS: usize = 5;

const UNLIMITED: &[&str] = &[
    "--publish-rate-per-tenant=100000000",
    "--publish-rate-per-address=100000000",
    "--bytes-per-tenant=2000MiB",
    "--bytes-per-address=2000MiB",
];

pub(crate) fn run() -> Result<Report> {
    let mut report = Report::new(NAME, "envelopes over HTTP, in NDJSON bodies of 1,000");
    pin(Core::Feeder);
    let memory = rates("memory", 600_000, || Ok((None, vec![])))?;
    report.bars.push(Bar::of("to memory", &memory, Limit::AtLeast(100_000.0)));
    let one = rates("JetStream", 200_000, || on(1, Sync::Default))?;
    report.bars.push(Bar::of("to JetStream, one server", &one, Limit::AtLeast(20_000.0)));
    let always = rates("JetStream, sync_interval: always", 12_000, || on(1, Sync::Always))?;
    let three = rates("JetStream, three replicas", 60_000, || on(3, Sync::Default))?;
    let disk = rates("SQLite", 100_000, || {
        let folder = tempfile::Builder::new().prefix("log-bench").tempdir_in(crate::scratch())?;
        let broker = format!("--broker=sqlite:{}", folder.path().join("log.db").display());
        Ok((Some(Box::new(folder) as Box<dyn std::any::Any>), vec![broker]))
    })?;
    // What is promised is what was measured: these are the figures of what promises more.
    for series in [&always, &three, &disk] {
        report.beside(series);
    }
    report.series = vec![memory, one, always, three, disk];
    report.detail("batch", BATCH);
    report.detail("publishers", PUBLISHERS);
    report.detail("nats", Nats::version()?);
    report.detail("envelopeBytes", update(1, VAULTS, "0-0-000001").len());
    Ok(report)
}

/// What a gateway's log lies on, kept for as long as it runs, and its options.
type Broker = (Option<Box<dyn std::any::Any>>, Vec<String>);

fn on(servers: usize, sync: Sync) -> Result<Broker> {
    let nats = Nats::start(servers, sync)?;
    let options = vec![format!("--broker={}", nats.url()), format!("--replicas={servers}")];
    Ok((Some(Box::new(nats)), options))
}

fn rates(name: &str, count: usize, broker: impl Fn() -> Result<Broker>) -> Result<Series> {
    let mut series = Series::new(name, "envelopes/s");
    for round in 1..=ROUNDS {
        let (_kept, options) = broker()?;
        let options = options.iter().map(String::as_str);
        let options: Vec<&str> = options.chain(UNLIMITED.iter().copied()).collect();
        let server = Server::gateway(&options)?;
        let cpu = server.process().cpu()?;
        let rate = publish(&server, count)?;
        let cpu = server.process().cpu()?.saturating_sub(cpu).as_nanos() as f64 / count as f64;
        let figures = get(server.address, "/metrics")?;
        let stored = format!("vaultwatch_gateway_published_total {count}");
        anyhow::ensure!(figures.contains(&stored), "not all were stored: {figures}");
        println!("{round}: {name} {rate:>9.0}/s   {cpu:.0} ns of the gateway's core each");
        series.push(rate);
    }
    Ok(series)
}

/// Envelopes per second until the last one is acknowledged.
fn publish(server: &Server, count: usize) -> Result<f64> {
    let bodies = count / BATCH / PUBLISHERS;
    let begun = Instant::now();
    thread::scope(|scope| {
        let publishing: Vec<_> = (0..PUBLISHERS)
            .map(|who| {
                scope.spawn(move || -> Result<()> {
                    pin(Core::Feeder);
                    let mut publisher = Publisher::connect(server.address)?;
                    let mut body = Body::new(who);
                    for number in 0..bodies {
                        publisher.publish(body.number(number), BATCH)?;
                    }
                    Ok(())
                })
            })
            .collect();
        for publisher in publishing {
            publisher.join().map_err(|_| anyhow!("a publisher panicked"))??;
        }
        Ok::<_, anyhow::Error>(())
    })?;
    Ok((bodies * PUBLISHERS * BATCH) as f64 / begun.elapsed().as_secs_f64())
}

/// The same envelopes again and again but for their ids: writing them anew would take the generator longer than the
/// gateway takes to read them.
struct Body {
    bytes: Vec<u8>,
    /// Where the number of a body stands in each id.
    numbers: Vec<usize>,
}

/// Of a body's number.
const DIGITS: usize = 6;

impl Body {
    fn new(publisher: usize) -> Self {
        let (mut bytes, mut numbers) = (Vec::new(), Vec::with_capacity(BATCH));
        for line in 0..BATCH {
            let blank = "0".repeat(DIGITS);
            let text = update(line, VAULTS, &format!("{publisher}-{line}-{blank}"));
            bytes.extend(text.as_bytes());
            // Behind the digits stand a quote and a brace.
            numbers.push(bytes.len() - 2 - DIGITS);
            bytes.push(b'\n');
        }
        Self { bytes, numbers }
    }

    fn number(&mut self, number: usize) -> &[u8] {
        let digits = format!("{number:0DIGITS$}");
        for at in &self.numbers {
            self.bytes[*at..at + DIGITS].copy_from_slice(digits.as_bytes());
        }
        &self.bytes
    }
}
