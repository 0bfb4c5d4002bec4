//! The least of an HTTP client: one connection, one request after the other.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// A connection that publishes.
#[derive(Debug)]
pub(super) struct Publisher(BufReader<TcpStream>);

impl Publisher {
    pub(super) fn connect(address: SocketAddr) -> Result<Self> {
        let socket = TcpStream::connect(address)?;
        socket.set_nodelay(true)?;
        Ok(Self(BufReader::new(socket)))
    }

    /// Publishes a body of so many envelopes; all of them have to be taken.
    pub(super) fn publish(&mut self, body: &[u8], count: usize) -> Result<()> {
        let (status, answer) = self.ask("POST", "/v1/publish", body)?;
        ensure!(status == 200, "{status}: {answer}");
        let answer: Value = serde_json::from_str(&answer)?;
        ensure!(answer["accepted"].as_u64() == Some(count as u64), "{answer}");
        Ok(())
    }

    fn ask(&mut self, method: &str, path: &str, body: &[u8]) -> Result<(u16, String)> {
        let length = body.len();
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: {length}\r\n\r\n")
                .into_bytes();
        request.extend_from_slice(body);
        self.0.get_mut().write_all(&request)?;
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        let status = line.split(' ').nth(1).context("no status")?.parse()?;
        let mut length = 0;
        loop {
            line.clear();
            self.0.read_line(&mut line)?;
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        let mut answer = vec![0; length];
        self.0.read_exact(&mut answer)?;
        Ok((status, String::from_utf8(answer)?))
    }
}

/// What there is to be read at a path.
pub(super) fn get(address: SocketAddr, path: &str) -> Result<String> {
    Ok(Publisher::connect(address)?.ask("GET", path, b"")?.1)
}
