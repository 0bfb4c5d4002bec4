use std::time::Duration;

use domain::sample::Figure;
use domain::{UnixMillis, VaultId};
use rusqlite::Connection;
use store::{
    Fold, HISTORY_FILE, History, HistoryReader, HistoryRetention, HistoryState, SeriesKey,
    StoreErrorKind,
};

use crate::{DAY, HOUR, MINUTE, START, key, recorded, sample};

fn in_memory() -> History {
    History::in_memory(HistoryRetention::default()).unwrap()
}

fn range(from: i64, to: i64) -> std::ops::Range<UnixMillis> {
    UnixMillis(from)..UnixMillis(to)
}

#[tokio::test]
async fn a_spike_within_a_minute_is_seen_a_month_later() {
    let history = in_memory();
    for minute in 0..40 * 24 * 60 / 5 {
        let at = START + minute * 5 * MINUTE;
        let spike = if minute == 100 { [7600, 8249, 7610] } else { [7600, 7605, 7602] };
        let batch = vec![recorded(1, at, &spike.map(sample))];
        history.record(batch, UnixMillis(at)).unwrap().await.unwrap();
    }
    let at = START + 500 * MINUTE;
    let hour = at - at % HOUR;
    let series = history.series(key(1), range(hour, hour + 1), 1).await.unwrap();
    let series = series.points.first().unwrap().1;
    let spread = |figure| {
        let spread = series.get(figure).unwrap();
        [spread.min, spread.max, spread.last].map(|value| value.to_string())
    };
    assert_eq!(spread(Figure::Ltv), ["76", "82.49", "76.02"]);
    assert_eq!(spread(Figure::Room), ["0.012121", "7.878787", "7.854545"]);
    let month = history.series(key(1), range(START, START + 30 * DAY), 300).await.unwrap();
    assert_eq!(month.step, Duration::from_secs(3 * 3_600));
    assert_eq!(month.points.len(), 240);
    let most = month.points.iter().map(|(_, point)| point.get(Figure::Ltv).unwrap().max).max();
    assert_eq!(most.unwrap().to_string(), "82.49");
}

#[tokio::test]
async fn what_nobody_recorded_is_an_empty_answer() {
    let history = in_memory();
    assert!(history.series(key(9), range(0, i64::MAX), 100).await.unwrap().points.is_empty());
    history
        .record(vec![recorded(1, START, &[sample(7600)])], UnixMillis(START))
        .unwrap()
        .await
        .unwrap();
    assert!(history.samples(key(9), range(0, i64::MAX)).await.unwrap().is_empty());
    assert_eq!(history.samples(key(1), range(0, i64::MAX)).await.unwrap().len(), 1);
    assert!(history.samples(key(1), range(START + MINUTE, START)).await.unwrap().is_empty());
    history.clear().await.unwrap();
    assert!(history.samples(key(1), range(0, i64::MAX)).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_thread_that_is_busy_gives_the_batch_back_and_the_minute_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(HISTORY_FILE);
    let history = History::open(&path, HistoryRetention::default()).unwrap();
    history
        .record(vec![recorded(1, START, &[sample(7600)])], UnixMillis(START))
        .unwrap()
        .await
        .unwrap();
    // Another process holds the file: the thread waits for it, which nobody else does.
    let holder = Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut fold = Fold::default();
    let key = key(1);
    let minute = START + MINUTE;
    fold.add(key.clone(), &sample(8249), UnixMillis(minute));
    let pending = history.record(fold.take(), UnixMillis(minute)).unwrap();
    let later = minute + MINUTE;
    fold.add(key.clone(), &sample(7500), UnixMillis(later));
    let back = history.record(fold.take(), UnixMillis(later)).err().unwrap();
    fold.put_back(back, UnixMillis(later));
    assert!(!fold.is_over(UnixMillis(later)), "it goes on");
    fold.add(key.clone(), &sample(7400), UnixMillis(later));
    holder.execute_batch("ROLLBACK").unwrap();
    pending.await.unwrap();
    history.record(fold.take(), UnixMillis(later + MINUTE)).unwrap().await.unwrap();
    let points = history.samples(key, range(START, START + HOUR)).await.unwrap();
    let ltv = |at: usize| points[at].get(Figure::Ltv).unwrap();
    assert_eq!(points.len(), 3);
    assert_eq!((ltv(1).max.to_string(), ltv(2).max.to_string()), ("82.49".into(), "75".into()));
    assert_eq!(ltv(2).last.to_string(), "74");
}

#[tokio::test]
async fn what_cannot_be_written_is_told_and_goes_with_the_next_minute() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(HISTORY_FILE);
    let history = History::open(&path, HistoryRetention::default()).unwrap();
    let at = |minute: i64| START + minute * MINUTE;
    history
        .record(vec![recorded(1, at(0), &[sample(7600)])], UnixMillis(at(0)))
        .unwrap()
        .await
        .unwrap();
    let broken = Connection::open(&path).unwrap();
    broken
        .execute_batch(
            "CREATE TRIGGER broken BEFORE INSERT ON fresh BEGIN SELECT RAISE(ABORT, 'no'); END",
        )
        .unwrap();
    for (minute, ltv) in [(1, 8249), (2, 7500)] {
        let batch = vec![recorded(1, at(minute), &[sample(ltv)])];
        history.record(batch, UnixMillis(at(minute))).unwrap().await.unwrap_err();
    }
    assert_eq!(*history.state().borrow(), HistoryState::Failing(StoreErrorKind::Database));
    broken.execute_batch("DROP TRIGGER broken").unwrap();
    let batch = vec![recorded(1, at(3), &[sample(7550)]), recorded(2, at(3), &[sample(7550)])];
    history.record(batch, UnixMillis(at(3))).unwrap().await.unwrap();
    assert!(matches!(*history.state().borrow(), HistoryState::Writing(_)));
    let points = history.samples(key(1), range(START, START + HOUR)).await.unwrap();
    assert_eq!(points.len(), 2, "three minutes share a point");
    let ltv = points[1].get(Figure::Ltv).unwrap();
    let told = [ltv.min, ltv.max, ltv.last].map(|value| value.to_string());
    assert_eq!(told, ["75", "82.49", "75.5"]);
    let counted = history.statistics();
    assert_eq!((counted.failures, counted.coarse, counted.points), (2, 2, 3));
}

#[tokio::test]
async fn another_process_reads_while_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(HISTORY_FILE);
    let history = History::open(&path, HistoryRetention::default()).unwrap();
    let price = SeriesKey::Price { chain: domain::ChainId(1), token: "WETH".into() };
    for minute in 0..3 * 24 * 60 {
        let at = UnixMillis(START + minute * MINUTE);
        let mut fold = Fold::default();
        fold.add(key(1), &sample(7600 + minute % 50), at);
        fold.add(price.clone(), &domain::sample::Sample::of_price("1936.12".parse().unwrap()), at);
        history.record(fold.take(), at).unwrap().await.unwrap();
    }
    let reader = HistoryReader::open(&path).unwrap();
    assert_eq!(reader.series().unwrap(), [price.clone(), key(1)]);
    let all: Vec<_> =
        reader.samples(&key(1), range(0, i64::MAX)).unwrap().map(Result::unwrap).collect();
    assert!(all.is_sorted_by_key(|point| point.at));
    let minutes = all.iter().filter(|point| point.step == Duration::from_secs(60)).count();
    assert!(minutes >= 24 * 60, "the last day, minute by minute: {minutes}");
    let covered: Duration = all.iter().map(|point| point.step).sum();
    assert_eq!(covered, Duration::from_secs(3 * 24 * 3_600), "no time twice, none left out");
    let prices = reader.samples(&price, range(START, START + DAY)).unwrap();
    assert!(
        prices
            .map(Result::unwrap)
            .all(|point| point.get(Figure::Price).unwrap().last.to_string() == "1936.12")
    );
    assert_eq!(
        reader.samples(&SeriesKey::Vault(VaultId::new("X").unwrap()), range(0, 1)).unwrap().count(),
        0
    );
}
