//! Where the levels begin in a chart of a vault's figure.

use domain::solvency::Limit;
use domain::view::VaultRow;
use domain::{Level, Measure, Yardstick};
use rust_decimal::prelude::ToPrimitive;

use super::history::Shown;
use crate::design::chart::{Band, Scale};
use crate::design::level_word;
use crate::format;
use crate::words::vault_history as say;

/// The worst first: the next one begins where it ends.
const LEVELS: [Level; 3] = [Level::Critical, Level::High, Level::Medium];

/// All of them: a chart shows those that are on its scale.
pub(super) fn bands(
    shown: Shown,
    measure: Option<Measure>,
    row: &VaultRow,
    scale: Scale,
) -> Vec<Band> {
    match shown {
        Shown::Room => room_bands(measure, scale),
        Shown::Ltv => ltv_bands(measure, row),
        Shown::Health => health_bands(measure),
    }
}

/// What the ladder judges where it judges what is left.
fn of_room(measure: Option<Measure>) -> Option<Yardstick> {
    match measure {
        None | Some(Measure::Room(_)) => Some(Yardstick::Room),
        Some(Measure::CorrelatedRoom(_)) => Some(Yardstick::CorrelatedRoom),
        Some(Measure::Ltv(_) | Measure::HealthFactor(_)) => None,
    }
}

fn threshold(yardstick: Yardstick, level: Level) -> Option<f64> {
    yardstick.threshold(level)?.to_f64()
}

/// The bands of the ladder, in percent left. Where it judges another figure, those of what is left are no lie either.
fn room_bands(measure: Option<Measure>, scale: Scale) -> Vec<Band> {
    let yardstick = of_room(measure).unwrap_or(Yardstick::Room);
    let mut lower = 0.0;
    let mut bands = Vec::new();
    for level in LEVELS {
        let threshold = yardstick.threshold(level);
        if let Some((at, upper)) = threshold.and_then(|at| Some((at, at.to_f64()?))) {
            let word = level_word(Some(level));
            // One that goes beyond the axis shows no line it does not have there.
            let label = if upper > scale.top {
                word.to_owned()
            } else {
                format!("{word} {}", format::setting(at))
            };
            bands.push(Band { level, lower, upper, label: label.into() });
            lower = upper;
        }
    }
    bands
}

/// Of a price that falls by what is left, LTV becomes the limit: limit · (1 − room).
fn ltv_bands(measure: Option<Measure>, row: &VaultRow) -> Vec<Band> {
    let limit = match row.limit {
        Some(Limit::LiquidationThreshold(limit)) => limit.0.to_f64(),
        _ => None,
    };
    let begins = |level| match (measure, limit, of_room(measure)) {
        (Some(Measure::Ltv(_)), _, _) => threshold(Yardstick::Ltv, level),
        (_, Some(limit), Some(yardstick)) => {
            Some(limit * (1.0 - threshold(yardstick, level)? / 100.0))
        }
        _ => None,
    };
    let mut bands = Vec::new();
    if let Some(limit) = limit {
        bands.push(liquidation(limit, f64::INFINITY));
    }
    let mut upper = limit.unwrap_or(f64::INFINITY);
    for level in LEVELS {
        if let Some(lower) = begins(level).filter(|lower| *lower < upper) {
            bands.push(named(level, lower, upper));
            upper = lower;
        }
    }
    bands
}

/// Of a price that falls by what is left, the factor becomes one: 1 / (1 − room).
fn health_bands(measure: Option<Measure>) -> Vec<Band> {
    let ends = |level| match (measure, of_room(measure)) {
        (Some(Measure::HealthFactor(_)), _) => threshold(Yardstick::HealthFactor, level),
        (_, Some(yardstick)) => Some(1.0 / (1.0 - threshold(yardstick, level)? / 100.0)),
        _ => None,
    };
    let mut bands = vec![liquidation(f64::NEG_INFINITY, 1.0)];
    let mut lower = 1.0;
    for level in LEVELS {
        if let Some(upper) = ends(level).filter(|upper| *upper > lower) {
            bands.push(named(level, lower, upper));
            lower = upper;
        }
    }
    bands
}

fn liquidation(lower: f64, upper: f64) -> Band {
    Band { level: Level::Critical, lower, upper, label: say::liquidation().into() }
}

fn named(level: Level, lower: f64, upper: f64) -> Band {
    Band { level, lower, upper, label: level_word(Some(level)).into() }
}

#[cfg(test)]
mod tests {
    use domain::Percent;

    use super::*;
    use crate::live::fixture::row;

    fn percent(text: &str) -> Percent {
        text.parse().unwrap()
    }

    fn edges(bands: &[Band]) -> Vec<(Level, f64, f64)> {
        let round = |value: f64| (value * 1_000.0).round() / 1_000.0;
        bands.iter().map(|band| (band.level, round(band.lower), round(band.upper))).collect()
    }

    #[test]
    fn correlated_pairs_have_their_own_bands() {
        let scale = Scale { bottom: 0.0, top: 9.0 };
        let usual = room_bands(None, scale);
        assert_eq!((usual[0].level, usual[0].upper, usual[0].lower), (Level::Critical, 8.0, 0.0));
        assert_eq!(usual[0].label, "Critical 8");
        let correlated = room_bands(Some(Measure::CorrelatedRoom(percent("4"))), scale);
        assert_eq!((correlated[2].upper, correlated[2].lower), (10.0, 5.0));
        assert_eq!(correlated[2].label, "Medium");
    }

    #[test]
    fn the_levels_of_the_ltv_follow_from_its_limit() {
        let mut row = row("A").low("17").0;
        row.limit = Some(Limit::LiquidationThreshold(percent("80")));
        let whole = Scale { bottom: 0.0, top: 100.0 };
        let levels = [
            (Level::Critical, 80.0, f64::INFINITY),
            (Level::Critical, 73.6, 80.0),
            (Level::High, 68.0, 73.6),
            (Level::Medium, 60.0, 68.0),
        ];
        assert_eq!(edges(&bands(Shown::Ltv, None, &row, whole)), levels);
        let near = Scale { bottom: 50.0, top: 65.0 };
        let mut seen = bands(Shown::Ltv, None, &row, whole);
        seen.retain(|band| band.is_on(near));
        assert_eq!(edges(&seen), [(Level::Medium, 60.0, 68.0)], "those that can be seen");
        row.limit = None;
        let alone = bands(Shown::Ltv, Some(Measure::Ltv(percent("75"))), &row, whole);
        assert_eq!(edges(&alone)[0], (Level::Critical, 90.0, f64::INFINITY));
        assert!(bands(Shown::Ltv, None, &row, whole).is_empty(), "nobody knows");
    }

    #[test]
    fn the_levels_of_the_health_factor_follow_from_what_is_left() {
        let row = row("A").low("17").0;
        let scale = Scale { bottom: 0.9, top: 1.5 };
        let levels = [
            (Level::Critical, f64::NEG_INFINITY, 1.0),
            (Level::Critical, 1.0, 1.087),
            (Level::High, 1.087, 1.176),
            (Level::Medium, 1.176, 1.333),
        ];
        assert_eq!(edges(&bands(Shown::Health, None, &row, scale)), levels);
        let told = Some(Measure::HealthFactor("1.2".parse().unwrap()));
        assert_eq!(edges(&bands(Shown::Health, told, &row, scale))[2].2, 1.18);
    }
}
