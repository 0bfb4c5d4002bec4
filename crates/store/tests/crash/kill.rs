use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;

use realtime::persistence::Settlement;

use super::told::Told;
use super::{child, survivors};

#[tokio::test]
async fn ten_kills_lose_nothing() {
    kill(10).await;
}

#[tokio::test]
#[ignore = "soak"]
async fn soak_100_kills_lose_nothing() {
    kill(100).await;
}

/// One file through all rounds, so that each start has the log of a dead process to recover.
async fn kill(rounds: u32) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox.db");
    let (mut kept, mut unasked) = (0, 0);
    let (mut lost, mut doubled) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let told = until_killed(&path, round);
        let (outbox, found) = survivors(&path).await;
        lost.extend(told.lost(&found));
        doubled.extend(told.back(&found));
        kept += told.kept.len();
        unasked += found.difference(&told.kept).count();
        let settled = found.iter().map(|id| (id.into(), Settlement::Acked)).collect();
        outbox.settle(settled).await.unwrap();
    }
    // Of those that are there unasked, the caller did not live to hear it.
    super::tell(&serde_json::json!({
        "kills": rounds, "kept": kept, "unasked": unasked, "lost": lost.len(), "doubled": doubled.len(),
    }));
    // Each id names its round.
    assert_eq!((lost, doubled), (Vec::new(), Vec::new()));
    assert!(kept >= rounds as usize, "the child had begun to work before it was killed");
}

fn until_killed(path: &Path, round: u32) -> Told {
    until_dead(child::command(path, &format!("r{round}"), u32::MAX, &[]))
}

/// Starts a child and kills it in the middle of its work.
pub(crate) fn until_dead(mut command: Command) -> Told {
    let mut child = command.spawn().unwrap();
    let mut told = Told::default();
    // Killed after so many lines and a moment: at random within a group, a sync, a checkpoint.
    let (lines, moment) = (fastrand::usize(1..400), fastrand::u64(0..4_000));
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    for line in out.by_ref().take(lines + 3) {
        told.line(&line.unwrap());
    }
    std::thread::sleep(std::time::Duration::from_micros(moment));
    // SIGKILL.
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert!(!status.success(), "it died of the kill and not by itself: {status}");
    // What it had said before it died is still in the pipe. The last line may be cut.
    out.map_while(Result::ok).for_each(|line| told.line(&line));
    told
}
