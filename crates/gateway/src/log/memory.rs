use std::collections::VecDeque;
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use foldhash::{HashMap, HashMapExt};
use smol_str::SmolStr;
use wire::UnixMillis;

use super::gone::Gone;
use super::logs::random_name;
use super::{
    Appended, Counts, Deliver, Entry, History, Log, LogError, Logs, Pending, Record, Retention,
};

/// Logs that end with the process.
#[derive(Debug)]
pub(super) struct MemoryLogs(Retention);

impl MemoryLogs {
    pub(super) fn new(retention: Retention) -> Self {
        Self(retention)
    }
}

impl Logs for MemoryLogs {
    fn is_local(&self) -> bool {
        true
    }

    fn history(&self) -> History {
        History::NONE
    }

    fn open<'a>(&'a self, _: &'a str, deliver: Weak<dyn Deliver>) -> Pending<'a, Arc<dyn Log>> {
        let open = |epoch| Arc::new(MemoryLog::new(epoch, self.0, deliver)) as Arc<dyn Log>;
        Box::pin(ready(random_name().map(open)))
    }
}

/// A log that ends with the process. Events are retained beside the rest, so that a flood of state does not push
/// them out.
#[derive(Debug)]
pub(crate) struct MemoryLog {
    epoch: SmolStr,
    retention: Retention,
    /// Held while entries are handed out, so that this has the log's order, too.
    inner: Mutex<Inner>,
    deliver: Weak<dyn Deliver>,
}

#[derive(Debug, Default)]
struct Inner {
    head: u64,
    all: Ring,
    events: Ring,
    gone: Gone,
    ids: HashMap<SmolStr, u64>,
    id_ages: VecDeque<(UnixMillis, SmolStr)>,
}

#[derive(Debug, Default)]
struct Ring {
    entries: VecDeque<(UnixMillis, Arc<Entry>)>,
    bytes: usize,
}

impl Ring {
    fn push(&mut self, now: UnixMillis, entry: Arc<Entry>) {
        self.bytes += entry.kind.text.len();
        self.entries.push_back((now, entry));
    }

    /// Drops what is too much or too old.
    fn trim(
        &mut self,
        now: UnixMillis,
        retention: &Retention,
        age: Duration,
        mut dropped: impl FnMut(&Entry),
    ) {
        while let Some((at, entry)) = self.entries.front() {
            let full = self.entries.len() > retention.messages || self.bytes > retention.bytes;
            if !full && now.since(*at) <= age {
                break;
            }
            self.bytes -= entry.kind.text.len();
            dropped(entry);
            self.entries.pop_front();
        }
    }

    fn range(&self, after: u64, upto: u64) -> impl Iterator<Item = Arc<Entry>> + '_ {
        let start = self.entries.partition_point(|(_, entry)| entry.offset <= after);
        let found = self.entries.iter().skip(start).map(|(_, entry)| Arc::clone(entry));
        found.take_while(move |entry| entry.offset <= upto)
    }
}

impl MemoryLog {
    /// `epoch` must be one that was never used before.
    pub(super) fn new(epoch: SmolStr, retention: Retention, deliver: Weak<dyn Deliver>) -> Self {
        let inner = Mutex::new(Inner { ids: HashMap::new(), ..Inner::default() });
        Self { epoch, retention, inner, deliver }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append_now(&self, records: Vec<Record>, now: UnixMillis) -> Result<Vec<Appended>, LogError> {
        let inner = &mut *self.lock();
        inner.forget_ids(now, self.retention.dedup);
        let new_ids = records.iter().filter(|record| record.id.is_some()).count();
        if inner.ids.len() + new_ids > self.retention.ids && new_ids > 0 {
            return Err(LogError::TooManyIds);
        }
        let mut stored = Vec::with_capacity(records.len());
        let push = |record| inner.push(record, now, &mut stored);
        let appended = records.into_iter().map(push).collect();
        let Retention { age, event_age, .. } = self.retention;
        inner.all.trim(now, &self.retention, age, |_| {});
        let gone = &mut inner.gone;
        let note = |event: &Entry| gone.note(event.offset, event.kind.ty.clone());
        inner.events.trim(now, &self.retention, event_age, note);
        if let Some(deliver) = self.deliver.upgrade() {
            deliver.deliver(&stored, inner.head);
        }
        Ok(appended)
    }
}

impl Inner {
    fn push(&mut self, record: Record, now: UnixMillis, stored: &mut Vec<Arc<Entry>>) -> Appended {
        if let Some(id) = &record.id {
            if let Some(offset) = self.ids.get(id) {
                return Appended::Duplicate(*offset);
            }
            self.ids.insert(id.clone(), self.head + 1);
            self.id_ages.push_back((now, id.clone()));
        }
        self.head += 1;
        let entry = Arc::new(Entry::new(self.head, record.entry, record.from));
        self.all.push(now, Arc::clone(&entry));
        if entry.is_event() {
            self.events.push(now, Arc::clone(&entry));
        }
        stored.push(entry);
        Appended::Stored(self.head)
    }

    fn forget_ids(&mut self, now: UnixMillis, dedup: Duration) {
        while let Some((at, _)) = self.id_ages.front()
            && now.since(*at) > dedup
        {
            let (_, id) = self.id_ages.pop_front().expect("just looked at");
            self.ids.remove(&id);
        }
    }

    fn oldest(&self) -> u64 {
        self.all.entries.front().map_or(self.head + 1, |(_, entry)| entry.offset)
    }
}

impl Log for MemoryLog {
    fn epoch(&self) -> SmolStr {
        self.epoch.clone()
    }

    fn append(&self, records: Vec<Record>, now: UnixMillis) -> Pending<'_, Vec<Appended>> {
        Box::pin(ready(self.append_now(records, now)))
    }

    fn read(&self, after: u64, upto: u64, count: usize) -> Pending<'_, Vec<Arc<Entry>>> {
        let inner = self.lock();
        let read = if after + 1 < inner.oldest() {
            Err(LogError::Trimmed(after))
        } else {
            Ok(inner.all.range(after, upto).take(count).collect())
        };
        Box::pin(ready(read))
    }

    fn events(&self, after: u64, upto: u64, count: usize) -> Pending<'_, Vec<Arc<Entry>>> {
        let events = self.lock().events.range(after, upto).take(count).collect();
        Box::pin(ready(Ok(events)))
    }

    fn gone(&self, after: u64) -> Pending<'_, Option<Counts>> {
        Box::pin(ready(Ok(self.lock().gone.after(after))))
    }

    fn head(&self) -> Pending<'_, u64> {
        Box::pin(ready(Ok(self.lock().head)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::recorder::Recorder;
    use super::super::{Change, EntryKind, Part};
    use super::*;

    const RETENTION: Retention = Retention {
        messages: 8,
        bytes: 1_000,
        age: Duration::from_secs(1),
        event_age: Duration::from_secs(1),
        dedup: Duration::from_secs(1),
        ids: 1_000,
    };

    fn record(event: bool, id: Option<u8>) -> Record {
        let change = (!event).then(|| Change { key: "k".into(), part: Part::Fields });
        let entry = EntryKind { ty: "k".into(), change, text: "{\"a\":1}".into() };
        Record { entry, id: id.map(|id| smol_str::format_smolstr!("{id}")), from: None }
    }

    fn log(retention: Retention) -> MemoryLog {
        MemoryLog::new("e".into(), retention, Weak::<Recorder>::new())
    }

    fn now<T>(pending: Pending<'_, T>) -> Result<T, LogError> {
        futures_util::FutureExt::now_or_never(pending).expect("a memory log never waits")
    }

    proptest! {
        /// Against the plainest model: a list of everything, of which the last ones that are young enough are kept.
        #[test]
        fn keeps_what_a_list_would(
            steps in proptest::collection::vec((0_i64..400, any::<bool>(), proptest::option::of(0_u8..6)), 0..80),
            after in 0_u64..90,
        ) {
            let log = log(RETENTION);
            let mut model: Vec<(i64, u64, bool)> = Vec::new();
            let mut ids: Vec<(i64, u8, u64)> = Vec::new();
            let mut time = 0;
            for (pause, event, id) in steps {
                time += pause;
                ids.retain(|(at, ..)| time - at <= 1_000);
                let appended = now(log.append(vec![record(event, id)], UnixMillis(time))).unwrap();
                let known = id.and_then(|id| ids.iter().find(|(_, known, _)| *known == id));
                let head = model.last().map_or(0, |(_, offset, _)| *offset);
                let expected = known.map_or(head + 1, |(_, _, offset)| *offset);
                prop_assert_eq!(appended[0].offset(), expected);
                prop_assert_eq!(matches!(appended[0], Appended::Duplicate(_)), known.is_some());
                if known.is_none() {
                    model.push((time, head + 1, event));
                    ids.extend(id.map(|id| (time, id, head + 1)));
                }
            }
            let head = model.last().map_or(0, |(_, offset, _)| *offset);
            let kept = |only_events: bool| -> Vec<u64> {
                let chosen: Vec<_> = model.iter().filter(|(_, _, event)| *event || !only_events).collect();
                let young = chosen.iter().rev().take(8).filter(|(at, ..)| time - at <= 1_000);
                let mut offsets: Vec<u64> = young.map(|(_, offset, _)| *offset).collect();
                offsets.reverse();
                offsets
            };
            let offsets = |entries: Vec<Arc<Entry>>| entries.iter().map(|e| e.offset).collect::<Vec<_>>();
            let all = kept(false);
            prop_assert_eq!(log.lock().oldest(), all.first().copied().unwrap_or(head + 1));
            match now(log.read(after, head, 100)) {
                Ok(read) => {
                    let expected: Vec<u64> = all.iter().copied().filter(|o| *o > after).collect();
                    prop_assert_eq!(offsets(read), expected);
                }
                Err(error) => {
                    prop_assert_eq!(error, LogError::Trimmed(after));
                    prop_assert!(after + 1 < log.lock().oldest());
                }
            }
            let events = now(log.events(after, head, 100)).unwrap();
            let kept = kept(true);
            let gone = |(_, o, event): &&(i64, u64, bool)| *event && *o > after && !kept.contains(o);
            let gone = model.iter().filter(gone).count() as u64;
            prop_assert_eq!(now(log.gone(after)).unwrap().unwrap().values().sum::<u64>(), gone);
            let expected: Vec<u64> = kept.into_iter().filter(|o| *o > after).collect();
            prop_assert_eq!(offsets(events), expected);
        }
    }

    #[test]
    fn more_ids_than_can_be_remembered_are_refused_as_a_whole() {
        let log = log(Retention { ids: 1, ..RETENTION });
        let both = vec![record(true, Some(1)), record(true, Some(2))];
        assert_eq!(now(log.append(both, UnixMillis(0))).unwrap_err(), LogError::TooManyIds);
        assert_eq!(now(log.head()), Ok(0));
    }
}
