//! A server that never falls silent, and a reader that keeps up with it: whatever else the connection's task waits for has
//! to get its turn all the same.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::StreamExt;
use realtime::persistence::InMemory;
use realtime::transport::{ByteStream, Dial, Dialing};
use realtime::{Builder, Endpoint, Messages, Options};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_tungstenite::{WebSocketStream, accept_async};
use wire::{Message, UnixMillis};

use crate::server::soon;

/// A pipe that holds one message after the other, without end, from when it is told to.
#[derive(Debug)]
struct Flood {
    pipe: DuplexStream,
    begun: Arc<AtomicBool>,
}

impl AsyncRead for Flood {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.pipe).poll_read(cx, buf);
        if polled.is_pending() && self.begun.load(Ordering::Relaxed) {
            buf.put_slice(b"\x81\x26{\"type\":\"drop\",\"data\":1,\"timestamp\":1}");
            return Poll::Ready(Ok(()));
        }
        polled
    }
}

impl AsyncWrite for Flood {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.pipe).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_shutdown(cx)
    }
}

#[derive(Debug)]
struct Dialer {
    ends: mpsc::UnboundedSender<DuplexStream>,
    begun: Arc<AtomicBool>,
}

impl Dial for Dialer {
    fn dial(&self, _: &Endpoint) -> Dialing {
        let (pipe, theirs) = duplex(64 * 1024);
        self.ends.send(theirs).unwrap();
        let flood = Flood { pipe, begun: Arc::clone(&self.begun) };
        Box::pin(async move { Ok(Box::new(flood) as Box<dyn ByteStream>) })
    }
}

struct Server {
    ends: mpsc::UnboundedReceiver<DuplexStream>,
    begun: Arc<AtomicBool>,
}

impl Server {
    /// The next client, flooded as soon as it has the answer to its upgrade.
    async fn accept(&mut self) -> WebSocketStream<DuplexStream> {
        let socket = soon(accept_async(self.ends.recv().await.unwrap())).await.unwrap();
        self.begun.store(true, Ordering::Relaxed);
        socket
    }
}

fn builder() -> (Builder, Server) {
    let (sender, ends) = mpsc::unbounded_channel();
    let begun = Arc::new(AtomicBool::new(false));
    let options = Options {
        close_timeout: Duration::from_millis(10),
        ..Options::new("wss://feed.example/ws")
    };
    let dialer = Dialer { ends: sender, begun: Arc::clone(&begun) };
    (Builder::new(options.validate().unwrap()).dial(dialer), Server { ends, begun })
}

/// Reads as fast as it comes, until the connection is gone.
fn read(mut messages: Messages) -> JoinHandle<()> {
    tokio::spawn(async move { while messages.recv().await.is_some() {} })
}

#[tokio::test]
async fn a_connection_that_nobody_holds_any_more_ends_under_a_flood() {
    let (builder, mut server) = builder();
    let (handle, messages) = builder.open();
    handle.connect().unwrap();
    let _peer = server.accept().await;
    soon(handle.connected()).await.unwrap();
    let reader = read(messages);
    drop(handle);
    soon(reader).await.unwrap();
}

#[tokio::test]
async fn the_disk_is_heard_under_a_flood() {
    let (builder, mut server) = builder();
    let (handle, messages) = builder.persistence(Arc::new(InMemory::default())).open();
    let _reader = read(messages);
    // Kept before there is a connection, so that the disk has a say before it is sent.
    let note = Message::new("note", &1, UnixMillis(1), None).unwrap();
    let _publishing = handle.publish_durable(note).await.unwrap();
    handle.connect().unwrap();
    let mut peer = server.accept().await;
    let sent = soon(peer.next()).await.unwrap().unwrap();
    assert!(sent.to_text().unwrap().contains(r#""type":"note""#), "{sent}");
}
