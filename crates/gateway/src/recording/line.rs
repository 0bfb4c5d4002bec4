use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use thiserror::Error;
use wire::{Frame, Invalid, Message};

/// Longest line that is read: an envelope of the largest size a gateway hands on, and its time.
pub(super) const LINE_LIMIT: usize = (1 << 20) + 1_024;

/// A message, and when it arrived after the start of the recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) at: Duration,
    pub(crate) message: Message,
}

/// A line that cannot be played.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {number}: {fault}")]
pub struct BadLine {
    /// The first line of a file is 1.
    pub number: u64,
    pub fault: LineFault,
}

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LineFault {
    /// Longer than a message may be.
    #[error("is longer than {LINE_LIMIT} bytes")]
    TooLong,
    /// No envelope.
    #[error("{0}")]
    Invalid(Invalid),
    /// A `batch_update`, which has no time for each of its messages.
    #[error("is a batch; a recording has its messages one by one")]
    Batch,
    /// Nobody knows when to play it.
    #[error("has no `at`, the milliseconds from the start of the recording to its arrival")]
    NoTime,
    /// The file ends in the middle of it: what recorded it was stopped, or its disk was full.
    #[error("is cut short")]
    CutShort,
}

#[derive(Deserialize)]
struct Arrival {
    at: Option<u64>,
}

impl Line {
    /// Writes a line, with its end.
    pub(super) fn write(into: &mut Vec<u8>, at: Duration, message: &Message) {
        into.extend_from_slice(format!("{{\"at\":{},", at.as_millis()).as_bytes());
        // The envelope begins with a brace, and is never empty.
        into.extend_from_slice(&message.to_json().as_bytes()[1..]);
        into.push(b'\n');
    }

    pub(super) fn parse(text: &[u8]) -> Result<Self, LineFault> {
        let text = Bytes::copy_from_slice(text.trim_ascii());
        let message = match Frame::parse(text.clone()) {
            Ok(Frame::Single(message)) => message,
            Ok(Frame::Batch(_)) => return Err(LineFault::Batch),
            Err(invalid) => return Err(LineFault::Invalid(invalid)),
        };
        let arrival: Result<Arrival, _> = serde_json::from_slice(&text);
        let at = arrival.ok().and_then(|arrival| arrival.at).ok_or(LineFault::NoTime)?;
        Ok(Self { at: Duration::from_millis(at), message })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_keeps_every_digit() {
        let text = r#"{"type":"vault_update_A","data":{"ltv":75.10,"amount":"1.000000000000000001","n":1e-18},"timestamp":5,"id":"é"}"#;
        let Ok(Frame::Single(message)) = Frame::parse(Bytes::from(text)) else { panic!() };
        let mut line = Vec::new();
        Line::write(&mut line, Duration::from_millis(1_234), &message);
        assert_eq!(line, format!("{{\"at\":1234,{}\n", &text[1..]).into_bytes());
        assert_eq!(Line::parse(&line), Ok(Line { at: Duration::from_millis(1_234), message }));
    }

    #[test]
    fn what_cannot_be_played_is_told_apart() {
        let check = |text: &str| Line::parse(text.as_bytes()).unwrap_err();
        assert_eq!(check(r#"{"type":"a","data":1,"timestamp":1}"#), LineFault::NoTime);
        assert_eq!(check(r#"{"at":-1,"type":"a","data":1,"timestamp":1}"#), LineFault::NoTime);
        let batch = r#"{"at":1,"type":"batch_update","data":{"updates":[]},"timestamp":1}"#;
        assert_eq!(check(batch), LineFault::Batch);
        let LineFault::Invalid(invalid) = check(r#"{"at":1,"type":"a","timestamp":1}"#) else {
            panic!()
        };
        assert_eq!(invalid.field.as_deref(), Some("data"));
    }
}
