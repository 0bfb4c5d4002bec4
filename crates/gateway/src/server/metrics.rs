use std::fmt::{Display, Write};

use super::http::Front;
use super::refusals::Reason;
use super::stats::Counters;

/// The figures as Prometheus reads them.
///
/// There is one series for each tenant where an operator has to tell them apart, and there are no more of those than
/// `Limits::tenants`; none for a client, an address, a topic or a token, of which there may be any number.
pub(super) fn render(front: &Front) -> String {
    let counters: &Counters = &front.hub.counters;
    let stats = counters.read();
    let read =
        |counter: &std::sync::atomic::AtomicU64| counter.load(std::sync::atomic::Ordering::Relaxed);
    let mut text = String::new();
    let version = concat!("{version=\"", env!("CARGO_PKG_VERSION"), "\"}");
    family(&mut text, "build_info", Kind::Gauge, "1, with the version", [(version, 1)]);
    for (name, kind, help, value) in [
        ("clients", Kind::Gauge, "WebSocket clients right now", stats.clients),
        ("sessions", Kind::Gauge, "clients that speak vaultwatch.v1", stats.sessions),
        ("published_total", Kind::Counter, "messages stored", stats.published),
        ("duplicates_total", Kind::Counter, "messages published again", stats.duplicates),
        ("delivered_total", Kind::Counter, "messages sent to clients", read(&counters.delivered)),
        ("received_bytes_total", Kind::Counter, "from clients", read(&counters.received_bytes)),
        ("sent_bytes_total", Kind::Counter, "to clients, as sent", read(&counters.sent_bytes)),
        ("invalid_total", Kind::Counter, "messages dropped as invalid", stats.invalid),
        ("conflated_total", Kind::Counter, "messages lagging clients skipped", stats.conflated),
        ("slow_total", Kind::Counter, "clients closed for being slow", stats.slow),
        ("resumed_total", Kind::Counter, "connections resumed", stats.resumed),
        ("escalated_total", Kind::Counter, "calls about alerts that were taken", stats.escalated),
        (
            "escalation_failures_total",
            Kind::Counter,
            "calls that failed",
            stats.escalation_failures,
        ),
    ] {
        family(&mut text, name, kind, help, [("", value)]);
    }
    let refused = Reason::ALL.map(|reason| {
        (format!("{{reason=\"{}\"}}", reason.name()), counters.refusals.count(reason))
    });
    family(&mut text, "refused_total", Kind::Counter, "turned away, or not taken", refused);
    let tenants: Vec<_> = front.hub.tenants();
    // Their names need no escaping.
    let mut of_tenants = |name, help, value: &dyn Fn(&super::tenant::Tenant) -> u64| {
        let series = tenants.iter().map(|t| (format!("{{tenant=\"{}\"}}", t.name), value(t)));
        family(&mut text, name, Kind::Gauge, help, series);
    };
    of_tenants("tenant_connections", "WebSocket clients of a tenant", &|tenant| {
        front.occupancy.tenant(&tenant.name).connections() as u64
    });
    of_tenants("log_ready", "1 while the log takes messages, else 0", &|tenant| {
        u64::from(tenant.ailing().is_none())
    });
    of_tenants("log_head", "offset of the newest message", &|tenant| tenant.board.head());
    of_tenants("queued_messages", "waiting for plain clients", &|tenant| {
        tenant.board.queued() as u64
    });
    of_tenants("lag_messages", "waiting for vaultwatch.v1 clients", &|tenant| {
        front.occupancy.tenant(&tenant.name).lag(tenant.board.head())
    });
    text
}

#[derive(Clone, Copy)]
enum Kind {
    Counter,
    Gauge,
}

fn family<L: Display>(
    text: &mut String,
    name: &str,
    kind: Kind,
    help: &str,
    series: impl IntoIterator<Item = (L, u64)>,
) {
    let kind = match kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
    };
    let name = format!("vaultwatch_gateway_{name}");
    writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}").expect("a string takes anything");
    for (labels, value) in series {
        writeln!(text, "{name}{labels} {value}").expect("a string takes anything");
    }
}
