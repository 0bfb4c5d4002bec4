//! Of a vault's own figures: how far it is from liquidation, what became of that, what to do.

use std::fmt::Write;
use std::time::Duration;

use domain::cure::Remedy;
use domain::solvency::{Health, Solvency};
use domain::text;
use domain::{Amount, Level, Percent, UnixMillis, Vault};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::{Course, shortened, span};
use crate::quiet::clock;

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

/// `ETH-017: 3.0 % left, was 7.9 %` / `WETH −5.0 % in 6 min, liquidates $1,783. Repay … → 15 %.`
///
/// The body begins with what has made it worse since the alert was raised. Where that is not the price, the rest is as
/// in [`raised`]: `Debt +13,700 USDC in 27 s. WETH $1,936, liquidates $1,783. …` So it is where nothing of that is known.
#[must_use]
pub fn worse(
    vault: &Vault,
    now: &Solvency,
    ltv_before: Option<Percent>,
    course: &Course,
    at: UnixMillis,
) -> (String, String) {
    let (title, mut body) = raised(vault, now, ltv_before);
    let fall = course.fall(vault, now);
    let liquidation = now.liquidation_price.filter(|_| fall.is_some()).map(text::price);
    let mut changes = course.burdens(vault, now);
    if let Some(initial) = changes.first_mut().and_then(|first| first.get_mut(..1)) {
        initial.make_ascii_uppercase();
    }
    // The price last, so that it stands beside the one that liquidates.
    changes.extend(fall);
    if !changes.is_empty() {
        let changes = format!("{} in {}", changes.join(", "), span(at.since(course.began)));
        body = match liquidation {
            Some(liquidation) => format!("{changes}, liquidates ${liquidation}. {}", remedy(now)),
            None => format!("{changes}. {body}"),
        };
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
