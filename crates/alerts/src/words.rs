//! The words of every alert, in one place. Figures first, then what to do; title and body.

mod veiled;

use std::fmt::Write;
use std::time::Duration;

use domain::cure::Remedy;
use domain::solvency::{Health, Solvency};
use domain::text;
use domain::view::AwayView;
use domain::{Amount, Level, Percent, UnixMillis, Usd, Vault};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::prices::Fall;
use crate::quiet::clock;
pub(crate) use crate::quiet::span;
use crate::{Cause, Exposure};
pub(crate) use veiled::veiled_summary;
pub use veiled::{Veiled, veiled};

/// How a vault fared while its alert was open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    first_room: Option<Percent>,
    lowest_room: Option<Percent>,
    worst_ltv: Option<Percent>,
    /// The price of the only collateral when it began.
    first_price: Option<Usd>,
    began: UnixMillis,
}

impl Course {
    #[must_use]
    pub fn start(solvency: &Solvency, now: UnixMillis) -> Self {
        Self {
            first_room: solvency.room,
            lowest_room: solvency.room,
            worst_ltv: solvency.ltv,
            first_price: solvency.price,
            began: now,
        }
    }

    pub fn note(&mut self, solvency: &Solvency) {
        self.first_price = self.first_price.or(solvency.price);
        self.look(solvency.room, solvency.ltv);
    }

    /// Notes figures in passing.
    pub(crate) fn look(&mut self, room: Option<Percent>, ltv: Option<Percent>) {
        self.first_room = self.first_room.or(room);
        self.lowest_room = least(self.lowest_room, room);
        self.worst_ltv = self.worst_ltv.max(ltv);
    }
}

/// `ETH-017: 7.9 % to liquidation` / `WETH $1,936, liquidates $1,783. LTV 74.6 → 76.0 %. Repay … → 15 %.`
#[must_use]
pub fn raised(vault: &Vault, now: &Solvency, ltv_before: Option<Percent>) -> (String, String) {
    let name = shortened(vault.label(), 40);
    let title = match (now.room, now.ltv, now.health) {
        (Some(room), ..) => format!("{name}: {} % to liquidation", text::room(room)),
        (None, Some(ltv), _) => format!("{name}: LTV {} %", text::percent(ltv)),
        (None, None, Health::Factor(hf)) => {
            format!("{name}: health factor {}", text::health_factor(hf))
        }
        _ => format!("{name}: at risk"),
    };
    (title, figures(vault, now, ltv_before))
}

/// `ETH-017: 3.0 % left, was 7.9 %` / `WETH −5.0 % in 6 min, liquidates $1,783. Repay … → 15 %.` Without a price that
/// moved the body is as in [`raised`].
#[must_use]
pub fn worse(
    vault: &Vault,
    now: &Solvency,
    ltv_before: Option<Percent>,
    course: &Course,
    at: UnixMillis,
) -> (String, String) {
    let (title, mut body) = raised(vault, now, ltv_before);
    if let (Some(token), Some(first), Some(price), Some(liquidation)) =
        (only_token(vault), course.first_price, now.price, now.liquidation_price)
        && let Some(change) = price_change(first, price)
    {
        let within = span(at.since(course.began));
        let liquidation = text::price(liquidation);
        body =
            format!("{token} {change} % in {within}, liquidates ${liquidation}. {}", remedy(now));
        body.truncate(body.trim_end().len());
    }
    match (now.room, course.first_room) {
        (Some(room), Some(first)) if room < first => {
            let name = shortened(vault.label(), 40);
            let (room, first) = (text::room(room), text::room(first));
            (format!("{name}: {room} % left, was {first} %"), body)
        }
        _ => (title, body),
    }
}

/// `−5.0`; `None` when it is less than a tenth of a percent.
fn price_change(first: Usd, now: Usd) -> Option<String> {
    let change = now.0.checked_sub(first.0)?.checked_mul(Decimal::ONE_HUNDRED)?;
    let change = change.checked_div(first.0)?.round_dp(1);
    let sign = if change.is_sign_negative() { '−' } else { '+' };
    (!change.is_zero()).then(|| format!("{sign}{}", text::percent(Percent(change.abs()))))
}

/// The symbol of the only collateral.
pub(crate) fn only_token(vault: &Vault) -> Option<&str> {
    match vault.collateral.as_deref() {
        Some([only]) if !only.token.is_empty() => Some(&only.token),
        _ => None,
    }
}

/// `ETH-017 recovered: 21.4 % left` / `LTV 80.0 → 65.2 %. Critical for 14 min, low 2.7 %. Nothing to do.`
#[must_use]
pub fn recovered(
    vault: &Vault,
    now: &Solvency,
    level: Level,
    lasted: Duration,
    course: &Course,
) -> (String, String) {
    let name = shortened(vault.label(), 40);
    let title = now.room.map_or_else(
        || format!("{name} recovered"),
        |room| format!("{name} recovered: {} % left", text::room(room)),
    );
    let mut body = ltv_change(course.worst_ltv, now.ltv);
    let _ = write!(body, "{level} for {}", span(lasted));
    if let Some(low) = course.lowest_room {
        let _ = write!(body, ", low {} %", text::room(low));
    }
    body.push_str(". Nothing to do.");
    (title, body)
}

/// `ETH-017 liquidated` / `03:14: 88,251 USDC repaid, 52.0 WETH taken. Left: 68.0 WETH, HF 1.13. Review the remainder.`
/// `before`: what the only collateral and the only debt amounted to.
#[must_use]
pub fn liquidated(
    vault: &Vault,
    before: Option<&(Amount, Amount)>,
    at: UnixMillis,
    zone: &TimeZone,
) -> (String, String) {
    let solvency = Solvency::of(vault);
    let mut body = format!("{}: ", clock(at, zone));
    if let (Some((collateral, debt)), Some([held]), Some([owed])) =
        (before, vault.collateral.as_deref(), vault.debt.as_deref())
    {
        let lost = |before: &Amount, now: &domain::vault::Holding| {
            let lost = before.value().checked_sub(now.amount.as_ref()?.value())?;
            (lost > Decimal::ZERO).then(|| format!("{} {}", text::quantity(lost), now.token))
        };
        if let (Some(repaid), Some(taken)) = (lost(debt, owed), lost(collateral, held)) {
            let _ = write!(body, "{repaid} repaid, {taken} taken. ");
        }
    }
    let mut left = Vec::new();
    for holding in vault.collateral.iter().flatten() {
        if let Some(amount) = &holding.amount {
            left.push(format!("{} {}", text::quantity(amount.value()), holding.token));
        }
    }
    if let Health::Factor(hf) = solvency.health {
        left.push(format!("HF {}", text::health_factor(hf)));
    }
    if !left.is_empty() {
        let _ = write!(body, "Left: {}. ", left.join(", "));
    }
    body.push_str("Review the remainder.");
    (format!("{} liquidated", shortened(vault.label(), 40)), body)
}

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

/// What an incident adds up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sum {
    pub(crate) count: usize,
    pub(crate) level: Level,
    pub(crate) liquidated: usize,
    pub(crate) debt: Option<Usd>,
    pub(crate) cure: Option<Usd>,
    /// The name of the worst vault, and its room.
    pub(crate) worst: Option<(String, Option<Percent>)>,
}

/// `40 vaults critical, $18.2M debt` / `WETH −12.4 % in 8 min. Worst: ETH-017, 0.8 %. $1.3M restores 15 %. Open triage.`
pub(crate) fn incident(sum: &Sum, cause: &Cause, fall: Option<&Fall>) -> (String, String) {
    let level = sum.level.word().to_lowercase();
    let mut title = format!("{} {level}", count(sum.count, "vault"));
    if let Some(debt) = sum.debt {
        let _ = write!(title, ", {} debt", text::usd_compact(debt));
    }
    let mut body = match (fall, cause) {
        (Some(fall), _) => {
            format!("{} −{} % in {}. ", fall.token, text::percent(fall.by), span(fall.within))
        }
        (None, Cause::Token(token)) => format!("All hold {}. ", shortened(token, 20)),
        (None, Cause::Chain(chain)) => format!("All on {}. ", chain.name()),
    };
    if sum.liquidated > 0 {
        let _ = write!(body, "{} liquidated. ", sum.liquidated);
    }
    if let Some((name, room)) = &sum.worst {
        let _ = write!(body, "Worst: {}", shortened(name, 40));
        if let Some(room) = room {
            let _ = write!(body, ", {} %", text::room(*room));
        }
        body.push_str(". ");
    }
    if let Some(cure) = sum.cure.filter(|cure| !cure.0.is_zero()) {
        let _ = write!(body, "{} restores 15 %. ", text::usd_compact(cure));
    }
    body.push_str("Open triage.");
    (title, body)
}

/// `40 vaults recovered` / `WETH: critical for 14 min. Nothing to do.`
pub(crate) fn incident_over(
    total: usize,
    level: Level,
    cause: &Cause,
    lasted: Duration,
) -> (String, String) {
    let cause = match cause {
        Cause::Token(token) => shortened(token, 20),
        Cause::Chain(chain) => chain.name().into_owned(),
    };
    let title = format!("{} recovered", count(total, "vault"));
    (
        title,
        format!("{cause}: {} for {}. Nothing to do.", level.word().to_lowercase(), span(lasted)),
    )
}

/// `12 alerts, 9 critical` / `Worst: ETH-017: 0.8 % to liquidation. Open triage.`
pub(crate) fn summary(total: usize, critical: usize, worst: &str) -> (String, String) {
    let critical = if critical > 0 { format!(", {critical} critical") } else { String::new() };
    let title = format!("{}{critical}", count(total, "alert"));
    (title, format!("Worst: {}. Open triage.", shortened(worst, 80)))
}

/// ` Not shown since 03:14.`
pub(crate) fn not_shown_since(since: UnixMillis, zone: &TimeZone) -> String {
    format!(" Not shown since {}.", clock(since, zone))
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

/// `3 vaults to keep an eye on` / `A: 17.2 % to liquidation. B: …`
pub(crate) fn digest(titles: &[String]) -> (String, String) {
    const LISTED: usize = 5;
    let title = format!("{} to keep an eye on", count(titles.len(), "vault"));
    let mut body: Vec<_> = titles.iter().take(LISTED).map(|title| shortened(title, 60)).collect();
    if titles.len() > LISTED {
        body.push(format!("{} more", titles.len() - LISTED));
    }
    (title, format!("{}.", body.join(". ")))
}

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

/// One sentence for the vault's page: how it stands, what to do.
#[must_use]
pub fn verdict(vault: &Vault, now: &Solvency) -> String {
    let level = match now.level {
        None => return "Not enough is known to judge this vault.".to_owned(),
        Some(level) => level,
    };
    if now.health == Health::NoDebt {
        return "No debt, so nothing can be liquidated.".to_owned();
    }
    let mut sentence = match (now.room, now.ltv) {
        (Some(room), _) => match vault.collateral.as_deref() {
            Some([only]) if !only.token.is_empty() => format!(
                "{} may fall {} % before this vault can be liquidated",
                only.token,
                text::room(room)
            ),
            _ => format!("{} % of room to liquidation", text::room(room)),
        },
        (None, Some(ltv)) => format!("LTV {} %, and no limit is known", text::percent(ltv)),
        (None, None) => format!("{level} by the platform's own judgement"),
    };
    sentence.push('.');
    let remedy = remedy(now);
    if level > Level::Low && !remedy.is_empty() {
        sentence.push(' ');
        sentence.push_str(&remedy);
    }
    sentence
}

pub(crate) fn figures(vault: &Vault, now: &Solvency, ltv_before: Option<Percent>) -> String {
    let mut body = String::new();
    if let (Some(price), Some(liquidation), Some([only])) =
        (now.price, now.liquidation_price, vault.collateral.as_deref())
    {
        let (price, liquidation) = (text::price(price), text::price(liquidation));
        let _ = write!(body, "{} ${price}, liquidates ${liquidation}. ", only.token);
    }
    body.push_str(&ltv_change(ltv_before, now.ltv));
    if now.room.is_none() && now.ltv.is_some() {
        body.push_str("No limit is known. ");
    }
    body.push_str(&remedy(now));
    if body.is_empty() {
        body.push_str("Check the vault.");
    }
    body.trim_end().to_owned()
}

/// `LTV 74.6 → 76.0 %. `, `LTV 76.0 %. `, or nothing.
fn ltv_change(before: Option<Percent>, now: Option<Percent>) -> String {
    let Some(now) = now.map(text::percent) else { return String::new() };
    match before.map(text::percent).filter(|before| *before != now) {
        Some(before) => format!("LTV {before} → {now} %. "),
        None => format!("LTV {now} %. "),
    }
}

/// `Repay 13,700 USDC or add 10.1 WETH → 15 %.`, or nothing.
pub(crate) fn remedy(now: &Solvency) -> String {
    let Some(cure) = &now.cure else { return String::new() };
    let target = text::setting(cure.target_room.0);
    format!("Repay {} or add {} → {target} %.", quantity(&cure.repay), quantity(&cure.add))
}

fn quantity(remedy: &Remedy) -> String {
    match &remedy.tokens {
        Some(tokens) => format!("{} {}", text::at_least(tokens.amount.value()), tokens.token),
        None => text::usd_at_least(remedy.usd),
    }
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn least(a: Option<Percent>, b: Option<Percent>) -> Option<Percent> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (known, None) | (None, known) => known,
    }
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
