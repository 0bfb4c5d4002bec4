use std::time::Duration;

use serde::Serialize;
use wire::UnixMillis;

use crate::{Endpoint, millis};

/// What is known of one address, as of the last change of the connection's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointHealth {
    /// Which one.
    pub endpoint: Endpoint,
    /// The one being used, or tried last.
    pub current: bool,
    /// In a row, since the last session that was good.
    pub failures: u32,
    /// From the attempt to the open socket, smoothed over the last ones; `None`: it never opened.
    #[serde(rename = "latencyMs", serialize_with = "millis::optional::serialize")]
    pub latency: Option<Duration>,
    /// Whether it is left out for a while.
    pub circuit: Circuit,
}

/// Whether an address is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "is", content = "until", rename_all = "snake_case")]
pub enum Circuit {
    /// It is.
    Closed,
    /// It failed too often and is left out until then, if there are others.
    Open(UnixMillis),
    /// It gave an answer that will not change by asking again, and is left out until then.
    Terminal(UnixMillis),
}
