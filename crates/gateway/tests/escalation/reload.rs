//! Whom to call, changed while a gateway runs.

use std::sync::atomic::Ordering;

use crate::client::Client;
use crate::desk::{Desk, Program, webhook};
use crate::receiver::{Receiver, alerts, held};
use crate::{SECRET, critical, until};

#[tokio::test]
async fn whom_to_call_is_read_again_when_it_changes_and_what_is_broken_changes_nothing() {
    let (first, second) = (Receiver::start(0).await, Receiver::start(0).await);
    let desk = Desk::new(&webhook("default", &first));
    let program = Program::start(&desk);
    let mut client = Client::at(&program.url().await, "default").await;
    client.publish("risk_alert", critical("1")).await;
    first.called(1).await;

    let secret = desk.folder.path().join("secret");
    std::fs::write(&secret, SECRET).unwrap();
    let hook = format!(
        "[tenants.default.webhook]\nurl = \"http://{}/hook\"\nsecret_file = \"secret\"\n",
        second.address
    );
    desk.write(&hook);
    let line = program.says("whom to call has changed", 1).await;
    assert!(line.contains("INFO") && line.contains("default"), "{line}");
    client.publish("risk_alert", critical("2")).await;
    assert!(second.called(1).await[0].is_signed(SECRET));

    // Not TOML; a value that makes no sense; another place for the ledger, while this one is in use.
    desk.write("[tenants.default");
    let line = program.says("is called still", 1).await;
    assert!(line.contains("WARN") && line.contains("alerts.toml"), "{line}");
    desk.write("[tenants.default.webhook]\nurl = \"http://elsewhere.example/\"\n");
    let line = program.says("is called still", 2).await;
    assert!(line.contains("line 5") && line.contains("webhook.url"), "{line}");
    std::fs::write(desk.path(), format!("state = \"other.db\"\n{hook}")).unwrap();
    let line = program.says("is called still", 3).await;
    assert!(line.contains("other.db") && line.contains("restart"), "{line}");
    client.publish("risk_alert", critical("3")).await;
    second.called(2).await;

    // What is mended counts, and so does a secret in a file of its own.
    let another = "another secret of sixteen bytes";
    std::fs::write(&secret, another).unwrap();
    desk.write(&hook);
    program.says("whom to call has changed", 2).await;
    client.publish("risk_alert", critical("4")).await;
    assert!(second.called(3).await[2].is_signed(another));

    // A tenant comes, another goes.
    desk.write(&webhook("risk", &first));
    program.says("whom to call has changed", 3).await;
    client.publish("risk_alert", critical("5")).await;
    let mut risk = Client::at(&program.url().await, "risk").await;
    risk.publish("risk_alert", critical("6")).await;
    first.called(2).await;
    // It comes back: nobody was called for it, and the alert still waits.
    desk.write(&format!("{hook}{}", webhook("risk", &first)));
    second.called(4).await;
    assert_eq!(alerts(&first.calls()), ["1", "6"], "each once");
    assert_eq!(alerts(&second.calls()), ["2", "3", "4", "5"], "each once");
}

#[tokio::test]
async fn a_call_that_is_under_way_when_the_file_changes_is_not_made_again() {
    let (address, let_go, calls) = held().await;
    let second = Receiver::start(0).await;
    let hook =
        format!("[tenants.default.webhook]\nurl = \"http://{address}/\"\nsecret = \"{SECRET}\"\n");
    let desk = Desk::new("");
    // It may take its time.
    let text = format!("state = \"escalation.db\"\nafter = \"300ms\"\ntimeout = \"30s\"\n{hook}");
    std::fs::write(desk.path(), text).unwrap();
    let program = Program::start(&desk);
    let mut client = Client::at(&program.url().await, "default").await;
    client.publish("risk_alert", critical("under way")).await;
    until("the call is under way", || calls.load(Ordering::SeqCst) > 0).await;
    desk.write(&webhook("default", &second));
    program.says("whom to call has changed", 1).await;
    client.publish("risk_alert", critical("after")).await;
    let_go.add_permits(9);
    assert_eq!(alerts(&second.called(1).await), ["after"]);
    client.until(|m| m["type"] == "alert_escalation" && m["data"]["alertId"] == "after").await;
    assert_eq!((calls.load(Ordering::SeqCst), alerts(&second.calls()).len()), (1, 1));
}
