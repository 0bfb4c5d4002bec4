//! The log on NATS JetStream, which any number of gateways may share.
//!
//! A tenant is a stream; an offset is a sequence of it. Messages come from the stream alone, whoever put them there:
//! what this gateway publishes it reads back before its clients do. What a message is and does is in its subject and
//! headers, so that any gateway can go on where another one ended.

mod at_hand;
mod checkpoint;
mod coding;
mod direct;
mod follow;
mod names;
mod range;
mod refusal;
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
use self::stream::JetStreamLog;
use super::logs::{PATIENCE, random_name};
use super::options::{Login, NatsUrl};
use super::{Deliver, History, Log, LogError, Logs, Pending, Retention};

/// A connection to NATS, kept for as long as it lives, whatever happens to the servers.
#[derive(Clone, Debug)]
pub(super) struct JetStream {
    client: Client,
    context: Context,
    connected: watch::Receiver<bool>,
    /// Of this process.
    gateway: String,
    retention: Retention,
    history: History,
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
        history: History,
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
        let gateway = random_name()?.to_string();
        Ok(Self { client, context, connected, gateway, retention, history, replicas })
    }

    /// What is asked while there is no connection would only be answered when its time is up.
    fn reachable(&self) -> Result<(), LogError> {
        if *self.connected.borrow() {
            return Ok(());
        }
        Err(LogError::Unavailable("there is no connection to NATS".into()))
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
        self.reachable()?;
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
        let (stream, info) = self.stream(&ours).await?;
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
        let our_values = Config {
            name: names.values.clone(),
            description: Some(format!("VaultWatch: last values of {tenant}")),
            subjects: vec![names.all_values()],
            max_messages_per_subject: 1,
            ..self.common()
        };
        let (values, values_info) = self.stream(&our_values).await?;
        let open = JetStreamLog::open(self.clone(), names, stream, &info, values, deliver);
        let log = open.await?;
        // Once it is open: attempts that fail are made twice a second.
        for (ours, info) in [(&ours, &info), (&our_values, &values_info)] {
            for difference in differences(ours, &info.config) {
                warn!(
                    stream = ours.name,
                    "it is as it was made, and not as asked for: {difference}"
                );
            }
        }
        Ok(log)
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
    async fn stream(&self, ours: &Config) -> Result<(Stream, Info), LogError> {
        let stream = match self.context.get_stream(&ours.name).await {
            Ok(stream) => stream,
            Err(error) if is_absent(&error.kind()) => {
                info!(stream = ours.name, replicas = ours.num_replicas, "making the stream");
                // Another gateway may do the same this very moment.
                let made = self.context.create_stream(ours).await.map_err(unavailable);
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

/// What was asked for and is not so, because the stream was there already, each with what would change it.
fn differences(ours: &Config, theirs: &Config) -> Vec<String> {
    let name = &ours.name;
    let mut found = Vec::new();
    if !ours.max_age.is_zero() && ours.max_age != theirs.max_age {
        let (asked, is) = (ours.max_age, theirs.max_age);
        let option = format!("`nats stream edit {name} --max-age={}s`", asked.as_secs());
        found.push(match is.is_zero() {
            true => format!("events stay for ever, not for {asked:?}: {option}"),
            false => format!("events stay for {is:?}, not for {asked:?}: {option}"),
        });
    }
    if ours.max_bytes > 0 && ours.max_bytes != theirs.max_bytes {
        let (asked, is) = (ours.max_bytes, theirs.max_bytes);
        let option = format!("`nats stream edit {name} --max-bytes={asked}`");
        found.push(match is {
            ..1 => format!("it may grow as it likes, not to {asked} bytes: {option}"),
            is => format!("it holds {is} bytes, not {asked}: {option}"),
        });
    }
    if ours.allow_message_ttl && !theirs.allow_message_ttl {
        found.push(format!(
            "state stays for as long as events: `nats stream edit {name} --allow-msg-ttl`"
        ));
    }
    if ours.num_replicas != theirs.num_replicas {
        let (asked, is) = (ours.num_replicas, theirs.num_replicas);
        let option = format!("`nats stream edit {name} --replicas={asked}`");
        found.push(format!("there are {is} copies of each message, not {asked}: {option}"));
    }
    found
}

/// In the stream's metadata: set anew when a stream has lost its end, whose offsets are given away again.
const GENERATION: &str = "vaultwatch-generation";

impl Logs for JetStream {
    fn is_local(&self) -> bool {
        false
    }

    fn history(&self) -> History {
        self.history
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_operator_made_otherwise_is_named_with_its_remedy() {
        let ours = Config {
            name: "VAULTWATCH_desk".into(),
            max_age: Duration::from_secs(7_200),
            max_bytes: 1_000,
            num_replicas: 3,
            allow_message_ttl: true,
            ..Config::default()
        };
        assert_eq!(differences(&ours, &ours), [""; 0]);
        let check = |theirs: Config, named: [&str; 2]| {
            let found = differences(&ours, &theirs);
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(named.iter().all(|named| found[0].contains(named)), "{found:?}");
        };
        let all = || ours.clone();
        check(Config { max_age: Duration::ZERO, ..all() }, ["for ever", "--max-age=7200s"]);
        check(Config { max_age: Duration::from_secs(60), ..all() }, ["60s", "--max-age=7200s"]);
        check(Config { max_bytes: -1, ..all() }, ["as it likes", "--max-bytes=1000"]);
        check(Config { max_bytes: 5, ..all() }, ["5 bytes", "--max-bytes=1000"]);
        check(Config { allow_message_ttl: false, ..all() }, ["as events", "--allow-msg-ttl"]);
        check(Config { num_replicas: 1, ..all() }, ["1 copies", "--replicas=3"]);
        // Of what was not asked for it may be as it likes; what can do more does what was asked for.
        let least =
            Config { max_age: Duration::ZERO, max_bytes: 0, allow_message_ttl: false, ..all() };
        assert_eq!(differences(&least, &ours), [""; 0]);
    }
}
