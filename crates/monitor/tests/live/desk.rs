//! A team: its tenant of a gateway, what it publishes there, and its place on a disk.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gateway::{Access, Gateway, Limits, Source};
use keychain::{InMemory, KeyStore, Keychain, OsEntropy, RingName};
use monitor::encryption::{EncryptionConfig, stage_from};
use proving::patience::PATIENCE;
use realtime::encryption::{Key, KeyId, KeyRing, Nonce};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use wire::{Message, UnixMillis};

use crate::run::{Run, runtime};

pub(crate) struct Desk {
    runtime: Arc<Runtime>,
    gateway: Arc<Gateway>,
    tenant: &'static str,
    publisher: realtime::Handle,
    database: PathBuf,
    _folder: tempfile::TempDir,
}

impl Desk {
    /// With a gateway of its own.
    pub(crate) fn open(tenant: &'static str) -> Self {
        let runtime = runtime();
        let gateway = runtime.block_on(async {
            let listen = "127.0.0.1:0".parse().unwrap();
            Gateway::bind_with(listen, Access::open(), Source::Relay, Limits::default()).await
        });
        Self::at(Arc::new(runtime), Arc::new(gateway.unwrap()), tenant)
    }

    /// Another tenant of the same gateway.
    pub(crate) fn neighbour(&self, tenant: &'static str) -> Self {
        Self::at(Arc::clone(&self.runtime), Arc::clone(&self.gateway), tenant)
    }

    fn at(runtime: Arc<Runtime>, gateway: Arc<Gateway>, tenant: &'static str) -> Self {
        let mut options = realtime::Options::new(gateway.url());
        options.tenant = Some(tenant.to_owned());
        let publisher = runtime.block_on(async {
            let (publisher, _) = realtime::open(options.validate().unwrap());
            publisher.connect().unwrap();
            publisher.connected().await.unwrap();
            publisher
        });
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("vaultwatch.db");
        Self { runtime, gateway, tenant, publisher, database, _folder: folder }
    }

    pub(crate) fn run(&self) -> Run {
        Run::start(&self.gateway.url(), self.tenant, &self.database, |_| {})
    }

    /// Of somebody who answers under this name.
    pub(crate) fn run_as(&self, name: &str) -> Run {
        let folder = self.database.with_file_name(name);
        std::fs::create_dir_all(&folder).unwrap();
        let database = folder.join("vaultwatch.db");
        Run::start(&self.gateway.url(), self.tenant, &database, |options| {
            options.answers_as = Some(name.into());
        })
    }

    /// Another client of the tenant, from now on.
    pub(crate) fn listen(&self) -> Listener {
        let mut options = realtime::Options::new(self.gateway.url());
        options.tenant = Some(self.tenant.to_owned());
        let (client, messages) = self.runtime.block_on(async {
            let (client, messages) = realtime::open(options.validate().unwrap());
            client.connect().unwrap();
            client.connected().await.unwrap();
            (client, messages)
        });
        let runtime = Arc::clone(&self.runtime);
        Listener { runtime, messages, waiting: VecDeque::new(), _client: client }
    }

    /// With the keys of a keychain, which are not waited for.
    pub(crate) fn run_with(&self, system: &Arc<InMemory>) -> Run {
        Run::start(&self.gateway.url(), self.tenant, &self.database, |options| {
            let keys = KeyStore::new(Arc::clone(system) as Arc<dyn Keychain>);
            let (stage, keys) =
                stage_from(&keys, self.tenant, &EncryptionConfig::default()).unwrap();
            options.stages.push(stage);
            options.keys = Some(keys.waited_for(Duration::ZERO));
        })
    }

    /// A keychain that holds this key for this team.
    pub(crate) fn keychain(&self, key: u8) -> Arc<InMemory> {
        let system = Arc::new(InMemory::default());
        self.runtime.block_on(async {
            let keys = KeyStore::new(Arc::clone(&system) as Arc<dyn Keychain>);
            let name = RingName::new(self.tenant, self.tenant).unwrap();
            keys.update(&name, |ring| {
                let kid = KeyId::parse("k1").unwrap();
                ring.insert(kid.clone(), Key::new([key; 32]), UnixMillis(0))?;
                ring.activate(&kid)
            })
            .await
            .unwrap();
        });
        system
    }

    pub(crate) fn publish(&self, ty: &str, data: Value) {
        self.publish_message(Message::new(ty, &data, UnixMillis(1), None).unwrap());
    }

    fn publish_message(&self, message: Message) {
        let outcome =
            self.runtime.block_on(async { self.publisher.publish(message).unwrap().await });
        assert!(matches!(outcome, realtime::Outcome::Acknowledged { .. }), "{outcome:?}");
    }

    pub(crate) fn alert(&self, vault: &str) {
        self.publish("risk_alert", alert(vault));
    }

    pub(crate) fn sealed_alert(&self, vault: &str, key: u8) {
        let alert = Message::new("risk_alert", &alert(vault), UnixMillis(1), Some(vault)).unwrap();
        let mut ring = KeyRing::new(self.tenant).unwrap();
        let kid = KeyId::parse("k1").unwrap();
        ring.insert(kid.clone(), Key::new([key; 32]), UnixMillis(0)).unwrap();
        ring.activate(&kid).unwrap();
        self.publish_message(ring.seal(&alert, Nonce::generate(&OsEntropy).unwrap()).unwrap());
    }

    pub(crate) fn vault(&self, vault: &str) {
        self.publish(&format!("vault_update_{vault}"), json!({"full": true, "ltv": 10}));
    }
}

/// A client that hears everything its tenant's gateway says.
pub(crate) struct Listener {
    runtime: Arc<Runtime>,
    messages: realtime::Messages,
    waiting: VecDeque<Message>,
    _client: realtime::Handle,
}

impl Listener {
    fn message(&mut self) -> Message {
        loop {
            if let Some(message) = self.waiting.pop_front() {
                return message;
            }
            let next = async { tokio::time::timeout(PATIENCE, self.messages.recv()).await };
            let delivery = self.runtime.block_on(next).expect("a message in time").unwrap();
            self.waiting.extend(delivery.messages.into_iter().filter_map(
                |inbound| match inbound {
                    realtime::Inbound::Message(message) => Some(message),
                    _ => None,
                },
            ));
        }
    }

    /// What the next message of that type says.
    pub(crate) fn next(&mut self, ty: &str) -> Value {
        loop {
            let message = self.message();
            if message.ty() == ty {
                return message.decode().unwrap();
            }
        }
    }

    /// The type of the first message there was.
    pub(crate) fn first(&mut self) -> String {
        self.message().ty().to_owned()
    }
}

fn alert(vault: &str) -> Value {
    json!({
        "vaultId": vault, "severity": "CRITICAL", "category": "MARKET_RISK", "message": format!("alert on {vault}"),
    })
}

/// How alerts look of which each was raised once and has not come again: the newest first.
pub(crate) fn once(vaults: &[&str]) -> Vec<(String, u32, u32)> {
    vaults.iter().rev().map(|vault| (format!("alert on {vault}"), 1, 0)).collect()
}
