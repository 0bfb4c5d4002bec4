//! One figure, measured once per round.

use serde::Serialize;

/// The measurements of one thing, in the order of the rounds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Series {
    pub name: String,
    pub unit: &'static str,
    pub values: Vec<f64>,
}

impl Series {
    #[must_use]
    pub fn new(name: impl Into<String>, unit: &'static str) -> Self {
        Self { name: name.into(), unit, values: Vec::new() }
    }

    pub fn push(&mut self, value: f64) {
        self.values.push(value);
    }

    /// Of each round, how many times the other's figure this one is.
    #[must_use]
    pub fn over(&self, other: &Self) -> Self {
        let pairs = self.values.iter().zip(&other.values);
        Self {
            name: format!("{} / {}", self.name, other.name),
            unit: "ratio",
            values: pairs.map(|(ours, theirs)| ours / theirs).collect(),
        }
    }

    #[must_use]
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    #[must_use]
    pub fn lowest(&self) -> f64 {
        self.quantile(0.0)
    }

    #[must_use]
    pub fn highest(&self) -> f64 {
        self.quantile(1.0)
    }

    /// Nearest rank: the smallest value that at least this share of all do not exceed. Not a number without values.
    #[must_use]
    pub fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.values.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (sorted.len() as f64 * share).ceil() as usize;
        sorted.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[f64]) -> Series {
        Series { name: "s".into(), unit: "ms", values: values.to_vec() }
    }

    #[test]
    fn quantiles_are_nearest_ranks() {
        let values = series(&[5.0, 1.0, 4.0, 2.0, 3.0]);
        assert_eq!((values.lowest(), values.median(), values.highest()), (1.0, 3.0, 5.0));
        assert_eq!(values.quantile(0.99), 5.0);
        assert_eq!(series(&[1.0, 2.0]).median(), 1.0);
        assert!(series(&[]).median().is_nan());
    }

    #[test]
    fn a_ratio_is_that_of_the_same_round() {
        assert_eq!(series(&[2.0, 9.0]).over(&series(&[1.0, 3.0])).values, [2.0, 3.0]);
    }
}
