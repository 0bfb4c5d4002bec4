use std::sync::{Arc, Weak};
use std::time::Duration;

use rusqlite::Connection;
use tempfile::TempDir;
use tokio::sync::oneshot;
use wire::UnixMillis;

use super::super::recorder::Recorder;
use super::super::{
    Appended, Change, Deliver, EntryKind, History, LogError, Part, Record, Retention,
};
use super::writer::{Append, Opened, Writer};
use super::{database, reader};

const RETENTION: Retention = Retention {
    messages: 0,
    bytes: 1 << 20,
    age: Duration::from_secs(100),
    event_age: Duration::from_secs(1_000),
    dedup: Duration::from_secs(10),
    ids: 1_000,
};

/// A writer without a thread, whose time is the test's.
struct Bench {
    folder: TempDir,
    writer: Writer,
    recorder: Arc<Recorder>,
    tenant: i64,
}

impl Bench {
    fn new(retention: Retention) -> Self {
        Self::within(TempDir::new().unwrap(), retention)
    }

    fn within(folder: TempDir, retention: Retention) -> Self {
        Self::with_history(folder, retention, History::NONE)
    }

    fn with_history(folder: TempDir, retention: Retention, history: History) -> Self {
        let connection = database::open(&folder.path().join("log.db")).unwrap();
        let mut writer = Writer::new(connection, retention, history);
        let recorder = Recorder::new();
        let deliver: Weak<Recorder> = Arc::downgrade(&recorder);
        let Opened { tenant, .. } = writer.open("desk", deliver as Weak<dyn Deliver>).unwrap();
        Self { folder, writer, recorder, tenant }
    }

    fn again(self, retention: Retention) -> Self {
        let Self { folder, writer, .. } = self;
        drop(writer);
        Self::within(folder, retention)
    }

    fn append(&mut self, records: Vec<Record>, seconds: i64) -> Result<Vec<Appended>, LogError> {
        let (answer, mut appended) = oneshot::channel();
        let now = UnixMillis(seconds * 1_000);
        self.writer.append(vec![Append { tenant: self.tenant, records, now, answer }]);
        appended.try_recv().unwrap()
    }

    fn tick(&mut self, seconds: i64) {
        self.writer.tick(UnixMillis(seconds * 1_000));
    }

    fn reader(&self) -> Connection {
        database::open_reader(&self.folder.path().join("log.db")).unwrap()
    }
}

fn event(id: Option<u64>) -> Record {
    let entry = EntryKind { ty: "note".into(), change: None, text: "{\"a\":1}".into() };
    Record { entry, id: id.map(|id| id.to_string().into()), from: None }
}

fn state(n: u64) -> Record {
    let text = format!(r#"{{"type":"k","data":{{"f{}":{n}}},"timestamp":{n}}}"#, n % 10);
    let change = Some(Change { key: "k".into(), part: Part::Fields });
    let entry = EntryKind { ty: "k".into(), change, text: text.into() };
    Record { entry, id: None, from: None }
}

#[test]
fn state_goes_before_events_and_its_value_stays() {
    let mut bench = Bench::new(RETENTION);
    bench.append((0..20_000).map(state).collect(), 0).unwrap();
    bench.append(vec![event(None), event(None)], 0).unwrap();
    let value = bench.recorder.keep(&["k".into()]);
    bench.tick(50);
    assert_eq!(reader::read(&bench.reader(), bench.tenant, 0, 3, 9).unwrap().len(), 3);
    // Tidying up has its time; what is left comes next.
    for _ in 0..50 {
        bench.tick(101);
    }
    let read = reader::read(&bench.reader(), bench.tenant, 0, 3, 9);
    assert_eq!(read.unwrap_err(), LogError::Trimmed(0));
    assert_eq!(reader::read(&bench.reader(), bench.tenant, 20_000, 30_000, 9).unwrap().len(), 2);
    let events = reader::events(&bench.reader(), bench.tenant, 0, 30_000, 9).unwrap();
    assert_eq!(events.iter().map(|e| e.offset).collect::<Vec<_>>(), [20_001, 20_002]);
    assert!(reader::gone(&bench.reader(), bench.tenant, 0).unwrap().unwrap().is_empty());
    let mut bench = bench.again(RETENTION);
    assert_eq!(bench.recorder.keep(&["k".into()]), value);
    assert_eq!(bench.recorder.get().upto, 20_002);
    bench.tick(1_001);
    let gone = reader::gone(&bench.reader(), bench.tenant, 20_001).unwrap().unwrap();
    assert_eq!(gone.into_iter().collect::<Vec<_>>(), [("note".into(), 1)]);
    // Offsets go on.
    assert_eq!(bench.append(vec![event(None)], 1_001).unwrap(), [Appended::Stored(20_003)]);
}

#[test]
fn as_much_as_is_to_be_at_hand_is_told_and_values_are_as_they_were() {
    let mut bench = Bench::new(RETENTION);
    bench.append((0..20_000).map(state).collect(), 0).unwrap();
    // The values are kept: for them none of the messages would have to be told.
    bench.tick(1);
    bench.append(vec![event(None), state(20_001)], 1).unwrap();
    let value = bench.recorder.keep(&["k".into()]);
    let mut folder = bench.folder;
    drop(bench.writer);
    let each = r#"{"type":"k","data":{"f9":19999},"timestamp":19999}"#.len();
    for (messages, bytes, told) in [(0, 0, 2), (100, 1 << 20, 100), (100, 10 * each, 10)] {
        let history = History { messages, bytes };
        let bench = Bench::with_history(folder, RETENTION, history);
        let expected: Vec<u64> = (20_003 - told..=20_002).collect();
        assert_eq!(bench.recorder.get().offsets, expected);
        assert_eq!(bench.recorder.keep(&["k".into()]), value);
        folder = bench.folder;
        drop(bench.writer);
    }
}

#[test]
fn what_is_too_much_goes_oldest_first() {
    let mut bench = Bench::new(Retention { bytes: 10 * 7, ..RETENTION });
    bench.append((0..30).map(|_| event(None)).collect(), 0).unwrap();
    bench.append((0..2).map(state).collect(), 0).unwrap();
    for _ in 0..3 {
        bench.tick(1);
    }
    let events = reader::events(&bench.reader(), bench.tenant, 0, 99, 99).unwrap();
    assert_eq!(events.iter().map(|e| e.offset).collect::<Vec<_>>(), (21..=30).collect::<Vec<_>>());
    let gone = reader::gone(&bench.reader(), bench.tenant, 5).unwrap().unwrap();
    assert_eq!(gone["note"], 15);
    let bench = bench.again(RETENTION);
    assert_eq!(bench.recorder.keep(&["k".into()])[0].offset(), 32);
}

#[test]
fn a_page_of_long_messages_is_a_short_one() {
    let mut bench = Bench::new(RETENTION);
    let text = format!(r#"{{"a":"{}"}}"#, "x".repeat(1 << 20));
    let long = || Record {
        entry: EntryKind { ty: "note".into(), change: None, text: text.clone().into() },
        id: None,
        from: None,
    };
    bench.append((0..20).map(|_| long()).collect(), 0).unwrap();
    for read in [reader::read, reader::events] {
        let mut at = 0;
        let mut pages = Vec::new();
        while at < 20 {
            let page = read(&bench.reader(), bench.tenant, at, 20, 1_000).unwrap();
            at = page.last().unwrap().offset;
            pages.push(page.len());
        }
        assert_eq!(pages, [8, 8, 4]);
    }
    // Nor are all of them read at once when the log is opened.
    let bench = bench.again(RETENTION);
    assert_eq!(bench.recorder.get().offsets, (1..=20).collect::<Vec<_>>());
}

#[test]
fn ids_are_known_for_a_time_and_through_a_restart() {
    let mut bench = Bench::new(RETENTION);
    assert_eq!(bench.append(vec![event(Some(1))], 0).unwrap(), [Appended::Stored(1)]);
    bench.tick(9);
    let mut bench = bench.again(RETENTION);
    let again = vec![event(Some(1)), event(Some(2)), event(Some(2))];
    let expected = [Appended::Duplicate(1), Appended::Stored(2), Appended::Duplicate(2)];
    assert_eq!(bench.append(again, 9).unwrap(), expected);
    bench.tick(11);
    assert_eq!(bench.append(vec![event(Some(1))], 11).unwrap(), [Appended::Stored(3)]);
    assert_eq!(bench.recorder.get().offsets, [1, 2, 3], "each once");
}

#[test]
fn more_ids_than_can_be_known_are_refused_as_a_whole() {
    let mut bench = Bench::new(Retention { ids: 2, ..RETENTION });
    let three = (0..3).map(|id| event(Some(id))).collect();
    assert_eq!(bench.append(three, 0).unwrap_err(), LogError::TooManyIds);
    assert_eq!(bench.recorder.get().upto, 0);
    bench.append(vec![event(Some(1)), event(Some(2))], 0).unwrap();
    assert_eq!(bench.append(vec![event(Some(3))], 0).unwrap_err(), LogError::TooManyIds);
    bench.tick(11);
    assert_eq!(bench.append(vec![event(Some(3))], 11).unwrap(), [Appended::Stored(3)]);
}

#[test]
fn every_commit_is_synced() {
    let bench = Bench::new(RETENTION);
    let pragma = |name| {
        let connection = &bench.writer.connection;
        connection.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
    };
    assert_eq!(pragma("synchronous").unwrap(), 2.into(), "FULL");
    assert_eq!(pragma("journal_mode").unwrap(), "wal".to_owned().into());
}

#[test]
fn files_of_others_are_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("other.db");
    let refused = || database::open(&path).unwrap_err().to_string();
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("CREATE TABLE theirs (a)").unwrap();
    assert!(refused().contains("another program"), "{}", refused());
    drop(connection);
    let path = folder.path().join("newer.db");
    let connection = database::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    let error = database::open(&path).unwrap_err();
    assert!(matches!(&error, LogError::Unsuitable(why) if why.contains("newer")), "{error}");
}
