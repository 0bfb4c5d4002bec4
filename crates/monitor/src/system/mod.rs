//! What the window shows of the own connection: its states, addresses and figures, and what happened to it.

mod events;
mod facts;
mod pulse;

use domain::UnixMillis;
use domain::view::{CircuitView, EndpointView, PluginState, PluginView, StateTime, SystemView};
use plugins::PluginStatus;
use realtime::{EndpointCircuit, EndpointHealth, Handle};

pub(crate) use self::events::events;
pub(crate) use self::pulse::Pulse;

use crate::Statistics;

/// Everything but the events.
pub(crate) fn view(
    connection: &Handle,
    statistics: &Statistics,
    history: Option<store::HistoryStatistics>,
    plugins: &[PluginStatus],
    pulse: &Pulse,
    now: UnixMillis,
) -> SystemView {
    let metrics = connection.metrics();
    let state = metrics.state.kind();
    let states = metrics.time_in_state.iter().map(|(kind, millis)| StateTime {
        name: kind.name().to_owned(),
        millis: *millis,
        now: *kind == state,
    });
    SystemView {
        at: now,
        states: states.collect(),
        endpoints: connection.endpoints().iter().map(endpoint).collect(),
        pulse: pulse.view(),
        groups: facts::groups(&metrics, &connection.stages(), statistics, history),
        plugins: plugins.iter().map(plugin).collect(),
        last_event: pulse.last_event(),
    }
}

fn endpoint(health: &EndpointHealth) -> EndpointView {
    EndpointView {
        address: health.endpoint.to_string(),
        current: health.current,
        failures: health.failures,
        latency: health.latency.map(|time| u32::try_from(time.as_millis()).unwrap_or(u32::MAX)),
        circuit: match health.circuit {
            EndpointCircuit::Closed => CircuitView::Closed,
            EndpointCircuit::Open(until) => CircuitView::Open(until),
            EndpointCircuit::Terminal(until) => CircuitView::Refused(until),
        },
    }
}

fn plugin(status: &PluginStatus) -> PluginView {
    let error = status.broken.as_ref().or(status.last_error.as_ref()).map(ToString::to_string);
    let state = match (status.paused_until, &status.version, &status.broken) {
        (Some(_), _, _) => PluginState::Paused,
        (None, None, _) => PluginState::Broken,
        (None, Some(_), Some(_)) => PluginState::Outdated,
        (None, Some(_), None) => PluginState::Running,
    };
    let calls = domain::text::group(&status.calls.to_string());
    let hooks: Vec<_> = status.hooks.iter().map(|hook| hook.name()).collect();
    let mut detail = format!("{calls} calls of {}", hooks.join(", "));
    if hooks.is_empty() {
        detail = "no hooks".to_owned();
    }
    if let Some(error) = error {
        detail = format!("{detail}; {error}");
    }
    PluginView { name: status.name.to_string(), state, detail }
}
