use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Deserializer};
use thiserror::Error;

use crate::{Endpoint, Secret, millis};

/// What a connection can be told, as it is written in a configuration. [`Options::validate`] turns it into what
/// [`open`](crate::open) takes.
///
/// In a file the names are camelCase and durations are integer milliseconds:
///
/// ```
/// # use std::time::Duration;
/// let options: realtime::Options = serde_json::from_str(
///     r#"{"url": "wss://feed.example/ws", "reconnectInterval": 5000, "heartbeatInterval": 30000}"#,
/// )?;
/// assert_eq!(options.heartbeat_interval, Duration::from_secs(30));
/// assert!(options.validate().is_ok());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Options {
    /// Where to connect, the preferred address first; `url` in a file, a string or a list. No default. A failure
    /// moves on to the next address, one attempt at a time.
    #[serde(alias = "url", deserialize_with = "one_or_many")]
    pub endpoints: Vec<String>,
    /// Sent as `Authorization: Bearer …` with the upgrade request. Default none.
    pub token: Option<Secret>,
    /// Whether `ws://` may go to other machines, where anybody on the way can read and change it. Default no:
    /// loopback only.
    pub allow_plaintext: bool,

    /// Limit for DNS, TCP, TLS and upgrade together. Default 10 s. Shorter gives up on slow links, longer keeps a
    /// black hole for that long.
    #[serde(with = "millis")]
    pub connect_timeout: Duration,
    /// How long a clean close may take before the socket is dropped. Default 2 s: a dead peer never answers.
    #[serde(with = "millis")]
    pub close_timeout: Duration,

    /// Inbound silence after which the peer is asked for a sign of life. Default 15 s.
    #[serde(with = "millis")]
    pub heartbeat_interval: Duration,
    /// How long the peer has to give one. Default 10 s, so that a dead peer is found within 25 s.
    #[serde(with = "millis")]
    pub heartbeat_grace: Duration,
    /// A heartbeat is sent at least this often, however busy the other direction is. Default 30 s. It keeps a server
    /// that hears nothing else from giving up on us.
    #[serde(with = "millis")]
    pub heartbeat_at_least_every: Duration,
    /// Limit for an answer after the machine woke up or the network changed. Default 3 s: an open socket is not
    /// trusted then.
    #[serde(with = "millis")]
    pub probe_timeout: Duration,

    /// Base and floor of the back-off. Default 500 ms. See [`Backoff`](crate::Backoff) for the formula.
    #[serde(with = "millis")]
    pub reconnect_interval: Duration,
    /// Longest delay of the back-off. Default 20 s.
    #[serde(with = "millis")]
    pub reconnect_cap: Duration,
    /// How long a session must last, and have received something, before the back-off starts anew. Default 5 s: a
    /// server that accepts and drops is not hammered.
    #[serde(with = "millis")]
    pub stable_after: Duration,
    /// Failure for this long slows the attempts down to `suspended_interval`. Default 120 s.
    #[serde(with = "millis")]
    pub suspend_after: Duration,
    /// Delay between attempts from then on, ±20 %, for ever. Default 30 s.
    #[serde(with = "millis")]
    pub suspended_interval: Duration,
    /// Longest delay a server may ask for (`Retry-After`). Default 60 s.
    #[serde(with = "millis")]
    pub retry_hint_cap: Duration,
    /// Reconnect attempts in a row after which the connection gives up and is `Failed`. Default none: for ever.
    pub max_reconnect_attempts: Option<u32>,

    /// How many message ids are remembered to recognise duplicates. Default 4,096; 0 turns it off.
    pub dedup_ids: usize,
    /// How long they are remembered. Default 10 min.
    #[serde(with = "millis")]
    pub dedup_age: Duration,

    /// Outbound messages that wait for a connection. Default 1,000. One more is refused.
    pub queue_messages: usize,
    /// Their size together. Default 8 MiB.
    pub queue_bytes: usize,
    /// How long one waits before it is dropped and reported. Default 60 s.
    #[serde(with = "millis")]
    pub queue_ttl: Duration,
    /// Waiting messages sent per second after a reconnect. Default 50.
    pub drain_rate: u32,
    /// How many of them may go at once. Default 100.
    pub drain_burst: u32,

    /// Largest message accepted, in bytes. Default 16 MiB. A larger one costs the connection, because what follows
    /// the header of its frame cannot be skipped; it is reported and the connection made anew.
    pub max_message_in: usize,
    /// Largest message sent, in bytes. Default 1 MiB. A larger one is refused.
    pub max_message_out: usize,
    /// Bytes that may wait in the socket's write buffer. Default 4 MiB. At least twice `max_message_out`.
    pub write_buffer: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            endpoints: Vec::new(),
            token: None,
            allow_plaintext: false,
            connect_timeout: Duration::from_secs(10),
            close_timeout: Duration::from_secs(2),
            heartbeat_interval: Duration::from_secs(15),
            heartbeat_grace: Duration::from_secs(10),
            heartbeat_at_least_every: Duration::from_secs(30),
            probe_timeout: Duration::from_secs(3),
            reconnect_interval: Duration::from_millis(500),
            reconnect_cap: Duration::from_secs(20),
            stable_after: Duration::from_secs(5),
            suspend_after: Duration::from_secs(120),
            suspended_interval: Duration::from_secs(30),
            retry_hint_cap: Duration::from_secs(60),
            max_reconnect_attempts: None,
            dedup_ids: 4_096,
            dedup_age: Duration::from_secs(600),
            queue_messages: 1_000,
            queue_bytes: 8 << 20,
            queue_ttl: Duration::from_secs(60),
            drain_rate: 50,
            drain_burst: 100,
            max_message_in: 16 << 20,
            max_message_out: 1 << 20,
            write_buffer: 4 << 20,
        }
    }
}

impl Options {
    /// The defaults, for one address.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { endpoints: vec![url.into()], ..Self::default() }
    }

    /// Checks every field.
    ///
    /// # Errors
    /// The first field that is wrong, by the name it has in a file, and what to do about it.
    pub fn validate(self) -> Result<ValidOptions, InvalidOption> {
        let endpoints = self.check_endpoints()?;
        self.check_ranges()?;
        Ok(ValidOptions { endpoints, values: Arc::new(self) })
    }

    fn check_endpoints(&self) -> Result<Vec<Endpoint>, InvalidOption> {
        let fault = |fault| InvalidOption { field: "url", fault };
        if self.endpoints.is_empty() {
            return Err(fault(OptionFault::Missing));
        }
        self.endpoints
            .iter()
            .map(|text| {
                let endpoint = Endpoint::parse(text).map_err(fault)?;
                if !endpoint.is_tls() && !endpoint.is_loopback() && !self.allow_plaintext {
                    return Err(fault(OptionFault::Plaintext { host: endpoint.host() }));
                }
                Ok(endpoint)
            })
            .collect()
    }

    fn check_ranges(&self) -> Result<(), InvalidOption> {
        const DAY: u64 = 24 * 3600 * 1000;
        let time = |field, value, least: u64| range(field, millis::whole(value), least..=DAY);
        let count = |field, value: usize, allowed| range(field, value as u64, allowed);
        if let Some(token) = &self.token
            && !token.expose().bytes().all(|b| (0x21..=0x7e).contains(&b))
        {
            return Err(InvalidOption { field: "token", fault: OptionFault::NotHeaderText });
        }
        time("connectTimeout", self.connect_timeout, 100)?;
        time("closeTimeout", self.close_timeout, 10)?;
        time("heartbeatInterval", self.heartbeat_interval, 100)?;
        time("heartbeatGrace", self.heartbeat_grace, 100)?;
        time("heartbeatAtLeastEvery", self.heartbeat_at_least_every, 100)?;
        time("probeTimeout", self.probe_timeout, 100)?;
        // Without a floor a server that refuses at once would be asked in a busy loop.
        time("reconnectInterval", self.reconnect_interval, 10)?;
        time("reconnectCap", self.reconnect_cap, millis::whole(self.reconnect_interval))?;
        time("stableAfter", self.stable_after, 0)?;
        time("suspendAfter", self.suspend_after, 1_000)?;
        time("suspendedInterval", self.suspended_interval, 1_000)?;
        time("retryHintCap", self.retry_hint_cap, 0)?;
        count("dedupIds", self.dedup_ids, 0..=1 << 20)?;
        time("dedupAge", self.dedup_age, 0)?;
        count("queueMessages", self.queue_messages, 1..=100_000)?;
        count("queueBytes", self.queue_bytes, 1..=1 << 30)?;
        time("queueTtl", self.queue_ttl, 100)?;
        count("drainRate", self.drain_rate as usize, 1..=100_000)?;
        count("drainBurst", self.drain_burst as usize, 1..=100_000)?;
        count("maxMessageIn", self.max_message_in, 1_024..=1 << 30)?;
        count("maxMessageOut", self.max_message_out, 1_024..=1 << 28)?;
        count("writeBuffer", self.write_buffer, 2 * self.max_message_out as u64..=1 << 30)
    }
}

fn range(
    field: &'static str,
    value: u64,
    allowed: RangeInclusive<u64>,
) -> Result<(), InvalidOption> {
    if allowed.contains(&value) {
        return Ok(());
    }
    let (least, most) = allowed.into_inner();
    Err(InvalidOption { field, fault: OptionFault::OutOfRange { value, least, most } })
}

/// Options that make sense, with their addresses parsed. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ValidOptions {
    endpoints: Vec<Endpoint>,
    values: Arc<Options>,
}

impl ValidOptions {
    /// The addresses, the preferred one first; never empty.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// The values, all of them within their ranges.
    #[must_use]
    pub fn values(&self) -> &Options {
        &self.values
    }
}

/// A field that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("option `{field}`: {fault}")]
pub struct InvalidOption {
    /// The field by the name it has in a file.
    pub field: &'static str,
    pub fault: OptionFault,
}

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OptionFault {
    #[error("is missing; name at least one ws:// or wss:// address")]
    Missing,
    #[error("is not an address ({0}); write it like wss://feed.example/ws")]
    NotUrl(String),
    #[error("has the scheme `{0}`; write ws:// or wss://")]
    Scheme(String),
    #[error("holds a user name or password, which would end up in logs; use `token` instead")]
    Credentials,
    #[error(
        "would send everything in the clear to {host}; use wss://, or set `allowPlaintext` if you trust the way there"
    )]
    Plaintext { host: String },
    #[error("holds characters a header cannot carry; check it for spaces and line ends")]
    NotHeaderText,
    #[error("is {value}; it must lie between {least} and {most}")]
    OutOfRange { value: u64, least: u64, most: u64 },
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Urls {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Urls::deserialize(deserializer)? {
        Urls::One(url) => vec![url],
        Urls::Many(urls) => urls,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl FnOnce(&mut Options), field: &str) -> OptionFault {
        let mut options = Options::new("wss://feed.example/ws");
        change(&mut options);
        let error = options.validate().unwrap_err();
        assert_eq!(error.field, field);
        error.fault
    }

    #[test]
    fn the_defaults_are_valid() {
        let valid = Options::new("wss://feed.example/ws").validate().unwrap();
        assert_eq!(valid.endpoints()[0].port(), 443);
    }

    #[test]
    fn plaintext_stays_on_this_machine_unless_chosen() {
        assert!(Options::new("ws://127.0.0.1:3001").validate().is_ok());
        let far = |o: &mut Options| o.endpoints = vec!["ws://10.0.0.1:3001".into()];
        assert_eq!(check(far, "url"), OptionFault::Plaintext { host: "10.0.0.1".into() });
        let chosen = Options { allow_plaintext: true, ..Options::new("ws://10.0.0.1:3001") };
        assert!(chosen.validate().is_ok());
    }

    #[test]
    fn each_fault_names_its_field() {
        assert_eq!(check(|o| o.endpoints.clear(), "url"), OptionFault::Missing);
        let scheme = |o: &mut Options| o.endpoints[0] = "https://feed.example".into();
        assert_eq!(check(scheme, "url"), OptionFault::Scheme("https".into()));
        check(|o| o.heartbeat_interval = Duration::ZERO, "heartbeatInterval");
        check(|o| o.reconnect_cap = Duration::from_millis(1), "reconnectCap");
        check(|o| o.write_buffer = o.max_message_out, "writeBuffer");
        let token = |o: &mut Options| o.token = Some(Secret::new("a\r\nb"));
        assert_eq!(check(token, "token"), OptionFault::NotHeaderText);
    }

    #[test]
    fn the_names_of_the_configuration_file_are_understood() {
        let text = r#"{"url":["wss://a.example/","wss://b.example/"],"reconnectInterval":5000,
            "maxReconnectAttempts":10,"heartbeatInterval":30000,"token":"hush"}"#;
        let options: Options = serde_json::from_str(text).unwrap();
        assert_eq!(options.endpoints.len(), 2);
        assert_eq!(options.reconnect_interval, Duration::from_secs(5));
        assert_eq!(options.max_reconnect_attempts, Some(10));
        assert!(!format!("{options:?}").contains("hush"));
        assert!(serde_json::from_str::<Options>(r#"{"hearbeatInterval":1}"#).is_err());
    }
}
