//! A way to a server on which bytes can get lost.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// How whoever comes says where it wants to go. It gets to the same server in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Not at all.
    Direct,
    /// By the `CONNECT` of an HTTP proxy: so a server on loopback has a name that is not.
    Proxy,
}

/// Passes on what clients and a server say, until it does not any more.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    /// Of each connection so far, whether it swallows.
    opened: Arc<Mutex<Vec<Arc<AtomicBool>>>>,
}

impl Relay {
    /// To a server, named as `address:port` or by an address that ends with that.
    ///
    /// # Panics
    /// No port is free.
    #[must_use]
    pub fn to(server: &str, manner: Manner) -> Self {
        let server = server.rsplit('/').next().unwrap_or(server).to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let opened: Arc<Mutex<Vec<Arc<AtomicBool>>>> = Arc::default();
        let of_all = Arc::clone(&opened);
        // It ends with the test's process.
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let swallows = Arc::new(AtomicBool::new(false));
                of_all.lock().unwrap().push(Arc::clone(&swallows));
                let server = server.clone();
                // A client that goes too early, or a server that is not there, is nobody's fault here.
                thread::spawn(move || pass_on(client, &server, manner, &swallows).ok());
            }
        });
        Self { address, opened }
    }

    /// As in `127.0.0.1:4321`.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Whatever is open now carries nothing any more, either way, and nobody is told. What is opened later works.
    ///
    /// # Panics
    /// Something else here has panicked.
    pub fn swallow(&self) {
        for swallows in self.opened.lock().unwrap().iter() {
            swallows.store(true, Ordering::SeqCst);
        }
    }
}

fn pass_on(
    client: TcpStream,
    server: &str,
    manner: Manner,
    swallows: &Arc<AtomicBool>,
) -> std::io::Result<()> {
    let mut from_client = BufReader::new(client.try_clone()?);
    if manner == Manner::Proxy {
        let mut line = String::new();
        while from_client.read_line(&mut line)? > 2 {
            line.clear();
        }
        (&client).write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    }
    let server = TcpStream::connect(server)?;
    let (back, swallows_back) = (server.try_clone()?, Arc::clone(swallows));
    thread::spawn(move || carry(back, &client, &swallows_back));
    carry(from_client, &server, swallows);
    Ok(())
}

/// Read it is in any case: a sender that waits would notice.
fn carry(mut from: impl Read, mut to: &TcpStream, swallows: &AtomicBool) {
    let mut bytes = [0; 4_096];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if !swallows.load(Ordering::SeqCst) && to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    if !swallows.load(Ordering::SeqCst) {
        let _ = to.shutdown(std::net::Shutdown::Both);
    }
}
