//! What happened while the program was off, with a real gateway, a real connection and a real database.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use domain::VaultId;
use domain::view::{FeedState, Mode, NotificationView, WindowEvent};
use gateway::{Access, Gateway, Limits, Source};
use keychain::{InMemory, KeyStore, Keychain, KeychainError, OsEntropy, RingName};
use monitor::encryption::{EncryptionConfig, stage_from};
use monitor::{MonitorHandle, Options, OsNotification, Shell, start};
use realtime::encryption::{Key, KeyId, KeyRing, Nonce, RingError};
use serde_json::{Value, json};
use store::Store;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use wire::{Message, UnixMillis};

#[derive(Debug)]
enum Call {
    Live,
    Status,
    Notify(OsNotification),
}

struct Recorder(mpsc::UnboundedSender<Call>);

impl Shell for Recorder {
    fn window(&self, event: &WindowEvent) {
        let call = match event {
            WindowEvent::Feed(feed) if feed.state == FeedState::Live => Call::Live,
            WindowEvent::Status(_) => Call::Status,
            _ => return,
        };
        let _ = self.0.send(call);
    }

    fn notify(&self, notification: &OsNotification) {
        let _ = self.0.send(Call::Notify(notification.clone()));
    }
}

/// One run of the program, on a runtime of its own, so that it can be cut off.
struct Run {
    runtime: Runtime,
    monitor: MonitorHandle,
    calls: mpsc::UnboundedReceiver<Call>,
}

impl Run {
    fn start(url: &str, database: &Path, change: impl FnOnce(&mut Options)) -> Self {
        let runtime = runtime();
        let (calls, recorded) = mpsc::unbounded_channel();
        let monitor = runtime.block_on(async {
            let (store, _) = Store::open(database).unwrap();
            let mut connection = realtime::Options::new(url);
            connection.reconnect_interval = Duration::from_millis(10);
            let mut options = Options::new(Mode::Profile("acme".to_owned()), connection);
            change(&mut options);
            start(options, store, Arc::new(Recorder(calls))).await.unwrap()
        });
        let mut run = Self { runtime, monitor, calls: recorded };
        while !matches!(run.next(), Call::Live) {}
        run
    }

    fn next(&mut self) -> Call {
        let next = async { tokio::time::timeout(Duration::from_secs(30), self.calls.recv()).await };
        self.runtime.block_on(next).expect("a call in time").expect("the monitor runs")
    }

    /// Waits for the OS notification of an alert.
    fn notified(&mut self, vault: &str) -> OsNotification {
        let alert = format!("alert on {vault}");
        loop {
            if let Call::Notify(notification) = self.next()
                && notification.body == alert
            {
                return notification;
            }
        }
    }

    /// The same, and the operating system has shown it.
    fn shown(&mut self, vault: &str) {
        let id = self.notified(vault).id;
        self.monitor.delivered(id);
    }

    /// OS notifications up to a message that is published now. Each delivery's effects are carried out before a command.
    fn notified_until_now(&mut self, desk: &Desk) -> usize {
        desk.publish("system_status", json!({"isRunning": true}));
        let mut notified = 0;
        loop {
            match self.next() {
                Call::Notify(_) => notified += 1,
                Call::Status => break,
                Call::Live => {}
            }
        }
        self.runtime.block_on(self.monitor.statistics());
        while let Ok(call) = self.calls.try_recv() {
            notified += usize::from(matches!(call, Call::Notify(_)));
        }
        notified
    }

    /// What it shows of alerts: the message, how often it was raised and how often it came again.
    fn alerts(&self) -> Vec<(String, u32, u32)> {
        let told = |view: NotificationView| (view.message, view.occurrences, view.suppressed);
        self.runtime.block_on(self.monitor.notifications()).into_iter().map(told).collect()
    }

    fn knows(&self, vault: &str) -> bool {
        let id = VaultId::new(vault).unwrap();
        self.runtime.block_on(self.monitor.vault_detail(id)).is_some()
    }

    fn end(self) {
        self.runtime.block_on(self.monitor.shutdown());
    }

    /// Without a chance to write anything.
    fn crash(self) {
        self.runtime.shutdown_background();
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// The gateway, and somebody who publishes there.
struct Desk {
    runtime: Runtime,
    gateway: Gateway,
    publisher: realtime::Handle,
    database: PathBuf,
    _folder: tempfile::TempDir,
}

impl Desk {
    fn open() -> Self {
        let runtime = runtime();
        let (gateway, publisher) = runtime.block_on(async {
            let listen = "127.0.0.1:0".parse().unwrap();
            let gateway =
                Gateway::bind_with(listen, Access::open(), Source::Relay, Limits::default());
            let gateway = gateway.await.unwrap();
            let options = realtime::Options::new(gateway.url()).validate().unwrap();
            let (publisher, _) = realtime::open(options);
            publisher.connect().unwrap();
            publisher.connected().await.unwrap();
            (gateway, publisher)
        });
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("vaultwatch.db");
        Self { runtime, gateway, publisher, database, _folder: folder }
    }

    fn run(&self) -> Run {
        Run::start(&self.gateway.url(), &self.database, |_| {})
    }

    /// With the keys of a keychain, which are not waited for.
    fn run_with(&self, system: &Arc<InMemory>) -> Run {
        Run::start(&self.gateway.url(), &self.database, |options| {
            let keys = KeyStore::new(Arc::clone(system) as Arc<dyn Keychain>);
            let (stage, keys) = stage_from(&keys, "acme", &EncryptionConfig::default()).unwrap();
            options.stages.push(stage);
            options.keys = Some(keys.waited_for(Duration::ZERO));
        })
    }

    fn publish(&self, ty: &str, data: Value) {
        self.publish_message(Message::new(ty, &data, UnixMillis(1), None).unwrap());
    }

    fn publish_message(&self, message: Message) {
        let outcome =
            self.runtime.block_on(async { self.publisher.publish(message).unwrap().await });
        assert!(matches!(outcome, realtime::Outcome::Acknowledged { .. }), "{outcome:?}");
    }

    fn alert(&self, vault: &str) {
        self.publish("risk_alert", alert(vault));
    }

    fn sealed_alert(&self, vault: &str) {
        let alert = Message::new("risk_alert", &alert(vault), UnixMillis(1), Some(vault)).unwrap();
        let nonce = Nonce::generate(&OsEntropy).unwrap();
        self.publish_message(key().seal(&alert, nonce).unwrap());
    }

    fn vault(&self, vault: &str) {
        self.publish(&format!("vault_update_{vault}"), json!({"full": true, "ltv": 10}));
    }
}

fn alert(vault: &str) -> Value {
    json!({
        "vaultId": vault, "severity": "CRITICAL", "category": "MARKET_RISK", "message": format!("alert on {vault}"),
    })
}

fn add_key(ring: &mut KeyRing) -> Result<(), RingError> {
    let kid = KeyId::parse("k1").unwrap();
    ring.insert(kid.clone(), Key::new([7; 32]), UnixMillis(0))?;
    ring.activate(&kid)
}

fn key() -> KeyRing {
    let mut ring = KeyRing::new("acme").unwrap();
    add_key(&mut ring).unwrap();
    ring
}

fn once(vaults: &[&str]) -> Vec<(String, u32, u32)> {
    // Newest first.
    vaults.iter().rev().map(|vault| (format!("alert on {vault}"), 1, 0)).collect()
}

#[test]
fn an_alert_of_the_time_it_was_off_arrives_once_and_older_ones_do_not_again() {
    let desk = Desk::open();
    desk.vault("A");
    let mut first = desk.run();
    desk.alert("A");
    first.shown("A");
    assert_eq!(first.notified_until_now(&desk), 0);
    first.end();

    desk.alert("B");
    desk.vault("C");
    let mut second = desk.run();
    second.shown("B");
    assert_eq!(second.notified_until_now(&desk), 0, "that one only");
    assert_eq!(second.alerts(), once(&["A", "B"]));
    for vault in ["A", "C"] {
        assert!(second.knows(vault), "the board begins empty and is full again: {vault}");
    }
    second.end();

    let mut third = desk.run();
    assert_eq!(third.notified_until_now(&desk), 0);
    assert_eq!(third.alerts(), once(&["A", "B"]));
    third.end();
}

#[test]
fn after_a_crash_no_alert_is_lost_and_none_raised_twice() {
    let desk = Desk::open();
    let mut vaults = Vec::new();
    for round in 0..5 {
        let (off, on) = (format!("off-{round}"), format!("on-{round}"));
        if round > 0 {
            desk.alert(&off);
            vaults.push(off);
        }
        let mut run = desk.run();
        desk.alert(&on);
        // It is stored before it is shown; and then everything ends.
        run.notified(&on);
        run.crash();
        vaults.push(on);
    }
    let mut last = desk.run();
    last.notified_until_now(&desk);
    let vaults: Vec<&str> = vaults.iter().map(String::as_str).collect();
    assert_eq!(last.alerts(), once(&vaults));
    last.end();
}

#[test]
fn what_waits_for_its_key_is_not_lost_with_the_program() {
    let desk = Desk::open();
    let system = Arc::new(InMemory::default());
    desk.runtime.block_on(async {
        let keys = KeyStore::new(Arc::clone(&system) as Arc<dyn Keychain>);
        keys.update(&RingName::new("acme", "acme").unwrap(), add_key).await.unwrap();
    });
    system.set_trouble(Some(KeychainError::Locked));
    let mut run = desk.run_with(&system);
    desk.alert("A");
    run.shown("A");
    desk.sealed_alert("B");
    desk.alert("C");
    // Stored with its place, were it not for what waits before it.
    run.shown("C");
    run.crash();

    system.set_trouble(None);
    let mut run = desk.run_with(&system);
    run.notified("B");
    assert_eq!(run.notified_until_now(&desk), 0, "the others are known");
    run.end();
}
