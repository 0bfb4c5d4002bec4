use std::time::Duration;

use smol_str::SmolStr;

/// A fault and its moment, in milliseconds since the start.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cue {
    pub(super) at: i64,
    pub(super) fault: Fault,
}

/// What goes wrong between the platform and those who watch. Times are milliseconds since the start.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fault {
    /// Messages of these types are not sent.
    Silence { until: i64, types: Types },
    /// Messages of these types are sent so much later.
    Late { until: i64, by: i64, types: Types },
    /// The last messages are sent once more.
    Duplicate { count: usize },
    /// Text that is no envelope.
    MalformedFrame { count: u32 },
    /// Alerts whose data is not an alert's.
    MalformedData { count: u32 },
    /// The network or the server goes.
    Outage(Outage),
}

/// Clients lose their connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outage {
    /// Without a word; they may come back at once.
    Disconnect,
    /// With a goodbye. Nobody is there for so long.
    Restart { down: Duration },
}

/// Exact types, or prefixes that end in `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Types(pub(super) Vec<SmolStr>);

impl Types {
    pub(super) fn matches(&self, ty: &str) -> bool {
        self.0.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(prefix) => ty.starts_with(prefix),
            None => pattern == ty,
        })
    }
}
