use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{ByteStream, ConnectPhases};

/// Bytes in and out of all the sockets of one connection.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    read: AtomicU64,
    written: AtomicU64,
    /// Of the last attempt that became a connection.
    phases: Mutex<Option<ConnectPhases>>,
}

impl Meter {
    pub(super) fn connected(&self, phases: ConnectPhases) {
        *self.phases.lock().unwrap_or_else(PoisonError::into_inner) = Some(phases);
    }

    pub(crate) fn phases(&self) -> Option<ConnectPhases> {
        self.phases.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }
}

/// A stream that counts its bytes. It is how *any* byte proves life: the frames of a large message on a slow line
/// are minutes apart, its bytes are not.
pub(crate) struct Metered {
    stream: Box<dyn ByteStream>,
    meter: std::sync::Arc<Meter>,
    fills: u64,
}

impl Metered {
    pub(super) fn new(stream: Box<dyn ByteStream>, meter: std::sync::Arc<Meter>) -> Self {
        Self { stream, meter, fills: 0 }
    }
}

impl Metered {
    /// How often bytes came in.
    pub(super) fn fills(&self) -> u64 {
        self.fills
    }
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        let read = buf.filled().len() - before;
        self.meter.read.fetch_add(read as u64, Ordering::Relaxed);
        self.fills += u64::from(read > 0);
        polled
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        if let Poll::Ready(Ok(written)) = &polled {
            self.meter.written.fetch_add(*written as u64, Ordering::Relaxed);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
