//! Plugins in their place: between the socket and everything else.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::watch::*;

/// A folder with one plugin, `test`.
fn plugin(source: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("test.rhai"), source).unwrap();
    folder
}

async fn watched(folder: &Path, store: Store) -> Watch {
    Watch::start_with(acme(), store, |options| options.plugin_dir = Some(folder.to_owned())).await
}

async fn status(watch: &Watch) -> monitor::PluginStatus {
    watch.monitor.diagnostics().await.unwrap().plugins.remove(0)
}

fn data(message: &wire::Message) -> Value {
    message.decode().unwrap()
}

#[tokio::test]
async fn a_custom_message_of_a_plugin_is_observed() {
    let folder = plugin(
        r#"fn on_message(msg) { if msg.type == "vault_update_A" { emit("ltv_seen", #{ltv: msg.data.ltv}); } }"#,
    );
    let mut watch = watched(folder.path(), Store::in_memory().unwrap()).await;
    watch.vault("A", "40.10");
    let seen = watch.custom("ltv_seen").await;
    assert_eq!(seen.data(), br#"{"ltv":40.10}"#);
    assert!(seen.id().unwrap().starts_with("plugin-test-"));
    assert_eq!(status(&watch).await.emitted, 1);
    watch.settled().await;
    assert_eq!(watch.monitor.statistics().await.vaults, 1, "what it saw went on as it came");
}

#[tokio::test]
async fn a_notification_of_a_plugin_is_stored_and_shown() {
    let folder = plugin(
        r#"fn on_message(msg) { if msg.type == "note" { notify(msg.data.severity, "USDC is worth 0.99", "Look at it."); } }"#,
    );
    let store = Store::in_memory().unwrap();
    let mut watch = watched(folder.path(), store.clone()).await;
    watch.send("note", r#"{"severity":"HIGH"}"#);
    let view = watch
        .until("a notification", |call| match call {
            Call::Window(WindowEvent::Notification(view)) => Some(view.clone()),
            _ => None,
        })
        .await;
    assert_eq!((view.title.as_str(), view.severity), ("USDC is worth 0.99", Level::High));
    assert_eq!(view.message, "Look at it. (plugin test)");
    let stored = store.notifications().await.unwrap();
    assert_eq!((stored.len(), stored[0].view.id), (1, view.id));
    assert_eq!(stored[0].delivery, store::Delivery::NotWanted);

    watch.send("note", r#"{"severity":"CRITICAL"}"#);
    let shown = watch.notified().await;
    assert_eq!((shown.urgency, shown.title.as_str()), (Urgency::Critical, "USDC is worth 0.99"));
    assert_eq!(store.notifications().await.unwrap().len(), 2, "stored before it was shown");
}

#[tokio::test]
async fn a_plugin_cannot_hide_what_is_critical() {
    let folder = plugin("fn on_message(msg) { drop(); }");
    let mut watch = watched(folder.path(), Store::in_memory().unwrap()).await;
    watch.send("note", "1");
    watch.vault("A", "80");
    assert_eq!(watch.notified().await.title, "A: 3.0 % to liquidation");
    let alert = json!({"vaultId": "B", "category": "LIQUIDATION", "severity": "CRITICAL",
        "title": "B liquidated", "message": "gone"});
    watch.send("risk_alert", &alert.to_string());
    assert_eq!(watch.notified().await.title, "B liquidated");
    let status = status(&watch).await;
    assert_eq!((status.dropped, status.refused.drops), (1, 2), "the note went, and nothing else");
    assert_eq!(watch.monitor.statistics().await.messages, 2);
}

#[tokio::test]
async fn plugins_see_states_and_alerts() {
    let folder = plugin(
        r#"
        fn on_state(state) { emit("saw_state", state); }
        fn on_alert(alert) { emit("saw_alert", alert); }
        "#,
    );
    let mut watch = Watch::begin(acme(), Store::in_memory().unwrap(), |options| {
        options.plugin_dir = Some(folder.path().to_owned());
    })
    .await;
    let state = loop {
        let state = data(&watch.custom("saw_state").await);
        if state["state"] == "connected" {
            break state;
        }
    };
    assert!(state["endpoint"].as_str().unwrap().starts_with("ws://127.0.0.1:"));
    watch.send("vault_update_A", r#"{"ltv":80,"liquidationThreshold":82.5,"chainId":137}"#);
    let alert = data(&watch.custom("saw_alert").await);
    assert_eq!((&alert["stage"], &alert["severity"]), (&"raised".into(), &"CRITICAL".into()));
    assert_eq!((&alert["vaultId"], &alert["chainId"]), (&"A".into(), &137.into()));
    watch.vault("A", "40");
    watch.settled().await;
    watch.clock.advance(Duration::from_secs(121));
    assert_eq!(data(&watch.custom("saw_alert").await)["stage"], "resolved");
    watch.server.send("close".to_owned()).unwrap();
    let lost = data(&watch.custom("saw_state").await);
    assert_eq!((&lost["state"], &lost["previous"]), (&"reconnecting".into(), &"connected".into()));
    assert!(lost["cause"].is_string());
}

#[tokio::test]
async fn a_plugin_that_does_not_load_is_told() {
    let folder = plugin("fn on_message(msg) { let x = ; }");
    let mut watch = watched(folder.path(), Store::in_memory().unwrap()).await;
    watch.settled().await;
    let told = watch.monitor.notifications().await.remove(0);
    assert_eq!(
        (told.title.as_str(), told.severity),
        ("The plugin test does not load", Level::Medium)
    );
    assert!(told.message.ends_with("It does not run."), "{}", told.message);
    assert!(status(&watch).await.broken.is_some());
}
