use std::time::Duration;

use domain::UnixMillis;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Figure;

/// Into so many parts a window is divided: its start is known to within an eighth of it, however many values come.
const PARTS: i64 = 8;
/// The parts, the one that is begun, and the value that held when the window began.
const SAMPLES: usize = PARTS as usize + 2;

/// How a change is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeIn {
    /// Of the value at the window's start.
    Percent,
    /// In the metric's own unit.
    Absolute,
}

/// A value judged by how it changed over a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Change {
    pub kind: ChangeIn,
    pub over: Duration,
}

/// The values of one metric since the start of a window, one for each part of it. While less is known than a window
/// the change counts from the first value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Window {
    samples: Vec<Sample>,
}

/// A value and its time in sixteen bytes: ten thousand vaults have a window each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sample {
    /// To eighteen significant digits.
    mantissa: i64,
    /// Milliseconds, shifted by the bits of the scale.
    stamp: i64,
}

const SCALE_BITS: u32 = 5;

impl Sample {
    fn new(at: i64, value: Decimal) -> Option<Self> {
        let fits = |value: Decimal| Some((i64::try_from(value.mantissa()).ok()?, value.scale()));
        let (mantissa, scale) = fits(value).or_else(|| fits(value.round_sf(18)?.normalize()))?;
        Some(Self { mantissa, stamp: (at << SCALE_BITS) | i64::from(scale) })
    }

    fn at(self) -> i64 {
        self.stamp >> SCALE_BITS
    }

    fn value(self) -> Decimal {
        let scale = (self.stamp & ((1 << SCALE_BITS) - 1)).unsigned_abs();
        Decimal::new(self.mantissa, u32::try_from(scale).expect("five bits"))
    }
}

impl Window {
    /// Takes in the value of now.
    pub(super) fn push(&mut self, now: UnixMillis, value: Decimal, over: Duration) {
        let now = now.0;
        let Some(sample) = Sample::new(now, value) else { return };
        let over = i64::try_from(over.as_millis()).expect("windows are limited").max(PARTS);
        // The clock was set back: what lies ahead never was.
        while self.samples.last().is_some_and(|last| last.at() > now) {
            self.samples.pop();
        }
        let part = |at: i64| at.div_euclid(over / PARTS);
        // The first value stays as it is: changes count from it.
        let newest = self.samples.len().checked_sub(1);
        match newest.filter(|newest| *newest > 0 && part(self.samples[*newest].at()) == part(now)) {
            Some(newest) => self.samples[newest] = sample,
            None => {
                if self.samples.capacity() == 0 {
                    // At once: what grows by and by leaves holes behind.
                    self.samples.reserve_exact(SAMPLES);
                }
                self.samples.push(sample);
            }
        }
        let start = now - over;
        let before = self.samples.iter().take_while(|sample| sample.at() <= start).count();
        // Of what lies before the window only the newest says what held at its start.
        self.samples.drain(..before.saturating_sub(1));
    }

    /// How far `value` is from the start of the window.
    pub(super) fn change(&self, value: Decimal, kind: ChangeIn) -> Figure {
        let Some(first) = self.samples.first() else { return Figure::Unknown };
        let first = first.value();
        let change = value.checked_sub(first);
        let change = match kind {
            ChangeIn::Absolute => change,
            ChangeIn::Percent => change
                .and_then(|change| change.checked_mul(Decimal::ONE_HUNDRED))
                .and_then(|change| change.checked_div(first.abs())),
        };
        change.map_or(Figure::Error, Figure::Of)
    }

    /// Forgets what lies before the window by now, without a new value.
    pub(super) fn pass(&mut self, now: UnixMillis, over: Duration) {
        let start = now.minus(over).0;
        let before = self.samples.iter().take_while(|sample| sample.at() <= start).count();
        self.samples.drain(..before.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OVER: Duration = Duration::from_secs(120);

    fn at(seconds: i64) -> UnixMillis {
        UnixMillis(1_700_000_000_000 + seconds * 1_000)
    }

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_change_counts_from_the_start_of_the_window() {
        let mut window = Window::default();
        assert_eq!(window.change(d("1"), ChangeIn::Absolute), Figure::Unknown);
        for (second, price, expected) in [
            (0, "100", "0"),
            (60, "90", "-10"),
            (119, "80", "-20"),
            (120, "80", "-20"),
            (190, "72", "-20"), // from 90
            (400, "72", "0"),   // from 72, which held at the start
        ] {
            window.push(at(second), d(price), OVER);
            let Figure::Of(change) = window.change(d(price), ChangeIn::Percent) else { panic!() };
            assert_eq!(change, d(expected), "at {second}");
        }
        assert_eq!(window.change(d("80"), ChangeIn::Absolute), Figure::Of(d("8")));
    }

    #[test]
    fn ten_thousand_values_take_no_more_room_than_ten() {
        let mut window = Window::default();
        for second in 0..10_000 {
            window.push(at(second), Decimal::from(second), OVER);
            let Figure::Of(change) = window.change(Decimal::from(second), ChangeIn::Absolute)
            else {
                panic!()
            };
            let exact = Decimal::from(second.min(120));
            let part = Decimal::from(15);
            assert!(change >= exact && change <= exact + part, "{change} at {second}");
        }
        assert!(window.samples.len() <= SAMPLES && window.samples.capacity() <= SAMPLES);
        assert_eq!(size_of::<Sample>(), 16);
    }

    #[test]
    fn a_clock_set_back_forgets_what_lies_ahead() {
        let mut window = Window::default();
        window.push(at(0), d("100"), OVER);
        window.push(at(50), d("200"), OVER);
        window.push(at(10), d("110"), OVER);
        assert_eq!(window.change(d("110"), ChangeIn::Absolute), Figure::Of(d("10")));
        window.push(at(-3_600), d("50"), OVER);
        assert_eq!(window.change(d("60"), ChangeIn::Absolute), Figure::Of(d("10")));
    }

    #[test]
    fn digits_are_kept_to_eighteen() {
        for (text, kept) in [
            ("0.0000000000123", "0.0000000000123"),
            ("76.033333333333333333333333333", "76.0333333333333333"),
            ("123456789012345678", "123456789012345678"),
        ] {
            let sample = Sample::new(at(1).0, d(text)).unwrap();
            assert_eq!((sample.value(), sample.at()), (d(kept), at(1).0));
        }
        let mut window = Window::default();
        window.push(at(0), Decimal::ZERO, OVER);
        assert_eq!(window.change(d("1"), ChangeIn::Percent), Figure::Error);
    }
}
