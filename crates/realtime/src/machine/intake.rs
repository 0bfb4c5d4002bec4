use std::time::Duration;

use tokio_tungstenite::tungstenite::Utf8Bytes;
use wire::{Frame, HEARTBEAT, Invalid, Message};

use super::{Monotonic, Now, Output, Outputs};
use crate::dedup::Dedup;
use crate::metrics::{Counters, INVALID_KIND_COUNT, invalid_index};
use crate::{Event, Inbound, Options};

/// How often invalid input of one kind is reported.
const REPORT_GAP: Duration = Duration::from_secs(60);

/// From a frame to what is delivered.
#[derive(Debug)]
pub(super) struct Intake {
    dedup: Dedup,
    reports: [Option<Reported>; INVALID_KIND_COUNT],
}

#[derive(Clone, Copy, Debug)]
struct Reported {
    at: Monotonic,
    suppressed: u64,
}

/// What a frame held besides what was delivered.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// At least one valid message.
    pub(super) valid: bool,
    /// Boxed: it is so rare that others should not carry room for it.
    pub(super) heartbeat: Option<Box<Message>>,
}

impl Intake {
    pub(super) fn new(options: &Options, rng: &mut fastrand::Rng) -> Self {
        Self {
            dedup: Dedup::new(options.dedup_ids, options.dedup_age, rng),
            reports: [None; INVALID_KIND_COUNT],
        }
    }

    pub(super) fn text(
        &mut self,
        frame: Utf8Bytes,
        counters: &mut Counters,
        now: Now,
        out: &mut Outputs,
    ) -> Found {
        let mut found = Found::default();
        match Frame::parse_text(frame) {
            Ok(Frame::Single(message)) => self.message(message, &mut found, counters, now, out),
            Ok(Frame::Batch(messages)) => {
                for message in messages {
                    match message {
                        Ok(message) => self.message(message, &mut found, counters, now, out),
                        Err(invalid) => self.invalid(invalid, counters, now, out),
                    }
                }
            }
            Err(invalid) => self.invalid(invalid, counters, now, out),
        }
        found
    }

    fn message(
        &mut self,
        message: Message,
        found: &mut Found,
        counters: &mut Counters,
        now: Now,
        out: &mut Outputs,
    ) {
        found.valid = true;
        if message.is(HEARTBEAT) {
            counters.heartbeats += 1;
            found.heartbeat = Some(Box::new(message));
        } else if self.dedup.is_new(&message, now.monotonic) {
            counters.messages += 1;
            out.inbound.push(Inbound::Message(message));
        } else {
            counters.duplicates += 1;
        }
    }

    /// Delivers a message unless it is known by its id.
    pub(super) fn deliver(
        &mut self,
        message: Message,
        counters: &mut Counters,
        now: Now,
        out: &mut Outputs,
    ) {
        if self.dedup.is_new(&message, now.monotonic) {
            counters.messages += 1;
            out.inbound.push(Inbound::Message(message));
        } else {
            counters.duplicates += 1;
        }
    }

    /// Counts it, delivers it, and reports it if its kind was not reported within the last minute.
    pub(super) fn invalid(
        &mut self,
        invalid: Invalid,
        counters: &mut Counters,
        now: Now,
        out: &mut Outputs,
    ) {
        counters.invalid(invalid.kind);
        let report = &mut self.reports[invalid_index(invalid.kind)];
        match report {
            Some(last) if now.monotonic.since(last.at) < REPORT_GAP => last.suppressed += 1,
            _ => {
                let suppressed = report.map_or(0, |last| last.suppressed);
                *report = Some(Reported { at: now.monotonic, suppressed: 0 });
                let invalid = invalid.clone();
                out.push(Output::Report(Event::Invalid { at: now.wall, invalid, suppressed }));
            }
        }
        out.inbound.push(Inbound::Invalid(invalid));
    }
}
