//! What the history weighs and how long it takes, in figures. Run by hand or by the soak, in release.

use std::time::{Duration, Instant};

use domain::UnixMillis;
use domain::sample::Figure;
use store::{Fold, HISTORY_FILE, History, HistoryRetention};

use crate::{DAY, HOUR, MINUTE, START, key, recorded, sample};

#[tokio::test]
async fn a_month_of_a_vault_is_answered_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let history =
        History::open(&folder.path().join(HISTORY_FILE), HistoryRetention::default()).unwrap();
    let asked = month(&history, 1).await;
    // Some milliseconds in a release build; a test build on a busy machine has its excuse.
    assert!(asked.iter().all(|(_, time)| *time < Duration::from_millis(500)), "{asked:?}");
}

#[tokio::test]
#[ignore = "soak"]
async fn soak_a_month_among_many_vaults() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(HISTORY_FILE);
    let history = History::open(&path, HistoryRetention::default()).unwrap();
    let vaults = 20;
    let asked = month(&history, vaults).await;
    drop(history);
    let bytes = size(&path).await;
    let connection = rusqlite::Connection::open(&path).unwrap();
    let blocks = |table: &str| -> (i64, i64) {
        let sql = format!("SELECT count(*), coalesce(sum(length(points)), 0) FROM {table}");
        connection.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    };
    let tables: Vec<_> = ["minutes", "fives", "hours"].map(|table| (table, blocks(table))).to_vec();
    tell(&serde_json::json!({
        "vaults": vaults, "days": 30, "bytes": bytes, "bytesPerVault": bytes / u64::from(vaults),
        "blocksAndBytes": tables,
        "queriesMicros": asked.iter().map(|(what, time)| (*what, time.as_micros())).collect::<Vec<_>>(),
    }));
}

#[tokio::test]
#[ignore = "soak"]
async fn soak_two_hours_of_ten_thousand_vaults() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(HISTORY_FILE);
    let history = History::open(&path, HistoryRetention::default()).unwrap();
    let mut ltvs = vec![7_000i64; 10_000];
    let mut random = fastrand::Rng::with_seed(1);
    let mut slowest = (Duration::ZERO, Duration::ZERO);
    let mut folding = Duration::ZERO;
    for minute in 0..130 {
        let at = UnixMillis(START + minute * MINUTE);
        let mut fold = Fold::default();
        let samples: Vec<_> = ltvs
            .iter_mut()
            .map(|ltv| {
                *ltv = (*ltv + random.i64(-5..=5)).clamp(5_000, 8_200);
                sample(*ltv)
            })
            .collect();
        let begun = Instant::now();
        for (vault, sample) in (0..).zip(&samples) {
            fold.add(key(vault), sample, at);
        }
        folding += begun.elapsed();
        let begun = Instant::now();
        history.record(fold.take(), at).unwrap().await.unwrap();
        slowest.0 = slowest.0.max(begun.elapsed());
        // Asked in the middle of whatever is being rolled up.
        let begun = Instant::now();
        let range = UnixMillis(START)..at;
        history.series(key(5_000), range, 500).await.unwrap();
        slowest.1 = slowest.1.max(begun.elapsed());
    }
    drop(history);
    tell(&serde_json::json!({
        "vaults": ltvs.len(), "minutes": 130, "bytes": size(&path).await,
        "slowestMinuteMillis": slowest.0.as_millis(), "slowestQueryMillis": slowest.1.as_millis(),
        "foldNanosPerSample": folding.as_nanos() / (130 * 10_000),
    }));
}

/// Thirty days of so many vaults, each of which changes several times a minute; then some questions about one of them.
async fn month(history: &History, vaults: u32) -> Vec<(&'static str, Duration)> {
    let mut random = fastrand::Rng::with_seed(1);
    let mut ltvs = vec![7_000i64; vaults as usize];
    for hour in 0..30 * 24 {
        let begin = START + hour * HOUR;
        let mut batch = Vec::new();
        for minute in 0..60 {
            for (vault, ltv) in (0..).zip(&mut ltvs) {
                let mut samples = Vec::new();
                for _ in 0..3 {
                    *ltv = (*ltv + random.i64(-3..=3)).clamp(5_000, 8_200);
                    samples.push(sample(*ltv));
                }
                batch.push(recorded(vault, begin + minute * MINUTE, &samples));
            }
        }
        history.record(batch, UnixMillis(begin + HOUR)).unwrap().await.unwrap();
    }
    let end = START + 30 * DAY;
    let mut asked = Vec::new();
    let vault = vaults / 2;
    // Of three times the quickest: this machine may have something else to do.
    let quickest = |took: [Duration; 3]| took.into_iter().min().unwrap();
    for (what, length, points) in [
        ("hour", HOUR, 60),
        ("day", DAY, 1_440),
        ("week", 7 * DAY, 500),
        ("month", 30 * DAY, 720),
        ("month by 5 min", 30 * DAY, 8_640),
    ] {
        let range = UnixMillis(end - length)..UnixMillis(end);
        let mut took = [Duration::ZERO; 3];
        for took in &mut took {
            let begun = Instant::now();
            let series = history.series(key(vault), range.clone(), points).await.unwrap();
            *took = begun.elapsed();
            let steps = length / i64::try_from(series.step.as_millis()).unwrap();
            assert_eq!(series.points.len(), usize::try_from(steps).unwrap(), "{what}");
            assert!(series.points.iter().all(|(_, point)| point.get(Figure::Room).is_some()));
        }
        asked.push((what, quickest(took)));
    }
    let mut took = [Duration::ZERO; 3];
    for took in &mut took {
        let begun = Instant::now();
        let samples = history.samples(key(vault), UnixMillis(0)..UnixMillis(end)).await.unwrap();
        *took = begun.elapsed();
        assert!(samples.len() > 8_640);
    }
    asked.push(("all samples", quickest(took)));
    asked
}

/// Of the file, once it is closed.
async fn size(path: &std::path::Path) -> u64 {
    let log = path.with_file_name(format!("{HISTORY_FILE}-wal"));
    for _ in 0..600 {
        if !log.exists() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    std::fs::metadata(path).unwrap().len()
}

#[expect(clippy::print_stdout, reason = "a soak tells its figures")]
fn tell(figures: &serde_json::Value) {
    println!("{figures}");
}
