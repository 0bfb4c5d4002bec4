//! The history under `kill -9`: what was told as written is there, in whatever resolution.

use std::path::Path;

use domain::sample::{Figure, Sample};
use domain::{UnixMillis, Usd, VaultId};
use store::{
    Fold, History, HistoryPoint, HistoryRetention, HistoryState, Opened, Recorded, SeriesKey,
    Spread,
};

use super::child;
use super::kill::until_dead;

/// A point every twenty minutes: some thousand of them are rolled up to weeks.
const EVERY: i64 = 20;
const VAULTS: u32 = 3;

#[tokio::test]
async fn ten_kills_lose_no_figure() {
    kill(10).await;
}

#[tokio::test]
#[ignore = "soak"]
async fn soak_100_kills_lose_no_figure() {
    kill(100).await;
}

pub(crate) fn key(vault: u32) -> SeriesKey {
    SeriesKey::Vault(VaultId::new(&format!("V-{vault}")).unwrap())
}

/// The `n`th minute.
pub(crate) fn minute(n: i64) -> UnixMillis {
    UnixMillis(1_763_510_400_000 + n * 60_000)
}

/// A price of so many dollars in the `n`th minute.
pub(crate) fn recorded(vault: u32, n: i64, dollars: i64) -> Recorded {
    let mut fold = Fold::default();
    fold.add(key(vault), &Sample::of_price(Usd(dollars.into())), minute(n));
    fold.take().remove(0)
}

/// In dollars.
pub(crate) fn reading(point: &HistoryPoint) -> Spread<i64> {
    let spread = point.point.readings(Figure::Price).unwrap();
    let dollars = |reading: i64| reading / 10_000_000_000;
    Spread { min: dollars(spread.min), max: dollars(spread.max), last: dollars(spread.last) }
}

/// No test: the body of the child. Run by hand it does nothing.
#[tokio::test]
#[ignore = "started by the tests beside it"]
async fn history_child() {
    let Some((path, first, count)) = child::told() else { return };
    let history = History::open(&path, HistoryRetention::default()).unwrap();
    let first: i64 = first.parse().unwrap();
    for n in first..first + i64::from(count) {
        let batch = (0..VAULTS).map(|vault| recorded(vault, n * EVERY, n)).collect();
        history.record(batch, minute(n * EVERY)).unwrap().await.unwrap();
        child::say("kept", &n.to_string());
    }
}

/// One file through all rounds, so that each start has the log of a dead process to recover.
async fn kill(rounds: u32) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let (mut next, mut kept) = (0, Vec::new());
    for _ in 0..rounds {
        let body = "history::history_child";
        let told = until_dead(child::command_for(body, &path, &next.to_string(), u32::MAX, &[]));
        kept.extend(told.kept.iter().map(|n| n.parse::<i64>().unwrap()));
        next = kept.iter().max().map_or(next, |last| last + 1);
        for vault in 0..VAULTS {
            let lost = lost(&path, vault, &kept).await;
            assert!(lost.is_empty(), "of vault {vault}: {lost:?}");
        }
    }
    super::tell(&serde_json::json!({ "kills": rounds, "kept": kept.len(), "lost": 0 }));
    assert!(kept.len() > rounds as usize, "the child had begun to work before it was killed");
}

/// Figures that were told as written and are in no point of their time.
async fn lost(path: &Path, vault: u32, kept: &[i64]) -> Vec<i64> {
    let history = History::open(path, HistoryRetention::default()).unwrap();
    let mut state = history.state();
    let opened = state.wait_for(|state| *state != HistoryState::Opening).await.unwrap().clone();
    assert!(matches!(opened, HistoryState::Writing(Opened::New | Opened::Intact)), "{opened:?}");
    let points = history.samples(key(vault), UnixMillis(0)..UnixMillis(i64::MAX)).await.unwrap();
    let holds = |n: i64| {
        let at = minute(n * EVERY);
        points.iter().any(|point| {
            let spread = reading(point);
            point.at <= at && at < point.at.plus(point.step) && spread.min <= n && n <= spread.max
        })
    };
    kept.iter().copied().filter(|n| !holds(*n)).collect()
}
