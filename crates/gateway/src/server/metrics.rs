use std::fmt::Write;

use super::stats::Stats;

/// The figures as Prometheus reads them.
pub(super) fn render(stats: &Stats) -> String {
    let figures = [
        ("clients", "gauge", "WebSocket clients right now", stats.clients),
        ("sessions", "gauge", "clients that speak vaultwatch.v1", stats.sessions),
        ("refused_total", "counter", "requests refused", stats.refused),
        ("published_total", "counter", "messages stored", stats.published),
        ("duplicates_total", "counter", "messages published again", stats.duplicates),
        ("invalid_total", "counter", "messages dropped as invalid", stats.invalid),
        ("conflated_total", "counter", "messages lagging clients skipped", stats.conflated),
        ("slow_total", "counter", "clients closed for being slow", stats.slow),
        ("resumed_total", "counter", "connections resumed", stats.resumed),
        ("escalated_total", "counter", "calls about alerts that were taken", stats.escalated),
        ("escalation_failures_total", "counter", "calls that failed", stats.escalation_failures),
    ];
    let mut text = String::new();
    for (name, kind, help, value) in figures {
        let name = format!("vaultwatch_gateway_{name}");
        writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}")
            .expect("a string takes everything");
    }
    text
}
