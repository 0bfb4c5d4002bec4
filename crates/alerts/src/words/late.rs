//! Of what is told long after it happened, or was known.

use std::fmt::Write;

use domain::text;
use domain::view::AwayView;
use domain::{Percent, UnixMillis};
use jiff::tz::TimeZone;

use super::{shortened, span};
use crate::quiet::clock;

/// ` Not shown since 03:14.`
pub(crate) fn not_shown_since(since: UnixMillis, zone: &TimeZone) -> String {
    format!(" Not shown since {}.", clock(since, zone))
}

/// ` As of 03:14.`: what was left on the screen before a start says how old it is.
pub(crate) fn as_of(updated: UnixMillis, zone: &TimeZone) -> String {
    format!(" As of {}.", clock(updated, zone))
}

/// `3 h late: ETH-017 critical at 03:14`.
pub(crate) fn late_title(
    name: &str,
    what: &str,
    happened: UnixMillis,
    now: UnixMillis,
    zone: &TimeZone,
) -> String {
    let (late, at) = (span(now.since(happened)), clock(happened, zone));
    format!("{late} late: {} {what} at {at}", shortened(name, 40))
}

/// `Then 3.0 %, now 5.1 % left. App down 03:15–06:26. Repay 18,500 USDC → 15 %.`
pub(crate) fn late_body(
    then: Option<Percent>,
    now: Option<Percent>,
    down: (UnixMillis, UnixMillis),
    cure: Option<&str>,
    zone: &TimeZone,
) -> String {
    let mut body = String::new();
    if let (Some(then), Some(now)) = (then, now) {
        let (then, now) = (text::room(then), text::room(now));
        body = if then == now {
            format!("{now} % left. ")
        } else {
            format!("Then {then} %, now {now} % left. ")
        };
    }
    let _ = write!(body, "App down {}–{}. ", clock(down.0, zone), clock(down.1, zone));
    body.push_str(cure.unwrap_or_default());
    body.trim_end().to_owned()
}

/// `While away: 1 liquidated, 2 critical` / `Nothing was watched 03:15–06:26. 3 recovered. Open triage.`
pub(crate) fn away(away: &AwayView, zone: &TimeZone) -> (String, String) {
    let mut news = Vec::new();
    if away.liquidated > 0 {
        news.push(format!("{} liquidated", away.liquidated));
    }
    if away.critical > 0 {
        news.push(format!("{} critical", away.critical));
    }
    if away.unanswered > 0 {
        news.push(format!("{} unanswered", away.unanswered));
    }
    let quiet = news.is_empty();
    if quiet {
        news.push("nothing critical".to_owned());
    }
    let mut body =
        format!("Nothing was watched {}–{}. ", clock(away.from, zone), clock(away.to, zone));
    if away.recovered > 0 {
        let _ = write!(body, "{} recovered. ", away.recovered);
    }
    body.push_str(if quiet { "Nothing to do." } else { "Open triage." });
    (format!("While away: {}", news.join(", ")), body)
}
