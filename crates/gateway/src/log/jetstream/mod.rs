//! The log on NATS JetStream, which any number of gateways may share.
//!
//! A tenant is a stream; an offset is a sequence of it. Messages come from the stream alone, whoever put them there:
//! what this gateway publishes it reads back before its clients do. What a message is and does is in its subject and
//! headers, so that any gateway can go on where another one ended.

mod checkpoint;
mod coding;
mod direct;
mod follow;
mod names;
mod range;
mod refusal;
mod replayed;
mod stream;

use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::context::{Context, ContextBuilder, GetStreamErrorKind};
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, Info, RetentionPolicy, StorageType, Stream,
};
use async_nats::{Client, ConnectOptions, Event};
use tokio::sync::watch;
use tracing::{debug, info, warn};

use self::names::Names;
use self::replayed::Replayed;
use self::stream::JetStreamLog;
use super::logs::{PATIENCE, random_name};
use super::options::{Login, NatsUrl};
use super::{Deliver, Log, LogError, Logs, Pending, Retention};
use crate::server::Limits;

/// A connection to NATS, kept for as long as it lives, whatever happens to the servers.
#[derive(Clone, Debug)]
pub(super) struct JetStream {
    client: Client,
    context: Context,
    connected: watch::Receiver<bool>,
    /// Of this process.
    gateway: String,
    retention: Retention,
    replayed: Replayed,
    replicas: usize,
}

/// Acknowledgements waited for at a time. Beyond, publishers wait.
const IN_FLIGHT: usize = 20_000;
/// Between attempts to reach a server again, at most.
const RECONNECT: Duration = Duration::from_secs(2);

impl JetStream {
    /// Begins to connect; a server need not be there yet.
    ///
    /// # Errors
    /// [`LogError::Unsuitable`] for credentials that cannot be read or addresses nobody can connect to.
    pub(super) async fn new(
        urls: &[NatsUrl],
        credentials: Option<&Path>,
        retention: Retention,
        limits: &Limits,
        replicas: usize,
    ) -> Result<Self, LogError> {
        let (connection, connected) = watch::channel(false);
        let mut options = ConnectOptions::new();
        if let Some(path) = credentials {
            let unreadable = |error| {
                LogError::Unsuitable(format!("the credentials in {}: {error}", path.display()))
            };
            options = options.credentials_file(path).await.map_err(unreadable)?;
        }
        options = match urls.iter().find_map(NatsUrl::login) {
            None => options,
            Some(Login::Token(token)) => options.token(token),
            Some(Login::User { user, password }) => options.user_and_password(user, password),
        };
        let options = options
            .name("vaultwatch-gateway")
            .retry_on_initial_connect()
            .connection_timeout(PATIENCE)
            .ping_interval(Duration::from_secs(10))
            .reconnect_delay_callback(|attempt| {
                let shift = u32::try_from(attempt.min(6)).unwrap_or(6);
                (Duration::from_millis(50) * 2_u32.pow(shift)).min(RECONNECT)
            })
            .event_callback(move |event| {
                match event {
                    Event::Connected => info!("connected to NATS"),
                    Event::Disconnected => warn!("the connection to NATS is lost"),
                    ref other => debug!("NATS: {other}"),
                }
                match event {
                    Event::Connected => drop(connection.send_replace(true)),
                    Event::Disconnected | Event::Closed => drop(connection.send_replace(false)),
                    _ => {}
                }
                std::future::ready(())
            });
        // Without the logins, which the library would tell its log of.
        let addresses: Vec<String> = urls.iter().map(NatsUrl::address).collect();
        let client = options.connect(addresses.as_slice()).await;
        let client = client.map_err(|error| LogError::Unsuitable(error.to_string()))?;
        let context = ContextBuilder::new()
            .timeout(PATIENCE)
            .ack_timeout(PATIENCE)
            .max_ack_inflight(IN_FLIGHT)
            .backpressure_on_inflight(true)
            .build(client.clone());
        let (gateway, replayed) = (random_name()?.to_string(), Replayed::of(limits));
        Ok(Self { client, context, connected, gateway, retention, replayed, replicas })
    }

    /// A tenant's log.
    ///
    /// # Errors
    /// [`LogError::Unavailable`], and [`LogError::Unsuitable`] for a stream that knows ids for too short a time.
    async fn log(
        &self,
        tenant: &str,
        deliver: Weak<dyn Deliver>,
    ) -> Result<JetStreamLog, LogError> {
        if !*self.connected.borrow() {
            return Err(LogError::Unavailable("there is no connection to NATS".into()));
        }
        let names = Names::of(tenant);
        let Retention { bytes, age, event_age, dedup, .. } = self.retention;
        let ours = Config {
            name: names.stream.clone(),
            description: Some(format!("VaultWatch: the log of {tenant}")),
            subjects: vec![names.all()],
            max_bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
            max_age: event_age,
            duplicate_window: dedup,
            allow_message_ttl: age < event_age,
            ..self.common()
        };
        let (stream, info) = self.stream(ours).await?;
        let window = info.config.duplicate_window;
        if window < dedup {
            return Err(LogError::Unsuitable(format!(
                "stream {} knows ids for {window:?} only: `nats stream edit --dupe-window={}s`",
                names.stream,
                dedup.as_secs()
            )));
        }
        if !info.config.allow_direct {
            return Err(LogError::Unsuitable(format!(
                "stream {} cannot be read directly: `nats stream edit --allow-direct`",
                names.stream
            )));
        }
        let values = Config {
            name: names.values.clone(),
            description: Some(format!("VaultWatch: last values of {tenant}")),
            subjects: vec![names.all_values()],
            max_messages_per_subject: 1,
            ..self.common()
        };
        let (values, _) = self.stream(values).await?;
        JetStreamLog::open(self.clone(), names, stream, &info, values, deliver).await
    }

    fn common(&self) -> Config {
        Config {
            retention: RetentionPolicy::Limits,
            discard: DiscardPolicy::Old,
            storage: StorageType::File,
            num_replicas: self.replicas,
            allow_direct: true,
            ..Config::default()
        }
    }

    /// The stream as it is, or made as we would have it. One that is there belongs to its operator: nothing about it
    /// is changed.
    async fn stream(&self, ours: Config) -> Result<(Stream, Info), LogError> {
        let stream = match self.context.get_stream(&ours.name).await {
            Ok(stream) => stream,
            Err(error) if is_absent(&error.kind()) => {
                info!(stream = ours.name, replicas = ours.num_replicas, "making the stream");
                // Another gateway may do the same this very moment.
                let made = self.context.create_stream(&ours).await.map_err(unavailable);
                match (made, self.context.get_stream(&ours.name).await) {
                    (_, Ok(stream)) => stream,
                    (Err(error), _) => return Err(error),
                    (Ok(_), Err(error)) => return Err(unavailable(error)),
                }
            }
            Err(error) => return Err(unavailable(error)),
        };
        let info = stream.cached_info().clone();
        Ok((stream, info))
    }
}

/// In the stream's metadata: set anew when a stream has lost its end, whose offsets are given away again.
const GENERATION: &str = "vaultwatch-generation";

impl Logs for JetStream {
    fn is_local(&self) -> bool {
        false
    }

    fn open<'a>(
        &'a self,
        tenant: &'a str,
        deliver: Weak<dyn Deliver>,
    ) -> Pending<'a, Arc<dyn Log>> {
        Box::pin(async { Ok(Arc::new(self.log(tenant, deliver).await?) as Arc<dyn Log>) })
    }
}

/// Another stream of the same name is another log, and so is one that lost its end.
fn epoch(info: &Info) -> String {
    let epoch = format!("{}@{}", info.config.name, info.created.unix_timestamp_nanos());
    match info.config.metadata.get(GENERATION) {
        None => epoch,
        Some(generation) => format!("{epoch}+{generation}"),
    }
}

fn is_absent(kind: &GetStreamErrorKind) -> bool {
    match kind {
        GetStreamErrorKind::JetStream(error) => error.error_code() == ErrorCode::STREAM_NOT_FOUND,
        _ => false,
    }
}

fn unavailable(error: impl std::fmt::Display) -> LogError {
    LogError::Unavailable(format!("NATS: {error}"))
}
