//! The words of every alert, in the language of whoever is told: figures first, then what to do; title and body.

mod course;
mod feed;
mod late;
mod many;
mod phrase;
mod vault;
mod veiled;

pub use course::Course;
pub use feed::{feed_back, feed_down, heard_again, stale};
pub(crate) use feed::{last_known, settings_back, without_last_known};
pub(crate) use late::{Happened, as_of, away, late_body, late_title, not_shown_since};
pub(crate) use many::{Sum, digest, incident, incident_over, summary};
pub(crate) use phrase::{about, capital, lasted, level, sentences, span};
pub(crate) use vault::{figures, only_token, remedy};
pub use vault::{liquidated, raised, recovered, verdict, worse};
pub(crate) use veiled::veiled_summary;
pub use veiled::{Veiled, veiled};

use domain::Language;

use crate::say::test;

pub(crate) fn test_critical(language: Language) -> (String, String) {
    (test::title(language).to_owned(), test::message(language).to_owned())
}

pub(crate) fn test_over(language: Language) -> (String, String) {
    (test::over(language).to_owned(), test::over_message(language).to_owned())
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
