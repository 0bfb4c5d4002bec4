//! What the snapshot of a server of `vaultwatch.v1` says: which events are lost, and which vaults are no more.

use std::collections::BTreeMap;

use realtime::testing::Peer;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::watch::*;

/// A server in the test's hands.
struct Server {
    listener: TcpListener,
}

impl Server {
    async fn start() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    /// What watches it.
    async fn watched(&self) -> Watch {
        let url = format!("ws://{}/", self.listener.local_addr().unwrap());
        Watch::begin(acme(), Store::in_memory().unwrap(), |options| {
            options.connection = realtime::Options::new(url);
            options.connection.reconnect_interval = Duration::from_millis(10);
        })
        .await
    }

    /// The next client, with whatever it knew: it gets a snapshot with these vaults, and what is lost.
    async fn session(&self, offset: u64, vaults: &[&str], lost: Value) -> Client {
        let accepted = tokio::time::timeout(PATIENCE, self.listener.accept()).await;
        let (tcp, _) = accepted.expect("a client comes").unwrap();
        let mut client = Client(Peer::accept(tcp, realtime::Mode::V1).await.unwrap());
        assert_eq!(client.0.next().await.unwrap().ty(), "hello");
        let welcome = json!({
            "session": "s", "tenant": "t", "epoch": "e", "offset": offset, "heartbeatMs": 15_000, "graceMs": 10_000,
            "compress": null, "maxMessageBytes": 1 << 20, "dedupMs": 600_000, "resumed": false, "replay": 0,
        });
        client.say(json!({"type": "welcome", "data": welcome, "timestamp": 1})).await;
        for vault in vaults {
            let ty = format!("vault_update_{vault}");
            let data = json!({"ltv": 40, "liquidationThreshold": 82.5, "full": true});
            client.say(json!({"type": ty, "data": data, "timestamp": 1, "snapshot": true, "offset": offset})).await;
        }
        let end = json!({"offset": offset, "lostEvents": lost});
        client.say(json!({"type": "snapshot_end", "data": end, "timestamp": 1})).await;
        client
    }
}

struct Client(Peer);

impl Client {
    async fn say(&mut self, envelope: Value) {
        self.0.send_text(envelope.to_string()).await.unwrap();
    }

    async fn live(&mut self, offset: u64, ty: &str, data: Value) {
        let prev = offset - 1;
        self.say(json!({"type": ty, "data": data, "timestamp": 1, "offset": offset, "prev": prev}))
            .await;
    }
}

#[tokio::test]
async fn what_the_server_has_lost_reaches_the_person() {
    for (lost, expected) in [
        (json!(7), &[("7 platform messages were missed", Level::High)][..]),
        (json!(null), &[("Platform messages may have been missed", Level::Medium)]),
        (json!(0), &[]),
    ] {
        let server = Server::start().await;
        let mut watch = server.watched().await;
        let mut client = server.session(10, &["A"], lost.clone()).await;
        // Whatever the snapshot had to say is told before the message that follows it is looked at.
        client.live(11, "note", json!(1)).await;
        let mut told = BTreeMap::new();
        let mut done = false;
        while !done {
            let call = tokio::time::timeout(PATIENCE, watch.calls.recv()).await;
            match call.expect("a call in time").expect("the monitor runs") {
                Call::Window(WindowEvent::Notification(view)) => {
                    told.insert(view.id, (view.title, view.severity));
                }
                Call::Custom(message) => done = message.ty() == "note",
                _ => {}
            }
        }
        let told: Vec<_> = told.values().map(|(title, level)| (title.as_str(), *level)).collect();
        assert_eq!(told, expected, "{lost}");
    }
}

#[tokio::test]
async fn a_vault_that_the_server_has_no_state_of_any_more_is_not_live() {
    let server = Server::start().await;
    let mut watch = server.watched().await;
    let mut client = server.session(10, &["A", "B"], json!(0)).await;
    client.live(11, "note", json!(1)).await;
    watch.custom("note").await;
    let row = async |watch: &Watch, id: &str| {
        watch.monitor.vault_detail(VaultId::new(id).unwrap()).await.unwrap().row
    };
    for vault in ["A", "B"] {
        assert_eq!(row(&watch, vault).await.freshness, Freshness::Live, "{vault}");
    }

    client.0.close(1012, "restart").await;
    let mut client = server.session(20, &["A"], json!(0)).await;
    client.live(21, "note", json!(2)).await;
    watch.custom("note").await;
    assert_eq!(row(&watch, "A").await.freshness, Freshness::Live);
    let gone = row(&watch, "B").await;
    assert_eq!(gone.freshness, Freshness::Stale, "as young as it may be");
    assert_eq!(gone.ltv.unwrap().to_string(), "40", "what was known is shown all the same");

    client.live(22, "vault_update_B", json!({"ltv": 41})).await;
    client.live(23, "note", json!(3)).await;
    watch.custom("note").await;
    assert_eq!(row(&watch, "B").await.freshness, Freshness::Live, "it is back");
}
