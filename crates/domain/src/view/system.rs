use serde::{Deserialize, Serialize};
use wire::UnixMillis;

/// The own connection and what surrounds it, for whoever wants to know why something does not work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SystemView {
    pub at: UnixMillis,
    /// Every state the connection has been in since the start, the present one included.
    pub states: Vec<StateTime>,
    /// In the order in which they are configured.
    pub endpoints: Vec<EndpointView>,
    /// Second by second, the oldest first, at most [`SystemView::PULSE`].
    pub pulse: Vec<PulseView>,
    pub groups: Vec<FactGroup>,
    pub plugins: Vec<PluginView>,
    /// When something happened to the connection last.
    pub last_event: Option<UnixMillis>,
}

impl SystemView {
    /// Seconds of the plots.
    pub const PULSE: usize = 600;
    /// Events of the connection that are kept.
    pub const EVENTS: usize = 500;
}

/// How long the connection has been in a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateTime {
    pub name: String,
    pub millis: u64,
    /// It is in it.
    pub now: bool,
}

/// One address of the feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointView {
    /// Without its query.
    pub address: String,
    /// The one that is used, or was tried last.
    pub current: bool,
    /// In a row.
    pub failures: u32,
    /// Milliseconds to an open socket, as usual.
    pub latency: Option<u32>,
    pub circuit: CircuitView,
}

/// Whether an address is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CircuitView {
    Closed,
    /// Left out until then: it failed too often.
    Open(UnixMillis),
    /// Left out until then: it refused for good.
    Refused(UnixMillis),
}

/// One second of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PulseView {
    pub at: UnixMillis,
    /// Messages a second since the second before.
    pub messages: u32,
    /// Microseconds of the last heartbeat's round trip.
    pub trip: Option<u32>,
}

/// Figures that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactGroup {
    pub title: String,
    /// Name and value, as they are to be shown.
    pub facts: Vec<(String, String)>,
}

/// A plugin of the user's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginView {
    pub name: String,
    pub state: PluginState,
    /// What it does, and what is wrong with it.
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PluginState {
    Running,
    /// An older version runs: the file as it is does not load.
    Outdated,
    Paused,
    Broken,
}

/// Something that happened to the connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionEvent {
    /// `None`: of that it is only known that it happened.
    pub at: Option<UnixMillis>,
    /// In a word.
    pub kind: String,
    pub text: String,
    /// Something is not as it should be.
    pub trouble: bool,
}
