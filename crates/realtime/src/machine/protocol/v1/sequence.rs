use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use smol_str::{SmolStr, format_smolstr};
use wire::control::{Resume, Resumed, SnapshotEnd as End};
use wire::{Invalid, InvalidKind, Message, Place};

use super::super::super::Monotonic;
use super::super::{Context, Signal, control};
use crate::{Event, Inbound, ProtocolFault, SnapshotEnd, Topic};

/// Within which resyncs are counted.
const MINUTE: Duration = Duration::from_secs(60);

/// The order of one session's messages: delivers what follows on what was told before, drops what was delivered
/// already, and asks again for what is missing.
#[derive(Debug)]
pub(super) struct Sequence {
    epoch: SmolStr,
    /// Everything up to here was delivered, or did not concern us.
    told: u64,
    /// Known to be complete up to here without having been told: the log's head, once all missed messages have come.
    complete: u64,
    /// The position the server told last, where it lies before `told`.
    said: u64,
    replay: Option<Replay>,
    snapshot: Option<Snapshot>,
    resync: Option<Resync>,
    /// From where the last resync started.
    last_resync: Option<u64>,
    resyncs: VecDeque<Monotonic>,
    resyncs_per_minute: u32,
    /// What a full snapshot is about.
    topics: Vec<Topic>,
}

/// How a session begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// The missed messages, and then live ones.
    Replay { after: u64, announced: u64 },
    /// Retained events after this, a snapshot, and then live ones.
    Snapshot { after: u64 },
}

#[derive(Clone, Copy, Debug)]
struct Replay {
    head: u64,
    announced: u64,
    sent: u64,
}

/// A snapshot that is coming in.
#[derive(Debug)]
struct Snapshot {
    kind: SnapshotKind,
    topics: Vec<Topic>,
    /// The newest offset of each type, so that what is live wins over what the snapshot says later.
    keys: HashMap<SmolStr, u64>,
    /// How many ends are still to come: one for each `subscribed` it answers.
    ends: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SnapshotKind {
    /// Of everything that is wanted. Until its end nothing can be said to be complete.
    Full,
    /// Of topics that came to others, which go on meanwhile.
    Partial,
}

/// A `resume` that was sent and is not answered yet.
#[derive(Clone, Copy, Debug)]
struct Resync {
    from: u64,
    why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// Nothing came between `from` and here. Until the answer everything is discarded, for it comes again.
    Gap { to: u64 },
    /// Nothing is missing but the state. What comes meanwhile counts.
    Snapshot,
}

impl Sequence {
    pub(super) fn new(
        epoch: SmolStr,
        head: u64,
        start: Start,
        topics: Vec<Topic>,
        resyncs_per_minute: u32,
    ) -> Self {
        let (told, replay) = match start {
            Start::Replay { after, announced } => {
                (after, Some(Replay { head, announced, sent: 0 }))
            }
            Start::Snapshot { after } => (after, None),
        };
        let complete = match replay {
            Some(Replay { announced: 0, .. }) => head,
            _ => told,
        };
        let mut sequence = Self {
            epoch,
            told,
            complete,
            said: told,
            replay,
            snapshot: None,
            resync: None,
            last_resync: None,
            resyncs: VecDeque::new(),
            resyncs_per_minute,
            topics,
        };
        if matches!(start, Start::Snapshot { .. }) {
            sequence.begin_snapshot();
        }
        sequence
    }

    fn begin_snapshot(&mut self) {
        let topics = self.topics.clone();
        let keys = HashMap::new();
        self.replay = None;
        self.snapshot = Some(Snapshot { kind: SnapshotKind::Full, topics, keys, ends: 1 });
    }

    fn is_full_snapshot(&self) -> bool {
        self.snapshot.as_ref().is_some_and(|snapshot| snapshot.kind == SnapshotKind::Full)
    }

    /// An application message with a place.
    pub(super) fn placed(&mut self, message: Message, place: Place, cx: &mut Context<'_>) {
        match place {
            Place::Snapshot { offset } => self.snapshot_item(message, offset, cx),
            Place::Log { offset, prev } => self.logged(message, offset, prev, cx),
        }
    }

    fn logged(&mut self, message: Message, offset: u64, prev: u64, cx: &mut Context<'_>) {
        if self.is_behind_a_gap() {
            // It comes again after `resumed`.
            cx.counters.discarded += 1;
            return;
        }
        if offset <= self.told {
            cx.counters.duplicates += 1;
            return;
        }
        self.count_replay(offset, cx);
        if self.is_full_snapshot() || self.follows(prev) {
            self.deliver(message, offset, cx);
        } else if self.resync.is_some() {
            // Among what is asked for already.
            cx.counters.discarded += 1;
        } else if self.last_resync == Some(self.told) {
            // Asked for once already, and the answer was the same: it is not to be had.
            self.gap(self.told, prev.max(self.told), Recovered::No, cx);
            self.deliver(message, offset, cx);
        } else {
            cx.counters.discarded += 1;
            self.start_resync(prev.max(self.told), cx);
        }
    }

    fn follows(&self, prev: u64) -> bool {
        prev == self.said || (self.told..=self.complete.max(self.told)).contains(&prev)
    }

    /// The position moves first: whoever dies while delivering sees the message again.
    fn deliver(&mut self, message: Message, offset: u64, cx: &mut Context<'_>) {
        self.told = offset;
        self.said = offset;
        if let Some(snapshot) = &mut self.snapshot {
            snapshot.keys.insert(message.ty().into(), offset);
        }
        cx.progress.reach(&self.epoch, offset);
        cx.intake.deliver(message, cx.counters, cx.now, cx.out);
    }

    fn count_replay(&mut self, offset: u64, cx: &mut Context<'_>) {
        let Some(replay) = &mut self.replay else { return };
        let Replay { head, announced, .. } = *replay;
        if offset <= head {
            replay.sent += 1;
            if replay.sent == announced {
                self.complete = head;
            } else if replay.sent > announced {
                // Told when the last of them has come.
                self.complete = self.told;
            }
        } else {
            let sent = replay.sent;
            self.replay = None;
            if sent != announced {
                cx.tell(ProtocolFault::ReplayCount { announced, sent });
            }
        }
    }

    fn snapshot_item(&mut self, message: Message, offset: u64, cx: &mut Context<'_>) {
        let Some(snapshot) = &mut self.snapshot else {
            return cx.tell(ProtocolFault::Unexpected { ty: message.ty().into() });
        };
        match snapshot.keys.get(message.ty()) {
            // A partial state behind the full one has the same type and comes in order.
            Some(newest) if *newest > offset => cx.counters.superseded += 1,
            Some(_) | None => {
                snapshot.keys.insert(message.ty().into(), offset);
                cx.counters.messages += 1;
                cx.out.inbound.push(Inbound::Message(message));
            }
        }
    }

    /// An application message that has no place.
    pub(super) fn unplaced(&mut self, message: Message, cx: &mut Context<'_>) {
        if self.is_behind_a_gap() {
            cx.counters.discarded += 1;
        } else if self.is_full_snapshot() || self.last_resync == Some(self.told) {
            cx.tell(ProtocolFault::NoPlace { ty: message.ty().into() });
            cx.intake.deliver(message, cx.counters, cx.now, cx.out);
        } else {
            let reason = "has no usable place in the log";
            let invalid = Invalid::new(InvalidKind::Control, reason, message.data());
            let invalid = invalid.with_field("offset");
            cx.intake.invalid(invalid, cx.counters, cx.now, cx.out);
            if self.resync.is_none() {
                self.start_resync(self.told, cx);
            }
        }
    }

    fn start_resync(&mut self, to: u64, cx: &mut Context<'_>) {
        let now = cx.now.monotonic;
        self.resyncs.retain(|at| now.since(*at) < MINUTE);
        let count = u32::try_from(self.resyncs.len()).unwrap_or(u32::MAX);
        if count >= self.resyncs_per_minute {
            self.gap(self.told, to, Recovered::No, cx);
            return cx.end(ProtocolFault::ResyncLoop { count });
        }
        self.resyncs.push_back(now);
        self.last_resync = Some(self.told);
        self.resume(self.epoch.clone(), Why::Gap { to }, cx);
    }

    /// For a server that replays though a snapshot was asked for, because it has never heard of that. A position of
    /// another log is one that every server refuses, with retained events and a snapshot; and with this offset those
    /// it retains are the right ones, whether it looks at it or not.
    pub(super) fn ask_for_snapshot(&mut self, cx: &mut Context<'_>) {
        let other = format_smolstr!("not {}", self.epoch);
        self.resume(other, Why::Snapshot, cx);
    }

    fn resume(&mut self, epoch: SmolStr, why: Why, cx: &mut Context<'_>) {
        self.resync = Some(Resync { from: self.told, why });
        let resume = Resume { epoch, offset: self.told, snapshot: why == Why::Snapshot };
        cx.signal(Signal::Write(control("resume", &resume, cx.now.wall)));
        cx.signal(Signal::ResyncBegan);
    }

    fn is_behind_a_gap(&self) -> bool {
        matches!(self.resync, Some(Resync { why: Why::Gap { .. }, .. }))
    }

    pub(super) fn resumed(&mut self, resumed: Resumed, cx: &mut Context<'_>) {
        let Some(Resync { from, why }) = self.resync.take() else {
            return cx.tell(ProtocolFault::Unexpected { ty: "resumed".into() });
        };
        if resumed.ok && resumed.offset != from {
            if let Why::Gap { to } = why {
                self.gap(from, to, Recovered::No, cx);
            }
            let offset = resumed.offset;
            return cx.end(ProtocolFault::ResumedElsewhere { asked: from, offset });
        }
        cx.signal(Signal::ResyncEnded);
        // A snapshot of some topics that was under way is still to end; a full one replaces it.
        self.replay = None;
        self.complete = self.told;
        self.said = resumed.offset;
        match (why, resumed.ok) {
            (Why::Gap { to }, true) => {
                cx.counters.resumes_ok += 1;
                self.gap(from, to, Recovered::Yes, cx);
            }
            (Why::Gap { to }, false) => {
                cx.counters.resumes_failed += 1;
                self.gap(from, to, Recovered::No, cx);
                if resumed.offset < self.told {
                    // The log is shorter than what we had of it: nothing of it can be a duplicate.
                    self.told = 0;
                }
                cx.progress.snapshot_begins();
                self.begin_snapshot();
            }
            // Whoever resumes at a position of another log would do so after its own restart, too.
            (Why::Snapshot, true) => cx.tell(ProtocolFault::NoSnapshot),
            (Why::Snapshot, false) => self.begin_snapshot(),
        }
    }

    pub(super) fn subscribed(&mut self, offset: u64, new: Vec<Topic>, cx: &mut Context<'_>) {
        if self.resync.is_none() && !self.is_full_snapshot() {
            self.said = offset;
            self.told = self.told.max(offset);
            cx.progress.reach(&self.epoch, self.told);
        }
        for topic in &new {
            if !self.topics.contains(topic) {
                self.topics.push(topic.clone());
            }
        }
        if new.is_empty() {
            return;
        }
        match &mut self.snapshot {
            Some(snapshot) => {
                snapshot.topics.extend(new);
                snapshot.ends += 1;
            }
            None => {
                let keys = HashMap::new();
                let kind = SnapshotKind::Partial;
                self.snapshot = Some(Snapshot { kind, topics: new, keys, ends: 1 });
            }
        }
    }

    pub(super) fn snapshot_end(&mut self, end: End, cx: &mut Context<'_>) {
        let Some(snapshot) = &mut self.snapshot else {
            return cx.tell(ProtocolFault::Unexpected { ty: "snapshot_end".into() });
        };
        snapshot.ends -= 1;
        let is_last = snapshot.ends == 0;
        // While a `resume` is on its way, where to go on is for its answer to say.
        if self.resync.is_none() {
            if end.offset < self.told && snapshot.keys.values().all(|offset| *offset != self.told) {
                // Not because a live message overtook it.
                cx.tell(ProtocolFault::Backwards { from: self.told, to: end.offset });
            }
            self.said = end.offset;
            self.told = self.told.max(end.offset);
            self.complete = self.told;
        }
        if !is_last {
            return;
        }
        let Some(Snapshot { kind, topics, keys, .. }) = self.snapshot.take() else { return };
        cx.progress.reach(&self.epoch, self.told);
        if kind == SnapshotKind::Full {
            cx.progress.snapshot_ended();
        }
        let (at, offset, lost_events) = (cx.now.wall, self.told, end.lost_events);
        cx.counters.lost_events = cx.counters.lost_events.saturating_add(lost_events.unwrap_or(0));
        cx.report(Event::Snapshot { at, offset, keys: keys.len(), lost_events });
        let keys = keys.into_keys().collect();
        let end = SnapshotEnd { offset, topics, keys, lost_events };
        cx.out.inbound.push(Inbound::SnapshotEnd(end));
    }

    fn gap(&self, from: u64, to: u64, recovered: Recovered, cx: &mut Context<'_>) {
        cx.counters.gaps += 1;
        let recovered = recovered == Recovered::Yes;
        cx.report(Event::Gap { at: cx.now.wall, from, to, recovered });
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Recovered {
    Yes,
    No,
}
