//! Messages to publish, one envelope a line, and how fast they may go.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::Context;
use bytes::Bytes;
use realtime::wire::{Frame, Message, control};
use realtime::{RateLimit, Topic};
use tokio::sync::mpsc;

/// Longest line: an envelope of the largest size, and the time that a recording has in front.
const LINE_LIMIT: u64 = (1 << 20) + 1_024;
/// Lines read ahead.
const AHEAD: usize = 64;
/// What a recording says of itself in its first line; nobody else wants to know.
const HEADER: &str = "recording";

/// What stands in a line.
pub(super) struct Line {
    /// The first line is 1.
    pub(super) number: u64,
    /// Or why it is no message that can be published.
    pub(super) message: Result<Message, String>,
}

/// Reads a file, or standard input for `-`, as fast as it is taken.
///
/// # Errors
/// When there is no such file, or no thread to be had.
pub(super) fn read(path: &Path) -> anyhow::Result<mpsc::Receiver<Line>> {
    let input: Box<dyn Read + Send> = if path == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(File::open(path).with_context(|| path.display().to_string())?)
    };
    let (lines, taken) = mpsc::channel(AHEAD);
    // A thread of its own, which the end of the program does not wait for: a pipe may never bring another line.
    let name = "lines".into();
    std::thread::Builder::new().name(name).spawn(move || pass_on(input, &lines))?;
    Ok(taken)
}

fn pass_on(input: Box<dyn Read + Send>, lines: &mpsc::Sender<Line>) {
    let mut input = BufReader::new(input);
    for number in 1.. {
        let mut text = Vec::new();
        let read = input.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut text);
        let was_read = read.is_ok();
        let message = match read {
            Ok(0) => return,
            Ok(_) if text.trim_ascii().is_empty() => continue,
            Ok(read) if read as u64 == LINE_LIMIT && !text.ends_with(b"\n") => {
                // The rest of it is no line either.
                if skip_line(&mut input).is_err() {
                    return;
                }
                Err(format!("longer than {LINE_LIMIT} bytes"))
            }
            Ok(_) => parse(&text),
            Err(error) => Err(error.to_string()),
        };
        let is_header = number == 1 && message.as_ref().is_ok_and(|m| m.ty() == HEADER);
        if is_header {
            continue;
        }
        if lines.blocking_send(Line { number, message }).is_err() || !was_read {
            return;
        }
    }
}

fn skip_line(input: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let mut rest = Vec::new();
        let read = input.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut rest)?;
        if read == 0 || rest.ends_with(b"\n") {
            return Ok(());
        }
    }
}

fn parse(text: &[u8]) -> Result<Message, String> {
    match Frame::parse(Bytes::copy_from_slice(text.trim_ascii())) {
        Ok(Frame::Single(message)) if control::is_reserved(message.ty()) => {
            Err(format!("`{}` is a type of the protocol itself", message.ty()))
        }
        Ok(Frame::Single(message)) => Ok(message),
        Ok(Frame::Batch(_)) => Err("a batch; write its messages one by one".to_owned()),
        Err(invalid) => Err(invalid.to_string()),
    }
}

/// Reads `50/s`, or plain `50`.
///
/// # Errors
/// A sentence for the command line.
pub(super) fn rate(text: &str) -> Result<u32, String> {
    let number = text.strip_suffix("/s").unwrap_or(text);
    match number.parse() {
        Ok(rate @ 1..=100_000) => Ok(rate),
        _ => Err("give a number from 1 to 100000 a second, as in 50/s".to_owned()),
    }
}

/// The stage that keeps to it. A tenth of a second's worth may go at once: timers are no finer than a millisecond.
pub(super) fn limit(per_second: u32) -> RateLimit {
    let all = Topic::parse("*").expect("everything is a topic");
    RateLimit::new().outbound(all, per_second, per_second.div_ceil(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(u64, Result<String, String>)> {
        let (sender, mut taken) = mpsc::channel(AHEAD);
        let input = Box::new(std::io::Cursor::new(text.as_bytes().to_vec()));
        pass_on(input, &sender);
        drop(sender);
        let mut lines = Vec::new();
        while let Some(Line { number, message }) = taken.blocking_recv() {
            lines.push((number, message.map(|message| message.ty().to_string())));
        }
        lines
    }

    #[test]
    fn a_recording_is_read_without_its_header() {
        let text = r#"{"type":"recording","data":{"version":1},"timestamp":1}
{"at":12,"type":"a","data":1.10,"timestamp":5}

{"type":"b","data":{},"timestamp":6,"id":"x"}"#;
        assert_eq!(lines(text), [(2, Ok("a".into())), (4, Ok("b".into()))]);
    }

    #[test]
    fn what_is_no_message_is_told_and_the_next_line_is_read() {
        let long = format!(r#"{{"type":"a","data":"{}","timestamp":1}}"#, "x".repeat(3 << 20));
        let good = r#"{"type":"a","data":1,"timestamp":5}"#;
        let batch = r#"{"type":"batch_update","data":{"updates":[]},"timestamp":1}"#;
        let hello = r#"{"type":"hello","data":{},"timestamp":1}"#;
        let told = lines(&[&long, good, batch, hello, "{", good].join("\n"));
        let words = ["longer than", "", "batch", "protocol itself", "", ""];
        assert_eq!(told.len(), words.len());
        for ((number, line), (i, words)) in told.iter().zip(words.iter().enumerate()) {
            assert_eq!(*number, i as u64 + 1);
            assert_eq!(line.is_ok(), *number == 2 || *number == 6, "{line:?}");
            if let Err(reason) = line {
                assert!(reason.contains(words), "{reason}");
            }
        }
    }

    #[test]
    fn rates() {
        for (text, expected) in [("50/s", 50), ("1", 1), ("100000/s", 100_000)] {
            assert_eq!(rate(text), Ok(expected), "{text}");
        }
        for text in ["0", "0/s", "100001", "-1/s", "5/m", "fast", "", "/s"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }
}
