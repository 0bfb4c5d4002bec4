//! Calls until each is taken, over failures, restarts and crashes.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use channels::{Desk, Event, Page, Report, SecretStore, Settings};
use proving::port::Reserved;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::receiver::*;

/// A desk, where it keeps things, and what it told.
struct Office {
    desk: Desk,
    reports: watch::Sender<Vec<Report>>,
}

fn office(settings: Settings, file: &std::path::Path, secrets: Arc<dyn SecretStore>) -> Office {
    let reports = watch::Sender::new(Vec::new());
    let told = reports.clone();
    let report = move |report| told.send_modify(|reports| reports.push(report));
    let desk = Desk::open(settings, AGENT, file.to_owned(), secrets, report).unwrap();
    Office { desk, reports }
}

/// Who is still to be called, as the file has it.
fn kept_calls(file: &std::path::Path) -> String {
    let kept: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    kept["calls"]["calls"].to_string()
}

impl Office {
    async fn told(&self, fits: impl Fn(&[Report]) -> bool) {
        wait_for(&self.reports, fits).await;
    }
}

#[tokio::test]
async fn a_receiver_that_fails_is_called_again_until_it_takes_the_call() {
    let receiver = Receiver::start(Manner::Fails(503, 2)).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.json");
    let office = office(settings(&receiver.webhook()), &file, Arc::new(Kept::default()));
    office.desk.call(page(7));
    office.told(|reports| reports.iter().any(|r| r.key == 7 && r.result.is_ok())).await;
    let calls = receiver.calls();
    assert_eq!(calls.len(), 3);
    assert!(
        calls.iter().all(|call| call.header("vaultwatch-delivery") == "d7"),
        "it can be recognised"
    );
    let journal = office.desk.journal();
    // Whoever took it is told of its end.
    let over = Event::Resolved;
    office.desk.end(Page { event: over, delivery: "d7-over".into(), ..page(7) });
    let end = &receiver.called(4).await[3];
    assert_eq!(
        (end.json()["event"].as_str(), end.header("vaultwatch-delivery")),
        (Some("alert.resolved"), "d7-over")
    );
    let failures: Vec<_> = journal.records().map(|record| record.failure.clone()).collect();
    assert_eq!(failures.len(), 3);
    assert!(failures[0].as_ref().unwrap().contains("503") && failures[2].is_none());
    // It is recorded for others to read, too, before it is reported.
    office.told(|reports| reports.len() == 4).await;
    let recorded = office.desk.journal();
    assert_eq!((Desk::journal_in(&file).unwrap(), recorded.records().count()), (recorded, 4));
}

#[tokio::test]
async fn what_was_not_delivered_before_a_restart_is_after_it_and_once() {
    let nobody = Reserved::take();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deeper/calls.json");
    let hook = settings(&format!("[webhook]\nurl = \"http://{}/\"\n", nobody.address()));
    let first = office(hook.clone(), &file, Arc::new(Kept::default()));
    first.desk.call(page(1));
    first.desk.call(page(2));
    first
        .told(|reports| reports.iter().any(|r| r.key == 1) && reports.iter().any(|r| r.key == 2))
        .await;
    first.desk.end(Page { event: Event::Acknowledged, ..page(1) });
    first.desk.kept().await;
    let kept = kept_calls(&file);
    assert!(!kept.contains("\"1\":") && kept.contains("\"2\":"), "{kept}");
    drop(first);

    let receiver = Receiver::listen(nobody.listen(), Manner::Takes);
    let second = office(hook.clone(), &file, Arc::new(Kept::default()));
    second.told(|reports| reports.iter().any(|r| r.key == 2 && r.result.is_ok())).await;
    assert_eq!(receiver.called(1).await[0].json()["alert"]["id"], 2);
    assert!(!kept_calls(&file).contains("\"2\":"));
    drop(second);
    let third = office(hook, &file, Arc::new(Kept::default()));
    third.desk.call(page(3));
    third.told(|reports| reports.iter().any(|r| r.key == 3 && r.result.is_ok())).await;
    assert_eq!(receiver.calls().len(), 2, "what was delivered is not delivered again");
}

#[tokio::test]
async fn an_order_that_a_crash_swallowed_is_made_up_for_once() {
    let receiver = Receiver::start(Manner::Takes).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.json");
    let hook = settings(&receiver.webhook());
    // There is no file: whatever was to be in it, the crash came first.
    let first = office(hook.clone(), &file, Arc::new(Kept::default()));
    first.desk.reconcile(vec![page(1)]);
    first.told(|reports| reports.iter().any(|r| r.key == 1 && r.result.is_ok())).await;
    drop(first);
    let second = office(hook, &file, Arc::new(Kept::default()));
    second.desk.reconcile(vec![page(1)]);
    second.desk.end(Page { event: Event::Acknowledged, ..page(1) });
    let events = receiver
        .called(2)
        .await
        .iter()
        .map(|call| call.json()["event"].clone())
        .collect::<Vec<_>>();
    assert_eq!(events, ["alert.unacknowledged", "alert.acknowledged"], "once, and its end");
}

#[tokio::test]
async fn a_locked_keychain_delays_and_does_not_lose() {
    let receiver = Receiver::start(Manner::Takes).await;
    let folder = tempfile::tempdir().unwrap();
    let kept = Arc::new(Kept::default());
    kept.locked.store(true, Ordering::SeqCst);
    let secrets = Arc::clone(&kept);
    let office = office(settings(&receiver.webhook()), &folder.path().join("calls.json"), secrets);
    office.desk.call(page(1));
    office.told(|reports| reports.iter().any(|r| r.result.is_err())).await;
    assert_eq!(receiver.calls().len(), 0);
    kept.locked.store(false, Ordering::SeqCst);
    office.told(|reports| reports.iter().any(|r| r.result.is_ok())).await;
}

#[tokio::test]
async fn a_receiver_that_hangs_does_not_hold_up_another() {
    let hanging = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let receiver = Receiver::start(Manner::Takes).await;
    let folder = tempfile::tempdir().unwrap();
    let both = settings(&format!(
        "timeout = 20000\n[webhook]\nurl = \"http://{}/\"\n[ntfy]\nurl = \"http://{}/desk\"\n",
        hanging.local_addr().unwrap(),
        receiver.address
    ));
    let office = office(both, &folder.path().join("calls.json"), Arc::new(Kept::default()));
    for id in 0..3 {
        office.desk.call(page(id));
    }
    receiver.called(3).await;
}

#[tokio::test]
async fn a_damaged_file_keeps_nobody_from_being_called() {
    let receiver = Receiver::start(Manner::Takes).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.json");
    std::fs::write(&file, "{\"calls\": [").unwrap();
    let office = office(settings(&receiver.webhook()), &file, Arc::new(Kept::default()));
    office.desk.call(page(1));
    receiver.called(1).await;
}
