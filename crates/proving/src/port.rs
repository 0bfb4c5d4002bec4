//! Ports of loopback that a test counts on.

use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::atomic::{AtomicU16, Ordering};

use tokio::net::{TcpListener, TcpSocket};

/// A port at which nobody answers, and which nobody else gets meanwhile. A port that was merely given back may be another
/// test's a moment later.
#[derive(Debug)]
pub struct Reserved(TcpSocket);

impl Reserved {
    /// # Panics
    /// No port is free.
    #[must_use]
    pub fn take() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        Self(socket)
    }

    /// Whoever connects to it is refused.
    ///
    /// # Panics
    /// The socket is gone.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    /// From now on somebody answers.
    ///
    /// # Panics
    /// Outside of a runtime.
    #[must_use]
    pub fn listen(self) -> TcpListener {
        self.0.listen(128).unwrap()
    }
}

/// The ports of [`free`]: below those that systems give to whoever asks for any, so that no connection takes one of them
/// before the program listens.
const FIRST: u16 = 10_000;
const COUNT: u16 = 20_000;

/// A port for a program that has to be told one, and cannot say which it took.
///
/// # Panics
/// None is free.
#[must_use]
pub fn free() -> u16 {
    static ASKED: AtomicU16 = AtomicU16::new(0);
    loop {
        let asked = ASKED.fetch_add(1, Ordering::Relaxed);
        assert!(asked < COUNT, "no port is free");
        // Programs of tests that run at once begin far from each other.
        let begin = std::process::id().wrapping_mul(101);
        let offset = begin.wrapping_add(u32::from(asked)) % u32::from(COUNT);
        let port = FIRST + u16::try_from(offset).unwrap();
        if StdListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
