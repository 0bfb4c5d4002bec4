mod shown;

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Deserializer};
use thiserror::Error;

use crate::close::{CertificateOverride, CloseOverride, StatusOverride};
use crate::transport::Proxies;
use crate::{
    CommandToken, Endpoint, EndpointPolicy, EnvironmentToken, Offer, Secret, TOKEN_LIMIT,
    TokenProvider, Topic, millis,
};

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
#[derive(Clone, Deserialize)]
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
    /// Delay between attempts from then on, for ever, give or take `suspended_spread_percent`. Default 30 s.
    #[serde(with = "millis")]
    pub suspended_interval: Duration,
    /// How much longer or shorter each of these delays may be, in percent of it. Default 20. It keeps clients that lost
    /// the same server apart; 0 has them all come at once.
    pub suspended_spread_percent: u32,
    /// Longest delay of the first retry after a session that lasted, or when there is a reason to believe that it works
    /// again; each is rolled between 0 and this. Default 500 ms. Longer spreads the clients of a server that was restarted.
    #[serde(with = "millis")]
    pub first_retry_within: Duration,
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
    /// Size from which a message sent is counted and logged as large, in bytes. Default 64 KiB. It is sent all the same.
    pub large_message_out: usize,
    /// Bytes that may wait in the socket's write buffer. Default 4 MiB. At least twice `max_message_out`.
    pub write_buffer: usize,

    /// Whether to offer the server `vaultwatch.v1`: `auto`, `plain` or `v1`. Default `auto`: it decides.
    pub protocol: Offer,
    /// What to call ourselves in the `hello` of `vaultwatch.v1`, for the server's log: program and version. Default
    /// `realtime/` and its version.
    pub client: String,
    /// Whose log to read: `[a-z0-9_-]{1,64}`. Default none: the token's, or the server's only one.
    pub tenant: Option<String>,
    /// Which types to ask for, or in plain mode to let through: exact, or prefixes that end in `*`. Default none, which
    /// is everything.
    pub topics: Vec<Topic>,
    /// Whether messages may come compressed. Default yes. Binary frames, `vaultwatch.v1` only.
    pub compress: bool,
    /// Types of which only the last message counts, exact or prefixes. Default `vault_update*`, `market_data*` and
    /// `system_status`. A slow reader gets the newest of each only; of any other type it gets all.
    pub state_types: Vec<Topic>,
    /// Limit for the answer to `hello`. Default 10 s.
    #[serde(with = "millis")]
    pub welcome_timeout: Duration,
    /// Limit for the answer to a request: an acknowledgement, a resume, a renewal of the token. Default 10 s.
    #[serde(with = "millis")]
    pub request_timeout: Duration,
    /// Publishes that may be on their way without an acknowledgement. Default 100. The next one waits.
    pub in_flight: usize,
    /// How long a durable publish may wait, restarts included. Default 24 h.
    #[serde(with = "millis")]
    pub durable_ttl: Duration,
    /// Resumes asked for within a minute that end the session, with back-off. Default 5. A server whose positions make
    /// no sense is not asked again and again.
    pub resyncs_per_minute: u32,
    /// Messages that wait for a slow reader before state is conflated. Default 1,024.
    pub inbound_messages: usize,
    /// Verdicts on close codes that differ from the table in [`close`](crate::close), by code; for all endpoints, or
    /// for one when its address is given. Default none.
    pub close_overrides: Vec<CloseOverride>,
    /// The same for HTTP statuses that refuse the upgrade. Default none.
    pub status_overrides: Vec<StatusOverride>,
    /// The same for certificates that do not verify. Default none: asking again is of no use. Whatever is chosen, they are
    /// not trusted.
    pub certificate_overrides: Vec<CertificateOverride>,

    /// The environment variable that holds the token, read anew for each. Default none. Not together with `token`.
    pub token_env: Option<String>,
    /// The program, and its arguments, whose first line of output is the token; run without a shell for each new one,
    /// and killed after `token_timeout`. Default none. Not together with `token` or `tokenEnv`.
    pub token_command: Vec<String>,
    /// Whom else to ask for tokens: what a program brings along, such as a keychain. In no file. Default none. Not together
    /// with the three above.
    #[serde(skip)]
    pub token_from: Option<Arc<dyn TokenProvider>>,
    /// Limit for getting a token. Default 10 s. Before an attempt to connect it is part of `connect_timeout`, which is to
    /// be raised, too, for a slow provider.
    #[serde(with = "millis")]
    pub token_timeout: Duration,
    /// How much of a token's life may pass before the next one is asked for, in percent. Default 80. Less costs more
    /// tokens, more leaves less time to try again when none can be had.
    pub token_refresh_percent: u32,
    /// Which of several endpoints is tried: `primary_first`, `round_robin`, `random` or `lowest_latency`. Default
    /// `primary_first`.
    pub endpoint_policy: EndpointPolicy,
    /// Failures in a row after which an endpoint is left out for `circuit_for`. Default 3. Fewer give up on it for a
    /// hiccup, more keep knocking on a dead one.
    pub circuit_after: u32,
    /// How long it is left out, if there are others. Default 60 s. One attempt decides then.
    #[serde(with = "millis")]
    pub circuit_for: Duration,
    /// How long a fall-back stays the first choice before a reconnect tries the primary again. Default 10 min. A session
    /// that works is never ended for it.
    #[serde(with = "millis")]
    pub stickiness: Duration,
    /// The proxy to go through: `http://`, `https://` is not supported, `socks5://`, with `user:password@` where it
    /// wants that; or `direct`, for none. Default: what `HTTPS_PROXY` (`http_proxy` for `ws://`), `ALL_PROXY` and
    /// `NO_PROXY` say. Loopback is never proxied.
    pub proxy: Option<Secret>,
    /// A PEM file of certificates that are trusted beside the system's. Default none.
    pub ca_file: Option<PathBuf>,
    /// A PEM file with the certificate, and its chain, to show to servers that ask for one. Default none. Together with
    /// `client_key`.
    pub client_cert: Option<PathBuf>,
    /// A PEM file with its private key.
    pub client_key: Option<PathBuf>,
    /// Limit for finding the addresses of a name. Default 5 s. All of these stay within `connect_timeout`.
    #[serde(with = "millis")]
    pub dns_timeout: Duration,
    /// Limit for TCP, over all addresses. Default 7 s.
    #[serde(with = "millis")]
    pub tcp_timeout: Duration,
    /// Limit for what a proxy does, and for TLS, each. Default 7 s.
    #[serde(with = "millis")]
    pub tls_timeout: Duration,
    /// Limit for the answer to the upgrade. Default 10 s, which is what is left of `connect_timeout`.
    #[serde(with = "millis")]
    pub upgrade_timeout: Duration,
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
            suspended_spread_percent: 20,
            first_retry_within: Duration::from_millis(500),
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
            large_message_out: 64 << 10,
            write_buffer: 4 << 20,
            protocol: Offer::Auto,
            client: concat!("realtime/", env!("CARGO_PKG_VERSION")).to_owned(),
            tenant: None,
            topics: Vec::new(),
            compress: true,
            state_types: ["vault_update*", "market_data*", "system_status"]
                .map(|topic| Topic::parse(topic).expect("these are topics"))
                .into(),
            welcome_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(10),
            in_flight: 100,
            durable_ttl: Duration::from_secs(24 * 3600),
            resyncs_per_minute: 5,
            inbound_messages: 1_024,
            close_overrides: Vec::new(),
            status_overrides: Vec::new(),
            certificate_overrides: Vec::new(),
            token_env: None,
            token_command: Vec::new(),
            token_from: None,
            token_timeout: TOKEN_LIMIT,
            token_refresh_percent: 80,
            endpoint_policy: EndpointPolicy::PrimaryFirst,
            circuit_after: 3,
            circuit_for: Duration::from_secs(60),
            stickiness: Duration::from_secs(600),
            proxy: None,
            ca_file: None,
            client_cert: None,
            client_key: None,
            dns_timeout: Duration::from_secs(5),
            tcp_timeout: Duration::from_secs(7),
            tls_timeout: Duration::from_secs(7),
            upgrade_timeout: Duration::from_secs(10),
        }
    }
}

impl Options {
    /// The defaults, for one address.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { endpoints: vec![url.into()], ..Self::default() }
    }

    /// The same with this token, whatever other source of tokens was named.
    #[must_use]
    pub fn with_token(self, token: Secret) -> Self {
        let (token, token_command) = (Some(token), Vec::new());
        Self { token, token_env: None, token_command, token_from: None, ..self }
    }

    /// Checks every field.
    ///
    /// # Errors
    /// The first field that is wrong, by the name it has in a file, and what to do about it.
    pub fn validate(self) -> Result<ValidOptions, InvalidOption> {
        let endpoints = self.check_endpoints()?;
        self.check_ranges()?;
        self.check_overrides()?;
        Ok(ValidOptions {
            endpoints,
            values: Arc::new(self),
            plain_topics: PlainTopics::AtTheSocket,
        })
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
        count("suspendedSpreadPercent", self.suspended_spread_percent as usize, 0..=90)?;
        time("firstRetryWithin", self.first_retry_within, 0)?;
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
        count("largeMessageOut", self.large_message_out, 1..=1 << 28)?;
        count("writeBuffer", self.write_buffer, 2 * self.max_message_out as u64..=1 << 30)?;
        if let Some(tenant) = &self.tenant {
            let name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b);
            if !(1..=64).contains(&tenant.len()) || !tenant.bytes().all(name) {
                return Err(InvalidOption { field: "tenant", fault: OptionFault::NotTenant });
            }
        }
        time("welcomeTimeout", self.welcome_timeout, 100)?;
        time("requestTimeout", self.request_timeout, 100)?;
        count("inFlight", self.in_flight, 1..=10_000)?;
        time("durableTtl", self.durable_ttl, 1_000)?;
        count("resyncsPerMinute", self.resyncs_per_minute as usize, 1..=1_000)?;
        count("inboundMessages", self.inbound_messages, 256..=1 << 20)?;
        count("circuitAfter", self.circuit_after as usize, 1..=1_000)?;
        time("circuitFor", self.circuit_for, 0)?;
        time("stickiness", self.stickiness, 0)?;
        time("dnsTimeout", self.dns_timeout, 100)?;
        time("tcpTimeout", self.tcp_timeout, 100)?;
        time("tlsTimeout", self.tls_timeout, 100)?;
        time("upgradeTimeout", self.upgrade_timeout, 100)?;
        self.check_way()
    }

    /// An address that is none, or a code that no server sends, would leave somebody to believe in a choice that was not
    /// made. One that is not among the endpoints is no fault: they may be given another way this time.
    fn check_overrides(&self) -> Result<(), InvalidOption> {
        let address = |field, endpoint: Option<&str>| match endpoint.map(Endpoint::parse) {
            Some(Err(fault)) => Err(InvalidOption { field, fault }),
            Some(Ok(_)) | None => Ok(()),
        };
        for chosen in &self.close_overrides {
            range("closeOverrides", chosen.code.into(), 1_000..=4_999)?;
            address("closeOverrides", chosen.endpoint.as_deref())?;
        }
        for chosen in &self.status_overrides {
            range("statusOverrides", chosen.status.into(), 100..=599)?;
            address("statusOverrides", chosen.endpoint.as_deref())?;
        }
        for chosen in &self.certificate_overrides {
            address("certificateOverrides", chosen.endpoint.as_deref())?;
        }
        Ok(())
    }

    /// Tokens, proxy and certificates. Files are read when a connection wants them: they may come later, and change.
    fn check_way(&self) -> Result<(), InvalidOption> {
        let fault = |field, fault| Err(InvalidOption { field, fault });
        let given = [
            self.token.is_some(),
            self.token_env.is_some(),
            !self.token_command.is_empty(),
            self.token_from.is_some(),
        ];
        if given.into_iter().filter(|given| *given).count() > 1 {
            let field = match given {
                [_, _, true, _] => "tokenCommand",
                [_, true, ..] => "tokenEnv",
                _ => "token",
            };
            return fault(field, OptionFault::SecondToken);
        }
        if self.token_env.as_ref().is_some_and(|name| name.is_empty() || name.contains(['=', '\0']))
        {
            return fault("tokenEnv", OptionFault::NotVariable);
        }
        range("tokenTimeout", millis::whole(self.token_timeout), 100..=10 * 60 * 1000)?;
        range("tokenRefreshPercent", self.token_refresh_percent.into(), 10..=95)?;
        if self.token_command.first().is_some_and(String::is_empty) {
            return fault("tokenCommand", OptionFault::NoProgram);
        }
        match (&self.client_cert, &self.client_key) {
            (Some(_), None) => {
                return fault("clientKey", OptionFault::OtherHalf { of: "clientCert" });
            }
            (None, Some(_)) => {
                return fault("clientCert", OptionFault::OtherHalf { of: "clientKey" });
            }
            _ => {}
        }
        if let Some(proxy) = &self.proxy
            && let Err(reason) = Proxies::chosen(proxy.expose())
        {
            return fault("proxy", OptionFault::NotProxy { reason });
        }
        Ok(())
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
    plain_topics: PlainTopics,
}

/// Where, in plain mode, messages that nobody asked for are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PlainTopics {
    #[default]
    AtTheSocket,
    /// Behind the stages, by whoever reads: a stage may give a message the type that somebody waits for.
    ByTheReader,
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

    /// For a reader that sorts messages by topic itself, and names `topics` where none are named.
    #[must_use]
    pub(crate) fn sorted_by_reader(mut self, topics: &[Topic]) -> Self {
        if self.values.topics.is_empty() {
            Arc::make_mut(&mut self.values).topics = topics.to_vec();
        }
        self.plain_topics = PlainTopics::ByTheReader;
        self
    }

    pub(crate) fn plain_topics(&self) -> PlainTopics {
        self.plain_topics
    }

    /// Where new tokens come from, by `token_from`, `tokenEnv` or `tokenCommand`; `None` when none is set. A fixed `token`
    /// is no source: asking for it again gives the same.
    #[must_use]
    pub fn token_provider(&self) -> Option<Arc<dyn TokenProvider>> {
        if let Some(provider) = &self.values.token_from {
            return Some(Arc::clone(provider));
        }
        if let Some(name) = &self.values.token_env {
            return Some(Arc::new(EnvironmentToken::new(name)));
        }
        let (program, arguments) = self.values.token_command.split_first()?;
        Some(Arc::new(CommandToken::new(program, arguments.to_vec())))
    }
}

/// A field that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("option `{field}`: {fault}")]
pub struct InvalidOption {
    /// The field by the name it has in a file.
    pub field: &'static str,
    /// What is wrong with it, and what to write instead.
    pub fault: OptionFault,
}

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "a variant says what its fields are")]
pub enum OptionFault {
    /// There is no address.
    #[error("is missing; name at least one ws:// or wss:// address")]
    Missing,
    /// The parser's reason. What was typed is not repeated: it may be a secret in the wrong field.
    #[error("is not an address ({0}); write it like wss://feed.example/ws")]
    NotUrl(String),
    /// Another scheme than `ws` or `wss`.
    #[error("has the scheme `{0}`; write ws:// or wss://")]
    Scheme(String),
    /// A user or a password in the address.
    #[error("holds a user name or password, which would end up in logs; use `token` instead")]
    Credentials,
    /// `ws://` to this host, which is another machine.
    #[error(
        "would send everything in the clear to {host}; use wss://, or set `allowPlaintext` if you trust the way there"
    )]
    Plaintext { host: String },
    /// A token with other than visible ASCII characters.
    #[error("holds characters a header cannot carry; check it for spaces and line ends")]
    NotHeaderText,
    /// Milliseconds, bytes, percent or a count, by the option.
    #[error("is {value}; it must lie between {least} and {most}")]
    OutOfRange { value: u64, least: u64, most: u64 },
    /// More than one of `token`, `tokenEnv` and `tokenCommand`.
    #[error("is one source of the token too many; keep one of token, tokenEnv and tokenCommand")]
    SecondToken,
    /// An empty name, or one with `=` or NUL.
    #[error("is no name of an environment variable")]
    NotVariable,
    /// A command whose first word is empty.
    #[error("begins with an empty string; name a program, then its arguments")]
    NoProgram,
    /// A certificate without its key, or the other way round; `of` is the one that is there.
    #[error("is missing; it belongs to `{of}`")]
    OtherHalf { of: &'static str },
    /// Why it is no proxy. What was typed is not repeated: it may hold a password.
    #[error("is no proxy ({reason}); write http://host:port, socks5://host:port or direct")]
    NotProxy { reason: &'static str },
    /// Another name than a tenant may have.
    #[error("is no tenant; a tenant is 1 to 64 of a-z, 0-9, _ and -")]
    NotTenant,
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
        check(|o| o.suspended_spread_percent = 100, "suspendedSpreadPercent");
        check(|o| o.first_retry_within = Duration::from_secs(25 * 3_600), "firstRetryWithin");
        check(|o| o.write_buffer = o.max_message_out, "writeBuffer");
        let token = |o: &mut Options| o.token = Some(Secret::new("a\r\nb"));
        assert_eq!(check(token, "token"), OptionFault::NotHeaderText);
    }

    #[test]
    fn each_fault_of_the_way_names_its_field() {
        let two = |o: &mut Options| {
            (o.token, o.token_env) = (Some(Secret::new("a")), Some("B".into()));
        };
        assert_eq!(check(two, "tokenEnv"), OptionFault::SecondToken);
        check(|o| o.token_command = vec![String::new()], "tokenCommand");
        check(|o| o.token_env = Some("A=B".into()), "tokenEnv");
        check(|o| o.client_cert = Some("a.pem".into()), "clientKey");
        check(|o| o.client_key = Some("a.pem".into()), "clientCert");
        check(|o| o.token_timeout = Duration::ZERO, "tokenTimeout");
        check(|o| o.token_refresh_percent = 100, "tokenRefreshPercent");
        check(|o| o.circuit_after = 0, "circuitAfter");
        check(|o| o.dns_timeout = Duration::ZERO, "dnsTimeout");
        let proxy = |o: &mut Options| o.proxy = Some(Secret::new("ftp://me:hush@p:1"));
        assert!(!format!("{}", check(proxy, "proxy")).contains("hush"));
    }

    #[test]
    fn a_verdict_that_could_never_count_is_refused() {
        let read = |text: &str| serde_json::from_str::<Options>(text).unwrap();
        let fault = |text: &str| read(text).validate().unwrap_err();
        let of = |list: &str| format!(r#"{{"url":"wss://feed.example/ws",{list}}}"#);
        for (list, field) in [
            (r#""closeOverrides":[{"code":99,"verdict":"retry"}]"#, "closeOverrides"),
            (r#""statusOverrides":[{"status":4403,"verdict":"retry"}]"#, "statusOverrides"),
        ] {
            let error = fault(&of(list));
            assert_eq!(error.field, field);
            assert!(matches!(error.fault, OptionFault::OutOfRange { .. }), "{error}");
        }
        let error =
            fault(&of(r#""certificateOverrides":[{"endpoint":"feed.example","verdict":"retry"}]"#));
        assert_eq!(error.field, "certificateOverrides");
        assert!(matches!(error.fault, OptionFault::NotUrl(_)), "{error}");
        // The addresses may come from the command line today.
        let elsewhere =
            r#""statusOverrides":[{"endpoint":"wss://b.example","status":403,"verdict":"retry"}]"#;
        assert!(read(&of(elsewhere)).validate().is_ok());
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
