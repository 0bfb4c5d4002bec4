//! Figures as people read them. Room is rounded down and cures up: always towards safety.
//!
//! What was measured has as many digits as its kind says, whatever they are: `76.0`, `52.0`. What somebody set has those
//! it was set with: `8`, `2.5`.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::units::{HealthFactor, Percent, Usd};

/// Room to liquidation: one decimal, rounded down. `7.98` → `7.9`.
#[must_use]
pub fn room(room: Percent) -> String {
    fixed(room.0, 1, RoundingStrategy::ToZero)
}

/// Any other percent: one decimal.
#[must_use]
pub fn percent(percent: Percent) -> String {
    fixed(percent.0, 1, RoundingStrategy::MidpointAwayFromZero)
}

/// A percent of which hundredths count, such as the distance from a peg: two decimals.
#[must_use]
pub fn fine_percent(percent: Percent) -> String {
    fixed(percent.0, 2, RoundingStrategy::MidpointAwayFromZero)
}

/// Two decimals, three below 1.10 where the third one decides; rounded down.
#[must_use]
pub fn health_factor(hf: HealthFactor) -> String {
    let places = if hf.0 < Decimal::new(110, 2) { 3 } else { 2 };
    fixed(hf.0, places, RoundingStrategy::ToZero)
}

/// A dollar value in three or four figures: `$936`, `$13.6k`, `$408k`, `$1.40M`, `$2.31B`.
#[must_use]
pub fn usd_compact(usd: Usd) -> String {
    let value = usd.0;
    let scaled = |divisor: u64, places, unit| {
        let scaled = value / Decimal::from(divisor);
        format!("${}{unit}", fixed(scaled, places, RoundingStrategy::MidpointAwayFromZero))
    };
    let is = |limit: u64| value >= Decimal::from(limit);
    if is(1_000_000_000) {
        scaled(1_000_000_000, 2, "B")
    } else if is(999_500) {
        scaled(1_000_000, 2, "M")
    } else if is(99_950) {
        scaled(1_000, 0, "k")
    } else if is(1_000) {
        scaled(1_000, 1, "k")
    } else {
        scaled(1, 0, "")
    }
}

/// A price without its dollar sign: `61,240`, `1,936`, `186.4`, `0.6402`.
#[must_use]
pub fn price(usd: Usd) -> String {
    let places = if usd.0 >= Decimal::from(1_000) {
        0
    } else if usd.0 >= Decimal::from(100) {
        1
    } else if usd.0 >= Decimal::new(1, 2) {
        4
    } else {
        8
    };
    fixed(usd.0, places, RoundingStrategy::MidpointAwayFromZero)
}

/// A number that somebody set, a threshold or a target: its own digits, without zeros at the end. `8`, `2.5`, `-10`.
#[must_use]
pub fn setting(value: Decimal) -> String {
    group(&value.normalize().to_string())
}

/// A quantity of a token: three figures, or all that stand before the point. `88,251`, `52.0`, `0.0123`.
#[must_use]
pub fn quantity(amount: Decimal) -> String {
    figures(amount, RoundingStrategy::MidpointAwayFromZero, Whole::Kept)
}

/// A quantity that must suffice: three figures, rounded up, thousands grouped. `13 601` → `13,700`, `16.95` → `17.0`.
#[must_use]
pub fn at_least(amount: Decimal) -> String {
    figures(amount, RoundingStrategy::AwayFromZero, Whole::Rounded)
}

/// The same in dollars, which are no quantity of anything: without zeros at the end. `$13,700`, `$36`.
#[must_use]
pub fn usd_at_least(usd: Usd) -> String {
    let rounded = usd.0.round_sf_with_strategy(FIGURES, RoundingStrategy::AwayFromZero);
    format!("${}", setting(rounded.unwrap_or(usd.0)))
}

/// Figures of a quantity.
const FIGURES: u32 = 3;

/// What becomes of the digits before the point when there are more than three.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whole {
    Kept,
    Rounded,
}

fn figures(amount: Decimal, strategy: RoundingStrategy, whole: Whole) -> String {
    let rounded = if whole == Whole::Kept && amount.abs() >= Decimal::ONE_HUNDRED {
        amount.round_dp_with_strategy(0, strategy)
    } else {
        amount.round_sf_with_strategy(FIGURES, strategy).unwrap_or(amount)
    };
    let mut places = 0;
    let mut scaled = rounded.abs();
    while !scaled.is_zero() && scaled < Decimal::ONE_HUNDRED && places < Decimal::MAX_SCALE {
        scaled *= Decimal::TEN;
        places += 1;
    }
    fixed(rounded, places, strategy)
}

/// All digits of a number with thousands grouped: `1234567.5` → `1,234,567.5`.
#[must_use]
pub fn group(digits: &str) -> String {
    let (whole, fraction) =
        digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let mut grouped = String::with_capacity(digits.len() + whole.len() / 3 + 1);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 && grouped != "-" {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if let Some(fraction) = fraction {
        grouped.push('.');
        grouped.push_str(fraction);
    }
    grouped
}

fn fixed(value: Decimal, places: u32, strategy: RoundingStrategy) -> String {
    let rounded = value.round_dp_with_strategy(places, strategy);
    group(&format!("{rounded:.*}", places as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn figures_are_rounded_towards_safety() {
        assert_eq!(room(Percent(d("7.99"))), "7.9");
        assert_eq!(room(Percent(d("8"))), "8.0");
        assert_eq!(room(Percent(d("0.04"))), "0.0");
        assert_eq!(percent(Percent(d("75.97"))), "76.0");
        assert_eq!(health_factor(HealthFactor(d("1.0869"))), "1.086");
        assert_eq!(health_factor(HealthFactor(d("1.199"))), "1.19");
        assert_eq!(at_least(d("13601")), "13,700");
        assert_eq!(at_least(d("13700")), "13,700");
        assert_eq!(at_least(d("10.01")), "10.1");
        assert_eq!(at_least(d("0.012345")), "0.0124");
        assert_eq!(at_least(d("999.1")), "1,000");
        assert_eq!(at_least(d("16.95")), "17.0");
        assert_eq!(at_least(d("9.999")), "10.0");
        assert_eq!(usd_at_least(Usd(d("13601"))), "$13,700");
        assert_eq!(usd_at_least(Usd(d("36.0"))), "$36");
    }

    /// `52.0` at one place and `52` at another.
    #[test]
    fn a_figure_has_the_digits_of_its_kind_and_not_those_it_was_sent_with() {
        for (sent, shown) in [
            ("52", "52.0"),
            ("52.0", "52.0"),
            ("68.00", "68.0"),
            ("9.996", "10.0"),
            ("88251", "88,251"),
            ("88251.44", "88,251"),
            ("100.4", "100"),
            ("1.5", "1.50"),
            ("0.012345", "0.0123"),
            ("0", "0"),
            ("0.00", "0"),
            ("79228162514264337593543950335", "79,228,162,514,264,337,593,543,950,335"),
            ("0.0000000000000000000000000001", "0.0000000000000000000000000001"),
        ] {
            assert_eq!(quantity(d(sent)), shown, "{sent}");
        }
        for (sent, shown) in [("76", "76.0"), ("76.00", "76.0"), ("75.97", "76.0")] {
            assert_eq!(percent(Percent(d(sent))), shown, "{sent}");
        }
        assert_eq!(fine_percent(Percent(d("1.5"))), "1.50");
        for (set, shown) in
            [("8", "8"), ("8.0", "8"), ("2.50", "2.5"), ("-10", "-10"), ("2000.0", "2,000")]
        {
            assert_eq!(setting(d(set)), shown, "{set}");
        }
    }

    #[test]
    fn money_is_short_and_grouped() {
        for (value, short) in [
            ("0", "$0"),
            ("936.4", "$936"),
            ("1000", "$1.0k"),
            ("13600", "$13.6k"),
            ("99949", "$99.9k"),
            ("99950", "$100k"),
            ("408300", "$408k"),
            ("999500", "$1.00M"),
            ("1400000", "$1.40M"),
            ("2310000000", "$2.31B"),
        ] {
            assert_eq!(usd_compact(Usd(d(value))), short);
        }
        for (value, text) in [
            ("61240.4", "61,240"),
            ("1936", "1,936"),
            ("186.44", "186.4"),
            ("0.6402", "0.6402"),
            ("1", "1.0000"),
        ] {
            assert_eq!(price(Usd(d(value))), text);
        }
        assert_eq!(group("1234567.5"), "1,234,567.5");
        assert_eq!(group("-123456"), "-123,456");
        assert_eq!(group("123"), "123");
    }
}
