use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::time::Duration;

use url::Url;
use wire::Message;

use super::header::Header;
use super::line::Line;

/// Writes a recording. What [`Writer::write`] has returned from is with the operating system: a process that is killed
/// leaves whole lines behind.
#[derive(Debug)]
pub struct Writer {
    file: File,
    buffer: Vec<u8>,
    /// Where the last whole line ends.
    good: u64,
}

impl Writer {
    /// Begins a recording in an empty file.
    ///
    /// # Errors
    /// Whatever the system has to say, a full disk for instance.
    pub fn new(file: File, header: &Header) -> io::Result<Self> {
        let mut writer = Self { file, buffer: Vec::new(), good: 0 };
        writer.buffer.extend_from_slice(header.line().as_bytes());
        writer.flush()?;
        Ok(writer)
    }

    /// Adds messages that arrived together, at a time since the start of the recording.
    ///
    /// # Errors
    /// Whatever the system has to say. None of these messages is in the file then; those before are.
    pub fn write<'a>(
        &mut self,
        at: Duration,
        messages: impl IntoIterator<Item = &'a Message>,
    ) -> io::Result<()> {
        for message in messages {
            Line::write(&mut self.buffer, at, message);
        }
        self.flush()
    }

    /// Bytes so far.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.good
    }

    fn flush(&mut self) -> io::Result<()> {
        let written = self.file.write_all(&self.buffer);
        match &written {
            Ok(()) => self.good += self.buffer.len() as u64,
            Err(_) => {
                // Half a line is worth nothing. That this may fail as well is why readers put up with one.
                let _ = self.file.set_len(self.good);
                let _ = self.file.seek(SeekFrom::Start(self.good));
            }
        }
        self.buffer.clear();
        written
    }
}

/// An address without what may be a secret: credentials, query and fragment.
#[must_use]
pub fn redacted(address: &str) -> String {
    let Ok(mut url) = Url::parse(address) else { return "(not a URL)".into() };
    // Only addresses without a host refuse these, and they have no credentials.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if url.query().is_some() {
        url.set_query(Some("…"));
    }
    url.set_fragment(None);
    url.to_string().replace("?%E2%80%A6", "?…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_their_secrets() {
        for (address, expected) in [
            ("wss://me:secret@feed.example/ws?token=abc#x", "wss://feed.example/ws?…"),
            ("ws://127.0.0.1:3001/ws", "ws://127.0.0.1:3001/ws"),
            ("secret", "(not a URL)"),
        ] {
            assert_eq!(redacted(address), expected);
        }
    }
}
