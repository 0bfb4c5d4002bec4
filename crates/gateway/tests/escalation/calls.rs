//! Who is called, about what, and how.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use proving::tls::TlsReceiver;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::client::Client;
use crate::desk::{Desk, HURRIED, LATER, webhook};
use crate::receiver::Receiver;
use crate::{PATIENCE, SECRET, alert, now, until};

#[tokio::test]
async fn nobody_looks_and_somebody_is_called_once() {
    let receiver = Receiver::start(0).await;
    let desk = Desk::new(&webhook("default", &receiver));
    let gateway = desk.gateway().await;
    let mut client = Client::join(&gateway, "default").await;
    let begun = Instant::now();
    client.publish("risk_alert", alert()).await;
    // Less than critical is nobody's business at night.
    client.publish("risk_alert", json!({"id": "ra-2", "severity": "HIGH", "message": "m"})).await;
    let calls = receiver.called(1).await;
    assert!(begun.elapsed() >= Duration::from_millis(300));
    let call = &calls[0];
    assert_eq!(call.path, "/hook?desk=1");
    assert_eq!(call.header("content-type"), "application/json");
    assert!(call.is_signed(SECRET) && !call.is_signed("another secret of sixteen bytes"));
    let age = now() / 1_000 - call.header("vaultwatch-timestamp").parse::<i64>().unwrap();
    assert!((0..30).contains(&age), "{age}");
    let body = call.json();
    assert_eq!(
        (&body["event"], &body["tenant"]),
        (&json!("risk_alert.unacknowledged"), &json!("default"))
    );
    assert_eq!(body["alert"], alert());
    assert_eq!(body["delivery"], call.header("vaultwatch-delivery"));
    // The desk sees that somebody was called.
    let told = client
        .until(|m| m["type"] == "alert_escalation" && m["data"]["action"] == "delivered")
        .await;
    assert_eq!(
        (&told["data"]["alertId"], &told["data"]["vaultId"]),
        (&json!("ra-1"), &json!("ETH-001"))
    );
    // The platform tells of it again, and of another one: only that one is news.
    client.publish("risk_alert", alert()).await;
    client.publish("risk_alert", json!({"id": "ra-3", "type": "CRITICAL", "message": "m"})).await;
    let calls = receiver.called(2).await;
    assert_eq!(calls[1].json()["alert"]["id"], "ra-3");
    until("both are counted", || gateway.stats().escalated == 2).await;
}

#[tokio::test]
async fn what_one_client_acknowledges_the_other_sees_and_nobody_is_called() {
    let receiver = Receiver::start(0).await;
    let desk = Desk::with(LATER, &webhook("default", &receiver));
    let gateway = desk.gateway().await;
    let mut alice = Client::join(&gateway, "default").await;
    let mut bob = Client::join(&gateway, "default").await;
    alice.publish("risk_alert", alert()).await;
    bob.until(|m| m["type"] == "risk_alert").await;
    let state = json!({"alertId": "ra-1", "action": "ack", "by": "bob"});
    bob.publish("alert_state", state.clone()).await;
    let seen = alice.until(|m| m["type"] == "alert_state").await;
    assert_eq!(seen["data"], state);
    // By its vault, snoozed, resolved by the platform: each of them will do.
    alice
        .publish(
            "risk_alert",
            json!({"id": "b", "vaultId": "V", "severity": "CRITICAL", "message": "m"}),
        )
        .await;
    alice.publish("alert_state", json!({"vaultId": "V", "action": "snooze", "until": 9})).await;
    alice.publish("risk_alert", json!({"id": "c", "severity": "CRITICAL", "message": "m"})).await;
    alice
        .publish(
            "risk_alert",
            json!({"id": "c", "severity": "CRITICAL", "message": "m", "resolved": true}),
        )
        .await;
    // One that nobody acknowledges marks the time at which the others would have been called about.
    alice
        .publish("risk_alert", json!({"id": "mark", "severity": "CRITICAL", "message": "m"}))
        .await;
    let calls = receiver.called(1).await;
    assert_eq!(calls[0].json()["alert"]["id"], "mark");
    bob.until(|m| m["type"] == "alert_escalation" && m["data"]["action"] == "delivered").await;
    assert_eq!(receiver.calls().len(), 1);
}

#[tokio::test]
async fn a_receiver_that_fails_twice_is_called_a_third_time() {
    let receiver = Receiver::start(2).await;
    let desk = Desk::new(&webhook("default", &receiver));
    let gateway = desk.gateway().await;
    let mut client = Client::join(&gateway, "default").await;
    client.publish("risk_alert", alert()).await;
    client.until(|m| m["data"]["action"] == "delivered").await;
    let calls = receiver.calls();
    assert_eq!((calls.len(), receiver.failures.load(Ordering::SeqCst)), (3, 0));
    assert!(calls.iter().all(|call| call.is_signed(SECRET)));
    assert_eq!(calls[0].header("vaultwatch-delivery"), calls[2].header("vaultwatch-delivery"));
    let stats = gateway.stats();
    assert_eq!((stats.escalated, stats.escalation_failures), (1, 2));
}

#[tokio::test]
async fn a_receiver_that_hangs_holds_up_nobody_else() {
    let hanging = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = hanging.local_addr().unwrap();
    // Takes connections, and never says a word.
    let taken: Arc<AtomicU32> = Arc::default();
    let count = Arc::clone(&taken);
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = hanging.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            held.push(stream);
        }
    });
    let receiver = Receiver::start(0).await;
    let slow =
        format!("[tenants.slow.webhook]\nurl = \"http://{address}/\"\nsecret = \"{SECRET}\"\n");
    let desk = Desk::with(HURRIED, &format!("{}{slow}", webhook("default", &receiver)));
    let gateway = desk.gateway().await;
    let mut slow = Client::join(&gateway, "slow").await;
    slow.publish("risk_alert", alert()).await;
    let mut client = Client::join(&gateway, "default").await;
    client.publish("risk_alert", alert()).await;
    client.until(|m| m["data"]["action"] == "delivered").await;
    until("it is tried again", || taken.load(Ordering::SeqCst) >= 2).await;
    // It ends with the gateway, whatever hangs.
    timeout(PATIENCE, gateway.shutdown()).await.unwrap();
}

#[tokio::test]
async fn ntfy_gets_title_priority_and_click() {
    let receiver = Receiver::start(0).await;
    let desk = Desk::new(&format!(
        "[tenants.desk.ntfy]\nurl = \"http://{}/night-desk\"\ntoken = \"tk_1\"\npriority = 4\nclick = \"https://desk.example/v/{{vaultId}}\"\n",
        receiver.address
    ));
    let gateway = desk.gateway().await;
    let mut client = Client::join(&gateway, "desk").await;
    let mut data = alert();
    data["vaultId"] = "ETH/1".into();
    data["title"] = "ETH/1: über 81 %".into();
    client.publish("risk_alert", data).await;
    let calls = receiver.called(1).await;
    assert_eq!((calls[0].path.as_str(), calls[0].header("authorization")), ("/", "Bearer tk_1"));
    assert_eq!(
        calls[0].json(),
        json!({"topic": "night-desk", "title": "ETH/1: über 81 %", "message": "LTV is 81 %", "priority": 4,
            "tags": ["rotating_light"], "click": "https://desk.example/v/ETH%2F1"})
    );
}

#[tokio::test]
async fn one_tenant_s_alerts_are_not_another_s() {
    let receiver = Receiver::start(0).await;
    let desk = Desk::new(&webhook("a", &receiver));
    let gateway = desk.gateway().await;
    let mut other = Client::join(&gateway, "b").await;
    other.publish("risk_alert", alert()).await;
    let mut client = Client::join(&gateway, "a").await;
    // Nor does another tenant's acknowledgement count.
    client.publish("risk_alert", alert()).await;
    other.publish("alert_state", json!({"alertId": "ra-1", "action": "ack"})).await;
    client.until(|m| m["data"]["action"] == "delivered").await;
    let calls = receiver.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].json()["tenant"], "a");
}

#[tokio::test]
async fn https_is_spoken_with_whom_the_named_authority_vouches_for() {
    for trusted in [false, true] {
        let mut receiver = TlsReceiver::start().await;
        let url = receiver.url("/x");
        let desk = Desk::new(&format!(
            "[tenants.default.webhook]\nurl = \"{url}\"\nsecret_file = \"secret\"\n"
        ));
        std::fs::write(desk.folder.path().join("secret"), format!("{SECRET}\n")).unwrap();
        if trusted {
            std::fs::write(desk.folder.path().join("ca.pem"), receiver.certificate()).unwrap();
            let text = std::fs::read_to_string(desk.path()).unwrap();
            std::fs::write(desk.path(), format!("ca_file = \"ca.pem\"\n{text}")).unwrap();
        }
        let gateway = desk.gateway().await;
        let mut client = Client::join(&gateway, "default").await;
        client.publish("risk_alert", alert()).await;
        let call = receiver.call().await;
        assert_eq!(call.is_some(), trusted);
        if let Some(call) = call {
            assert!(call.starts_with("POST /x HTTP/1.1\r\n"), "{call}");
            let host = format!("host: {}", receiver.host());
            assert!(call.to_lowercase().contains(&host) && call.contains("\"ra-1\""), "{call}");
        }
        gateway.shutdown().await;
    }
}
