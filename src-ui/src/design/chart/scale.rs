//! From values to places.

/// The values from the lower to the upper edge of a drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    pub(crate) bottom: f64,
    pub(crate) top: f64,
}

impl Scale {
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
