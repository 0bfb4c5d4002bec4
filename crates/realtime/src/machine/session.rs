//! An open connection: what comes in, the signs of life, and what goes out.

use bytes::Bytes;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use wire::{Invalid, InvalidKind, Message};

use super::heartbeat::{self, Heard};
use super::liveness::{Check, Reason};
use super::outbound::Head;
use super::protocol::{Context, KeepAlive, Signal};
use super::publishes::Next;
use super::{Machine, Now, Output, Outputs, Persist, Timer, TransportEvent};
use crate::{Cause, FrameFault};

/// A frame, by its kind.
pub(super) enum Frame {
    Text(Utf8Bytes),
    Binary(Bytes),
}

impl Machine {
    /// Between the upgrade and the welcome.
    pub(super) fn handshake(&mut self, event: TransportEvent, now: Now, out: &mut Outputs) {
        match event {
            TransportEvent::Text(frame) => self.frame(Frame::Text(frame), now, out),
            TransportEvent::Binary(frame) => self.frame(Frame::Binary(frame), now, out),
            TransportEvent::Refused(fault) => self.refused(fault, now, out),
            TransportEvent::Closed { code, reason } => {
                self.lost(Cause::ServerClosed { code, reason }, now, out);
            }
            TransportEvent::Lost { reason } => self.lost(Cause::Lost { reason }, now, out),
            TransportEvent::Flushed => self.outbound.flushed(),
            TransportEvent::Opened { .. }
            | TransportEvent::Failed(_)
            | TransportEvent::Pong
            | TransportEvent::Activity
            | TransportEvent::ReadPaused
            | TransportEvent::ReadResumed => {}
        }
    }

    pub(super) fn session(&mut self, event: TransportEvent, now: Now, out: &mut Outputs) {
        match event {
            TransportEvent::Text(frame) => self.frame(Frame::Text(frame), now, out),
            TransportEvent::Binary(frame) => self.frame(Frame::Binary(frame), now, out),
            TransportEvent::Pong => {
                self.record.heard = true;
                self.liveness.heard(now.monotonic);
            }
            TransportEvent::Activity => self.liveness.heard(now.monotonic),
            TransportEvent::ReadPaused => {
                self.counters.reader_stalls += 1;
                self.liveness.pause();
            }
            TransportEvent::ReadResumed => self.liveness.resume(now.monotonic),
            TransportEvent::Flushed => {
                self.outbound.flushed();
                self.publishes.flushed(now, &mut self.settled);
                self.tell_settled(now, out);
                self.drain(now, out);
            }
            TransportEvent::Refused(fault) => self.refused(fault, now, out),
            TransportEvent::Closed { code, reason } => {
                self.lost(Cause::ServerClosed { code, reason }, now, out);
            }
            TransportEvent::Lost { reason } => self.lost(Cause::Lost { reason }, now, out),
            TransportEvent::Opened { .. } | TransportEvent::Failed(_) => {}
        }
    }

    pub(super) fn frame(&mut self, frame: Frame, now: Now, out: &mut Outputs) {
        self.liveness.heard(now.monotonic);
        let mut cx = Context {
            intake: &mut self.intake,
            counters: &mut self.counters,
            progress: &mut self.progress,
            topics: &self.topics,
            now,
            out,
            signals: &mut self.signals,
            valid: false,
        };
        match frame {
            Frame::Text(frame) => self.protocol.text(frame, &mut cx),
            Frame::Binary(frame) => self.protocol.binary(&frame, &mut cx),
        }
        self.record.heard |= cx.valid;
        if self.signals.is_empty() {
            // As after nearly every frame.
            return;
        }
        let mut signals = std::mem::take(&mut self.signals);
        let generation = self.generation;
        for signal in signals.drain(..) {
            // A signal that ended the connection was the last one that counts.
            if self.generation == generation {
                self.signal(signal, now, out);
            }
        }
        self.signals = signals;
    }

    fn signal(&mut self, signal: Signal, now: Now, out: &mut Outputs) {
        match signal {
            Signal::Established(agreed) => self.ready(Some(&agreed), now, out),
            Signal::Ready => self.ready(None, now, out),
            Signal::Heartbeat(message) => self.heard_heartbeat(&message, now, out),
            Signal::Write(text) => out.push(Output::Write { text, generation: self.generation }),
            Signal::ResyncBegan => {
                let at = now.monotonic.plus(self.options.values().request_timeout);
                self.timers.set(Timer::Answer, at, out);
            }
            Signal::ResyncEnded => self.timers.clear(Timer::Answer, out),
            Signal::Ack(ack) => {
                self.publishes.ack(&ack, now, &mut self.settled);
                self.answered(now, out);
            }
            Signal::Nack(nack) => {
                let dice = self.rng.f64();
                self.publishes.nack(nack, now, dice, &mut self.settled);
                self.answered(now, out);
            }
            Signal::Subscribed { offset } => self.subscribed(offset, out),
            Signal::Authorised { expires } => self.authorised(expires, now, out),
            Signal::Hint(hint) => self.hint = Some(hint),
            Signal::Fault(fault) => self.lost(Cause::Protocol { fault }, now, out),
        }
    }

    /// One fewer is waited for, so that the next may go.
    pub(super) fn answered(&mut self, now: Now, out: &mut Outputs) {
        self.tell_settled(now, out);
        if self.state.is_connected() {
            self.drain(now, out);
        }
    }

    fn heard_heartbeat(&mut self, heartbeat: &Message, now: Now, out: &mut Outputs) {
        match self.heartbeats.hear(heartbeat, now) {
            Heard::Answer { rtt, skew_ms } => {
                self.counters.round_trip(rtt);
                self.counters.clock_skew_ms = skew_ms.or(self.counters.clock_skew_ms);
            }
            Heard::Question(timestamp) if self.state.is_connected() => {
                let text = heartbeat::text(timestamp, now.wall);
                out.push(Output::Write { text, generation: self.generation });
            }
            Heard::Question(_) | Heard::Noise => {}
        }
    }

    /// A frame nobody can read past: it is invalid input like any other, but it costs the connection.
    pub(super) fn refused(&mut self, fault: FrameFault, now: Now, out: &mut Outputs) {
        let kind = match &fault {
            FrameFault::TooLarge { .. } => Some(InvalidKind::TooLarge),
            FrameFault::NotUtf8 => Some(InvalidKind::NotText),
            FrameFault::Protocol { .. } => None,
        };
        if let Some(kind) = kind {
            let invalid = Invalid::new(kind, fault.to_string(), b"");
            self.intake.invalid(invalid, &mut self.counters, now, out);
        }
        self.lost(Cause::Frame { fault }, now, out);
    }

    pub(super) fn look_for_life(&mut self, now: Now, out: &mut Outputs) {
        match self.liveness.check(now.monotonic) {
            Check::Alive => {}
            Check::Remind => self.heartbeat(now, out),
            Check::Ask => self.ask(now, out),
            Check::Dead(reason) => {
                let cause = match reason {
                    Reason::Silence => Cause::HeartbeatTimeout,
                    Reason::Doubt => Cause::ProbeTimeout,
                };
                return self.lost(cause, now, out);
            }
        }
        self.timers.set(Timer::Liveness, self.liveness.next(now.monotonic), out);
    }

    /// A message and a ping: some servers answer only the one, some only the other.
    pub(super) fn ask(&mut self, now: Now, out: &mut Outputs) {
        self.heartbeat(now, out);
        out.push(Output::Ping { generation: self.generation });
    }

    fn heartbeat(&mut self, now: Now, out: &mut Outputs) {
        let text = match self.protocol.keep_alive() {
            KeepAlive::Heartbeat => self.heartbeats.ask(now),
            KeepAlive::Text(text) => text,
            KeepAlive::Ping => return,
        };
        out.push(Output::Write { text, generation: self.generation });
    }

    /// Lets go what may: messages first, then publishes.
    pub(super) fn drain(&mut self, now: Now, out: &mut Outputs) {
        loop {
            match self.outbound.head(now.monotonic) {
                Head::Ready(text) => self.write(text, out),
                Head::Wait(at) => {
                    self.timers.set(Timer::Drain, at, out);
                    break;
                }
                Head::Blocked => break,
            }
        }
        self.drain_publishes(now, out);
    }

    pub(super) fn drain_publishes(&mut self, now: Now, out: &mut Outputs) {
        let acknowledged = self.protocol.acknowledges();
        let mut turn = None;
        loop {
            let room = |bytes, queued| match self.outbound.room(bytes, queued, now.monotonic) {
                Ok(()) => true,
                Err(at) => {
                    turn = at;
                    false
                }
            };
            match self.publishes.next(acknowledged, room, now) {
                Next::Write(text) => self.write(text, out),
                Next::Mark(ids) => out.push(Output::Persist(Persist::Sending { ids })),
                Next::Wait => break,
            }
        }
        if let Some(at) = turn
            && !self.timers.is_set(Timer::Drain)
        {
            self.timers.set(Timer::Drain, at, out);
        }
        self.arm_requests(now, out);
    }

    pub(super) fn write(&mut self, text: String, out: &mut Outputs) {
        self.counters.sent += 1;
        out.push(Output::Write { text, generation: self.generation });
    }

    pub(super) fn arm_expiry(&mut self, out: &mut Outputs) {
        // Set once for the oldest; those behind it come due later, and the timer finds nothing if it left in time.
        if !self.timers.is_set(Timer::Expiry)
            && let Some(at) = self.outbound.next_expiry()
        {
            self.timers.set(Timer::Expiry, at, out);
        }
    }
}
