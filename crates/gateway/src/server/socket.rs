use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::access::Duplex;

/// One connection, secret or not. One type for both, so that all that is built on it is compiled once, and found again
/// below HTTP when a connection turns into a WebSocket.
pub(super) struct Socket {
    stream: Stream,
    stall: Option<Box<Stall>>,
}

enum Stream {
    Plain(TcpStream),
    /// TLS.
    Secret(Box<dyn Duplex>),
}

/// Until when the other end may take nothing of what waits for it.
struct Stall {
    patience: Duration,
    /// Means something while anything waits.
    end: Pin<Box<Sleep>>,
    waits: bool,
}

impl Socket {
    /// Writing to it fails once the other end has taken nothing for so long: whoever asks and does not listen to the answer
    /// would keep a place among the connections for ever.
    pub(super) fn plain(stream: TcpStream, patience: Duration) -> Self {
        Self { stream: Stream::Plain(stream), stall: Some(Box::new(Stall::new(patience))) }
    }

    /// The same over TLS.
    pub(super) fn secret(stream: Box<dyn Duplex>, patience: Duration) -> Self {
        Self { stream: Stream::Secret(stream), stall: Some(Box::new(Stall::new(patience))) }
    }

    /// Of a WebSocket the gateway itself knows how far its client is behind, and whether it is still there.
    pub(super) fn without_patience(self) -> Self {
        Self { stall: None, ..self }
    }

    fn write<T>(
        &mut self,
        context: &mut Context<'_>,
        write: impl FnOnce(&mut Stream, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let written = write(&mut self.stream, context);
        let Some(stall) = &mut self.stall else { return written };
        if written.is_ready() {
            stall.waits = false;
        } else if stall.is_over(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        written
    }
}

impl Stall {
    fn new(patience: Duration) -> Self {
        Self { patience, end: Box::pin(sleep_until(Instant::now())), waits: false }
    }

    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        if !self.waits {
            self.waits = true;
            self.end.as_mut().reset(Instant::now() + self.patience);
        }
        self.end.as_mut().poll(context).is_ready()
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Secret(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().write(context, |stream, context| match stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Secret(stream) => Pin::new(stream).poll_write(context, bytes),
        })
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().write(context, |stream, context| match stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write_vectored(context, slices),
            Stream::Secret(stream) => Pin::new(stream).poll_write_vectored(context, slices),
        })
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Stream::Plain(stream) => stream.is_write_vectored(),
            Stream::Secret(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().write(context, |stream, context| match stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Secret(stream) => Pin::new(stream).poll_flush(context),
        })
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().write(context, |stream, context| match stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Secret(stream) => Pin::new(stream).poll_shutdown(context),
        })
    }
}
