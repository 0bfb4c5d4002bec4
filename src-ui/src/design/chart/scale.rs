//! From values to places.

use super::decimate::Column;

/// The values from the lower to the upper edge of a drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    pub(crate) bottom: f64,
    pub(crate) top: f64,
}

/// How a scale is chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fit {
    /// From nought, this high at least.
    FromZero(f64),
    /// Around the values, this wide at least.
    Around(f64),
}

impl Scale {
    /// For what is drawn.
    pub(super) fn fit(fit: Fit, runs: &[Vec<Column>]) -> Self {
        let (least, most) =
            runs.iter().flatten().fold((f64::MAX, f64::MIN), |(least, most), column| {
                (least.min(column.min), most.max(column.max))
            });
        // Nothing in view: as good as any.
        let (least, most) = if least > most { (0.0, 0.0) } else { (least, most) };
        match fit {
            Fit::FromZero(floor) => Self::from_zero(most, floor),
            Fit::Around(floor) => Self::around(least, most, floor),
        }
    }

    /// From zero to somewhat above the highest value, `least` at least.
    pub(crate) fn from_zero(highest: f64, least: f64) -> Self {
        Self { bottom: 0.0, top: (highest * 1.2).max(least) }
    }

    /// Around the values, with some air, and never narrower than `least`: noise must not look like a move.
    pub(crate) fn around(lowest: f64, highest: f64, least: f64) -> Self {
        let middle = f64::midpoint(lowest, highest);
        let half = ((highest - lowest) * 0.6).max(least / 2.0);
        Self { bottom: (middle - half).max(0.0), top: middle + half }
    }

    /// How far below the upper edge a value is, from 0 to 1 of the height.
    pub(crate) fn down(self, value: f64) -> f64 {
        let span = (self.top - self.bottom).max(f64::MIN_POSITIVE);
        ((self.top - value) / span).clamp(0.0, 1.0)
    }

    /// Round values within the scale, about `wanted` of them, rising.
    pub(crate) fn ticks(self, wanted: u32) -> Vec<f64> {
        let span = self.top - self.bottom;
        if span <= 0.0 || !span.is_finite() {
            return Vec::new();
        }
        let rough = span / f64::from(wanted.max(1));
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0]
            .into_iter()
            .map(|factor| factor * power)
            .find(|step| *step >= rough)
            .unwrap_or(10.0 * power);
        let first = (self.bottom / step).ceil();
        (0..=2 * wanted)
            .map(|n| (first + f64::from(n)) * step)
            .take_while(|tick| *tick <= self.top)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_their_places() {
        let scale = Scale::from_zero(20.0, 12.0);
        assert_eq!((scale.top, scale.down(0.0), scale.down(24.0)), (24.0, 1.0, 0.0));
        assert_eq!(scale.down(12.0), 0.5);
        assert_eq!(scale.down(99.0), 0.0, "what does not fit stays at the edge");
        assert_eq!(Scale::from_zero(3.0, 12.0).top, 12.0);
    }

    #[test]
    fn a_scale_follows_what_is_in_view() {
        let column = |min, max| Column { at: domain::UnixMillis(0), min, max, last: max };
        let runs = [vec![column(70.0, 71.0)], vec![column(72.0, 80.0)]];
        assert_eq!(Scale::fit(Fit::FromZero(12.0), &runs).top, 96.0);
        let around = Scale::fit(Fit::Around(8.0), &runs);
        assert!(around.bottom < 70.0 && around.top > 80.0, "{around:?}");
        assert_eq!(Scale::fit(Fit::FromZero(12.0), &[]).top, 12.0);
    }

    #[test]
    fn noise_does_not_look_like_a_move() {
        let scale = Scale::around(75.9, 76.1, 10.0);
        assert!((scale.top - scale.bottom - 10.0).abs() < 1e-9);
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(Scale { bottom: 0.0, top: 24.0 }.ticks(4), [0.0, 10.0, 20.0]);
        assert_eq!(Scale { bottom: 0.9, top: 1.9 }.ticks(4), [1.0, 1.25, 1.5, 1.75]);
        assert!(Scale { bottom: 1.0, top: 1.0 }.ticks(4).is_empty());
    }
}
