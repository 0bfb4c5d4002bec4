//! A TCP proxy that breaks what goes through it, on purpose and on record.

mod plan;
mod relay;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use self::plan::Dice;
pub use self::plan::FaultPlan;
use self::relay::Relay;

/// What can go wrong on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
#[expect(missing_docs, reason = "a variant says what its fields are")]
pub enum Fault {
    /// The connection is accepted and hung up before a byte went through.
    Refuse,
    /// Both sides see the end of the stream.
    Drop,
    /// Nothing goes through in this direction any more, and nobody is told.
    BlackHole { direction: Direction },
    /// Everything arrives this much later, once.
    Delay {
        #[serde(rename = "ms", serialize_with = "crate::millis::serialize")]
        by: Duration,
    },
    /// One side sees the end of the stream while the other direction goes on.
    HalfClose { direction: Direction },
    /// Both sides see a reset.
    Reset,
    /// From now on this many bytes a second, both directions together.
    Throttle { bytes_per_second: u32 },
    /// The first half of what comes next from the server goes through, then both sides see the end.
    Truncate,
    /// Something else arrives instead of what comes next from the server.
    Replace {
        #[serde(skip)]
        with: Vec<u8>,
    },
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the client.
    ToServer,
    /// From the server.
    ToClient,
}

/// One fault that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FaultEvent {
    /// Counted from 1 in the order they were accepted.
    pub connection: u64,
    /// Since the proxy was started.
    #[serde(rename = "atMs", serialize_with = "crate::millis::serialize")]
    pub at: Duration,
    /// Bytes that had gone through this connection, both directions together.
    pub after_bytes: u64,
    /// What it was.
    #[serde(flatten)]
    pub fault: Fault,
}

/// A proxy on a port of its own on loopback. Dropping it ends it and all that goes through it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use realtime::testing::{Fault, FaultPlan, FaultProxy, LogServer};
/// use realtime::{Options, StateKind};
///
/// let server = LogServer::start().await?;
/// let proxy = FaultProxy::start(server.address(), FaultPlan::none()).await?;
/// let options = Options::new(format!("ws://{}/", proxy.address())).validate()?;
/// let (handle, _messages) = realtime::open(options);
/// handle.connect()?;
/// handle.connected().await?;
///
/// let (_, mut state) = handle.subscribe_state();
/// proxy.inject(Fault::Reset);
/// state.wait_for(|state| state.kind() == StateKind::Backoff).await?;
/// handle.connected().await?;
/// assert_eq!(proxy.log()[0].fault, Fault::Reset);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    started: Instant,
    upstream: watch::Sender<SocketAddr>,
    log: Mutex<Vec<FaultEvent>>,
    /// Told of each new one.
    news: Notify,
    calm: AtomicBool,
    /// Faults asked for, to the connections there are.
    present: Mutex<BTreeMap<u64, tokio::sync::mpsc::Sender<Fault>>>,
}

impl FaultProxy {
    /// Starts one in front of a server. The same plan over the same traffic makes the same faults.
    ///
    /// # Errors
    /// No port was to be had.
    pub async fn start(upstream: SocketAddr, plan: FaultPlan) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            started: Instant::now(),
            upstream: watch::Sender::new(upstream),
            log: Mutex::default(),
            news: Notify::new(),
            calm: AtomicBool::new(false),
            present: Mutex::default(),
        });
        let task = tokio::spawn(accept(listener, plan.dice(), Arc::clone(&shared)));
        Ok(Self { address, shared, task })
    }

    /// Where clients connect to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends connections made from now on to another server.
    pub fn redirect(&self, upstream: SocketAddr) {
        self.shared.upstream.send_replace(upstream);
    }

    /// Does this to every connection there is now.
    pub fn inject(&self, fault: Fault) {
        for orders in lock(&self.shared.present).values() {
            // Full means that as many wait already: one more would find a connection that is beyond it.
            let _ = orders.try_send(fault.clone());
        }
    }

    /// No faults happen by themselves from now on. The connections there are, which may suffer from some, are dropped.
    pub fn calm(&self) {
        self.shared.calm.store(true, Ordering::Relaxed);
        self.inject(Fault::Drop);
    }

    /// They happen again. The connections there are begin with a drop.
    pub fn resume(&self) {
        self.shared.calm.store(false, Ordering::Relaxed);
        self.inject(Fault::Drop);
    }

    /// What happened so far.
    #[must_use]
    pub fn log(&self) -> Vec<FaultEvent> {
        lock(&self.shared.log).clone()
    }

    /// How many faults happened so far.
    #[must_use]
    pub fn faults(&self) -> usize {
        lock(&self.shared.log).len()
    }

    /// Waits until so many faults have happened.
    pub async fn faults_reach(&self, count: usize) {
        loop {
            // Before it is looked: what happens in between is heard.
            let news = self.shared.news.notified();
            if self.faults() >= count {
                return;
            }
            news.await;
        }
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, mut dice: Dice, shared: Arc<Shared>) {
    // Dropped with this task, and all connections with it.
    let mut relays = tokio::task::JoinSet::new();
    let mut connection = 0;
    loop {
        let client = tokio::select! {
            client = listener.accept() => client,
            Some(_) = relays.join_next() => continue,
        };
        // Out of descriptors, say: what is there ends some time.
        let Ok((client, _)) = client else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        connection += 1;
        let relay = Relay::new(connection, dice.connection(), Arc::clone(&shared));
        relays.spawn(relay.run(client));
    }
}

impl Shared {
    fn record(&self, connection: u64, after_bytes: u64, fault: Fault) {
        let at = self.started.elapsed();
        lock(&self.log).push(FaultEvent { connection, at, after_bytes, fault });
        self.news.notify_waiters();
    }
}

/// Whoever panicked with the lock held left nothing half-done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
