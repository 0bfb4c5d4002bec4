use std::future::pending;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::plan::{Dice, Next};
use super::{Direction, Fault, Shared, lock};

const CHUNK: usize = 16 * 1024;
/// Faults asked for that wait for the connection to look.
const ORDERS: usize = 16;

/// One connection through the proxy.
pub(super) struct Relay {
    connection: u64,
    dice: Dice,
    next: Option<Next>,
    /// When the next fault happens, however little goes through.
    due: Option<Instant>,
    shared: Arc<Shared>,
    /// Bytes since the last fault, and altogether.
    since: u64,
    total: u64,
    condition: Condition,
}

/// What the connection suffers from.
#[derive(Debug, Default)]
struct Condition {
    black_hole: [bool; 2],
    delay: Option<Duration>,
    bytes_per_second: Option<u32>,
    truncate: bool,
    replace: Option<Vec<u8>>,
}

/// How it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Quiet,
    Reset,
}

/// What a fault does at once.
enum Effect {
    Lasting,
    HalfClose(Direction),
    End(End),
}

impl Relay {
    pub(super) fn new(connection: u64, dice: Dice, shared: Arc<Shared>) -> Self {
        Self {
            connection,
            dice,
            next: None,
            due: None,
            shared,
            since: 0,
            total: 0,
            condition: Condition::default(),
        }
    }

    pub(super) async fn run(mut self, mut client: TcpStream) {
        let (sender, orders) = mpsc::channel(ORDERS);
        lock(&self.shared.present).insert(self.connection, sender);
        self.draw();
        let end = self.through(&mut client, orders).await;
        lock(&self.shared.present).remove(&self.connection);
        if end == End::Reset {
            // The client's system discards the connection instead of reading what is left.
            let _ = client.set_zero_linger();
        }
    }

    async fn through(&mut self, client: &mut TcpStream, mut orders: mpsc::Receiver<Fault>) -> End {
        // Only a connection's first fault can be a refusal; later on it would be no other than a drop.
        if matches!(&self.next, Some(next) if next.fault == Fault::Refuse) {
            self.record(Fault::Refuse);
            return End::Quiet;
        }
        let upstream = *self.shared.upstream.borrow();
        let Ok(mut server) = TcpStream::connect(upstream).await else { return End::Quiet };
        // A proxy that gathers small writes would be a fault of its own.
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let end = self.pump(client, &mut server, &mut orders).await.unwrap_or(End::Quiet);
        if end == End::Reset {
            let _ = server.set_zero_linger();
        }
        end
    }

    /// One loop for both directions, so that bytes are counted, and faults happen, in one order.
    async fn pump(
        &mut self,
        client: &mut TcpStream,
        server: &mut TcpStream,
        orders: &mut mpsc::Receiver<Fault>,
    ) -> io::Result<End> {
        let (mut from_client, mut to_client) = client.split();
        let (mut from_server, mut to_server) = server.split();
        let mut open = [true; 2];
        let mut chunk = vec![0; CHUNK];
        loop {
            let due = self.due;
            let time = async move {
                match due {
                    Some(due) => sleep_until(due).await,
                    None => pending().await,
                }
            };
            let fault = tokio::select! {
                () = time => self.next.take().map(|next| next.fault),
                order = orders.recv() => order,
                ready = from_client.readable(), if open[0] => {
                    ready?;
                    let way = Direction::ToServer;
                    self.forward(way, &mut from_client, &mut to_server, &mut open, &mut chunk).await?
                }
                ready = from_server.readable(), if open[1] => {
                    ready?;
                    let way = Direction::ToClient;
                    self.forward(way, &mut from_server, &mut to_client, &mut open, &mut chunk).await?
                }
            };
            if open == [false; 2] {
                return Ok(End::Quiet);
            }
            let Some(fault) = fault else { continue };
            match self.suffer(fault) {
                Effect::Lasting => {}
                Effect::End(end) => return Ok(end),
                Effect::HalfClose(direction) => {
                    open[direction as usize] = false;
                    let to = match direction {
                        Direction::ToServer => &mut to_server,
                        Direction::ToClient => &mut to_client,
                    };
                    to.shutdown().await?;
                }
            }
        }
    }

    /// Moves one chunk. Returns the fault that is due after it.
    async fn forward(
        &mut self,
        direction: Direction,
        from: &mut ReadHalf<'_>,
        to: &mut WriteHalf<'_>,
        open: &mut [bool; 2],
        chunk: &mut [u8],
    ) -> io::Result<Option<Fault>> {
        let count = match from.try_read(chunk) {
            Ok(0) => {
                open[direction as usize] = false;
                to.shutdown().await?;
                return Ok(None);
            }
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error),
        };
        if let Some(delay) = self.condition.delay.take() {
            tokio::time::sleep(delay).await;
        }
        let mut bytes = &chunk[..count];
        let replaced;
        if direction == Direction::ToClient {
            if self.condition.truncate {
                to.write_all(&bytes[..count / 2]).await?;
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(other) = self.condition.replace.take() {
                replaced = other;
                bytes = &replaced;
            }
        }
        if !self.condition.black_hole[direction as usize] {
            to.write_all(bytes).await?;
        }
        if let Some(rate) = self.condition.bytes_per_second {
            tokio::time::sleep(Duration::from_secs_f64(count as f64 / f64::from(rate.max(1))))
                .await;
        }
        self.since += count as u64;
        self.total += count as u64;
        let reached = self.next.as_ref().is_some_and(|next| self.since >= next.after_bytes);
        Ok(if reached { self.next.take().map(|next| next.fault) } else { None })
    }

    fn suffer(&mut self, fault: Fault) -> Effect {
        self.record(fault.clone());
        let effect = match fault {
            Fault::Refuse | Fault::Drop => Effect::End(End::Quiet),
            Fault::Reset => Effect::End(End::Reset),
            Fault::HalfClose { direction } => Effect::HalfClose(direction),
            Fault::BlackHole { direction } => {
                self.condition.black_hole[direction as usize] = true;
                Effect::Lasting
            }
            Fault::Delay { by } => {
                self.condition.delay = Some(by);
                Effect::Lasting
            }
            Fault::Throttle { bytes_per_second } => {
                self.condition.bytes_per_second = Some(bytes_per_second);
                Effect::Lasting
            }
            Fault::Truncate => {
                self.condition.truncate = true;
                Effect::Lasting
            }
            Fault::Replace { with } => {
                self.condition.replace = Some(with);
                Effect::Lasting
            }
        };
        self.draw();
        effect
    }

    fn record(&self, fault: Fault) {
        self.shared.record(self.connection, self.total, fault);
    }

    fn draw(&mut self) {
        self.since = 0;
        let calm = self.shared.calm.load(Ordering::Relaxed);
        self.next = if calm { None } else { self.dice.next() };
        self.due = self.next.as_ref().map(|next| Instant::now() + next.after);
    }
}
