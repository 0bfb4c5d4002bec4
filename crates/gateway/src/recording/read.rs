use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use super::header::Header;
use super::line::{BadLine, LINE_LIMIT, Line, LineFault};

/// A recording that was looked through, ready to be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    pub path: PathBuf,
    pub header: Header,
    /// Messages that can be played.
    pub messages: u64,
    /// From the start of the recording to its last message.
    pub length: Duration,
    /// Lines that cannot be played, the first [`Recording::REPORTED`] of them by name. They are left out: a recorder that
    /// was killed, or whose disk was full, leaves one behind, and the rest is worth playing.
    pub bad: Vec<BadLine>,
    pub bad_lines: u64,
}

/// Why a file is no recording.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// It cannot be opened or read.
    #[error("cannot read {path}: {source}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
    /// Its first line is not a recording's.
    #[error(
        "{path} is no recording: its first line must be an envelope of type `recording`, as `vaultwatchctl record` \
         writes it ({reason})",
        path = path.display()
    )]
    NoHeader { path: PathBuf, reason: String },
    /// Recorded by a newer version.
    #[error("{path} has format {version}, this version reads up to {}: update VaultWatch", Header::VERSION, path = path.display())]
    Version { path: PathBuf, version: u32 },
    /// Not one message in it.
    #[error("{path} holds no message that can be played{first}", path = path.display())]
    Empty { path: PathBuf, first: String },
}

impl Recording {
    /// Most bad lines that are kept to be named.
    pub const REPORTED: usize = 10;

    /// Reads a whole file once, so that what is wrong with it is said before it is played.
    ///
    /// # Errors
    /// Each of [`RecordingError`].
    pub fn open(path: &Path) -> Result<Self, RecordingError> {
        let io = |source| RecordingError::Io { path: path.to_owned(), source };
        let (header, mut reader) = Reader::open(path)?;
        let mut recording = Self {
            path: path.to_owned(),
            header,
            messages: 0,
            length: Duration::ZERO,
            bad: Vec::new(),
            bad_lines: 0,
        };
        while let Some(line) = reader.next().map_err(io)? {
            match line {
                Ok(line) => {
                    recording.messages += 1;
                    recording.length = recording.length.max(line.at);
                }
                Err(bad) => {
                    recording.bad_lines += 1;
                    if recording.bad.len() < Self::REPORTED {
                        recording.bad.push(bad);
                    }
                }
            }
        }
        if recording.messages == 0 {
            let first = recording.bad.first().map_or_else(String::new, |bad| format!(": {bad}"));
            return Err(RecordingError::Empty { path: path.to_owned(), first });
        }
        Ok(recording)
    }

    /// The lines that are left out, for people: the first of them by name, and how many more there are.
    pub fn complaints(&self) -> impl Iterator<Item = String> {
        let path = self.path.display();
        let named = self.bad.iter().map(move |bad| format!("{path}, {bad}: left out"));
        let untold = self.bad_lines - self.bad.len() as u64;
        let rest = (untold > 0).then(|| format!("and {untold} more lines that cannot be played"));
        named.chain(rest)
    }
}

/// Reads line by line: a recording of days need not fit into memory.
#[derive(Debug)]
pub(crate) struct Reader {
    lines: BufReader<File>,
    number: u64,
}

impl Reader {
    pub(crate) fn open(path: &Path) -> Result<(Header, Self), RecordingError> {
        let io = |source| RecordingError::Io { path: path.to_owned(), source };
        let file = File::open(path).map_err(io)?;
        let mut reader = Self { lines: BufReader::with_capacity(64 << 10, file), number: 0 };
        let no_header = |reason| RecordingError::NoHeader { path: path.to_owned(), reason };
        let first = match reader.line().map_err(io)? {
            None => return Err(no_header("the file is empty".into())),
            Some(Err(fault)) => return Err(no_header(fault.to_string())),
            Some(Ok(text)) => text,
        };
        let header = read_header(&first).map_err(no_header)?;
        if header.version > Header::VERSION {
            let version = header.version;
            return Err(RecordingError::Version { path: path.to_owned(), version });
        }
        Ok((header, reader))
    }

    /// The next message, or what is wrong with the line where one should be; `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Result<Line, BadLine>>> {
        loop {
            let text = match self.line()? {
                None => return Ok(None),
                Some(Ok(text)) if text.trim_ascii().is_empty() => continue,
                Some(text) => text,
            };
            let number = self.number;
            let line = text.and_then(|text| {
                // Half a line may well parse as something else.
                if text.ends_with(b"\n") { Line::parse(&text) } else { last(&text) }
            });
            return Ok(Some(line.map_err(|fault| BadLine { number, fault })));
        }
    }

    /// A line with its end, read no further than a line may be long.
    fn line(&mut self) -> io::Result<Option<Result<Vec<u8>, LineFault>>> {
        let mut text = Vec::new();
        let limit = LINE_LIMIT as u64 + 1;
        if self.lines.by_ref().take(limit).read_until(b'\n', &mut text)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        if text.len() <= LINE_LIMIT {
            return Ok(Some(Ok(text)));
        }
        while !text.ends_with(b"\n") {
            text.clear();
            if self.lines.by_ref().take(limit).read_until(b'\n', &mut text)? == 0 {
                break;
            }
        }
        Ok(Some(Err(LineFault::TooLong)))
    }
}

/// A last line without its end: whole when an editor left it out, cut short when the disk was full.
fn last(text: &[u8]) -> Result<Line, LineFault> {
    Line::parse(text).map_err(|_| LineFault::CutShort)
}

fn read_header(text: &[u8]) -> Result<Header, String> {
    let text = bytes::Bytes::copy_from_slice(text.trim_ascii());
    match wire::Frame::parse(text) {
        Ok(wire::Frame::Single(message)) if message.ty() == Header::TYPE => {
            message.decode().map_err(|error| error.to_string())
        }
        Ok(wire::Frame::Single(message)) => Err(format!("it is of type `{}`", message.ty())),
        Ok(wire::Frame::Batch(_)) => Err("it is a batch".into()),
        Err(invalid) => Err(invalid.to_string()),
    }
}
