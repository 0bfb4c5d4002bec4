use std::io::Write;

use domain::view::CheckLine;
use monitor::check::Report;

use super::certificate;

/// Prints each step as it is done.
pub(super) struct Printed {
    json: bool,
}

impl Printed {
    pub(super) fn new(json: bool) -> Self {
        Self { json }
    }
}

impl Report for Printed {
    fn line(&self, line: CheckLine) {
        let text = if self.json {
            serde_json::to_string(&line).expect("a line is plain data")
        } else {
            let word = match (line.ok, &line.remedy) {
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

    fn certificates(&self, chain: &[Vec<u8>]) {
        certificate::tell(self, chain, certificate::now());
    }
}
