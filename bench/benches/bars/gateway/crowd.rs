use std::cell::{Cell, RefCell};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::rc::Rc;

use anyhow::{Context, Result, bail, ensure};
use bench::counter::{Counter, Seen};

/// Clients that only count what they are sent. All of them live on the calling thread, within a `LocalSet`.
#[derive(Clone, Debug)]
pub(super) struct Crowd {
    count: usize,
    state: Rc<State>,
}

#[derive(Debug)]
struct State {
    messages: Cell<u64>,
    pings: Cell<u64>,
    left: Cell<usize>,
    /// One for all: the pages of a thousand others would be colder than what is measured.
    buffer: RefCell<Vec<u8>>,
}

/// How a client greets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Greeting {
    Plain,
    V1,
}

impl Crowd {
    pub(super) async fn connect(
        address: SocketAddr,
        count: usize,
        greeting: Greeting,
    ) -> Result<Self> {
        let state = Rc::new(State {
            messages: Cell::new(0),
            pings: Cell::new(0),
            left: Cell::new(0),
            buffer: RefCell::new(vec![0; 256 << 10]),
        });
        for number in 0..count {
            let socket = connect(address, greeting);
            let socket = socket.with_context(|| format!("connection {number}"))?;
            socket.set_nonblocking(true)?;
            let socket = tokio::net::TcpStream::from_std(socket)?;
            tokio::task::spawn_local(follow(socket, Rc::clone(&state)));
            if number % 100 == 0 {
                tokio::task::yield_now().await;
            }
        }
        Ok(Self { count, state })
    }

    /// Received by all of them together.
    pub(super) fn messages(&self) -> u64 {
        self.state.messages.get()
    }

    pub(super) fn pings(&self) -> u64 {
        self.state.pings.get()
    }

    /// That none was closed.
    pub(super) fn check(&self) -> Result<()> {
        let left = self.state.left.get();
        ensure!(left == 0, "{left} of {} connections were closed", self.count);
        Ok(())
    }
}

async fn follow(socket: tokio::net::TcpStream, state: Rc<State>) {
    let mut counter = Counter::default();
    let mut closed = false;
    while !closed && socket.readable().await.is_ok() {
        let mut pings = 0;
        {
            let buffer = &mut *state.buffer.borrow_mut();
            match socket.try_read(buffer) {
                Ok(0) => break,
                Ok(length) => counter.feed(&buffer[..length], |seen| match seen {
                    Seen::Message => state.messages.set(state.messages.get() + 1),
                    Seen::Ping => pings += 1,
                    Seen::Close => closed = true,
                    Seen::Other => {}
                }),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => break,
            }
        }
        for _ in 0..pings {
            state.pings.set(state.pings.get() + 1);
            // Six bytes find room, or the client is not idle.
            let _ = socket.try_write(&[0x8a, 0x80, 0, 0, 0, 0]);
        }
    }
    state.left.set(state.left.get() + 1);
}

/// A greeted connection, to be read from.
pub(super) fn connect(address: SocketAddr, greeting: Greeting) -> Result<TcpStream> {
    let mut socket = TcpStream::connect(address)?;
    socket.set_nodelay(true)?;
    let offer = match greeting {
        Greeting::Plain => "",
        Greeting::V1 => "Sec-WebSocket-Protocol: vaultwatch.v1\r\n",
    };
    write!(
        socket,
        "GET /ws HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{offer}\r\n"
    )?;
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        socket.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    if !head.starts_with(b"HTTP/1.1 101") {
        bail!("{}", String::from_utf8_lossy(&head));
    }
    if greeting == Greeting::V1 {
        let hello = r#"{"type":"hello","data":{"client":"bench/1","topics":["*"],"compress":[],"resume":null},"timestamp":1763800000000}"#;
        let mut frame = Vec::new();
        masked(&mut frame, hello);
        socket.write_all(&frame)?;
    }
    Ok(socket)
}

/// Appends one text message as a client frames it: with a mask, of zeros, which changes nothing.
pub(super) fn masked(bytes: &mut Vec<u8>, text: &str) {
    match u8::try_from(text.len()) {
        Ok(short @ ..=125) => bytes.extend([0x81, 0x80 | short]),
        _ => {
            let length = u16::try_from(text.len()).expect("a small message");
            bytes.extend([0x81, 0x80 | 126]);
            bytes.extend(length.to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(text.as_bytes());
}
