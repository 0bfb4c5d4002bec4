//! The alert log under `kill -9`: a change that was told as written is there, with all that was written with it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use domain::view::{
    DeliveryView, NotificationId, NotificationState, NotificationView, Origin, Tone,
};
use domain::{Level, UnixMillis, VaultId};
use realtime::persistence::StreamKey;
use realtime::wire::Position;
use store::{
    AlertChange, AlertRecord, Batch, Delivery, LogQuery, LogReader, LogSequence, Opened, Store,
    Stored,
};

use super::child;
use super::kill::until_dead;

/// Alerts that take turns in getting worse.
const ALERTS: i64 = 7;

/// The `n`th step of the watch: a change of an alert, the alert as it is after that, what the engine remembers of it, and
/// how far the stream was read.
fn step(n: i64) -> Batch {
    let id = NotificationId(1 + n % ALERTS);
    let vault = VaultId::new(&format!("V-{id}")).unwrap();
    let view = NotificationView {
        id,
        tone: Tone::Error,
        title: format!("step {n}"),
        message: "x".repeat(100 + (n as usize * 37) % 900),
        timestamp: UnixMillis(0),
        updated: UnixMillis(n),
        read: false,
        action: None,
        auto_dismiss: None,
        severity: Level::Critical,
        vault: Some(vault.clone()),
        state: NotificationState::Firing,
        occurrences: 1,
        suppressed: 0,
        incident: None,
        acknowledged: None,
        snoozed_until: None,
        evidence: None,
        late: false,
        delivery: DeliveryView::Wanted,
    };
    let condition = format!("solvency {vault}");
    let record = AlertRecord {
        at: UnixMillis(n),
        notification: id,
        incident: None,
        vault: Some(vault),
        condition: condition.clone(),
        severity: Level::Critical,
        title: view.title.clone(),
        message: view.message.clone(),
        change: if n < ALERTS { AlertChange::Raised } else { AlertChange::Worsened },
        evidence: None,
        origin: Some(Origin::new(format!(r#"{{"step":{n}}}"#))),
    };
    let position = Position { epoch: "e".into(), offset: n.cast_unsigned() };
    Batch {
        notifications: vec![Stored { view, condition, delivery: Delivery::Wanted }],
        records: vec![record],
        memory: vec![(format!("a:{id}").into(), n.to_string())],
        place: Some((stream(), position)),
    }
}

fn stream() -> StreamKey {
    StreamKey::profile("crash", None)
}

/// No test: the body of the child. Run by hand it does nothing.
#[tokio::test]
#[ignore = "started by the tests beside it"]
async fn alerts_child() {
    let Some((path, first, count)) = child::told() else { return };
    let (store, _) = Store::open(&path).unwrap();
    let first: i64 = first.parse().unwrap();
    for n in first..first + i64::from(count) {
        store.commit(step(n)).await.unwrap();
        child::say("kept", &n.to_string());
    }
}

/// One file through all rounds, so that each start has the log of a dead process to recover.
#[tokio::test]
async fn ten_kills_lose_no_change_of_an_alert() {
    const ROUNDS: usize = 10;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vaultwatch.db");
    let (mut next, mut kept) = (0, BTreeSet::new());
    for _ in 0..ROUNDS {
        let body = "alerts::alerts_child";
        let told = until_dead(child::command_for(body, &path, &next.to_string(), u32::MAX, &[]));
        kept.extend(told.kept.iter().map(|n| n.parse::<i64>().unwrap()));
        next = check(&path, &kept).await;
    }
    assert!(kept.len() > ROUNDS, "the child had begun to work before it was killed");
}

/// That every change that was told as kept is there, each once, and what was written with the last of them; returns the
/// number of the next one.
async fn check(path: &Path, kept: &BTreeSet<i64>) -> i64 {
    let (store, opened) = Store::open(path).unwrap();
    assert!(matches!(opened, Opened::New | Opened::Intact), "{opened:?}");
    let found = steps(path);
    let next = found.len() as i64;
    assert!(found.iter().copied().eq(0..next), "in order, none missing and none twice: {found:?}");
    let lost: Vec<_> = kept.iter().filter(|n| **n >= next).collect();
    assert!(lost.is_empty(), "{lost:?} of {next}");
    // All of a step is there, or nothing of it: also of the one whose answer the child did not live to hear.
    let mut last = BTreeMap::new();
    for n in 0..next {
        last.insert(NotificationId(1 + n % ALERTS), n);
    }
    let shown = store.notifications().await.unwrap();
    let shown: BTreeMap<_, _> =
        shown.into_iter().map(|one| (one.view.id, one.view.updated.0)).collect();
    assert_eq!(shown, last);
    let remembered = store.memory().await.unwrap();
    let remembered: BTreeMap<_, _> = remembered
        .into_iter()
        .map(|(key, n)| (NotificationId(key[2..].parse().unwrap()), n.parse::<i64>().unwrap()))
        .collect();
    assert_eq!(remembered, last);
    let place = store.position(stream()).await.unwrap();
    assert_eq!(
        place.map(|position| position.offset.cast_signed() + 1),
        Some(next).filter(|n| *n > 0)
    );
    next
}

/// The steps that the log tells of, page by page, by the message that led to each.
fn steps(path: &Path) -> Vec<i64> {
    let reader = LogReader::open(path).unwrap();
    let (mut after, mut all) = (LogSequence::default(), Vec::new());
    loop {
        let page = reader.read(&LogQuery { after, ..LogQuery::default() }).unwrap();
        let Some(last) = page.last() else { return all };
        after = last.seq;
        all.extend(page.iter().map(|logged| {
            let origin = logged.record.origin.as_ref().expect("each has its message");
            assert_eq!(origin.text, format!(r#"{{"step":{}}}"#, logged.record.at));
            logged.record.at.0
        }));
    }
}
