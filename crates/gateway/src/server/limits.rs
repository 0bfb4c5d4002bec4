use std::net::IpAddr;
use std::time::Duration;

use crate::log::ValueLimits;

/// What a gateway puts up with. The defaults suit one desk on one machine.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at a time, upgraded or not. One more is answered with 503. Default 1,000.
    pub connections: usize,
    /// Connections of one address at a time, of IPv6 those of a /64 network. One more is answered with 429. Default
    /// 1,000: lower it where strangers can connect.
    pub address_connections: usize,
    /// Connections of one tenant at a time. One more is answered with 429, in v1 closed with 4429. Default 1,000.
    pub tenant_connections: usize,
    /// From the connection to the end of its request's head, and the same again for a TLS handshake. Default 10 s: who is
    /// slower only holds a socket.
    pub upgrade: Duration,
    /// From the head of a `POST /v1/publish` to the end of its body. Default 60 s, then 408. As long an answer may wait
    /// for a client that takes nothing of it; then the connection is cut.
    pub body: Duration,
    /// Largest message in bytes, in both directions and with all that is added on the way; beyond it the connection is
    /// closed with 1009. What a client publishes may be 512 bytes less. Default 1 MiB.
    pub message_bytes: usize,
    /// Silence after which a client is pinged, and after as much again dropped. Default 30 s.
    pub silence: Duration,
    /// How long a close handshake, and so a shutdown, may take. Default 2 s.
    pub close: Duration,
    /// State messages waiting for one client beyond which only the newest of each key is kept. Default 1,024.
    pub conflate_after: usize,
    /// Events and answers waiting for one client beyond which it is closed with 4409. Default 4,096.
    pub queued_events: usize,
    /// Bytes waiting for one client beyond which it is closed with 4409; a quarter of them begins conflation.
    /// Default 8 MiB.
    pub queued_bytes: usize,
    /// Keys whose last value is kept for late comers. Default 100,000: messages of further keys are handed on
    /// like events.
    pub state_keys: usize,
    /// Bytes of all last values together. Default 64 MiB, then as with `state_keys`.
    pub state_bytes: usize,
    /// From the upgrade to the `hello` of a `vaultwatch.v1` client. Default 10 s, then close 4408.
    pub hello: Duration,
    /// Messages a tenant's log in memory retains, and besides as many events. Default 20,000.
    pub log_messages: usize,
    /// Bytes a tenant's log in memory retains, and besides as many of events, unless [`crate::LogOptions::bytes`] says
    /// otherwise. Default 16 MiB.
    pub log_bytes: usize,
    /// How long a published id is known. Default 10 min, the least the protocol promises.
    pub dedup: Duration,
    /// Ids of a tenant known at a time; on NATS the server has no such limit. Default 1,000,000; beyond, publishing with an id is refused as `unavailable`.
    pub dedup_ids: usize,
    /// Messages one resume replays. Default 10,000; who missed more gets the events and a snapshot.
    pub replay_messages: usize,
    /// Bytes one resume replays. Default 8 MiB.
    pub replay_bytes: usize,
    /// Messages a `vaultwatch.v1` client may publish per second, with a burst of two seconds' worth. Default 5,000.
    pub publish_rate: u32,
    /// Messages the clients of one tenant together may send per second, with a burst of two seconds' worth; beyond that
    /// they are refused as `rate_limited`, over HTTP with 429. Default 250,000.
    pub tenant_messages: u32,
    /// As `tenant_messages`, in bytes. Default 128 MiB.
    pub tenant_bytes: u32,
    /// As `tenant_messages`, for all clients of one address. Default 250,000.
    pub address_messages: u32,
    /// As `address_messages`, in bytes. Default 128 MiB.
    pub address_bytes: u32,
    /// Largest body of `POST /v1/publish`. Default 16 MiB.
    pub publish_body: usize,
    /// Tenants at a time. Default 64.
    pub tenants: usize,
    /// Proxies in front of this gateway. What they say in `X-Forwarded-For` counts as the address of a client, and of
    /// theirs there is no limit of connections. Default none: from anybody else the header is worth nothing.
    pub proxies: Vec<IpAddr>,
}

/// What is added to a message: its place in the log (at most 64 bytes), or the key in the place of its type and the mark
/// of a merged state.
const ADDED: usize = 512;

impl Limits {
    /// Largest message that may be published, so that nobody is sent one longer than was announced.
    pub(super) fn published_bytes(&self) -> usize {
        self.message_bytes.saturating_sub(ADDED)
    }

    /// What a tenant's last values may take.
    pub(super) fn values(&self) -> ValueLimits {
        let (keys, bytes) = (self.state_keys, self.state_bytes);
        ValueLimits { keys, bytes, message: self.published_bytes() }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1_000,
            address_connections: 1_000,
            tenant_connections: 1_000,
            upgrade: Duration::from_secs(10),
            body: Duration::from_secs(60),
            message_bytes: 1 << 20,
            silence: Duration::from_secs(30),
            close: Duration::from_secs(2),
            conflate_after: 1_024,
            queued_events: 4_096,
            queued_bytes: 8 << 20,
            state_keys: 100_000,
            state_bytes: 64 << 20,
            hello: Duration::from_secs(10),
            log_messages: 20_000,
            log_bytes: 16 << 20,
            dedup: Duration::from_secs(600),
            dedup_ids: 1_000_000,
            replay_messages: 10_000,
            replay_bytes: 8 << 20,
            publish_rate: 5_000,
            tenant_messages: 250_000,
            tenant_bytes: 128 << 20,
            address_messages: 250_000,
            address_bytes: 128 << 20,
            publish_body: 16 << 20,
            tenants: 64,
            proxies: Vec::new(),
        }
    }
}
