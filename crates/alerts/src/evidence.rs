//! The values a vault's alert stands on, as people read them.

use domain::level::{Measure, Yardstick};
use domain::solvency::{Health, Limit, Solvency};
use domain::view::{EvidenceView, FigureView};
use domain::{Level, Percent, Vault, text};
use rust_decimal::Decimal;

use crate::words;

/// Of a vault's solvency. `before` is the LTV before the message that led to it.
#[must_use]
pub fn of_solvency(
    vault: &Vault,
    now: &Solvency,
    before: Option<Percent>,
    level: Level,
) -> Box<EvidenceView> {
    let limit = now.limit.map(Limit::percent);
    let (rule, current, previous) = match now.measure {
        Some(Measure::Room(room) | Measure::CorrelatedRoom(room)) => {
            let before = before.zip(limit).and_then(|(ltv, limit)| room_of(ltv, limit));
            ("Room to liquidation", Some(percent_down(room)), before.map(percent_down))
        }
        Some(Measure::Ltv(ltv)) => ("LTV", Some(percent(ltv)), before.map(percent)),
        Some(Measure::HealthFactor(hf)) => ("Health factor", Some(text::health_factor(hf)), None),
        None => ("The platform's judgement", None, None),
    };
    let mut figures = Vec::new();
    let mut figure = |label: &str, value: Option<String>| {
        if let Some(value) = value {
            figures.push(FigureView { label: label.to_owned(), value });
        }
    };
    figure("Room", now.room.map(percent_down));
    figure("LTV", now.ltv.map(percent));
    match now.limit {
        Some(Limit::LiquidationThreshold(limit)) => {
            figure("Liquidation threshold", Some(percent(limit)));
        }
        Some(Limit::MaxLtv(limit)) => figure("Max LTV", Some(percent(limit))),
        None => {}
    }
    match now.health {
        Health::Factor(hf) => figure("Health factor", Some(text::health_factor(hf))),
        Health::Unknown | Health::NoDebt => {}
    }
    figure("Collateral", now.collateral.map(text::usd_compact));
    figure("Debt", now.debt.map(text::usd_compact));
    let token = words::only_token(vault);
    figure("Price", now.price.map(|price| priced(text::price(price), token)));
    Box::new(EvidenceView {
        rule: rule.to_owned(),
        threshold: now.measure.and_then(|measure| threshold(measure, level)),
        previous: previous.filter(|previous| Some(previous) != current.as_ref()),
        current,
        figures,
        liquidation_price: now.liquidation_price.map(|p| priced(text::price(p), token)),
        cure: Some(words::remedy(now)).filter(|cure| !cure.is_empty()),
        last_known: false,
    })
}

/// How far the collateral may fall at this LTV, in percent.
pub(crate) fn room_of(ltv: Percent, limit: Percent) -> Option<Percent> {
    let used = ltv.0.checked_div(limit.0)?;
    Some(Percent((Decimal::ONE - used).max(Decimal::ZERO) * Decimal::ONE_HUNDRED))
}

fn threshold(measure: Measure, level: Level) -> Option<String> {
    let (yardstick, unit, side) = match measure {
        Measure::Room(_) => (Yardstick::Room, " %", "less"),
        Measure::CorrelatedRoom(_) => (Yardstick::CorrelatedRoom, " %", "less"),
        Measure::Ltv(_) => (Yardstick::Ltv, " %", "more"),
        Measure::HealthFactor(_) => (Yardstick::HealthFactor, "", "less"),
    };
    let value = text::setting(yardstick.threshold(level)?);
    Some(format!("{level} at {value}{unit} or {side}"))
}

fn percent(value: Percent) -> String {
    format!("{} %", text::percent(value))
}

fn percent_down(value: Percent) -> String {
    format!("{} %", text::room(value))
}

fn priced(price: String, token: Option<&str>) -> String {
    token.map_or(format!("${price}"), |token| format!("${price} ({token})"))
}
