//! Encrypted profiles, and a keychain that takes its time.

use std::sync::{Condvar, Mutex};

use keychain::{InMemory, KeyStore, Keychain, KeychainError, OsEntropy, RingName};
use monitor::encryption::{EncryptionConfig, Keys, stage_from};
use realtime::encryption::{Key, KeyId, KeyRing, Nonce};
use realtime::wire::Message;

use crate::watch::*;

/// A keychain that gives no answer until it is let to.
#[derive(Debug, Default)]
struct Slow {
    behind: InMemory,
    open: Mutex<bool>,
    opened: Condvar,
}

impl Slow {
    fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.opened.notify_all();
    }
}

impl Keychain for Slow {
    fn read(&self, name: &RingName) -> Result<Option<Secret>, KeychainError> {
        let open = self.open.lock().unwrap();
        drop(self.opened.wait_while(open, |open| !*open).unwrap());
        self.behind.read(name)
    }

    fn write(&self, name: &RingName, secret: &[u8]) -> Result<(), KeychainError> {
        self.behind.write(name, secret)
    }

    fn remove(&self, name: &RingName) -> Result<(), KeychainError> {
        self.behind.remove(name)
    }

    fn changed(&self) -> futures_util::future::BoxFuture<'_, ()> {
        self.behind.changed()
    }
}

type Secret = zeroize::Zeroizing<Vec<u8>>;

fn ring() -> KeyRing {
    let mut ring = KeyRing::new("acme").unwrap();
    let kid = KeyId::parse("k1").unwrap();
    ring.insert(kid.clone(), Key::new([7; 32]), UnixMillis(0)).unwrap();
    ring.activate(&kid).unwrap();
    ring
}

/// A keychain with that ring in it.
async fn filled(system: Arc<dyn Keychain>) {
    let name = RingName::new("acme", "acme").unwrap();
    let kid = KeyId::parse("k1").unwrap();
    let change = |ring: &mut KeyRing| {
        ring.insert(kid.clone(), Key::new([7; 32]), UnixMillis(0))?;
        ring.activate(&kid)
    };
    KeyStore::new(system).update(&name, change).await.unwrap();
}

fn sealed(ltv: f64) -> String {
    let data = serde_json::json!({"ltv": ltv, "liquidationThreshold": 82.5});
    let plain = Message::new("vault_update_A", &data, UnixMillis(1), Some("one")).unwrap();
    ring().seal(&plain, Nonce::generate(&OsEntropy).unwrap()).unwrap().to_json()
}

async fn encrypted(system: Arc<dyn Keychain>) -> Watch {
    encrypted_within(Keys::PATIENCE, system).await
}

async fn encrypted_within(patience: Duration, system: Arc<dyn Keychain>) -> Watch {
    Watch::begin(acme(), Store::in_memory().unwrap(), |options| {
        let keys = KeyStore::new(system);
        let config = EncryptionConfig { tenant: None, require: true };
        let (stage, keys) = stage_from(&keys, "acme", &config).unwrap();
        options.stages.push(stage);
        options.keys = Some(keys.waited_for(patience));
    })
    .await
}

async fn waits(watch: &mut Watch) -> String {
    watch
        .until("the wait to be told", |call| match call {
            Call::Window(WindowEvent::Feed(feed)) => match &feed.state {
                FeedState::Waiting { cause } => Some(cause.clone()),
                other => panic!("{other:?} without a key"),
            },
            _ => None,
        })
        .await
}

/// The start took as long as the keychain did, up to 30 s; and what came before the keys was lost.
#[tokio::test]
async fn a_slow_keychain_delays_nothing_but_the_connection_and_no_message_is_lost() {
    let system = Arc::new(Slow::default());
    system.open();
    filled(system.clone()).await;
    *system.open.lock().unwrap() = false;

    let mut watch = encrypted(system.clone()).await;
    // Sent as soon as anybody connects.
    watch.server.send(sealed(80.0)).unwrap();
    assert_eq!(waits(&mut watch).await, "waiting for the keychain");
    // The window and the tray are served meanwhile, and say why.
    let attached = watch.attach().await;
    assert!(matches!(attached.feed.state, FeedState::Waiting { .. }));
    let tray = |call: &Call| match call {
        Call::Tray(tray) => Some(tray.state_line.clone()),
        _ => None,
    };
    assert_eq!(watch.until("the tray", tray).await, "Waiting · 0 vaults");
    assert_eq!(watch.monitor.statistics().await.messages, 0);
    let attempts = watch.monitor.diagnostics().await.unwrap().connection.attempts;
    assert_eq!(attempts, 0, "nobody connects without the keys");

    system.open();
    assert_eq!(watch.notified().await.title, "A: 3.0 % to liquidation");
    assert_eq!(watch.monitor.statistics().await.invalid, 0);
}

#[tokio::test]
async fn a_locked_keychain_is_told_and_waited_for() {
    let system = Arc::new(InMemory::default());
    filled(system.clone()).await;
    system.set_trouble(Some(KeychainError::Locked));
    let mut watch = encrypted(system.clone()).await;
    watch.server.send(sealed(80.0)).unwrap();
    while !waits(&mut watch).await.contains("is locked") {}
    system.set_trouble(None);
    assert_eq!(watch.notified().await.title, "A: 3.0 % to liquidation");
}

#[tokio::test]
async fn what_came_before_late_keys_is_read_when_they_are_there() {
    let system = Arc::new(InMemory::default());
    filled(system.clone()).await;
    system.set_trouble(Some(KeychainError::Locked));
    let mut watch = encrypted_within(Duration::from_millis(50), system.clone()).await;
    watch.live().await;
    watch.server.send(sealed(80.0)).unwrap();
    watch.send("behind_it", "1");
    watch.custom("behind_it").await;
    let statistics = watch.monitor.statistics().await;
    assert_eq!((statistics.messages, statistics.invalid), (1, 0), "one is read, one waits");
    system.set_trouble(None);
    assert_eq!(watch.notified().await.title, "A: 3.0 % to liquidation");
}

#[tokio::test]
async fn what_is_not_sealed_though_it_must_be_is_told_once() {
    let system = Arc::new(InMemory::default());
    filled(system.clone()).await;
    let mut watch = encrypted(system).await;
    watch.live().await;
    watch.vault("A", "82");
    let told = |call: &Call| match call {
        Call::Window(WindowEvent::Notification(view)) => Some(view.title.clone()),
        _ => None,
    };
    assert_eq!(watch.until("a notice", told).await, "Encrypted messages cannot be read");
    watch.vault("A", "81");
    let after = watch.settled().await;
    assert!(!after.iter().any(|call| told(call).is_some()), "{after:?}");
    assert_eq!(watch.monitor.statistics().await.invalid, 2);
}

#[tokio::test]
async fn keys_that_cannot_be_used_leave_nothing_watched_and_say_so_loudly() {
    let system = Arc::new(InMemory::default());
    let name = RingName::new("acme", "acme").unwrap();
    system.write(&name, b"somebody else's").unwrap();
    let mut watch = encrypted(system.clone()).await;
    let shown = watch.notified().await;
    assert_eq!(
        (shown.urgency, shown.title.as_str()),
        (Urgency::Critical, "Nothing is watched: the keys cannot be used")
    );
    let cause = watch.until("the failure", |call| match call {
        Call::Failed(cause) => Some(cause.clone()),
        _ => None,
    });
    assert!(cause.await.contains("is no key ring"));
    assert_eq!(watch.monitor.diagnostics().await.unwrap().connection.attempts, 0);
    // Mended, it goes on.
    let other = Arc::new(InMemory::default());
    filled(other.clone()).await;
    let mended = other.read(&name).unwrap().unwrap();
    system.write(&name, &mended).unwrap();
    watch.live().await;
}
