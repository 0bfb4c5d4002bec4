//! A promise in figures, and whether it was kept.

use std::fmt;

use serde::Serialize;

use crate::Series;

/// On which side of the bar to be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Limit {
    AtLeast(f64),
    AtMost(f64),
}

impl Limit {
    #[must_use]
    pub fn value(self) -> f64 {
        match self {
            Self::AtLeast(value) | Self::AtMost(value) => value,
        }
    }

    #[must_use]
    pub fn admits(self, measured: f64) -> bool {
        match self {
            Self::AtLeast(least) => measured >= least,
            Self::AtMost(most) => measured <= most,
        }
    }
}

/// One bar of one benchmark.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bar {
    pub what: String,
    pub unit: &'static str,
    /// The median of all rounds.
    pub measured: f64,
    pub lowest: f64,
    pub highest: f64,
    pub limit: Limit,
    pub met: bool,
}

impl Bar {
    /// The median of the series counts.
    #[must_use]
    pub fn of(what: impl Into<String>, series: &Series, limit: Limit) -> Self {
        let measured = series.median();
        Self {
            what: what.into(),
            unit: series.unit,
            measured,
            lowest: series.lowest(),
            highest: series.highest(),
            limit,
            met: limit.admits(measured),
        }
    }

    /// Something that is measured once.
    #[must_use]
    pub fn once(what: impl Into<String>, unit: &'static str, measured: f64, limit: Limit) -> Self {
        Self::of(what, &Series { name: String::new(), unit, values: vec![measured] }, limit)
    }
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.met { "pass" } else { "FAIL" };
        let sign = match self.limit {
            Limit::AtLeast(_) => "≥",
            Limit::AtMost(_) => "≤",
        };
        let (what, unit) = (&self.what, self.unit);
        let (measured, limit) = (figure(self.measured), figure(self.limit.value()));
        write!(f, "{verdict}  {what}: {measured} {unit} (bar {sign} {limit}")?;
        if self.lowest < self.highest {
            write!(f, "; {} to {}", figure(self.lowest), figure(self.highest))?;
        }
        f.write_str(")")
    }
}

/// Three digits that count.
#[must_use]
pub fn figure(value: f64) -> String {
    let size = value.abs();
    if size >= 100.0 {
        let whole = format!("{value:.0}");
        let (sign, digits) = whole.strip_prefix('-').map_or(("", &*whole), |rest| ("-", rest));
        let mut text = sign.to_owned();
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i) % 3 == 0 {
                text.push(',');
            }
            text.push(digit);
        }
        return text;
    }
    let places = if size >= 10.0 {
        1
    } else if size >= 1.0 || size == 0.0 {
        2
    } else {
        3
    };
    format!("{value:.places$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_met_on_its_right_side() {
        assert!(Limit::AtLeast(0.75).admits(0.75) && !Limit::AtLeast(0.75).admits(0.74));
        assert!(Limit::AtMost(20.0).admits(20.0) && !Limit::AtMost(20.0).admits(20.1));
        // What could not be measured keeps no promise.
        assert!(!Limit::AtMost(20.0).admits(f64::NAN) && !Limit::AtLeast(1.0).admits(f64::NAN));
    }

    #[test]
    fn it_tells_how_far_it_went() {
        let series = Series { name: "s".into(), unit: "ratio", values: vec![0.7, 0.8, 0.75] };
        let bar = Bar::of("client / minimal", &series, Limit::AtLeast(0.75));
        check(&bar, "pass  client / minimal: 0.750 ratio (bar ≥ 0.750; 0.700 to 0.800)");
        let bar = Bar::once("memory", "MB", 21.0, Limit::AtMost(20.0));
        check(&bar, "FAIL  memory: 21.0 MB (bar ≤ 20.0)");
    }

    #[track_caller]
    fn check(bar: &Bar, expected: &str) {
        assert_eq!(bar.to_string(), expected);
    }

    #[test]
    fn large_figures_are_grouped() {
        assert_eq!(figure(2_345_678.4), "2,345,678");
        assert_eq!(figure(-123.0), "-123");
        assert_eq!(figure(99.96), "100.0");
    }
}
