use std::time::Duration;

/// What a gateway puts up with. The defaults suit one desk on one machine.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at a time, upgraded or not. One more is answered with 503. Default 1,000.
    pub connections: usize,
    /// From the connection to the end of its request. Default 10 s: who is slower only holds a socket.
    pub upgrade: Duration,
    /// Largest message a client may send, in bytes; beyond it the connection is closed with 1009. Default 1 MiB.
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
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1_000,
            upgrade: Duration::from_secs(10),
            message_bytes: 1 << 20,
            silence: Duration::from_secs(30),
            close: Duration::from_secs(2),
            conflate_after: 1_024,
            queued_events: 4_096,
            queued_bytes: 8 << 20,
            state_keys: 100_000,
            state_bytes: 64 << 20,
        }
    }
}
