//! Figures and moments as the window writes them; what the backend writes too is in [`domain::text`].

use domain::solvency::Health;
use domain::{Percent, UnixMillis, Usd, text};
use rust_decimal::Decimal;

use crate::words::{self, local};

/// Nothing known.
pub(crate) const NONE: &str = "–";

/// `0 s`, `48 s`, `4 min`, `3 h`, `2 d`.
pub(crate) fn age(of: UnixMillis, now: UnixMillis) -> String {
    let seconds = now.since(of).as_secs();
    match seconds {
        0..60 => words::time::seconds(&seconds.to_string()),
        60..3_600 => words::time::minutes(&(seconds / 60).to_string()),
        3_600..172_800 => words::time::hours(&(seconds / 3_600).to_string()),
        _ => words::time::days(&(seconds / 86_400).to_string()),
    }
}

/// Seconds until a moment, rounded up: `4 s`; `now` once it has come.
pub(crate) fn countdown(to: UnixMillis, now: UnixMillis) -> String {
    match to.since(now).as_millis().div_ceil(1_000) {
        0 => words::time::now().to_owned(),
        seconds @ 1..=120 => words::time::in_seconds(&seconds.to_string()),
        seconds => words::time::in_minutes(&seconds.div_ceil(60).to_string()),
    }
}

/// A moment by the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Local {
    pub(crate) year: u32,
    /// From 0.
    pub(crate) month: u32,
    pub(crate) day: u32,
    pub(crate) hour: u32,
    pub(crate) minute: u32,
}

/// `14:20` today, `26 Nov 14:20` on another day, `26 Nov 2026 14:20` in another year.
pub(crate) fn moment(at: Local, now: Local) -> String {
    let time = format!("{:02}:{:02}", at.hour, at.minute);
    if (at.year, at.month, at.day) == (now.year, now.month, now.day) {
        return time;
    }
    let month = words::time::months().split(' ').nth(at.month as usize).unwrap_or_default();
    let day = words::time::day(&at.day.to_string(), month);
    if at.year == now.year { format!("{day} {time}") } else { format!("{day} {} {time}", at.year) }
}

/// A dollar value for a column whose header bears the dollar sign.
pub(crate) fn bare_usd(value: Usd) -> String {
    usd(value).split_off(1)
}

/// [`text::usd_compact`] in the language that is spoken.
pub(crate) fn usd(value: Usd) -> String {
    local(text::usd_compact(value))
}

/// [`text::usd_at_least`] in the language that is spoken.
pub(crate) fn usd_at_least(value: Usd) -> String {
    local(text::usd_at_least(value))
}

/// [`text::room`] in the language that is spoken.
pub(crate) fn room(value: Percent) -> String {
    local(text::room(value))
}

/// [`text::percent`] in the language that is spoken.
pub(crate) fn percent(value: Percent) -> String {
    local(text::percent(value))
}

/// [`text::price`] in the language that is spoken.
pub(crate) fn price(value: Usd) -> String {
    local(text::price(value))
}

/// [`text::setting`] in the language that is spoken.
pub(crate) fn setting(value: Decimal) -> String {
    local(text::setting(value))
}

/// [`text::at_least`] in the language that is spoken.
pub(crate) fn at_least(amount: Decimal) -> String {
    local(text::at_least(amount))
}

/// Digits in groups of three, in the language that is spoken.
pub(crate) fn group(digits: &str) -> String {
    local(text::group(digits))
}

pub(crate) fn health(health: Health) -> String {
    match health {
        Health::Unknown => NONE.to_owned(),
        Health::NoDebt => "∞".to_owned(),
        Health::Factor(factor) => local(text::health_factor(factor)),
    }
}

/// With that many decimals, in the language that is spoken: for people. What a machine reads takes [`fixed`].
pub(crate) fn decimal(value: f64, places: usize) -> String {
    local(fixed(value, places))
}

/// With that many decimals and a point, as in a drawing or a style. Not by the standard library's formatter of floats, which is exact to hundreds of digits, slow,
/// and a large part of a small program.
pub(crate) fn fixed(value: f64, places: usize) -> String {
    let factor = 10u64.pow(u32::try_from(places).unwrap_or(0).min(9));
    let scaled = (value * factor as f64).round() as i64;
    let sign = if scaled < 0 { "-" } else { "" };
    let (whole, rest) = (scaled.unsigned_abs() / factor, scaled.unsigned_abs() % factor);
    if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest:0places$}") }
}

/// `+1.24 %` or `−0.30 %`, with a true minus sign.
pub(crate) fn signed_percent(points: f64) -> String {
    let sign = if points < 0.0 { '−' } else { '+' };
    format!("{sign}{} %", decimal(points.abs(), 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Language, speak};

    #[test]
    fn ages_and_countdowns_use_the_largest_unit_that_tells() {
        for (millis, expected) in [
            (-5_000, "0 s"),
            (999, "0 s"),
            (59_999, "59 s"),
            (60_000, "1 min"),
            (3_599_999, "59 min"),
            (3_600_000, "1 h"),
            (172_799_999, "47 h"),
            (172_800_000, "2 d"),
        ] {
            assert_eq!(age(UnixMillis(0), UnixMillis(millis)), expected);
        }
        for (millis, expected) in
            [(-1, "now"), (0, "now"), (1, "in 1 s"), (4_000, "in 4 s"), (121_000, "in 3 min")]
        {
            assert_eq!(countdown(UnixMillis(millis), UnixMillis(0)), expected);
        }
    }

    #[test]
    fn a_moment_says_no_more_than_it_must() {
        let now = Local { year: 2026, month: 10, day: 26, hour: 14, minute: 20 };
        assert_eq!(moment(Local { hour: 3, minute: 5, ..now }, now), "03:05");
        assert_eq!(moment(Local { day: 27, ..now }, now), "27 Nov 14:20");
        assert_eq!(moment(Local { year: 2025, ..now }, now), "26 Nov 2025 14:20");
    }

    #[test]
    fn floats_have_as_many_decimals_as_asked_for() {
        for (value, places, text) in [
            (0.0, 1, "0.0"),
            (12.34, 1, "12.3"),
            (-0.26, 1, "-0.3"),
            (-0.04, 1, "0.0"),
            (99.999, 2, "100.00"),
            (7.05, 0, "7"),
            (1.5, 3, "1.500"),
            (f64::NAN, 1, "0.0"),
        ] {
            assert_eq!(fixed(value, places), text);
        }
    }

    #[test]
    fn figures() {
        assert_eq!(bare_usd("408300".parse().unwrap()), "408k");
        assert_eq!(health(Health::NoDebt), "∞");
        assert_eq!(health(Health::Factor("1.0869".parse().unwrap())), "1.086");
        assert_eq!(signed_percent(-0.304), "−0.30 %");
        assert_eq!(signed_percent(1.0), "+1.00 %");
    }

    #[test]
    fn in_german() {
        speak(Language::German);
        assert_eq!(usd("13600".parse().unwrap()), "$13,6k");
        assert_eq!(price("61240".parse().unwrap()), "61.240");
        assert_eq!(signed_percent(-0.304), "−0,30 %");
        assert_eq!(decimal(12.34, 1), "12,3");
        assert_eq!(fixed(12.34, 1), "12.3");
        assert_eq!(age(UnixMillis(0), UnixMillis(172_800_000)), "2 T");
        assert_eq!(countdown(UnixMillis(0), UnixMillis(0)), "jetzt");
        let now = Local { year: 2026, month: 10, day: 26, hour: 14, minute: 20 };
        assert_eq!(moment(Local { day: 27, month: 2, ..now }, now), "27. März 14:20");
    }
}
