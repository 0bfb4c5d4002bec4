//! Ticks to the window: the newest value of what changed, in batches, one in flight.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use domain::view::{BATCH_BYTES, TickBatch, TickKind};
use domain::{UnixMillis, VaultId};

use crate::TickSink;
use crate::board::{Board, Entry};

/// Time that changes are gathered for before they are sent: two frames at 60 Hz.
pub(crate) const GATHER: Duration = Duration::from_millis(33);
/// And while there are no more of them than a batch holds: nobody reads a figure that changes more often, and whatever
/// changes has the web view draw. A fifth of a second: looked at every [`GATHER`], the sixth time.
const CALM: Duration = Duration::from_millis(190);
/// The same for vaults that are not in view. What comes into view goes at once, and what raises an alert ahead of it.
const UNSEEN: Duration = Duration::from_secs(1);
/// A window that has not acknowledged for this long is hung or gone; it gets its values when it comes back.
const PATIENCE: Duration = Duration::from_secs(5);
/// More vaults than any screen shows at once.
const VIEW: usize = 200;
/// Totals cost a walk over all vaults, and change with every one of them.
const TOTALS_EVERY: Duration = Duration::from_secs(1);

/// The pump between board and window. While no window is attached it does nothing at all.
#[derive(Default)]
pub(crate) struct Window {
    attached: Option<Attachment>,
}

struct Attachment {
    sink: TickSink,
    seq: u64,
    /// The batch not yet acknowledged, and when it was sent.
    in_flight: Option<(u64, UnixMillis)>,
    /// When the last batch went; `None` where it left something behind.
    caught_up: Option<UnixMillis>,
    /// What is looked at goes first, else a figure under somebody's eyes would wait for thousands that are not.
    looked_at: HashSet<VaultId>,
    first: VecDeque<VaultId>,
    waiting: VecDeque<VaultId>,
    markets_changed: bool,
    totals_changed: bool,
    totals_sent: Option<UnixMillis>,
}

impl Window {
    pub(crate) fn is_attached(&self) -> bool {
        self.attached.is_some()
    }

    /// A window is there: it gets everything, worst first.
    pub(crate) fn attach(&mut self, sink: TickSink, board: &mut Board) {
        self.attached = Some(Attachment {
            sink,
            seq: 0,
            in_flight: None,
            caught_up: None,
            looked_at: HashSet::new(),
            first: VecDeque::new(),
            waiting: board.mark_all().into(),
            markets_changed: true,
            totals_changed: true,
            totals_sent: None,
        });
    }

    pub(crate) fn detach(&mut self) {
        self.attached = None;
    }

    /// Something of a vault changed.
    pub(crate) fn vault_changed(&mut self, entry: &mut Entry) {
        if let Some(attached) = &mut self.attached {
            attached.totals_changed = true;
            if entry.mark() {
                attached.put(entry.vault.id.clone());
            }
        }
    }

    pub(crate) fn market_changed(&mut self) {
        if let Some(attached) = &mut self.attached {
            attached.markets_changed = true;
        }
    }

    /// The vaults that are in view from now on: what changes of them goes ahead of the others.
    pub(crate) fn look_at(&mut self, vaults: Vec<VaultId>, board: &Board) {
        if let Some(attached) = &mut self.attached {
            attached.looked_at = vaults.into_iter().take(VIEW).collect();
            let dirty = attached
                .looked_at
                .iter()
                .filter(|id| board.entry(id).is_some_and(|entry| entry.dirty))
                .cloned();
            // They may wait among the others as well, and are no longer dirty when it is their turn there.
            let before = std::mem::replace(&mut attached.first, dirty.collect());
            for id in before {
                attached.waiting.push_front(id);
            }
        }
    }

    pub(crate) fn acknowledge(&mut self, seq: u64) {
        if let Some(attached) = &mut self.attached
            && attached.in_flight.is_some_and(|(waiting, _)| waiting <= seq)
        {
            attached.in_flight = None;
        }
    }

    /// Whether there is anything to send, now or a little later.
    pub(crate) fn waits(&self) -> bool {
        self.attached.as_ref().is_some_and(|attached| {
            attached.seq == 0
                || !attached.first.is_empty()
                || !attached.waiting.is_empty()
                || attached.markets_changed
                || attached.totals_changed
        })
    }

    /// Whether there is something to send and leave to send it.
    pub(crate) fn ready(&self, now: UnixMillis) -> bool {
        self.attached.as_ref().is_some_and(|attached| attached.is_free(now) && attached.is_due(now))
    }

    /// Sends one batch of what waits.
    pub(crate) fn flush(&mut self, board: &mut Board, now: UnixMillis) {
        if let Some(attached) = &mut self.attached {
            attached.send(board, now, None);
        }
    }

    /// Sends one vault ahead of everything: an alert about it follows, and its figures must be there first.
    pub(crate) fn flush_vault(&mut self, id: &VaultId, board: &mut Board, now: UnixMillis) {
        let dirty = board.entry(id).is_some_and(|entry| entry.dirty);
        if let Some(attached) = &mut self.attached
            && dirty
        {
            attached.send(board, now, Some(id));
        }
    }
}

impl Attachment {
    fn put(&mut self, id: VaultId) {
        if self.looked_at.contains(&id) {
            self.first.push_back(id);
        } else {
            self.waiting.push_back(id);
        }
    }

    /// Whether the window can take another one.
    fn is_free(&self, now: UnixMillis) -> bool {
        self.in_flight.is_none_or(|(_, sent)| now.since(sent) >= PATIENCE || now < sent)
    }

    fn is_due(&self, now: UnixMillis) -> bool {
        let Some(sent) = self.caught_up else {
            return self.seq == 0 || !self.first.is_empty() || !self.waiting.is_empty();
        };
        // A clock that was put back tells nothing.
        let rested = |time| now < sent || now.since(sent) >= time;
        rested(CALM)
            && (!self.first.is_empty()
                || self.markets_changed
                || self.totals_due(now)
                || (rested(UNSEEN) && !self.waiting.is_empty()))
    }

    fn totals_due(&self, now: UnixMillis) -> bool {
        self.totals_changed
            && self.totals_sent.is_none_or(|sent| now.since(sent) >= TOTALS_EVERY || now < sent)
    }

    fn send(&mut self, board: &mut Board, now: UnixMillis, only: Option<&VaultId>) {
        let kind = if self.seq == 0 { TickKind::Reset } else { TickKind::Update };
        self.seq += 1;
        let mut batch = TickBatch {
            seq: self.seq,
            kind,
            vaults: Vec::new(),
            markets: Vec::new(),
            totals: None,
        };
        if let Some(id) = only {
            batch.vaults.extend(board.take_row(id));
        } else {
            if std::mem::take(&mut self.markets_changed) {
                batch.markets = board.take_markets(now);
            }
            if self.totals_due(now) {
                batch.totals = Some(board.totals());
                self.totals_changed = false;
                self.totals_sent = Some(now);
            }
            // And the quotation marks around it.
            let mut bytes = text_bytes(&batch) + 2;
            while let Some(id) = self.first.pop_front().or_else(|| self.waiting.pop_front()) {
                // One that was sent ahead of its turn waits no more.
                if board.entry(&id).is_none_or(|entry| !entry.dirty) {
                    continue;
                }
                let Some(row) = board.take_row(&id) else { continue };
                bytes += text_bytes(&row) + 1;
                if bytes > BATCH_BYTES && !batch.vaults.is_empty() {
                    if let Some(entry) = board.entry_mut(&id) {
                        entry.mark();
                    }
                    // The next one, wherever it came from.
                    self.first.push_front(id);
                    break;
                }
                batch.vaults.push(row);
            }
        }
        self.in_flight = Some((self.seq, now));
        let empty = self.first.is_empty() && self.waiting.is_empty();
        self.caught_up = empty.then_some(now);
        (self.sink)(batch);
    }
}

/// Of its JSON, as a text within JSON.
fn text_bytes(value: &impl serde::Serialize) -> usize {
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let escaped = bytes.iter().filter(|byte| matches!(byte, b'"' | b'\\')).count();
            self.0 += bytes.len() + escaped;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // Counting cannot fail, and the view types have string keys only.
    let _ = serde_json::to_writer(&mut count, value);
    count.0
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn at(millis: i64) -> UnixMillis {
        UnixMillis(1_000_000 + millis)
    }

    fn id(text: &str) -> VaultId {
        VaultId::new(text).unwrap()
    }

    /// One that got its first batch at that time, and has taken it.
    fn attached(time: UnixMillis) -> (Window, Board) {
        let (mut window, mut board) = (Window::default(), Board::default());
        window.attach(Arc::new(|_| ()), &mut board);
        assert!(window.ready(time), "the first one waits for nothing");
        window.flush(&mut board, time);
        window.acknowledge(1);
        (window, board)
    }

    #[test]
    fn while_little_changes_batches_are_a_fifth_of_a_second_apart() {
        let (mut window, mut board) = attached(at(0));
        window.market_changed();
        assert!(!window.ready(at(33)) && !window.ready(at(165)));
        assert!(window.ready(at(198)));
        assert!(window.ready(at(-3_600_000)), "the clock was put back");
        window.flush(&mut board, at(100));
        // After a pause a change goes at once.
        window.acknowledge(2);
        assert!(!window.waits() && !window.ready(at(5_000)));
        window.market_changed();
        assert!(window.waits());
        assert!(window.ready(at(5_000)));
    }

    #[test]
    fn what_is_not_in_view_may_be_a_second_behind() {
        let (mut window, _) = attached(at(0));
        let attachment = window.attached.as_mut().unwrap();
        attachment.looked_at.insert(id("SEEN"));
        attachment.put(id("UNSEEN"));
        assert!(!window.ready(at(200)) && !window.ready(at(999)));
        assert!(window.ready(at(1_000)));
        window.attached.as_mut().unwrap().put(id("SEEN"));
        assert!(window.ready(at(200)));
    }

    #[test]
    fn what_a_batch_has_left_behind_follows_at_once() {
        let (mut window, _) = attached(at(0));
        let attachment = window.attached.as_mut().unwrap();
        attachment.put(id("A"));
        attachment.caught_up = None;
        assert!(window.ready(at(33)));
        window.attached.as_mut().unwrap().in_flight = Some((2, at(33)));
        assert!(!window.ready(at(66)), "one is in flight");
    }
}
