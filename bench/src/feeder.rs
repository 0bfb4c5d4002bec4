//! The least of a WebSocket server: a handshake, and then bytes that were framed before.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

use crate::frames::{Frames, frame};

/// A port on loopback that waits for one reader after another.
#[derive(Debug)]
pub struct Feeder {
    listener: TcpListener,
}

/// A reader that has been greeted: the next bytes are messages.
#[derive(Debug)]
pub struct Fed(TcpStream);

impl Feeder {
    /// # Errors
    /// No port was to be had.
    pub fn bind() -> io::Result<Self> {
        Ok(Self { listener: TcpListener::bind("127.0.0.1:0")? })
    }

    /// # Errors
    /// The system does not know its own port.
    pub fn url(&self) -> io::Result<String> {
        Ok(format!("ws://{}/", self.listener.local_addr()?))
    }

    /// Waits for a reader. One that offers `vaultwatch.v1` gets it when `positions` are to come, and is welcomed; one that
    /// does not gets the same messages without a word.
    ///
    /// # Errors
    /// It went away, or is no WebSocket client.
    pub fn greet(&self, positions: bool) -> io::Result<Fed> {
        let (mut socket, _) = self.listener.accept()?;
        socket.set_nodelay(true)?;
        let request = request(&mut socket)?;
        let key = header(&request, "sec-websocket-key")
            .ok_or_else(|| io::Error::new(ErrorKind::InvalidData, "no WebSocket request"))?;
        let accept = tokio_tungstenite::tungstenite::handshake::derive_accept_key(key.as_bytes());
        let v1 = positions
            && header(&request, "sec-websocket-protocol")
                .is_some_and(|offers| offers.contains("vaultwatch.v1"));
        let protocol = if v1 { "Sec-WebSocket-Protocol: vaultwatch.v1\r\n" } else { "" };
        write!(
            socket,
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             {protocol}Sec-WebSocket-Accept: {accept}\r\n\r\n"
        )?;
        if v1 {
            skip_frame(&mut socket)?;
            socket.write_all(&welcome())?;
        }
        Ok(Fed(socket))
    }
}

impl Fed {
    /// # Errors
    /// The reader went away.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    /// Closes with code 1000 and waits until the reader is gone.
    pub fn finish(mut self) {
        // Some readers go as soon as they have read the last message.
        let _ = self.0.write_all(&[0x88, 2, 0x03, 0xe8]);
        let _ = self.0.shutdown(Shutdown::Write);
        self.until_gone();
    }

    /// Waits until the reader ends the connection, and reads what it says until then.
    pub fn until_gone(mut self) {
        let _ = io::copy(&mut self.0, &mut io::sink());
    }
}

/// The answer to `hello`: the log stands at [`Frames::OFFSET`], and there is no state in it yet.
fn welcome() -> Vec<u8> {
    let mut bytes = Vec::new();
    let offset = Frames::OFFSET;
    frame(
        &mut bytes,
        &format!(
            r#"{{"type":"welcome","data":{{"session":"s-1","tenant":"default","epoch":"e-1","offset":{offset},"heartbeatMs":15000,"graceMs":10000,"compress":null,"maxMessageBytes":1048576,"dedupMs":600000,"resumed":false,"replay":0}},"timestamp":1763800000000}}"#
        ),
    );
    frame(
        &mut bytes,
        &format!(
            r#"{{"type":"snapshot_end","data":{{"offset":{offset},"lostEvents":0}},"timestamp":1763800000000}}"#
        ),
    );
    bytes
}

fn request(socket: &mut TcpStream) -> io::Result<String> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        socket.read_exact(&mut byte)?;
        request.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&request).into_owned())
}

fn header<'a>(request: &'a str, wanted: &str) -> Option<&'a str> {
    request.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case(wanted).then(|| value.trim())
    })
}

/// Reads one masked frame of a client and forgets it.
fn skip_frame(socket: &mut TcpStream) -> io::Result<()> {
    let mut head = [0; 2];
    socket.read_exact(&mut head)?;
    let length = match head[1] & 0x7f {
        126 => {
            let mut long = [0; 2];
            socket.read_exact(&mut long)?;
            u64::from(u16::from_be_bytes(long))
        }
        127 => return Err(io::Error::new(ErrorKind::InvalidData, "a greeting of 64 KiB")),
        short => u64::from(short),
    };
    let mask = 4;
    io::copy(&mut Read::by_ref(socket).take(mask + length), &mut io::sink())?;
    Ok(())
}
