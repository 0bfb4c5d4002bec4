//! A server is killed and started again behind a link that delays everything by 20 ms each way. How long from the beginning
//! of the attempt that succeeds until every topic is live again?
//!
//! It takes three round trips: TCP, the upgrade, `hello`. One round trip is measured as a byte that goes there and back
//! through the same link. The first retry's random delay lies before the attempt and is left out; that the server is up
//! again before it is seen to by starting it at once.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bench::{Bar, Limit, Report, Series};
use realtime::transport::{Dial, Dialing, TcpDial};
use realtime::{
    Builder, Endpoint, Event, Events, Handle, Inbound, Messages, Offer, Options, StateKind, Topic,
};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use crate::slow_link::{SlowLink, round_trip};
use crate::{runtime, shipped};

pub(crate) const NAME: &str = "reconnect";

/// Each way.
const DELAY: Duration = Duration::from_millis(20);
const TOPICS: usize = 100;
const ROUNDS: usize = 7;
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn run() -> Result<Report> {
    runtime()?.block_on(measure())
}

async fn measure() -> Result<Report> {
    let mut report = Report::new(
        NAME,
        "from the attempt after a server's death until 100 topics are live, 20 ms away, against three round trips",
    );
    let mut server = Server::start().await?;
    let link = SlowLink::start(server.address, DELAY).await?;
    let options = Options {
        protocol: Offer::V1,
        topics: timeout(PATIENCE, vaults(server.address)).await??,
        ..Options::new(format!("ws://{}/ws", link.address()))
    };
    let (handle, mut messages) =
        Builder::new(options.validate()?).dial(SlowDial(TcpDial::default())).open();
    let mut events = handle.subscribe_events();
    handle.connect()?;
    all_live(&handle, &mut messages, &mut events).await?;

    let mut trips = Series::new("three round trips", "ms");
    let mut ours = Series::new("attempt to all topics live", "ms");
    let mut outage = Series::new("death to all topics live", "ms");
    for round in 1..=ROUNDS {
        // A session that was good, so that what follows is a first retry.
        sleep(Duration::from_secs(6)).await;
        trips.push(3.0 * round_trip(DELAY).await?.as_secs_f64() * 1_000.0);
        let died = Instant::now();
        server.kill_and_restart().await?;
        let (attempt, live) = all_live(&handle, &mut messages, &mut events).await?;
        ours.push((live - attempt).as_secs_f64() * 1_000.0);
        outage.push((live - died).as_secs_f64() * 1_000.0);
        let last = |series: &Series| series.values.last().copied().unwrap_or(f64::NAN);
        println!(
            "{round}: three round trips {:.1} ms   all live after {:.1} ms, with the retry's delay {:.0} ms",
            last(&trips),
            last(&ours),
            last(&outage)
        );
    }
    report.bars.push(Bar::of(
        "all topics live / three round trips",
        &ours.over(&trips),
        Limit::AtMost(1.3),
    ));
    report.detail("topics", TOPICS);
    report.detail("delayMs", DELAY.as_millis() as u64);
    report.series = vec![trips, ours, outage];
    Ok(report)
}

/// When the attempt began that led to the connection there is now, and when each topic had told its state over it.
async fn all_live(
    handle: &Handle,
    messages: &mut Messages,
    events: &mut Events,
) -> Result<(Instant, Instant)> {
    let live = async {
        let mut attempt = Instant::now();
        let mut live = BTreeSet::new();
        loop {
            tokio::select! {
                biased;
                event = events.recv() => {
                    let event = event.context("the connection is gone")?;
                    let Event::State(change) = event else { continue };
                    if change.current.kind() == StateKind::Connecting {
                        attempt = Instant::now();
                        live.clear();
                    }
                }
                delivery = messages.recv() => {
                    for inbound in delivery.context("the connection is gone")?.messages {
                        let Inbound::Message(message) = inbound else { continue };
                        live.insert(message.ty().to_owned());
                    }
                    if live.len() == TOPICS && handle.state().is_connected() {
                        return Ok((attempt, Instant::now()));
                    }
                }
            }
        }
    };
    timeout(PATIENCE, live).await.context("not all topics came back")?
}

/// What the demo has a state of. Of the same seed it is the same after each start.
async fn vaults(server: SocketAddr) -> Result<Vec<Topic>> {
    let options = Options::new(format!("ws://{server}/ws")).validate()?;
    let (handle, mut messages) = realtime::open(options);
    handle.connect()?;
    let mut types = BTreeSet::new();
    while types.len() < TOPICS {
        for inbound in messages.recv().await.context("the connection is gone")?.messages {
            let Inbound::Message(message) = inbound else { continue };
            if message.ty().starts_with("vault_update_") {
                types.insert(message.ty().to_owned());
            }
        }
    }
    types.iter().map(|ty| Ok(Topic::parse(ty)?)).collect()
}

/// The system answers for TCP itself, on this side of the link; on a real one that takes a round trip, too.
#[derive(Clone, Debug)]
struct SlowDial(TcpDial);

impl Dial for SlowDial {
    fn dial(&self, endpoint: &Endpoint) -> Dialing {
        let dialing = self.0.dial(endpoint);
        Box::pin(async move {
            sleep(2 * DELAY).await;
            dialing.await
        })
    }
}

/// The gateway as it is shipped, with a demo that has a state for each topic.
struct Server {
    address: SocketAddr,
    child: Child,
}

impl Server {
    async fn start() -> Result<Self> {
        // Free now, and not given out again so soon.
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let mut server = Self { address, child: Self::spawn(address)? };
        server.is_up().await?;
        Ok(server)
    }

    fn spawn(address: SocketAddr) -> Result<Child> {
        let mut command = Command::new(shipped("vaultwatch-gateway")?);
        command.args(["--demo", "--log-level", "error", "--listen", &address.to_string()]);
        command.args(["--vaults", &TOPICS.to_string()]);
        Ok(command.stdin(Stdio::null()).spawn()?)
    }

    /// SIGKILL: no goodbye, no close.
    async fn kill_and_restart(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        self.child = Self::spawn(self.address)?;
        self.is_up().await
    }

    async fn is_up(&mut self) -> Result<()> {
        let begun = Instant::now();
        while TcpStream::connect(self.address).await.is_err() {
            ensure!(self.child.try_wait()?.is_none(), "the gateway ended");
            ensure!(begun.elapsed() < PATIENCE, "the gateway does not listen");
            sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
