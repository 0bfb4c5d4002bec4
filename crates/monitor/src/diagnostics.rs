use domain::UnixMillis;
use domain::view::{FeedView, PulseView};
use realtime::{EndpointHealth, Metrics};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::Statistics;

/// What helps to find out why something did not work. Bears no token, no vault and no figure: addresses come without
/// their query, and of invalid messages only the reason is told.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnostics {
    pub version: String,
    pub platform: &'static str,
    pub at: UnixMillis,
    pub feed: FeedView,
    pub statistics: Statistics,
    pub connection: Metrics,
    /// The addresses in their order, and how each did so far.
    pub endpoints: Vec<EndpointHealth>,
    /// Messages and round trips second by second, the oldest first: at most [`domain::view::SystemView::PULSE`].
    pub pulse: Vec<PulseView>,
    pub stale_vaults: usize,
    pub open_notifications: usize,
    /// `None`: figures over time are not kept.
    pub history: Option<store::HistoryStatistics>,
    pub notifications_blocked: Option<String>,
    /// What happened to the connection last, the oldest first: at most [`realtime::Diagnostics::EVENTS`], with tokens
    /// taken out.
    pub events: Box<RawValue>,
    pub stages: Vec<realtime::StageMetrics>,
    pub plugins: Vec<plugins::PluginStatus>,
}
