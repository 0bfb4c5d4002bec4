use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

/// A relay that hands on every byte a fixed time after it came, in both directions, however many are under way. The fault
/// proxy's delay happens once, and holds up what is behind it.
#[derive(Debug)]
pub(crate) struct SlowLink {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl SlowLink {
    pub(crate) async fn start(upstream: SocketAddr, delay: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(relay(client, upstream, delay));
            }
        });
        Ok(Self { address, task })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for SlowLink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn relay(client: TcpStream, upstream: SocketAddr, delay: Duration) -> io::Result<()> {
    let server = TcpStream::connect(upstream).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::spawn(later(from_client, to_server, delay));
    later(from_server, to_client, delay).await
}

async fn later(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, delay: Duration) -> io::Result<()> {
    let (sender, mut under_way) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    tokio::spawn(async move {
        let mut chunk = vec![0; 64 << 10];
        while let Ok(count @ 1..) = from.read(&mut chunk).await {
            if sender.send((Instant::now() + delay, chunk[..count].to_vec())).is_err() {
                return;
            }
        }
        // The end of the stream is under way, too.
        let _ = sender.send((Instant::now() + delay, Vec::new()));
    });
    while let Some((due, bytes)) = under_way.recv().await {
        sleep_until(due).await;
        if bytes.is_empty() {
            return to.shutdown().await;
        }
        to.write_all(&bytes).await?;
    }
    Ok(())
}

/// How long a byte takes there and back through such a link.
pub(crate) async fn round_trip(delay: Duration) -> io::Result<Duration> {
    let echo = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let link = SlowLink::start(echo.local_addr()?, delay).await?;
    let answer = tokio::spawn(async move {
        let (mut socket, _) = echo.accept().await?;
        let (mut reader, mut writer) = socket.split();
        copy(&mut reader, &mut writer).await
    });
    let mut socket = TcpStream::connect(link.address()).await?;
    socket.set_nodelay(true)?;
    let mut byte = [1];
    let mut least = Duration::MAX;
    for _ in 0..5 {
        let begun = Instant::now();
        socket.write_all(&byte).await?;
        socket.read_exact(&mut byte).await?;
        least = least.min(begun.elapsed());
    }
    answer.abort();
    Ok(least)
}
