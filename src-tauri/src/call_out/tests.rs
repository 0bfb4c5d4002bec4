//! Orders that reach somebody, over restarts and crashes, and a ping that tells of a live watch.

use std::sync::Mutex;
use std::time::Duration;

use channels::{DeadMan, Secret, WebhookSettings};
use domain::Level;
use domain::view::{FeedState, Mode, NotificationId};
use gateway::{Access, DemoOptions, EmbeddedGateway, Gateway, Limits, Source};
use store::Store;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use wire::UnixMillis;

use super::*;

struct NoShell;
impl monitor::Shell for NoShell {}

async fn watch(url: &str, token: Option<&str>) -> MonitorHandle {
    let mut connection = realtime::Options::new(url);
    connection.token = token.map(|token| realtime::Secret::new(token.to_owned()));
    let options = monitor::Options::new(Mode::Profile("acme".into()), connection);
    let store = Store::in_memory().unwrap();
    monitor::start(options, store, Arc::new(NoShell)).await.unwrap()
}

/// Passes orders on, as the app's shell does.
struct Orderly(CallOuts);
impl monitor::Shell for Orderly {
    fn call_out(&self, call: &CallOut) {
        self.0.order(call);
    }
    fn reconcile_calls(&self, calls: &[CallOut]) {
        self.0.reconcile(calls);
    }
}

/// Of whom nothing comes any more once the order is given: the crash.
struct Crashing(mpsc::UnboundedSender<CallOut>);
impl monitor::Shell for Crashing {
    fn call_out(&self, call: &CallOut) {
        let _ = self.0.send(call.clone());
    }
}

/// A watch of which nobody is spared: other channels are told of a critical alert at once.
async fn urgent(url: &str, database: &Path, shell: Arc<dyn monitor::Shell>) -> MonitorHandle {
    let mut options =
        monitor::Options::new(Mode::Profile("acme".into()), realtime::Options::new(url));
    options.policy.sound_after = Duration::ZERO;
    options.policy.call_out_after = Duration::ZERO;
    let (store, _) = Store::open(database).unwrap();
    monitor::start(options, store, shell).await.unwrap()
}

/// A server that takes everything; what it was sent.
async fn receiver() -> (url::Url, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap()).parse().unwrap();
    let calls: Arc<Mutex<Vec<String>>> = Arc::default();
    let taken = Arc::clone(&calls);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut call = String::new();
            let mut buffer = [0; 4_096];
            // A body in JSON ends with a brace, and a head without a body with an empty line.
            let complete = |call: &str| {
                call.ends_with("}}") || call.starts_with("GET") && call.ends_with("\r\n\r\n")
            };
            while !complete(&call) {
                let count = stream.read(&mut buffer).await.unwrap();
                call.push_str(&String::from_utf8_lossy(&buffer[..count]));
            }
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
            taken.lock().unwrap().push(call);
        }
    });
    (url, calls)
}

async fn called(calls: &Mutex<Vec<String>>, times: usize) -> Vec<String> {
    let called = async {
        while calls.lock().unwrap().len() < times {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), called).await.expect("a call in time");
    calls.lock().unwrap().clone()
}

fn order(kind: CallOutKind) -> CallOut {
    CallOut {
        id: NotificationId(7),
        kind,
        severity: Level::Critical,
        vault: domain::VaultId::new("ETH-017").ok(),
        title: "ETH-017: 7.9 % to liquidation".into(),
        message: "Repay".into(),
        raised: UnixMillis(1_763_800_000_000),
    }
}

#[tokio::test]
async fn an_order_reaches_the_receiver_and_its_end_too() {
    let folder = tempfile::tempdir().unwrap();
    let (url, calls) = receiver().await;
    let secret = Some(Secret::new("0123456789abcdef").unwrap());
    let webhook = Some(WebhookSettings { url, secret });
    let settings = Settings { webhook, ..Settings::default() };
    let channels = Channels::new(settings, "acme".into(), &folder.path().join("v.db"));
    let (call_outs, orders) = CallOuts::new();
    // Ordered before anybody can be called.
    call_outs.order(&order(CallOutKind::Firing));
    channels.start(orders, watch("ws://127.0.0.1:9", None).await);
    let first = called(&calls, 1).await.remove(0);
    assert!(first.contains("\"event\":\"alert.unacknowledged\""), "{first}");
    assert!(
        first.contains("\"severity\":\"CRITICAL\"") && first.contains("\"vaultId\":\"ETH-017\"")
    );
    call_outs.order(&order(CallOutKind::Acknowledged));
    let second = called(&calls, 2).await.remove(1);
    assert!(second.contains("\"event\":\"alert.acknowledged\""), "{second}");
    channels.test("webhook").await.unwrap();
    assert!(called(&calls, 3).await[2].contains("\"event\":\"test\""));
    assert!(channels.test("ntfy").await.unwrap_err().contains("no ntfy is configured"));
    assert!(channels.test("pigeon").await.unwrap_err().contains("no channel"));
    let list = channels.list().await;
    assert_eq!((list.len(), list[0].name.as_str()), (1, "webhook"));
    assert!(list[0].called.is_some() && list[0].failure.is_none());
}

#[tokio::test]
async fn somebody_who_is_added_while_it_runs_is_called() {
    let folder = tempfile::tempdir().unwrap();
    let (url, calls) = receiver().await;
    let channels = Channels::new(Settings::default(), "acme".into(), &folder.path().join("v.db"));
    let (call_outs, orders) = CallOuts::new();
    channels.start(orders, watch("ws://127.0.0.1:9", None).await);
    call_outs.order(&order(CallOutKind::Firing));
    call_outs.kept().await;
    let secret = Some(Secret::new("0123456789abcdef").unwrap());
    let webhook = Some(WebhookSettings { url, secret });
    channels.change(Settings { webhook, ..Settings::default() });
    assert_eq!(channels.list().await.len(), 1);
    let again = async {
        while calls.lock().unwrap().is_empty() {
            call_outs.order(&order(CallOutKind::Firing));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), again).await.expect("a call in time");
    channels.change(Settings::default());
    assert!(channels.list().await.is_empty());
}

#[tokio::test]
async fn what_was_ordered_before_the_end_is_taken_up_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let (url, calls) = receiver().await;
    let channels = |url: &str| {
        let secret = Some(Secret::new("0123456789abcdef").unwrap());
        let webhook = Some(WebhookSettings { url: url.parse().unwrap(), secret });
        let settings = Settings { webhook, ..Settings::default() };
        Channels::new(settings, "acme".into(), &folder.path().join("v.db"))
    };
    let (call_outs, orders) = CallOuts::new();
    // Nobody listens there.
    channels("http://127.0.0.1:9/x").start(orders, watch("ws://127.0.0.1:9", None).await);
    call_outs.order(&order(CallOutKind::Firing));
    call_outs.kept().await;
    drop(call_outs);
    let (_call_outs, orders) = CallOuts::new();
    channels(url.as_str()).start(orders, watch("ws://127.0.0.1:9", None).await);
    assert!(called(&calls, 1).await[0].contains("\"event\":\"alert.unacknowledged\""));
}

#[tokio::test]
async fn a_crash_between_the_commit_and_the_order_leaves_nobody_uncalled() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("v.db");
    let (receiver, calls) = receiver().await;
    let secret = Some(Secret::new("0123456789abcdef").unwrap());
    let webhook = Some(WebhookSettings { url: receiver, secret });
    let channels =
        Channels::new(Settings { webhook, ..Settings::default() }, "acme".into(), &database);
    let listen = "127.0.0.1:0".parse().unwrap();
    let relay = Gateway::bind_with(listen, Access::open(), Source::Relay, Limits::default()).await;
    let relay = relay.unwrap();

    let (given, mut ordered) = mpsc::unbounded_channel();
    let first = urgent(&relay.url(), &database, Arc::new(Crashing(given))).await;
    let (publisher, _messages) =
        realtime::open(realtime::Options::new(relay.url()).validate().unwrap());
    publisher.connect().unwrap();
    publisher.connected().await.unwrap();
    let alert = serde_json::json!({
        "vaultId": "ETH-017", "severity": "CRITICAL", "category": "MARKET_RISK", "message": "Soon.",
    });
    let alert = wire::Message::new("risk_alert", &alert, UnixMillis(1), None).unwrap();
    let outcome = publisher.publish(alert).unwrap().await;
    assert!(matches!(outcome, realtime::Outcome::Acknowledged { .. }), "{outcome:?}");
    let order = ordered.recv().await.unwrap();
    assert_eq!(order.kind, CallOutKind::Firing);
    first.shutdown().await;
    assert!(!folder.path().join(FILE).exists(), "committed, and never ordered");

    let (call_outs, orders) = CallOuts::new();
    let second = urgent(&relay.url(), &database, Arc::new(Orderly(call_outs))).await;
    channels.start(orders, second.clone());
    let call = called(&calls, 1).await.remove(0);
    assert!(call.contains("\"event\":\"alert.unacknowledged\""), "{call}");
    assert!(call.contains("\"vaultId\":\"ETH-017\""), "{call}");
    // Not before it is on disk that it was taken.
    while channels.list().await[0].called.is_none() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    second.shutdown().await;
    drop(second);

    // With the file, nobody is called about it a second time; and of its end whoever was called is told.
    let (call_outs, orders) = CallOuts::new();
    let third = urgent(&relay.url(), &database, Arc::new(Orderly(call_outs))).await;
    channels.start(orders, third.clone());
    third.acknowledge(vec![order.id]);
    let end = called(&calls, 2).await.remove(1);
    assert!(end.contains("\"event\":\"alert.acknowledged\""), "{end}");
    third.shutdown().await;
}

#[tokio::test]
async fn where_nobody_is_called_there_is_nothing_to_wait_for() {
    let folder = tempfile::tempdir().unwrap();
    let (call_outs, orders) = CallOuts::new();
    let channels = Channels::new(Settings::default(), "acme".into(), &folder.path().join("v.db"));
    channels.start(orders, watch("ws://127.0.0.1:9", None).await);
    call_outs.kept().await;
}

/// Whether somebody is pinged meanwhile: many times as long as the pause between two.
async fn is_pinged(calls: &Mutex<Vec<String>>) -> bool {
    // One may be under way.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let before = calls.lock().unwrap().len();
    tokio::time::sleep(Duration::from_millis(400)).await;
    calls.lock().unwrap().len() > before
}

#[tokio::test]
async fn the_dead_man_hears_of_a_live_watch_and_of_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (url, calls) = receiver().await;
    let dead_man = Some(DeadMan { url, every: Duration::from_millis(20) });
    let settings = Settings { dead_man, ..Settings::default() };
    let channels = Channels::new(settings, "acme".into(), &folder.path().join("v.db"));
    let (nobodys, orders) = CallOuts::new();
    let offline = watch("ws://127.0.0.1:9", None).await;
    channels.start(orders, offline.clone());
    assert!(!is_pinged(&calls).await, "nothing is watched");

    let demo = EmbeddedGateway::start(DemoOptions::default()).await.unwrap();
    let live = watch(&demo.url(), Some(demo.token())).await;
    let (_call_outs, orders) = CallOuts::new();
    let other = channels.of_another("other".into(), &folder.path().join("other/v.db"));
    other.start(orders, live.clone());
    while live.diagnostics().await.unwrap().feed.state != FeedState::Live {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(!is_pinged(&calls).await, "one of two is not watched");
    // As when its profile is paused.
    offline.shutdown().await;
    drop(nobodys);
    assert!(called(&calls, 2).await[0].starts_with("GET /x HTTP/1.1"));
    channels.lack(true);
    assert!(!is_pinged(&calls).await, "a third could not be begun");
    channels.lack(false);
    assert!(is_pinged(&calls).await);
    live.shutdown().await;
    assert!(!is_pinged(&calls).await, "the watch has ended");
}
