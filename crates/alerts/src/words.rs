//! The words of every alert, in one place. Figures first, then what to do; title and body.

mod course;
mod feed;
mod late;
mod many;
mod vault;
mod veiled;

pub use course::Course;
pub(crate) use feed::{LAST_KNOWN, settings_back};
pub use feed::{feed_back, feed_down, heard_again, stale};
pub(crate) use late::{as_of, away, late_body, late_title, not_shown_since};
pub(crate) use many::{Sum, digest, incident, incident_over, summary};
pub(crate) use vault::{figures, only_token, remedy};
pub use vault::{liquidated, raised, recovered, verdict, worse};
pub(crate) use veiled::veiled_summary;
pub use veiled::{Veiled, veiled};

pub(crate) use crate::quiet::span;

pub(crate) fn test_critical() -> (String, String) {
    (
        "Test: this is what a critical alert looks like".to_owned(),
        "If you saw and heard this, you will be woken. Acknowledge it, or wait a minute."
            .to_owned(),
    )
}

pub(crate) fn test_over() -> (String, String) {
    ("Test: over".to_owned(), "Did you see and hear it? If not, see Settings.".to_owned())
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// At most `limit` characters, on one line, with an ellipsis where something was cut. Characters that turn around the
/// direction of what follows are left out: they would turn our own words, too.
#[must_use]
pub fn shortened(text: &str, limit: usize) -> String {
    let turns = |c: &char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let plain = text.chars().filter(|c| !turns(c)).map(|c| if c.is_control() { ' ' } else { c });
    let mut short: String = plain.take(limit + 1).collect();
    if short.chars().count() > limit {
        short = short.chars().take(limit - 1).collect();
        short.push('…');
    }
    short
}
