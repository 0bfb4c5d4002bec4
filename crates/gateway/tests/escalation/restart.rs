//! What is kept of calls, through restarts and among several gateways.

use gateway::{Access, Alerts, EscalationError, Gateway, Source};
use proving::port::Reserved;
use serde_json::json;

use crate::client::Client;
use crate::desk::{Desk, webhook};
use crate::receiver::Receiver;
use crate::{SECRET, alert, until};

#[tokio::test]
async fn what_a_restart_interrupts_goes_on_and_what_was_delivered_stays_so() {
    let nobody = Reserved::take();
    let desk = Desk::new(&format!(
        "[tenants.default.webhook]\nurl = \"http://{}/\"\nsecret = \"{SECRET}\"\n",
        nobody.address()
    ));
    let gateway = desk.gateway().await;
    let mut client = Client::join(&gateway, "default").await;
    client.publish("risk_alert", alert()).await;
    until("it fails", || gateway.stats().escalation_failures > 0).await;
    gateway.shutdown().await;

    let receiver = Receiver::listen(nobody.listen(), 0);
    let gateway = desk.gateway().await;
    let calls = receiver.called(1).await;
    assert_eq!(calls[0].json()["alert"]["metadata"].to_string(), r#"{"currentLTV":81.1}"#);
    assert!(String::from_utf8_lossy(&calls[0].body).contains("\"ra-1\""));
    until("it is counted", || gateway.stats().escalated > 0).await;
    gateway.shutdown().await;

    // A third one has nothing left to do, though the platform tells of it once more.
    let gateway = desk.gateway().await;
    let mut client = Client::join(&gateway, "default").await;
    client.publish("risk_alert", alert()).await;
    client
        .publish("risk_alert", json!({"id": "mark", "severity": "CRITICAL", "message": "m"}))
        .await;
    let calls = receiver.called(2).await;
    assert_eq!(calls[1].json()["alert"]["id"], "mark");
    receiver.task.abort();
}

#[tokio::test]
async fn of_two_gateways_one_has_the_ledger() {
    let receiver = Receiver::start(0).await;
    let desk = Desk::new(&webhook("default", &receiver));
    let _gateway = desk.gateway().await;
    let listen = "127.0.0.1:0".parse().unwrap();
    let second = Gateway::bind(listen, Access::open(), Source::Relay).await.unwrap();
    let refused = second.escalate(&Alerts::open(&desk.path()).unwrap());
    assert!(matches!(refused, Err(EscalationError::Ledger { .. })), "{refused:?}");
}

/// Two that read one log, each with a ledger of its own, as two gateways on one broker do.
#[tokio::test]
async fn of_two_that_share_a_log_one_calls() {
    let receiver = Receiver::start(0).await;
    let (one, two) =
        (Desk::new(&webhook("default", &receiver)), Desk::new(&webhook("default", &receiver)));
    let gateway = one.gateway().await;
    gateway.escalate(&Alerts::open(&two.path()).unwrap()).unwrap();
    let mut client = Client::join(&gateway, "default").await;
    for n in 0..10 {
        let data = json!({"id": format!("ra-{n}"), "severity": "CRITICAL", "message": "m"});
        client.publish("risk_alert", data).await;
    }
    for _ in 0..10 {
        client.until(|m| m["data"]["action"] == "delivered").await;
    }
    let mut ids: Vec<String> =
        receiver.calls().iter().map(|call| call.json()["alert"]["id"].to_string()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), receiver.calls().len()), (10, 10));
}
