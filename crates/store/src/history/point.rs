use std::array;

use domain::sample::{Figure, Sample};
use rust_decimal::Decimal;

/// What a figure was during one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread<T> {
    pub min: T,
    pub max: T,
    pub last: T,
}

impl<T: Ord + Copy> Spread<T> {
    pub(super) fn one(value: T) -> Self {
        Self { min: value, max: value, last: value }
    }

    /// Goes on with what came later.
    fn then(&mut self, later: Self) {
        self.min = self.min.min(later.min);
        self.max = self.max.max(later.max);
        self.last = later.last;
    }
}

/// The figures of one series during one step. A figure that was not known during all of it is none; `last` is the last
/// one that was known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Point([Option<Spread<i64>>; Figure::ALL.len()]);

impl Point {
    /// Goes on with a sample.
    pub fn add(&mut self, sample: &Sample) {
        for figure in Figure::ALL {
            if let Some(reading) = sample.reading(figure) {
                self.extend(figure, Spread::one(reading));
            }
        }
    }

    /// Goes on with a point of a later time. The same point twice changes nothing.
    pub fn then(&mut self, later: &Self) {
        for figure in Figure::ALL {
            if let Some(spread) = later.readings(figure) {
                self.extend(figure, spread);
            }
        }
    }

    #[must_use]
    pub fn get(&self, figure: Figure) -> Option<Spread<Decimal>> {
        let Spread { min, max, last } = self.readings(figure)?;
        Some(Spread { min: figure.value(min), max: figure.value(max), last: figure.value(last) })
    }

    /// In units of the figure's last place.
    #[must_use]
    pub fn readings(&self, figure: Figure) -> Option<Spread<i64>> {
        self.0[figure as usize]
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    pub(super) fn set(&mut self, figure: Figure, spread: Spread<i64>) {
        self.0[figure as usize] = Some(spread);
    }

    fn extend(&mut self, figure: Figure, later: Spread<i64>) {
        match &mut self.0[figure as usize] {
            Some(spread) => spread.then(later),
            none => *none = Some(later),
        }
    }
}

impl From<[Option<Spread<i64>>; Figure::ALL.len()]> for Point {
    fn from(readings: [Option<Spread<i64>>; Figure::ALL.len()]) -> Self {
        Self(array::from_fn(|at| readings[at]))
    }
}
