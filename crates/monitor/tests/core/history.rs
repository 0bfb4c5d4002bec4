//! Figures over time, as the core records them and the handle answers.

use domain::sample::Figure;
use domain::view::{HistoryQuery, SeriesView};
use store::{HISTORY_FILE, History, HistoryRetention, HistoryState, SeriesKey, StoreErrorKind};

use crate::watch::*;

const MINUTE: Duration = Duration::from_secs(60);

async fn started(history: &History, mode: Mode) -> Watch {
    let history = history.clone();
    Watch::start_with(mode, Store::in_memory().unwrap(), |options| options.history = Some(history))
        .await
}

/// A day back from now, and the rest of the minute that runs.
fn query(watch: &Watch, figures: &[Figure]) -> HistoryQuery {
    let now = monitor::Clock::now(&*watch.clock);
    HistoryQuery {
        vault: VaultId::new("A").unwrap(),
        figures: figures.to_vec(),
        // However far the clock was moved.
        from: now.minus(24 * 60 * MINUTE),
        to: now.plus(MINUTE),
        points: 1_500,
    }
}

/// How many points of vault A are there. Asked behind what was handed over before.
async fn points(watch: &Watch) -> usize {
    let view = watch.monitor.vault_history(query(watch, &[Figure::Room])).await.unwrap();
    match &view.series[..] {
        [SeriesView::Room(points)] => points.len(),
        other => panic!("the room and nothing else: {other:?}"),
    }
}

/// Waits until the core has looked at the time, which hands a minute over that is over. It has a window, which is told of
/// the feed each time.
async fn ticked(watch: &mut Watch) {
    // What was told before this says nothing of what was done since.
    while watch.calls.try_recv().is_ok() {}
    let told = |call: &Call| matches!(call, Call::Window(WindowEvent::Feed(_))).then_some(());
    // The first may have been under way.
    for _ in 0..2 {
        watch.until("a look at the time", told).await;
    }
}

#[tokio::test]
async fn a_vaults_figures_are_there_a_minute_later_with_their_extremes() {
    let history = History::in_memory(HistoryRetention::default()).unwrap();
    let mut watch = started(&history, acme()).await;
    for ltv in ["40", "82.4", "40.1"] {
        watch.vault("A", ltv);
    }
    watch.send("market_data_1", r#"{"chainId":1,"priceFeeds":{"WETH":1936.12}}"#);
    watch.settled().await;
    watch.attach().await;
    // What is received bears the connection's own time: it all falls into this minute, or the next.
    watch.clock.advance(MINUTE);
    watch.vault("A", "50");
    watch.settled().await;
    // The next look takes the minute for over.
    watch.clock.advance(MINUTE);
    ticked(&mut watch).await;
    let view = watch.monitor.vault_history(query(&watch, &[Figure::Ltv, Figure::Room])).await;
    let SeriesView::Ltv(found) = view.unwrap().series.remove(0) else { panic!("in this order") };
    assert_eq!(found.last().unwrap().last.to_string(), "50");
    let most = found.iter().map(|point| point.max).max().unwrap();
    assert_eq!(most.to_string(), "82.4", "a spike between two others of one minute");
    let price = SeriesKey::Price { chain: domain::ChainId(1), token: "WETH".into() };
    let prices = history.samples(price, UnixMillis(0)..UnixMillis(i64::MAX)).await.unwrap();
    assert_eq!(prices[0].get(Figure::Price).unwrap().last.to_string(), "1936.12");
    let diagnostics = watch.monitor.diagnostics().await.unwrap();
    assert!(diagnostics.history.unwrap().points >= 2);
}

#[tokio::test]
async fn the_last_minute_is_written_at_the_end_and_the_demo_begins_anew() {
    let history = History::in_memory(HistoryRetention::default()).unwrap();
    let mut watch = started(&history, acme()).await;
    watch.vault("A", "40");
    watch.settled().await;
    watch.monitor.shutdown().await;
    assert_eq!(points(&watch).await, 1);
    let watch = started(&history, Mode::Demo).await;
    assert_eq!(points(&watch).await, 0);
}

#[tokio::test]
async fn a_disk_that_hangs_over_the_history_delays_no_alert() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(HISTORY_FILE);
    let history = History::open(&path, HistoryRetention::default()).unwrap();
    let mut state = history.state();
    state.wait_for(|state| matches!(state, HistoryState::Writing(_))).await.unwrap();
    let mut watch = started(&history, acme()).await;
    watch.attach().await;
    // Whoever holds the file makes the history's thread wait, for as long as it likes.
    let holder = rusqlite::Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    watch.vault("A", "60");
    // One minute is with the thread, and the next one finds it busy.
    for _ in 0..2 {
        watch.settled().await;
        watch.clock.advance(MINUTE);
        ticked(&mut watch).await;
        watch.vault("A", "40");
    }
    assert!(history.statistics().coarse > 0, "it is counted");
    let begun = std::time::Instant::now();
    watch.vault("B", "82");
    watch.notified().await;
    // Whoever waits for the file waits five seconds.
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    holder.execute_batch("ROLLBACK").unwrap();
    // The minutes in between share a point with a later one; the extreme among them is there.
    let mut most = None;
    for _ in 0..60 {
        watch.clock.advance(MINUTE);
        watch.vault("A", "40");
        watch.settled().await;
        ticked(&mut watch).await;
        let all = UnixMillis(0)..UnixMillis(i64::MAX);
        let key = SeriesKey::Vault(VaultId::new("A").unwrap());
        let points = history.samples(key, all).await.unwrap();
        most = points.iter().map(|point| point.get(Figure::Ltv).unwrap().max).max();
        if most.is_some_and(|most| most.to_string() == "60") {
            break;
        }
    }
    assert_eq!(most.unwrap().to_string(), "60");
}

#[tokio::test]
async fn a_damaged_history_is_told_and_watching_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(HISTORY_FILE);
    std::fs::write(&path, vec![b'x'; 8_192]).unwrap();
    let history = History::open(&path, HistoryRetention::default()).unwrap();
    let options = |options: &mut Options| options.history = Some(history.clone());
    let mut watch = Watch::begin(acme(), Store::in_memory().unwrap(), options).await;
    let told = watch
        .until("a notice", |call| match call {
            Call::Window(WindowEvent::Notification(view)) => Some(view.clone()),
            _ => None,
        })
        .await;
    assert_eq!(told.title, "The history was damaged");
    assert!(told.message.contains("history.db.corrupt-"), "{}", told.message);
}

#[tokio::test]
async fn without_a_history_the_answer_is_that_there_is_none() {
    let watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    let error = watch.monitor.vault_history(query(&watch, &[])).await.unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::Closed);
}
