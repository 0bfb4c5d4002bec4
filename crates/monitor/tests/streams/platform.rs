//! A gateway, and somebody who publishes to it: what followers of single streams are tested against, in this crate and by
//! `vaultwatchctl follow`.

use gateway::{Access, Gateway, Source};
pub(crate) use proving::patience::PATIENCE;
use realtime::wire::{Message, UnixMillis};
use realtime::{Handle, Messages, Options};
use serde_json::Value;

pub(crate) struct Platform {
    pub(crate) gateway: Gateway,
    publisher: Handle,
    /// Nobody reads them; the connection lives on.
    _messages: Messages,
}

impl Platform {
    pub(crate) async fn start() -> Self {
        let listen = "127.0.0.1:0".parse().unwrap();
        let gateway = Gateway::bind(listen, Access::open(), Source::Relay).await.unwrap();
        let mut options = Options::new(gateway.url());
        options.topics = vec!["nothing".parse().unwrap()];
        let (publisher, messages) = realtime::open(options.validate().unwrap());
        publisher.connect().unwrap();
        publisher.connected().await.unwrap();
        Self { gateway, publisher, _messages: messages }
    }

    /// Stored by the gateway when this returns.
    pub(crate) async fn publish(&self, ty: &str, data: Value) {
        let message = Message::new(ty, &data, UnixMillis(1), None).unwrap();
        let outcome = self.publisher.publish(message).unwrap().await;
        assert!(outcome.is_ok(), "{outcome:?}");
    }

    /// Waits until so many clients are there, the publisher among them.
    pub(crate) async fn clients(&self, wanted: u64) {
        let until = self.gateway.stats_when(|stats| stats.clients == wanted);
        tokio::time::timeout(PATIENCE, until).await.unwrap_or_else(|_| panic!("{wanted} clients"));
    }
}
