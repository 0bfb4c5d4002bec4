//! The live value of one vault, one market, the platform's alerts and its health, for whoever wants just that.

mod canonical;
mod shared;

use std::sync::Arc;

use domain::market::Market;
use domain::payload::Payload;
use domain::platform_alert::PlatformAlert;
use domain::view::StatusView;
use domain::{ChainId, Vault, VaultId};
use realtime::{Builder, Hub, InvalidOption, InvalidTopic, Middleware, RealTimeData, Topic};
use wire::{Invalid, InvalidKind, Message};

use self::canonical::Canonical;
use self::shared::Shared;
use crate::{Clock, SystemClock, status};

/// Streams over one connection, each loaded when it is used: [`RealTimeData::connect`] asks the server for its topic,
/// and makes the connection where there is none yet; the last user that disconnects or goes gives both back. A server
/// of `vaultwatch.v1` sends nothing else.
///
/// Whoever asks for the same stream gets another user of the same one, with what is known already: a part of a vault
/// (`{"ltv":75}`) goes over the last known vault, whoever was there when that came.
///
/// Each has the eight fields of [`RealTimeState`](realtime::RealTimeState) (`data`, `is_connected`, `is_connecting`,
/// `is_reconnecting`, `connection_state`, `error`, `last_message`, `message_count`) and the four controls of
/// [`RealTimeData`] (`connect`, `disconnect`, `send_message`, `clear_data`).
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use domain::VaultId;
/// use monitor::Streams;
/// # use realtime::testing::{Script, ScriptedServer, options};
/// # use realtime::{Builder, Hub};
/// # let server = ScriptedServer::new([Script::plain()
/// #     .send("vault_update_ETH-001", &serde_json::json!({"ltv": 70, "liquidationThreshold": 82.5}))
/// #     .send("vault_update_ETH-001", &serde_json::json!({"ltv": 75}))]);
/// # let streams = Streams::over(Hub::new(Builder::new(options()).dial(server.dial())));
/// // let streams = Streams::open(realtime::Options::new("wss://feed.example/ws"), &[])?;
///
/// let mut vault = streams.vault_updates(&VaultId::new("ETH-001")?)?;
/// vault.connect()?;
/// while vault.state().message_count < 2 {
///     vault.changed().await;
/// }
/// let known = vault.state().data.unwrap();
/// assert_eq!(known.ltv.unwrap().value().to_string(), "75");
/// assert_eq!(known.liquidation_threshold.unwrap().to_string(), "82.5");
/// vault.disconnect().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Streams(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    hub: Hub,
    vaults: Shared<VaultId, Vault>,
    markets: Shared<ChainId, Market>,
    alerts: Shared<(), PlatformAlert>,
    status: Shared<(), StatusView>,
}

impl Streams {
    /// Over a connection of their own, which is idle until a stream is used; its messages pass `stages`, the one next
    /// to the socket first.
    ///
    /// # Errors
    /// [`InvalidOption`] names the setting that is wrong.
    ///
    /// # Panics
    /// Outside of a Tokio runtime.
    pub fn open(
        connection: realtime::Options,
        stages: &[Arc<dyn Middleware>],
    ) -> Result<Self, InvalidOption> {
        Ok(Self::over(Hub::new(Self::builder(connection, stages)?)))
    }

    /// Over a connection that others may share, from a [`Pool`](realtime::Pool) say. Made with
    /// [`builder`](Self::builder), it also has the messages that name their vault or chain in `data` alone.
    #[must_use]
    pub fn over(hub: Hub) -> Self {
        Self(Arc::new(Inner {
            hub,
            vaults: Shared::default(),
            markets: Shared::default(),
            alerts: Shared::default(),
            status: Shared::default(),
        }))
    }

    /// A connection made for streams: it asks for what they use and nothing else, whatever topics the options name.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn builder(
        mut connection: realtime::Options,
        stages: &[Arc<dyn Middleware>],
    ) -> Result<Builder, InvalidOption> {
        connection.topics.clear();
        let builder = Builder::new(connection.validate()?);
        let builder = stages.iter().cloned().fold(builder, Builder::stage);
        Ok(builder.stage(Arc::new(Canonical)))
    }

    /// One vault, made of full and partial updates: `vault_update_{id}`.
    ///
    /// # Errors
    /// [`InvalidTopic::InnerWildcard`] for an id with a `*` in it: as a topic it would mean others, too.
    pub fn vault_updates(&self, id: &VaultId) -> Result<RealTimeData<Vault>, InvalidTopic> {
        if id.as_str().contains('*') {
            return Err(InvalidTopic::InnerWildcard);
        }
        let topic = Topic::parse(&format!("vault_update_{id}"))?;
        Ok(self.0.vaults.of(id, || RealTimeData::folded(&self.0.hub, topic, vault)))
    }

    /// The platform's alerts: `risk_alert`. The value is the last one; take
    /// [`subscribe`](RealTimeData::subscribe) so as to miss none.
    #[must_use]
    pub fn risk_alerts(&self) -> RealTimeData<PlatformAlert> {
        self.0
            .alerts
            .of(&(), || RealTimeData::decoded(&self.0.hub, topic("risk_alert"), risk_alert))
    }

    /// The market of one chain, made of full and partial updates: `market_data_{chain}`.
    #[must_use]
    pub fn market_data(&self, chain: ChainId) -> RealTimeData<Market> {
        let topic = || topic(&format!("market_data_{}", chain.0));
        self.0.markets.of(&chain, || RealTimeData::folded(&self.0.hub, topic(), market))
    }

    /// The platform's own health: `system_status`.
    #[must_use]
    pub fn system_status(&self) -> RealTimeData<StatusView> {
        self.0
            .status
            .of(&(), || RealTimeData::decoded(&self.0.hub, topic("system_status"), system_status))
    }

    /// The connection, for handlers, figures and types of one's own.
    #[must_use]
    pub fn hub(&self) -> &Hub {
        &self.0.hub
    }
}

fn topic(text: &str) -> Topic {
    Topic::parse(text).expect("these types are topics")
}

fn vault(before: Option<&Vault>, message: &Message) -> Result<Vault, Invalid> {
    match Payload::of(message)? {
        Payload::Vault(id, patch) => {
            let mut vault = before.cloned().unwrap_or_else(|| Vault::unknown(id));
            vault.apply(*patch);
            Ok(vault)
        }
        _ => Err(another_type(message)),
    }
}

fn market(before: Option<&Market>, message: &Message) -> Result<Market, Invalid> {
    match Payload::of(message)? {
        Payload::Market(chain, patch) => {
            let mut market = before.cloned().unwrap_or_else(|| Market::unknown(chain));
            market.apply(*patch);
            Ok(market)
        }
        _ => Err(another_type(message)),
    }
}

fn risk_alert(message: &Message) -> Result<PlatformAlert, Invalid> {
    match Payload::of(message)? {
        Payload::Alert(alert) => Ok(*alert),
        _ => Err(another_type(message)),
    }
}

fn system_status(message: &Message) -> Result<StatusView, Invalid> {
    match Payload::of(message)? {
        Payload::Status(status, extra) => Ok(status::view(*status, extra, SystemClock.now())),
        _ => Err(another_type(message)),
    }
}

fn another_type(message: &Message) -> Invalid {
    Invalid::new(InvalidKind::Payload, "is of a type that is not this stream's", message.data())
}
