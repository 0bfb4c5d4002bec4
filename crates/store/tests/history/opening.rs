use domain::UnixMillis;
use rusqlite::Connection;
use store::{
    HISTORY_FILE, History, HistoryReader, HistoryRetention, HistoryState, Opened, StoreErrorKind,
};

use crate::{HOUR, START, key, recorded, sample};

/// What became of opening it.
async fn opened(history: &History) -> HistoryState {
    let mut state = history.state();
    state.wait_for(|state| *state != HistoryState::Opening).await.unwrap().clone()
}

#[tokio::test]
async fn a_damaged_history_is_set_aside_and_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(HISTORY_FILE);
    std::fs::write(&path, vec![b'x'; 8_192]).unwrap();
    let history = History::open(&path, HistoryRetention::default()).unwrap();
    let HistoryState::Writing(Opened::SetAside(aside)) = opened(&history).await else {
        panic!("set aside: {:?}", *history.state().borrow());
    };
    assert_eq!(std::fs::read(aside).unwrap(), vec![b'x'; 8_192], "nothing is deleted");
    let batch = vec![recorded(1, START, &[sample(7600)])];
    history.record(batch, UnixMillis(START)).unwrap().await.unwrap();
}

#[tokio::test]
async fn a_newer_history_is_left_alone_and_nothing_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(HISTORY_FILE);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = std::fs::read(&path).unwrap();
    let history = History::open(&path, HistoryRetention::default()).unwrap();
    assert_eq!(opened(&history).await, HistoryState::Closed(StoreErrorKind::Newer));
    let batch = vec![recorded(1, START, &[sample(7600)])];
    match history.record(batch, UnixMillis(START)) {
        Ok(answer) => assert_eq!(answer.await.unwrap_err().kind, StoreErrorKind::Closed),
        Err(back) => assert_eq!(back.len(), 1),
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let reader = HistoryReader::open(&path).unwrap_err();
    assert_eq!(reader.kind, StoreErrorKind::Newer);
}

#[tokio::test]
async fn it_is_there_after_a_restart_and_two_profiles_have_two() {
    let folder = tempfile::tempdir().unwrap();
    let of = |profile: &str| folder.path().join(profile).join("vaultwatch.db");
    for (profile, ltv) in [("acme", 7600), ("globex", 5000)] {
        let history = History::beside(&of(profile), HistoryRetention::default()).unwrap();
        let batch = vec![recorded(1, START, &[sample(ltv)])];
        history.record(batch, UnixMillis(START)).unwrap().await.unwrap();
    }
    for (profile, ltv) in [("acme", "76"), ("globex", "50")] {
        let history = History::beside(&of(profile), HistoryRetention::default()).unwrap();
        let range = UnixMillis(START)..UnixMillis(START + HOUR);
        let points = history.samples(key(1), range).await.unwrap();
        let last = points[0].get(domain::sample::Figure::Ltv).unwrap().last;
        assert_eq!((points.len(), last.to_string().as_str()), (1, ltv));
    }
}

#[test]
fn a_history_that_is_not_there_is_not_made_by_looking() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(HISTORY_FILE);
    assert_eq!(HistoryReader::open(&path).unwrap_err().kind, StoreErrorKind::Open);
    assert!(!path.exists());
}
