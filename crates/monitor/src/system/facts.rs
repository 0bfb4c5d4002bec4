use domain::text;
use domain::view::FactGroup;
use realtime::transport::ConnectPhases;
use realtime::{CauseKind, Metrics, Mode, StageMetrics};

use crate::Statistics;

/// The figures in groups. What never happened is left out where its absence says as much.
pub(super) fn groups(
    metrics: &Metrics,
    stages: &[StageMetrics],
    statistics: &Statistics,
    history: Option<store::HistoryStatistics>,
) -> Vec<FactGroup> {
    let mut groups = vec![
        connecting(metrics),
        traffic(metrics, statistics),
        queues(metrics),
        continuity(metrics),
    ];
    if !stages.is_empty() {
        groups.push(self::stages(stages));
    }
    let mut kept = Group::new("History");
    match history {
        Some(history) => {
            kept.count("Points written", history.points);
            kept.some("Minutes that share a point", history.coarse);
            kept.some("Writes that failed", history.failures);
        }
        None => kept.tell("Figures over time", "not kept"),
    }
    groups.push(kept.done());
    groups
}

struct Group {
    title: &'static str,
    facts: Vec<(String, String)>,
}

impl Group {
    fn new(title: &'static str) -> Self {
        Self { title, facts: Vec::new() }
    }

    fn tell(&mut self, name: &str, value: impl Into<String>) {
        self.facts.push((name.to_owned(), value.into()));
    }

    fn count(&mut self, name: &str, count: u64) {
        self.tell(name, number(count));
    }

    /// Where there is any.
    fn some(&mut self, name: &str, count: u64) {
        if count > 0 {
            self.count(name, count);
        }
    }

    fn maybe(&mut self, name: &str, value: Option<String>) {
        self.facts.extend(value.map(|value| (name.to_owned(), value)));
    }

    fn done(self) -> FactGroup {
        FactGroup { title: self.title.to_owned(), facts: self.facts }
    }
}

fn connecting(metrics: &Metrics) -> FactGroup {
    let mut group = Group::new("Connecting");
    let mode = match metrics.mode {
        Mode::V1 => "vaultwatch.v1: resume, snapshots, acknowledgements",
        Mode::Plain => "plain: no resume after a gap",
    };
    group.tell("Protocol", mode);
    group.count("Attempts", metrics.attempts);
    group.count("Connections", metrics.connections);
    for (cause, times) in &metrics.failures {
        group.count(&format!("Ended: {}", name(*cause)), *times);
    }
    group.maybe("Last connect", metrics.connect.as_ref().and_then(phases));
    let round = |millis: f64| format!("{millis:.1} ms");
    group.maybe("Round trip, median", metrics.rtt.p50.map(round));
    group.maybe("Round trip, 19 of 20 within", metrics.rtt.p95.map(round));
    group.maybe("The server's clock", metrics.clock_skew_ms.map(skew));
    if metrics.degraded {
        group.tell("The server", "tells of trouble behind it");
    }
    group.some("Sleeps of this machine", metrics.wakes);
    group.some("Tokens renewed", metrics.token_renewals);
    group.some("Tokens that could not be had", metrics.token_failures);
    group.done()
}

/// As it stands in exports, in words.
fn name(cause: CauseKind) -> String {
    let json = serde_json::to_string(&cause).unwrap_or_default();
    json.trim_matches('"').replace('_', " ")
}

/// `DNS 4 ms, TCP 12 ms`.
fn phases(phases: &ConnectPhases) -> Option<String> {
    let steps = [
        ("DNS", phases.dns),
        ("TCP", phases.tcp),
        ("proxy", phases.proxy),
        ("TLS", phases.tls),
        ("upgrade", phases.upgrade),
    ];
    let told = steps.iter().filter_map(|(name, time)| {
        Some(format!("{name} {:.1} ms", time.as_ref()?.as_secs_f64() * 1_000.0))
    });
    let told: Vec<_> = told.collect();
    (!told.is_empty()).then(|| told.join(", "))
}

fn skew(millis: i64) -> String {
    match millis {
        -50..=50 => "agrees with ours".to_owned(),
        ahead @ 51.. => format!("is {} ms ahead", number(ahead.unsigned_abs())),
        behind => format!("is {} ms behind", number(behind.unsigned_abs())),
    }
}

fn traffic(metrics: &Metrics, statistics: &Statistics) -> FactGroup {
    let mut group = Group::new("Traffic");
    group.count("Messages", metrics.messages);
    group.tell("In", bytes(metrics.bytes_in));
    group.tell("Out", bytes(metrics.bytes_out));
    if metrics.bytes_inflated > 0 {
        group.tell("Saved by compression", bytes(metrics.bytes_inflated));
    }
    group.count("Heartbeats", metrics.heartbeats);
    group.count("Duplicates", metrics.duplicates);
    group.some("Replaced by newer ones, unread", metrics.conflated);
    group.some("Older than what was known", statistics.late);
    group.some("The sender's clock went back", statistics.clock_steps);
    group.count("Sent", metrics.sent);
    group.some("Sent, and large", metrics.large_sent);
    group.done()
}

fn queues(metrics: &Metrics) -> FactGroup {
    let mut group = Group::new("Queues");
    let waiting = metrics.queue;
    let size = if waiting.messages > 0 {
        format!(", {}", bytes(waiting.bytes as u64))
    } else {
        String::new()
    };
    group.tell("Wait to be sent", format!("{}{size}", number(waiting.messages as u64)));
    group.maybe("The first of them", metrics.queue_oldest_ms.map(since));
    group.count("On their way, not acknowledged", metrics.in_flight as u64);
    group.some("Waited too long, dropped", metrics.expired);
    if let Some(outbox) = metrics.outbox {
        group.count("On disk", outbox.messages);
        group.some("Put aside for you to decide", outbox.parked);
        group.maybe("The oldest of them", outbox.oldest_ms.map(since));
    }
    group.some("Times the disk refused", metrics.persistence_failures);
    group.some("Times the socket had to wait for us", metrics.reader_stalls);
    group.done()
}

fn continuity(metrics: &Metrics) -> FactGroup {
    let mut group = Group::new("Continuity");
    group.count("Gaps", metrics.gaps);
    group.count("Resumes from the log", metrics.resumes_ok);
    group.some("Answered with a snapshot instead", metrics.resumes_failed);
    group.some("Events lost for good", metrics.lost_events);
    group.some("Dropped after a gap, sent again", metrics.discarded);
    group.count("Faults of the server", metrics.protocol_faults);
    group.done()
}

fn stages(stages: &[StageMetrics]) -> FactGroup {
    let mut group = Group::new("What messages pass");
    for stage in stages {
        let counts = stage.inbound;
        let mut told = format!("{} passed", number(counts.passed));
        for (count, what) in [(counts.replaced, "changed"), (counts.dropped, "dropped")] {
            if count > 0 {
                told.push_str(&format!(", {} {what}", number(count)));
            }
        }
        group.tell(&stage.name, told);
    }
    group.done()
}

fn number(number: u64) -> String {
    text::group(&number.to_string())
}

/// `48 s`, `4 min`: how long something has waited.
fn since(millis: u64) -> String {
    match millis / 1_000 {
        seconds @ 0..120 => format!("waits for {seconds} s"),
        seconds => format!("waits for {} min", seconds / 60),
    }
}

fn bytes(bytes: u64) -> String {
    const KIB: u64 = 1_024;
    const MIB: u64 = 1_024 * KIB;
    match bytes {
        0..KIB => format!("{bytes} B"),
        KIB..MIB => format!("{:.1} KiB", bytes as f64 / KIB as f64),
        _ => format!("{:.1} MiB", bytes as f64 / MIB as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_their_units() {
        assert_eq!(bytes(1_023), "1023 B");
        assert_eq!(bytes(1_536), "1.5 KiB");
        assert_eq!(bytes(3 << 20), "3.0 MiB");
        assert_eq!(since(119_999), "waits for 119 s");
        assert_eq!(since(120_000), "waits for 2 min");
        assert_eq!(
            [skew(-50), skew(1_500), skew(-51)],
            [
                "agrees with ours".to_owned(),
                "is 1,500 ms ahead".to_owned(),
                "is 51 ms behind".to_owned(),
            ]
        );
    }

    #[test]
    fn what_took_no_step_tells_none() {
        assert_eq!(phases(&ConnectPhases::default()), None);
        let time = std::time::Duration::from_micros(1_500);
        let some = ConnectPhases { tcp: Some(time), upgrade: Some(time), ..Default::default() };
        assert_eq!(phases(&some).unwrap(), "TCP 1.5 ms, upgrade 1.5 ms");
    }
}
