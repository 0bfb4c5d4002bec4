use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// An asynchronous stream as tungstenite wants one: it says [`io::ErrorKind::WouldBlock`], and later wakes a task.
///
/// `tokio-tungstenite` has one as well, for sockets whose two halves belong to different tasks: it notes the task of each
/// before every message, with four atomic operations. A connection has one task, which is noted once for each batch.
#[derive(Debug)]
pub(super) struct Unblocked<S> {
    stream: S,
    waker: Waker,
}

impl<S> Unblocked<S> {
    /// Nobody is woken until [`wakes`](Self::wakes) says whom.
    pub(super) fn new(stream: S) -> Self {
        Self { stream, waker: Waker::noop().clone() }
    }

    /// From now on this task is woken when there is more to read, or room to write.
    pub(super) fn wakes(&mut self, waker: &Waker) {
        self.waker.clone_from(waker);
    }

    pub(super) fn inner(&self) -> &S {
        &self.stream
    }

    pub(super) fn into_inner(self) -> S {
        self.stream
    }
}

fn or_would_block<T>(polled: Poll<io::Result<T>>) -> io::Result<T> {
    match polled {
        Poll::Ready(result) => result,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

impl<S: AsyncRead + Unpin> Read for Unblocked<S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut buf = ReadBuf::new(buf);
        let mut cx = Context::from_waker(&self.waker);
        or_would_block(Pin::new(&mut self.stream).poll_read(&mut cx, &mut buf))?;
        Ok(buf.filled().len())
    }
}

impl<S: AsyncWrite + Unpin> Write for Unblocked<S> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let mut cx = Context::from_waker(&self.waker);
        or_would_block(Pin::new(&mut self.stream).poll_write(&mut cx, buf))
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut cx = Context::from_waker(&self.waker);
        or_would_block(Pin::new(&mut self.stream).poll_flush(&mut cx))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn would_block<T: std::fmt::Debug>(result: io::Result<T>) -> bool {
        result.unwrap_err().kind() == io::ErrorKind::WouldBlock
    }

    #[tokio::test]
    async fn the_task_is_woken_when_there_is_more_to_read_or_room_to_write() {
        let (near, mut far) = tokio::io::duplex(4);
        let woken = Arc::new(Woken::default());
        let times = || woken.0.load(Ordering::Relaxed);
        let mut near = Unblocked::new(near);
        near.wakes(&Arc::clone(&woken).into());

        assert!(would_block(near.read(&mut [0; 8])));
        assert_eq!(times(), 0);
        far.write_all(b"in").await.unwrap();
        assert_eq!(times(), 1);
        let mut read = [0; 8];
        assert_eq!(near.read(&mut read).unwrap(), 2);
        assert_eq!(&read[..2], b"in");

        assert_eq!(near.write(b"out...").unwrap(), 4);
        assert!(would_block(near.write(b"..")));
        assert_eq!(times(), 1);
        far.read_exact(&mut read[..4]).await.unwrap();
        assert_eq!(times(), 2);
        assert_eq!(near.write(b"..").unwrap(), 2);
    }
}
