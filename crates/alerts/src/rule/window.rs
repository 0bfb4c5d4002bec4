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
///
/// Without pointers, and with one scale for all values: ten thousand vaults have one for each change that is judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Sample>", into = "Vec<Sample>")]
pub(super) struct Window {
    /// When the first value was told.
    first: i64,
    /// As integers: eighteen significant digits of the largest.
    values: [i64; SAMPLES],
    /// Milliseconds since the first. Beyond `len` there are zeros.
    after: [u32; SAMPLES],
    len: u8,
    /// Decimal places of all values.
    scale: u8,
}

/// A value and its time, as they are kept over a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sample {
    mantissa: i64,
    /// Milliseconds, shifted by the bits of the scale.
    stamp: i64,
}

const SCALE_BITS: u32 = 5;

const POWERS: [u128; Decimal::MAX_SCALE as usize + 1] = {
    let mut powers = [1; Decimal::MAX_SCALE as usize + 1];
    let mut n = 1;
    while n < powers.len() {
        powers[n] = powers[n - 1] * 10;
        n += 1;
    }
    powers
};

/// A figure as an integer of at most eighteen digits and the decimal places among them, `most` at the most. `None` where
/// the places before the point alone are more.
fn fit(value: Decimal, most: u32) -> Option<(i64, u32)> {
    let (mantissa, scale) = (value.mantissa(), value.scale());
    let size = mantissa.unsigned_abs();
    let digits = size.checked_ilog10().map_or(0, |log| log + 1);
    let excess = scale.saturating_sub(most).max(digits.saturating_sub(18));
    if excess > scale {
        return None;
    }
    let size = divided(size, excess);
    let size = i64::try_from(size).ok()?;
    Some((if mantissa < 0 { -size } else { size }, scale - excess))
}

/// By a power of ten, rounded to the nearest.
fn divided(size: u128, places: u32) -> u128 {
    let power = POWERS[places as usize];
    (size + power / 2) / power
}

impl Window {
    /// Takes in the value of now.
    pub(super) fn push(&mut self, now: UnixMillis, value: Decimal, over: Duration) {
        let now = now.0;
        // The clock was set back: what lies ahead never was.
        while self.last().is_some_and(|last| self.at(last) > now) {
            self.truncate();
        }
        let over = i64::try_from(over.as_millis()).expect("windows are limited").max(PARTS);
        self.forget_before(now - over);
        let Some(value) = self.adopt(value) else { return };
        // Upwards: of shorter parts there could be one more.
        let part_length = (over + PARTS - 1) / PARTS;
        let part = |at: i64| at.div_euclid(part_length);
        // The first value stays as it is: changes count from it.
        let newest = self.last().filter(|newest| {
            *newest > 0 && (part(self.at(*newest)) == part(now) || *newest == SAMPLES - 1)
        });
        let place = newest.unwrap_or(usize::from(self.len));
        if place == 0 {
            self.first = now;
        }
        self.values[place] = value;
        self.after[place] = u32::try_from(now - self.first).expect("what is older was forgotten");
        self.len = self.len.max(u8::try_from(place + 1).expect("there are few"));
    }

    /// Forgets what lies before the window by now, without a new value.
    pub(super) fn pass(&mut self, now: UnixMillis, over: Duration) {
        self.forget_before(now.minus(over).0);
    }

    fn last(&self) -> Option<usize> {
        usize::from(self.len).checked_sub(1)
    }

    fn at(&self, place: usize) -> i64 {
        self.first + i64::from(self.after[place])
    }

    fn truncate(&mut self) {
        self.len -= 1;
        let end = usize::from(self.len);
        (self.values[end], self.after[end]) = (0, 0);
        if end == 0 {
            *self = Self::default();
        }
    }

    /// Of what lies before the window only the newest says what held at its start.
    fn forget_before(&mut self, start: i64) {
        let len = usize::from(self.len);
        let before = (0..len).take_while(|place| self.at(*place) <= start).count();
        let Some(gone) = before.checked_sub(1) else { return };
        if gone > 0 {
            let passed = self.after[gone];
            self.first += i64::from(passed);
            self.values.copy_within(gone..len, 0);
            self.after.copy_within(gone..len, 0);
            self.values[len - gone..].fill(0);
            self.after[len - gone..].fill(0);
            self.after[..len - gone].iter_mut().for_each(|after| *after -= passed);
            self.len -= u8::try_from(gone).expect("there are few");
        }
        // Of weeks ago: it held at the start, and only that matters.
        let idle = start - self.first;
        if idle > i64::from(u32::MAX / 2) {
            for place in 1..usize::from(self.len) {
                let after = self.at(place) - start;
                self.after[place] = u32::try_from(after).expect("it lies within the window");
            }
            self.first = start;
        }
    }

    /// The value as an integer of the common scale, which follows it if it must.
    fn adopt(&mut self, value: Decimal) -> Option<i64> {
        let (mantissa, scale) = fit(value, Decimal::MAX_SCALE)?;
        let common = u32::from(self.scale);
        if self.len == 0 || scale == common {
            self.scale = u8::try_from(scale).expect("at most 28");
            return Some(mantissa);
        }
        if scale > common {
            self.refine(room_for(self.largest()).min(scale - common));
            return fit(value, u32::from(self.scale)).map(|(mantissa, _)| mantissa);
        }
        let more = room_for(mantissa.unsigned_abs()).min(common - scale);
        self.coarsen(common - scale - more);
        Some(mantissa * power(more))
    }

    fn largest(&self) -> u64 {
        self.values.iter().map(|value| value.unsigned_abs()).max().unwrap_or_default()
    }

    fn refine(&mut self, places: u32) {
        if places > 0 {
            self.values.iter_mut().for_each(|value| *value *= power(places));
            self.scale += u8::try_from(places).expect("at most 28");
        }
    }

    fn coarsen(&mut self, places: u32) {
        if places > 0 {
            for value in &mut self.values {
                let size = divided(u128::from(value.unsigned_abs()), places);
                let size = i64::try_from(size).expect("it became smaller");
                *value = if *value < 0 { -size } else { size };
            }
            self.scale -= u8::try_from(places).expect("at most the scale");
        }
    }

    fn value(&self, place: usize) -> Decimal {
        Decimal::new(self.values[place], u32::from(self.scale))
    }
}

/// So many more digits leave it at eighteen.
fn room_for(size: u64) -> u32 {
    match size.checked_ilog10() {
        None => 18,
        Some(log) => 17u32.saturating_sub(log),
    }
}

fn power(places: u32) -> i64 {
    i64::try_from(POWERS[places as usize]).expect("at most eighteen places")
}

impl From<Window> for Vec<Sample> {
    fn from(window: Window) -> Self {
        let scale = i64::from(window.scale);
        let sample = |place| Sample {
            mantissa: window.values[place],
            stamp: (window.at(place) << SCALE_BITS) | scale,
        };
        (0..usize::from(window.len)).map(sample).collect()
    }
}

/// What makes no sense is left out.
impl From<Vec<Sample>> for Window {
    fn from(samples: Vec<Sample>) -> Self {
        let mut window = Self::default();
        for Sample { mantissa, stamp } in samples.into_iter().take(SAMPLES) {
            let at = stamp >> SCALE_BITS;
            let scale = u32::try_from(stamp & ((1 << SCALE_BITS) - 1)).expect("five bits");
            let place = usize::from(window.len);
            let after = if place == 0 { Ok(0) } else { u32::try_from(at - window.first) };
            let Ok(after) = after else { continue };
            if scale > Decimal::MAX_SCALE || window.last().is_some_and(|n| window.after[n] > after)
            {
                continue;
            }
            let Some(value) = window.adopt(Decimal::new(mantissa, scale)) else { continue };
            if place == 0 {
                window.first = at;
            }
            (window.values[place], window.after[place]) = (value, after);
            window.len += 1;
        }
        window
    }
}

impl Window {
    /// How far `value` is from the start of the window.
    pub(super) fn change(&self, value: Decimal, kind: ChangeIn) -> Figure {
        if self.len == 0 {
            return Figure::Unknown;
        }
        let first = self.value(0);
        let change = value.checked_sub(first);
        let change = match kind {
            ChangeIn::Absolute => change,
            ChangeIn::Percent => change
                .and_then(|change| change.checked_mul(Decimal::ONE_HUNDRED))
                .and_then(|change| change.checked_div(first.abs())),
        };
        change.map_or(Figure::Error, Figure::Of)
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
        assert!(size_of::<Window>() <= 136, "{}", size_of::<Window>());
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
            ("99.999999999999999999999999999", "100"),
            ("123456789012345678", "123456789012345678"),
            ("-0.5", "-0.5"),
        ] {
            let mut window = Window::default();
            window.push(at(1), d(text), OVER);
            assert_eq!((window.value(0), window.at(0)), (d(kept), at(1).0));
        }
        let mut window = Window::default();
        window.push(at(0), Decimal::ZERO, OVER);
        assert_eq!(window.change(d("1"), ChangeIn::Percent), Figure::Error);
    }

    #[test]
    fn values_of_any_scale_share_a_window() {
        let mut window = Window::default();
        let texts = ["2", "0.25", "-1234567.5", "76.033333333333333333333333333", "0.001", "1"];
        for (n, text) in (0..).zip(texts) {
            window.push(at(n * 15), d(text), OVER);
        }
        let kept: Vec<_> = (0..texts.len()).map(|place| window.value(place)).collect();
        let expected = ["2", "0.25", "-1234567.5", "76.03333333333", "0.001", "1"].map(d).to_vec();
        assert_eq!(kept, expected, "eighteen digits of the largest, with {} places", window.scale);
        // Too large to be kept beside anything else: as if it had not been told.
        window.push(at(100), Decimal::MAX, OVER);
        assert_eq!(usize::from(window.len), texts.len());
    }

    #[test]
    fn what_is_kept_is_taken_up_again() {
        let mut window = Window::default();
        for n in 0..40 {
            window.push(at(n * 7), Decimal::new(n * 1_234, 3) / d("7"), OVER);
        }
        let json = serde_json::to_string(&window).unwrap();
        assert_eq!(serde_json::from_str::<Window>(&json).unwrap(), window);
        for nonsense in [
            r#"[{"mantissa":9223372036854775807,"stamp":31}]"#,
            r#"[{"mantissa":1,"stamp":3200},{"mantissa":1,"stamp":32}]"#,
            r#"[{"mantissa":1,"stamp":0},{"mantissa":1,"stamp":9223372036854775807}]"#,
        ] {
            let window: Window = serde_json::from_str(nonsense).unwrap();
            assert!(window.len <= 1, "{window:?}");
        }
    }

    #[test]
    fn what_was_heard_of_weeks_ago_still_holds_at_the_start() {
        let mut window = Window::default();
        window.push(at(0), d("100"), OVER);
        let later = 200 * 86_400;
        window.push(at(later), d("90"), OVER);
        assert_eq!(window.change(d("90"), ChangeIn::Absolute), Figure::Of(d("-10")));
        window.pass(at(2 * later), OVER);
        assert_eq!(window.change(d("80"), ChangeIn::Absolute), Figure::Of(d("-10")));
    }
}
