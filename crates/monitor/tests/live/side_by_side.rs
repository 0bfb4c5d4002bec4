//! Two whole profiles of one `config.toml` in one program: each with its token, its keys, its databases and its shell.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::VaultId;
use domain::view::{Mode, WindowEvent};
use gateway::{Access, Gateway, Keys, Limits, NewToken, Source, TokenFile, Transport};
use keychain::{InMemory, KeyStore, Keychain, OsEntropy, RingName};
use monitor::config::{FeedArgs, FeedChoice};
use monitor::encryption::stage_from;
use monitor::{MonitorHandle, Options, OsNotification, Shell, start};
use proving::patience::PATIENCE;
use realtime::encryption::{Key, KeyId, KeyRing, Nonce};
use realtime::persistence::Bounds;
use serde_json::{Value, json};
use store::{Durable, OUTBOX_FILE, Outbox, Store};
use tokio::sync::mpsc;
use wire::{Message, UnixMillis};

/// What the shell of a profile was asked.
enum Call {
    Window(WindowEvent),
    Notify(OsNotification),
}

impl Call {
    /// All of it, in a line.
    fn shown(&self) -> String {
        match self {
            Self::Window(event) => format!("window {event:?}\n"),
            Self::Notify(notification) => format!("notify {notification:?}\n"),
        }
    }
}

struct Recorder(mpsc::UnboundedSender<Call>);

impl Shell for Recorder {
    fn window(&self, event: &WindowEvent) {
        let _ = self.0.send(Call::Window(event.clone()));
    }

    fn notify(&self, notification: &OsNotification) {
        let _ = self.0.send(Call::Notify(notification.clone()));
    }
}

/// A profile, and somebody who publishes to its tenant.
struct Side {
    name: &'static str,
    token: String,
    key: u8,
    publisher: realtime::Handle,
    monitor: MonitorHandle,
    calls: mpsc::UnboundedReceiver<Call>,
    /// All calls so far, as they are shown.
    seen: String,
    store_path: PathBuf,
}

/// A ring of one key, `k1`: every side calls its own so.
fn ring(tenant: &str, key: u8) -> KeyRing {
    let mut ring = KeyRing::new(tenant).unwrap();
    let kid = KeyId::parse("k1").unwrap();
    ring.insert(kid.clone(), Key::new([key; 32]), UnixMillis(0)).unwrap();
    ring.activate(&kid).unwrap();
    ring
}

impl Side {
    async fn start(
        name: &'static str,
        (token, key): (String, u8),
        gateway: &Gateway,
        folder: &Path,
        system: &Arc<InMemory>,
    ) -> Self {
        let mut options = realtime::Options::new(gateway.url());
        options.token = Some(realtime::Secret::new(token.clone()));
        let (publisher, _) = realtime::open(options.validate().unwrap());
        publisher.connect().unwrap();
        publisher.connected().await.unwrap();

        let keys = KeyStore::new(Arc::clone(system) as Arc<dyn Keychain>);
        let ring_name = RingName::new(name, name).unwrap();
        keys.update(&ring_name, |ring| {
            let kid = KeyId::parse("k1").unwrap();
            ring.insert(kid.clone(), Key::new([key; 32]), UnixMillis(0))?;
            ring.activate(&kid)
        })
        .await
        .unwrap();

        let args = FeedArgs {
            profile: Some(name.to_owned()),
            data_dir: Some(folder.to_owned()),
            ..FeedArgs::default()
        };
        let resolved = args.resolve().unwrap();
        let FeedChoice::Profile { connection, encryption, .. } = resolved.feed else { panic!() };
        let (store, _) = Store::open(&resolved.store_path).unwrap();
        let outbox = resolved.store_path.with_file_name(OUTBOX_FILE);
        let (outbox, _) = Outbox::open(&outbox, Bounds::default()).unwrap();
        let (stage, keys) = stage_from(&keys, name, &encryption.unwrap()).unwrap();
        let mut options = Options::new(Mode::Profile(name.to_owned()), *connection);
        options.persistence = Some(Arc::new(Durable::new(store.clone(), outbox)));
        options.stages.push(stage);
        options.keys = Some(keys);
        let (calls, recorded) = mpsc::unbounded_channel();
        let monitor = start(options, store, Arc::new(Recorder(calls))).await.unwrap();
        Self {
            name,
            token,
            key,
            publisher,
            monitor,
            calls: recorded,
            seen: String::new(),
            store_path: resolved.store_path,
        }
    }

    async fn publish(&self, message: Message) {
        let outcome = self.publisher.publish(message).unwrap().await;
        assert!(matches!(outcome, realtime::Outcome::Acknowledged { .. }), "{outcome:?}");
    }

    async fn plain(&self, ty: &str, data: Value) {
        self.publish(Message::new(ty, &data, UnixMillis(1), None).unwrap()).await;
    }

    async fn alert(&self, vault: &str) {
        self.plain("risk_alert", alert(vault)).await;
    }

    /// An alert sealed for this tenant, with this key.
    async fn sealed(&self, vault: &str, key: u8) {
        let alert = Message::new("risk_alert", &alert(vault), UnixMillis(1), Some(vault)).unwrap();
        let nonce = Nonce::generate(&OsEntropy).unwrap();
        self.publish(ring(self.name, key).seal(&alert, nonce).unwrap()).await;
    }

    /// Waits until the shell was asked what fits.
    async fn until(&mut self, what: &str, fits: impl Fn(&Call) -> bool) {
        loop {
            let call = tokio::time::timeout(PATIENCE, self.calls.recv()).await;
            let call = call.unwrap_or_else(|_| panic!("{}: {what}", self.name)).unwrap();
            self.seen.push_str(&call.shown());
            if fits(&call) {
                return;
            }
        }
    }

    async fn told_of(&mut self, vault: &str) {
        let words = format!("alert on {vault}");
        self.until(&words, |call| match call {
            Call::Window(WindowEvent::Notification(view)) => view.message == words,
            _ => false,
        })
        .await;
    }

    /// All that was published up to now has been dealt with, and what came of it is seen.
    async fn settle(&mut self) {
        self.plain("system_status", json!({"isRunning": true})).await;
        self.until("the status", |call| matches!(call, Call::Window(WindowEvent::Status(_)))).await;
        self.monitor.statistics().await;
        while let Ok(call) = self.calls.try_recv() {
            self.seen.push_str(&call.shown());
        }
    }

    async fn alerts(&self) -> Vec<String> {
        let told = self.monitor.notifications().await.into_iter().map(|view| view.message);
        let mut told: Vec<_> = told.filter(|message| message.starts_with("alert on ")).collect();
        told.sort();
        told
    }

    async fn knows(&self, vault: &str) -> bool {
        self.monitor.vault_detail(VaultId::new(vault).unwrap()).await.is_some()
    }
}

fn alert(vault: &str) -> Value {
    json!({
        "vaultId": vault, "severity": "CRITICAL", "category": "MARKET_RISK", "message": format!("alert on {vault}"),
    })
}

/// Whether any file of a folder holds this text.
fn holds(folder: &Path, text: &str) -> bool {
    let mut files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.any(|file| {
        // One that lives for a moment is gone again.
        let bytes = std::fs::read(file).unwrap_or_default();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_of_two_profiles_sees_anything_of_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = TokenFile::new(folder.path().join("tokens.toml"));
    let token = |tenant: &str| {
        let all = || vec!["*".to_owned()];
        let new = NewToken {
            name: tenant.to_owned(),
            tenant: tenant.to_owned(),
            read: all(),
            publish: all(),
            expires: None,
            metrics: false,
        };
        file.add(&new).unwrap().as_str().to_owned()
    };
    let tokens = [token("acme"), token("globex")];
    let access = Access::Keyed {
        keys: Keys::load(Some(file.clone()), None).unwrap(),
        allow_origins: Vec::new(),
        transport: Transport::PlainOnLoopback,
    };
    let listen = "127.0.0.1:0".parse().unwrap();
    let gateway = Gateway::bind_with(listen, access, Source::Relay, Limits::default());
    let gateway = gateway.await.unwrap();
    // The same in both but for the token: it alone says whose log is read.
    let profile = |name: &str, token: &str| {
        format!(
            "[profiles.{name}]\nurl = '{}'\ntoken = '{token}'\n[encryption.{name}]\n",
            gateway.url()
        )
    };
    let config = [profile("acme", &tokens[0]), profile("globex", &tokens[1])].concat();
    std::fs::write(folder.path().join("config.toml"), config).unwrap();
    let system = Arc::new(InMemory::default());

    let [first, second] = tokens;
    let mut acme = Side::start("acme", (first, 7), &gateway, folder.path(), &system).await;
    let mut globex = Side::start("globex", (second, 8), &gateway, folder.path(), &system).await;
    acme.plain("vault_update_ACM-1", json!({"full": true, "ltv": 10})).await;
    globex.plain("vault_update_GLX-1", json!({"full": true, "ltv": 10})).await;
    for (side, plain, sealed) in [(&acme, "ACM-2", "ACM-3"), (&globex, "GLX-2", "GLX-3")] {
        side.alert(plain).await;
        side.sealed(sealed, side.key).await;
    }
    // What is sealed with the other's key opens nowhere, though both are called `k1` in one keychain.
    acme.sealed("FAR-4", globex.key).await;
    for (side, alerts) in [(&mut acme, ["ACM-2", "ACM-3"]), (&mut globex, ["GLX-2", "GLX-3"])] {
        for vault in alerts {
            side.told_of(vault).await;
        }
        side.settle().await;
    }

    assert_eq!(acme.alerts().await, ["alert on ACM-2", "alert on ACM-3"]);
    assert_eq!(globex.alerts().await, ["alert on GLX-2", "alert on GLX-3"]);
    assert!(acme.knows("ACM-1").await && !acme.knows("GLX-1").await);
    assert!(globex.knows("GLX-1").await && !globex.knows("ACM-1").await);
    for (side, other, theirs) in [(&acme, &globex, "GLX-"), (&globex, &acme, "ACM-")] {
        assert!(side.seen.contains("notify "), "{}: the operating system was asked", side.name);
        assert!(!side.seen.contains(theirs), "{}: {}", side.name, side.seen);
        let diagnostics = side.monitor.diagnostics().await.unwrap();
        let exported = serde_json::to_string(&diagnostics).unwrap();
        for token in [&side.token, &other.token] {
            assert!(!exported.contains(token.as_str()) && !side.seen.contains(token.as_str()));
        }
    }

    // The end of one is not felt by the other, and what each has kept is its own.
    acme.monitor.shutdown().await;
    globex.alert("GLX-5").await;
    globex.told_of("GLX-5").await;
    globex.monitor.shutdown().await;
    for (side, theirs) in [(&acme, "GLX-"), (&globex, "ACM-")] {
        let kept = side.store_path.parent().unwrap();
        assert!(kept.ends_with(format!("profiles/{}", side.name)), "{}", kept.display());
        assert!(!holds(kept, theirs) && !holds(kept, &side.token), "{}", side.name);
        assert!(holds(kept, "alert on "), "{}: it is there", side.name);
    }
}
