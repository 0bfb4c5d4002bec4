use std::io::Write;
use std::time::Duration;

use serde::Serialize;

/// The steps, in the order in which they are taken.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    Configuration,
    Dns,
    Tcp,
    Proxy,
    Tls,
    Certificate,
    Upgrade,
    Keys,
    Hello,
    FirstMessage,
    RoundTrip,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Dns => "DNS",
            Self::Tcp => "TCP",
            Self::Proxy => "proxy",
            Self::Tls => "TLS",
            Self::Certificate => "certificate",
            Self::Upgrade => "upgrade",
            Self::Keys => "keys",
            Self::Hello => "hello",
            Self::FirstMessage => "first message",
            Self::RoundTrip => "round trip",
        }
    }
}

#[derive(Serialize)]
struct Line<'a> {
    step: Step,
    ok: bool,
    detail: &'a str,
    /// What to do: where it failed, or before it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'a str>,
}

/// Prints each step as it is done.
pub(super) struct Report {
    json: bool,
}

impl Report {
    pub(super) fn new(json: bool) -> Self {
        Self { json }
    }

    pub(super) fn right(&self, step: Step, detail: &str) {
        self.print(&Line { step, ok: true, detail, remedy: None });
    }

    /// It works, and something should be seen to all the same.
    pub(super) fn remark(&self, step: Step, detail: &str, remedy: &str) {
        self.print(&Line { step, ok: true, detail, remedy: Some(remedy) });
    }

    pub(super) fn wrong(&self, step: Step, detail: &str, remedy: &str) {
        self.print(&Line { step, ok: false, detail, remedy: Some(remedy) });
    }

    fn print(&self, line: &Line<'_>) {
        let text = if self.json {
            serde_json::to_string(line).expect("a line is plain data")
        } else {
            let word = match (line.ok, line.remedy) {
                (true, None) => "ok",
                (true, Some(_)) => "NOTE",
                (false, _) => "WRONG",
            };
            let remedy = line.remedy.map(|remedy| format!("\n      {remedy}")).unwrap_or_default();
            format!("{word:<5} {:<14} {}{remedy}", line.step.name(), line.detail)
        };
        // Nobody reads it any more: the exit code still tells.
        let _ = writeln!(std::io::stdout(), "{text}");
    }
}

pub(super) fn took(time: Duration) -> String {
    match time.as_micros() {
        0..10_000 => format!("{:.1} ms", time.as_secs_f64() * 1_000.0),
        _ => format!("{} ms", time.as_millis()),
    }
}
