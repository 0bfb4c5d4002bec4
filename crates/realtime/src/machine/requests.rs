//! What handles ask for and wait to hear about: publishes, and changes of topics.

use std::collections::VecDeque;

use smol_str::SmolStr;
use wire::UnixMillis;

use super::protocol::{Asking, TopicChange};
use super::publishes::{Keeping, Publish, RequestId, Settled};
use super::{Machine, Monotonic, Now, Output, Outputs, Persist, Persisted, Timer};
use crate::persistence::{Parked, Settlement};
use crate::{ConnectionState, Event, Outcome};

/// Changes of topics that are not in force yet.
#[derive(Debug, Default)]
pub(super) struct TopicRequests {
    /// In the order in which they were written to the socket.
    asked: VecDeque<Asked>,
    /// Came while the two ends were greeting each other.
    held_back: Vec<(Asked, TopicChange)>,
}

/// One that was asked for.
#[derive(Clone, Copy, Debug)]
struct Asked {
    /// Who waits; nobody any more once it was overdue. The answer is still to come.
    request: Option<RequestId>,
    until: Monotonic,
}

impl TopicRequests {
    fn next_due(&self) -> Option<Monotonic> {
        let waited_for = |asked: &Asked| asked.request.map(|_| asked.until);
        self.all().filter_map(waited_for).min()
    }

    fn all(&self) -> impl Iterator<Item = &Asked> {
        self.asked.iter().chain(self.held_back.iter().map(|(asked, _)| asked))
    }

    fn all_mut(&mut self) -> impl Iterator<Item = &mut Asked> {
        self.asked.iter_mut().chain(self.held_back.iter_mut().map(|(asked, _)| asked))
    }
}

impl Machine {
    pub(super) fn publish(&mut self, publish: Publish, now: Now, out: &mut Outputs) {
        self.publishes.add(publish, now, &mut self.settled);
        if self.state.is_at_rest() {
            // It came in just as the connection ended.
            self.publishes.rest(now, &mut self.settled);
        }
        self.tell_settled(now, out);
        if self.state.is_connected() {
            self.drain_publishes(now, out);
        } else {
            self.arm_requests(now, out);
        }
    }

    /// The set of topics changes at once, for the next `hello` or the filter of plain mode; the server hears of it if
    /// there is one to hear.
    pub(super) fn change_topics(
        &mut self,
        request: RequestId,
        change: TopicChange,
        now: Now,
        out: &mut Outputs,
    ) {
        let until = now.monotonic.plus(self.options.values().request_timeout);
        let Some(change) = self.topics.change(change) else {
            return topics_settled(Some(request), out);
        };
        let asked = Asked { request: Some(request), until };
        match &self.state {
            ConnectionState::Connected { .. } => {
                self.ask_for_topics(asked, &change, now, out);
            }
            // `hello` was written with the topics as they were.
            ConnectionState::Handshaking { .. } => {
                self.topic_requests.held_back.push((asked, change));
            }
            ConnectionState::Idle
            | ConnectionState::Connecting { .. }
            | ConnectionState::Backoff { .. }
            | ConnectionState::Suspended { .. }
            | ConnectionState::Offline
            | ConnectionState::Closing
            | ConnectionState::Closed
            | ConnectionState::Failed { .. } => topics_settled(Some(request), out),
        }
        self.arm_requests(now, out);
    }

    fn ask_for_topics(&mut self, asked: Asked, change: &TopicChange, now: Now, out: &mut Outputs) {
        match self.protocol.change_topics(change, now.wall) {
            Asking::Answered(text) => {
                self.topic_requests.asked.push_back(asked);
                out.push(Output::Write { text, generation: self.generation });
            }
            Asking::Told(texts) => {
                for text in texts {
                    out.push(Output::Write { text, generation: self.generation });
                }
                topics_settled(asked.request, out);
            }
            Asking::No => topics_settled(asked.request, out),
        }
    }

    /// A connection stands, and its `hello` named all topics but those that were held back.
    pub(super) fn topics_are_in_force(&mut self, now: Now, out: &mut Outputs) {
        for asked in std::mem::take(&mut self.topic_requests.asked) {
            topics_settled(asked.request, out);
        }
        for (asked, change) in std::mem::take(&mut self.topic_requests.held_back) {
            self.ask_for_topics(asked, &change, now, out);
        }
    }

    pub(super) fn subscribed(&mut self, offset: u64, out: &mut Outputs) {
        let asked = self.topic_requests.asked.pop_front();
        if let Some(request) = asked.and_then(|asked| asked.request) {
            let outcome = Outcome::Acknowledged { offset };
            out.push(Output::Settle { request, outcome });
        }
    }

    /// No connection is wanted any more.
    pub(super) fn topics_rest(&mut self) {
        let ended = std::mem::take(&mut self.topic_requests);
        let failed = |request| Settled::Request { request, outcome: Outcome::ConnectionFailed };
        self.settled.extend(ended.all().filter_map(|asked| asked.request).map(failed));
    }

    pub(super) fn requests_due(&mut self, now: Now, out: &mut Outputs) {
        let dice = self.rng.f64();
        self.publishes.due(now, dice, &mut self.settled);
        let overdue = self.topic_requests.all_mut().filter(|asked| asked.until <= now.monotonic);
        for request in overdue.filter_map(|asked| asked.request.take()) {
            self.settled.push(Settled::Request { request, outcome: Outcome::TimedOut });
        }
        self.tell_settled(now, out);
        if self.state.is_connected() {
            self.drain_publishes(now, out);
        } else {
            self.arm_requests(now, out);
        }
    }

    /// Sees to it that the timer is set for the first thing that comes due.
    pub(super) fn arm_requests(&mut self, now: Now, out: &mut Outputs) {
        let due = [self.publishes.next_due(now), self.topic_requests.next_due()];
        match due.into_iter().flatten().min() {
            Some(at) if self.requests_at == Some(at) && self.timers.is_set(Timer::Request) => {}
            Some(at) => {
                self.requests_at = Some(at);
                self.timers.set(Timer::Request, at.max(now.monotonic), out);
            }
            None => self.timers.clear(Timer::Request, out),
        }
    }

    /// Tells whoever waits, and the disk.
    pub(super) fn tell_settled(&mut self, now: Now, out: &mut Outputs) {
        let mut kept = Vec::new();
        let mut expired: Option<(usize, SmolStr)> = None;
        for settled in self.settled.drain(..) {
            match settled {
                Settled::Request { request, outcome } => {
                    self.counters.settled(&outcome);
                    out.push(Output::Settle { request, outcome });
                }
                Settled::Kept { id, settlement } => kept.push((id, settlement)),
                Settled::Expired { ty } => expired.get_or_insert((0, ty)).0 += 1,
                Settled::Parked { id, ty, parked } => {
                    let (code, message) = (parked.code, parked.message);
                    let at = now.wall;
                    out.push(Output::Report(Event::Parked { at, id, ty, code, message }));
                }
            }
        }
        if let Some((count, first_type)) = expired {
            self.counters.expired += count as u64;
            out.push(Output::Report(Event::Expired { at: now.wall, count, first_type }));
        }
        if !kept.is_empty() {
            out.push(Output::Persist(Persist::Settle { settled: kept }));
        }
    }

    pub(super) fn persisted(&mut self, persisted: Persisted, now: Now, out: &mut Outputs) {
        match persisted {
            Persisted::Sending { ids, failed } => {
                if let Some(reason) = failed {
                    self.persistence_failed("noting what is being sent", reason, now, out);
                }
                self.publishes.marked(&ids);
            }
            Persisted::Failed { doing, reason } => {
                self.persistence_failed(doing, reason, now, out);
            }
            Persisted::Unsettled { items, unsayable } => {
                for item in items {
                    debug_assert!(matches!(item.keeping, Keeping::Durable { .. }));
                    self.publishes.add(item, now, &mut self.settled);
                }
                for (id, ty) in unsayable {
                    park_unsayable(id, ty, now.wall, &mut self.settled);
                }
                self.tell_settled(now, out);
            }
        }
        if self.state.is_connected() {
            self.drain_publishes(now, out);
        } else {
            self.arm_requests(now, out);
        }
    }

    fn persistence_failed(
        &mut self,
        doing: &'static str,
        reason: String,
        now: Now,
        out: &mut Outputs,
    ) {
        self.counters.persistence_failures += 1;
        out.push(Output::Report(Event::Persistence { at: now.wall, doing, reason }));
    }
}

/// It waits for a person, who is told; whatever is behind it goes on.
fn park_unsayable(id: SmolStr, ty: SmolStr, at: UnixMillis, settled: &mut Vec<Settled>) {
    let message = "the protocol of this connection has no words for it".to_owned();
    let parked = Parked { code: "unsayable".into(), message, at };
    settled.push(Settled::Parked { id: id.clone(), ty, parked: parked.clone() });
    settled.push(Settled::Kept { id, settlement: Settlement::Parked(parked) });
}

/// In force as far as can be: now, or with the next connection.
fn topics_settled(request: Option<RequestId>, out: &mut Outputs) {
    if let Some(request) = request {
        out.push(Output::Settle { request, outcome: Outcome::Written });
    }
}
