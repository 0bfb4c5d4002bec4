//! The words of every alert, in one place. Figures first, then what to do; title and body.

use std::fmt::Write;
use std::time::Duration;

use domain::cure::Remedy;
use domain::solvency::{Health, Solvency};
use domain::text;
use domain::{Level, Percent, Vault};

use crate::Exposure;

/// How a vault fared while its alert was open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    first_room: Option<Percent>,
    lowest_room: Option<Percent>,
    worst_ltv: Option<Percent>,
}

impl Course {
    #[must_use]
    pub fn start(solvency: &Solvency) -> Self {
        Self { first_room: solvency.room, lowest_room: solvency.room, worst_ltv: solvency.ltv }
    }

    pub fn note(&mut self, solvency: &Solvency) {
        self.first_room = self.first_room.or(solvency.room);
        self.lowest_room = least(self.lowest_room, solvency.room);
        self.worst_ltv = self.worst_ltv.max(solvency.ltv);
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

/// `ETH-017: 3.0 % left, was 7.9 %`, the body as in [`raised`].
#[must_use]
pub fn worse(
    vault: &Vault,
    now: &Solvency,
    ltv_before: Option<Percent>,
    course: &Course,
) -> (String, String) {
    let (title, body) = raised(vault, now, ltv_before);
    match (now.room, course.first_room) {
        (Some(room), Some(first)) if room < first => {
            let name = shortened(vault.label(), 40);
            let (room, first) = (text::room(room), text::room(first));
            (format!("{name}: {room} % left, was {first} %"), body)
        }
        _ => (title, body),
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

/// `ETH-017 liquidated` / `Left: 68.0 WETH, HF 1.13. Review the remainder.`
#[must_use]
pub fn liquidated(vault: &Vault) -> (String, String) {
    let solvency = Solvency::of(vault);
    let mut left = Vec::new();
    for holding in vault.collateral.iter().flatten() {
        if let Some(amount) = &holding.amount {
            left.push(format!("{} {}", text::group(&amount.to_string()), holding.token));
        }
    }
    if let Health::Factor(hf) = solvency.health {
        left.push(format!("HF {}", text::health_factor(hf)));
    }
    let left = if left.is_empty() { String::new() } else { format!("Left: {}. ", left.join(", ")) };
    (format!("{} liquidated", shortened(vault.label(), 40)), format!("{left}Review the remainder."))
}

/// `No data for 60 s: Acme feed` / `300 vaults unwatched, 2 critical when last seen. Retrying. Check the lender directly.`
#[must_use]
pub fn feed_down(exposure: &Exposure, gone: Duration) -> (String, String) {
    let critical = match exposure.critical {
        0 => String::new(),
        count => format!(", {count} critical when last seen"),
    };
    let title = format!("No data for {}: {}", span(gone), exposure.feed);
    // Never connected since the start: the address is the likelier fault.
    if exposure.vaults == 0 {
        return (
            title,
            "Nothing is watched. Retrying. Check the address and the lender.".to_owned(),
        );
    }
    let vaults = count(exposure.vaults, "vault");
    (title, format!("{vaults} unwatched{critical}. Retrying. Check the lender directly."))
}

/// `Feed back after 14 s: Acme feed`.
#[must_use]
pub fn feed_back(feed: &str, gone: Duration) -> (String, String) {
    let title = format!("Feed back after {}", span(gone));
    let title = if feed.is_empty() { title } else { format!("{title}: {feed}") };
    (title, "All vaults are watched again. Nothing to do.".to_owned())
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
fn remedy(now: &Solvency) -> String {
    let Some(cure) = &now.cure else { return String::new() };
    let target = cure.target_room.0.normalize();
    format!("Repay {} or add {} → {target} %.", quantity(&cure.repay), quantity(&cure.add))
}

fn quantity(remedy: &Remedy) -> String {
    match &remedy.tokens {
        Some(tokens) => format!("{} {}", text::at_least(tokens.amount.value()), tokens.token),
        None => format!("${}", text::at_least(remedy.usd.0)),
    }
}

/// `14 s`, `14 min`, `3 h`.
pub(crate) fn span(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds @ 120..=7_199 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
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

/// At most `limit` characters, on one line, with an ellipsis where something was cut.
#[must_use]
pub fn shortened(text: &str, limit: usize) -> String {
    let mut short: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(limit + 1).collect();
    if short.chars().count() > limit {
        short = short.chars().take(limit - 1).collect();
        short.push('…');
    }
    short
}
