//! Progress: one line when a piece of work begins, one with its duration when it ends.

use std::time::Instant;

use anyhow::Result;

/// Runs `work` between two lines that say what it is and how long it took.
pub(crate) fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("==> {what}");
    let begin = Instant::now();
    let outcome = work();
    let verdict = if outcome.is_ok() { "done" } else { "FAILED" };
    eprintln!("    {verdict} in {:.1} s: {what}", begin.elapsed().as_secs_f64());
    outcome
}

/// A line about a piece of work that needed nothing, or about what was left out.
pub(crate) fn note(what: &str) {
    eprintln!("    {what}");
}
