//! Two gateways on one JetStream, 500 clients of ours on one of them, and that one is killed: when is each of them live on
//! the other, and did each get every message once?

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use bench::cores::{Core, pin};
use bench::{Bar, Limit, Report, Series};
use realtime::wire::Place;
use realtime::{Handle, Inbound, Offer, Options};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::nats::{Nats, Sync};
use super::post::Publisher;
use super::server::Server;
use crate::runtime;

pub(crate) const NAME: &str = "gateway_failover";

const CLIENTS: usize = 500;
/// Between two events: enough of them to notice one that is missing, and for the generator to hand out 500 times.
const EVERY: Duration = Duration::from_millis(50);
const BEFORE: Duration = Duration::from_secs(7);
const AFTER: Duration = Duration::from_secs(8);
const ROUNDS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn run() -> Result<Report> {
    let mut report =
        Report::new(NAME, "a gateway killed under 500 clients, with another on the log");
    pin(Core::Feeder);
    let mut slowest = Series::new("last client live after", "s");
    let mut median = Series::new("median client live after", "s");
    let (mut lost, mut doubled) =
        (Series::new("lost", "messages"), Series::new("doubled", "messages"));
    let mut published = 0;
    for round in 1..=ROUNDS {
        let account = runtime()?.block_on(kill_one())?;
        let mut live = Series::new("live", "s");
        account.live.iter().for_each(|after| live.push(after.as_secs_f64()));
        println!(
            "{round}: {} events; live after {:.2} s, the median {:.2} s; {} lost, {} doubled",
            account.published,
            live.highest(),
            live.median(),
            account.lost,
            account.doubled
        );
        published += account.published;
        slowest.push(live.highest());
        median.push(live.median());
        lost.push(account.lost as f64);
        doubled.push(account.doubled as f64);
    }
    let most = |series: &Series| series.highest();
    report.bars = vec![
        Bar::of("all clients live on the other gateway", &slowest, Limit::AtMost(5.0)),
        Bar::once("lost, most of all rounds", "messages", most(&lost), Limit::AtMost(0.0)),
        Bar::once("doubled, most of all rounds", "messages", most(&doubled), Limit::AtMost(0.0)),
    ];
    report.series = vec![slowest, median, lost, doubled];
    report.detail("clients", CLIENTS);
    report.detail("eventsPublished", published);
    Ok(report)
}

/// What came of it.
#[derive(Default)]
struct Account {
    published: usize,
    /// Of each client, when its first event that was published after the kill came.
    live: Vec<Duration>,
    lost: usize,
    doubled: usize,
}

/// What one client was given: offset, and the event's number, with the time it came.
type Received = Vec<(u64, u64, Instant)>;

async fn kill_one() -> Result<Account> {
    let nats = Nats::start(1, Sync::Default)?;
    let broker = format!("--broker={}", nats.url());
    let start = || Server::gateway(&[broker.as_str()]);
    let (mut doomed, other) = (start()?, start()?);
    let (a, b) = (doomed.address, other.address);
    let mut clients = JoinSet::new();
    let mut handles = Vec::with_capacity(CLIENTS);
    for _ in 0..CLIENTS {
        let options = Options {
            endpoints: vec![format!("ws://{a}/ws"), format!("ws://{b}/ws")],
            protocol: Offer::V1,
            ..Options::default()
        };
        let (handle, mut messages) = realtime::open(options.validate()?);
        handle.connect()?;
        handles.push(handle.clone());
        clients.spawn(async move {
            let mut received: Received = Vec::new();
            while let Some(delivery) = messages.recv().await {
                for inbound in delivery.messages {
                    let Inbound::Message(message) = inbound else { continue };
                    if let Some(Place::Log { offset, .. }) = message.place {
                        let number = message.decode::<u64>().unwrap_or(u64::MAX);
                        received.push((offset, number, Instant::now()));
                    }
                }
            }
            received
        });
    }
    timeout(PATIENCE, all_connected(&handles)).await??;
    let publisher = Numbers::start(b);
    sleep(BEFORE).await;
    doomed.kill()?;
    let (killed, first_after) = (Instant::now(), publisher.count() + 1);
    sleep(AFTER).await;
    let published = publisher.finish()?;
    timeout(PATIENCE, all_connected(&handles)).await??;
    // What is under way arrives.
    sleep(Duration::from_secs(1)).await;
    for handle in &handles {
        handle.disconnect().await;
    }
    drop(handles);
    let mut account = Account { published: published as usize, ..Account::default() };
    while let Some(received) = clients.join_next().await {
        account.add(&received?, published, first_after, killed)?;
    }
    Ok(account)
}

async fn all_connected(handles: &[Handle]) -> Result<()> {
    for handle in handles {
        handle.connected().await?;
    }
    Ok(())
}

impl Account {
    fn add(
        &mut self,
        received: &Received,
        published: u64,
        first_after: u64,
        killed: Instant,
    ) -> Result<()> {
        let mut times = vec![0_usize; usize::try_from(published)? + 1];
        for (_, number, _) in received {
            let number = usize::try_from(*number)?;
            *times.get_mut(number).context("an event that nobody published")? += 1;
        }
        self.lost += times[1..].iter().filter(|times| **times == 0).count();
        self.doubled += times[1..].iter().map(|times| times.saturating_sub(1)).sum::<usize>();
        ensure!(received.is_sorted_by(|a, b| a.0 < b.0), "out of order");
        let live = received.iter().find(|(_, number, _)| *number >= first_after);
        let (_, _, at) = live.context("a client got nothing any more")?;
        self.live.push(at.duration_since(killed));
        Ok(())
    }
}

/// Publishes numbered events on a gateway, one after the other.
struct Numbers {
    stop: Arc<AtomicBool>,
    count: Arc<AtomicU64>,
    thread: JoinHandle<Result<()>>,
}

impl Numbers {
    fn start(address: SocketAddr) -> Self {
        let (stop, count): (Arc<AtomicBool>, Arc<AtomicU64>) = Default::default();
        let (stopped, counted) = (Arc::clone(&stop), Arc::clone(&count));
        let thread = std::thread::spawn(move || {
            let mut publisher = Publisher::connect(address)?;
            while !stopped.load(Ordering::Acquire) {
                let number = counted.load(Ordering::Acquire) + 1;
                let event =
                    format!(r#"{{"type":"note","data":{number},"timestamp":1,"id":"n-{number}"}}"#);
                publisher.publish(event.as_bytes(), 1)?;
                counted.store(number, Ordering::Release);
                std::thread::sleep(EVERY);
            }
            Ok(())
        });
        Self { stop, count, thread }
    }

    /// Published and acknowledged.
    fn count(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }

    fn finish(self) -> Result<u64> {
        self.stop.store(true, Ordering::Release);
        self.thread.join().map_err(|_| anyhow!("the publisher panicked"))??;
        Ok(self.count.load(Ordering::Acquire))
    }
}
