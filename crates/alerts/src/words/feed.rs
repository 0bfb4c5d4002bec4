//! Of what does not arrive: no data at all, or none of one vault. And of the settings' file.

use std::fmt::Write;
use std::time::Duration;

use domain::solvency::Solvency;
use domain::text;
use domain::{UnixMillis, Vault};
use jiff::tz::TimeZone;

use super::{count, shortened, span};
use crate::Exposure;
use crate::quiet::clock;

/// `No data for 60 s: Acme feed` / `300 vaults unwatched, 2 critical at 03:12. Retrying. Check the lender directly.`
#[must_use]
pub fn feed_down(
    exposure: &Exposure,
    gone: Duration,
    lost: UnixMillis,
    zone: &TimeZone,
) -> (String, String) {
    let critical = match exposure.critical {
        0 => String::new(),
        count => format!(", {count} critical at {}", clock(lost, zone)),
    };
    let title = format!("No data for {}: {}", span(gone), exposure.feed);
    let done = if exposure.no_network { "This machine has no network." } else { "Retrying." };
    // Never connected since the start: the address is the likelier fault.
    if exposure.vaults == 0 {
        return (title, format!("Nothing is watched. {done} Check the address and the lender."));
    }
    let vaults = count(exposure.vaults, "vault");
    (title, format!("{vaults} unwatched{critical}. {done} Check the lender directly."))
}

/// `ETH-017 stale for 4 min` / `Usually 12 s. Last: 7.9 % left. The feed is up. Check the lender.`
#[must_use]
pub fn stale(
    vault: &Vault,
    last: &Solvency,
    age: Duration,
    usual: Option<Duration>,
) -> (String, String) {
    let mut body = String::new();
    if let Some(usual) = usual.filter(|usual| usual.as_secs() > 0) {
        let _ = write!(body, "Usually {}. ", span(usual));
    }
    match (last.room, last.ltv) {
        (Some(room), _) => {
            let _ = write!(body, "Last: {} % left. ", text::room(room));
        }
        (None, Some(ltv)) => {
            let _ = write!(body, "Last: LTV {} %. ", text::percent(ltv));
        }
        (None, None) => {}
    }
    body.push_str("The feed is up. Check the lender.");
    (format!("{} stale for {}", shortened(vault.label(), 40), span(age)), body)
}

/// `ETH-017 heard again after 4 min`.
#[must_use]
pub fn heard_again(vault: &Vault, gone: Duration) -> (String, String) {
    let title = format!("{} heard again after {}", shortened(vault.label(), 40), span(gone));
    (title, "Its values are live. Nothing to do.".to_owned())
}

/// What an open alert says of its figures while no newer ones arrive.
pub(crate) const LAST_KNOWN: &str = " Last known: the feed is down.";

/// `Feed back after 14 s: Acme feed`.
#[must_use]
pub fn feed_back(feed: &str, gone: Duration) -> (String, String) {
    let title = format!("Feed back after {}", span(gone));
    let title = if feed.is_empty() { title } else { format!("{title}: {feed}") };
    (title, "All vaults are watched again. Nothing to do.".to_owned())
}

/// `The settings can be read again`.
pub(crate) fn settings_back() -> (String, String) {
    let message = "What the file says is in force. Nothing to do.".to_owned();
    ("The settings can be read again".to_owned(), message)
}
