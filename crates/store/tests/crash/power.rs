//! Power cuts: a run is recorded, and replayed up to a random moment with what was not synced dropped or torn.

use std::collections::BTreeSet;

use proving::power_cut::{Honesty, Recording};

use super::told::Told;
use super::{child, survivors};

#[tokio::test]
async fn twenty_power_cuts_lose_nothing() {
    cut(20).await;
}

#[tokio::test]
#[ignore = "soak"]
async fn soak_100_power_cuts_lose_nothing() {
    cut(100).await;
}

/// Were the test blind, it would pass here, too.
#[tokio::test]
async fn a_disk_that_only_says_it_synced_is_found_out() {
    let recording = record();
    let mut faults = 0;
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outbox.db");
        let at = fastrand::usize(..recording.len());
        let told = Told::of(recording.cut(at, Honesty::Lies, folder.path()));
        let Ok((outbox, store::Opened::New | store::Opened::Intact)) =
            store::Outbox::open(&path, super::bounds())
        else {
            faults += 1;
            continue;
        };
        let items = outbox.unsettled(&super::stream(), None, usize::MAX).await;
        let found = items.unwrap_or_default().into_iter().map(|item| item.id.to_string());
        faults += usize::from(!told.lost(&found.collect::<BTreeSet<_>>()).is_empty());
    }
    assert!(faults > 0, "20 cuts on a lying disk and nothing was lost");
}

async fn cut(cuts: usize) {
    let recording = record();
    let mut kept = 0;
    let (mut lost, mut doubled) = (Vec::new(), Vec::new());
    for n in 0..cuts {
        let folder = tempfile::tempdir().unwrap();
        let at = fastrand::usize(..recording.len());
        let told = Told::of(recording.cut(at, Honesty::Syncs, folder.path()));
        let (_outbox, found) = survivors(&folder.path().join("outbox.db")).await;
        let of_this_cut = |ids: Vec<String>| ids.into_iter().map(move |id| (n, at, id));
        lost.extend(of_this_cut(told.lost(&found)));
        doubled.extend(of_this_cut(told.back(&found)));
        kept += told.kept.len();
    }
    super::tell(&serde_json::json!({
        "cuts": cuts,
        "operations": recording.len(),
        "kept": kept,
        "lost": lost.len(),
        "doubled": doubled.len(),
    }));
    assert_eq!((lost, doubled), (Vec::new(), Vec::new()), "cut, operation, id");
    assert!(kept > cuts, "the cuts came after something was told as kept");
}

/// One run of the child. Some 500 commits: with checkpoints in it, which move the log into the database.
fn record() -> Recording {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("outbox.db");
    let recording =
        Recording::of(folder.path(), |wrapper| child::command(&database, "p", 100, wrapper));
    assert!(recording.len() > 500, "{} operations", recording.len());
    recording
}
