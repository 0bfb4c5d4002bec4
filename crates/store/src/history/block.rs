//! Points as bytes. A block is read and written as a whole, figure by figure, because neighbours in time are alike:
//!
//! ```text
//! format, number of points, first slot, column of gaps between slots, figures that occur (one bit each), then of each
//! such figure in the order of `Figure::ALL`:
//!     0: all points have it, 1: a bit for each point follows
//!     0: it follows from LTV and limit, and that is all; or 1 + the power of ten that divides all readings
//!     first `last`, column of each one's difference to the one before, column of max − last, column of last − min
//! ```
//! A column of zeros, as of a figure that stood still, is one byte.

use domain::sample::Figure;

use super::point::{Point, Spread};
use super::{derived, varint};
use crate::{StoreError, StoreErrorKind};

/// The first byte, should there ever be another format.
const FORMAT: u8 = 1;
/// More points than any block has slots.
const POINTS_LIMIT: u64 = 1_024;
const ALL_HAVE_IT: u8 = 0;
const SOME_HAVE_IT: u8 = 1;
const DERIVED: u8 = 0;
const ZEROS: u8 = 0;
const NUMBERS: u8 = 1;

/// Points by their slot, in order.
pub(super) type Points = Vec<(u16, Point)>;

pub(super) fn encode(points: &[(u16, Point)]) -> Vec<u8> {
    debug_assert!(points.is_sorted_by(|a, b| a.0 < b.0), "one point a slot");
    let mut to = vec![FORMAT];
    varint::put(&mut to, points.len() as u64);
    let Some((first, _)) = points.first() else { return to };
    varint::put(&mut to, u64::from(*first));
    let gaps = points.windows(2).map(|pair| i64::from(pair[1].0 - pair[0].0 - 1));
    put_column(gaps, &mut to);
    let occurs =
        |figure: &Figure| points.iter().any(|(_, point)| point.readings(*figure).is_some());
    let figures: Vec<_> = Figure::ALL.into_iter().filter(occurs).collect();
    to.push(figures.iter().fold(0, |bits, figure| bits | 1 << *figure as u8));
    for figure in figures {
        encode_figure(figure, points, &mut to);
    }
    to
}

fn encode_figure(figure: Figure, points: &[(u16, Point)], to: &mut Vec<u8>) {
    let spreads: Vec<_> = points.iter().filter_map(|(_, point)| point.readings(figure)).collect();
    if spreads.len() == points.len() {
        to.push(ALL_HAVE_IT);
    } else {
        to.push(SOME_HAVE_IT);
        for points in points.chunks(8) {
            let bit = |(at, (_, point)): (usize, &(u16, Point))| {
                u8::from(point.readings(figure).is_some()) << at
            };
            to.push(points.iter().enumerate().map(bit).sum());
        }
    }
    let follows = |(_, point): &(u16, Point)| {
        let spread = point.readings(figure);
        spread.is_none() || derived::of(figure, point) == spread
    };
    if points.iter().all(follows) {
        return to.push(DERIVED);
    }
    let power = common_power(&spreads);
    to.push(1 + power);
    let unit = 10i64.pow(u32::from(power));
    // Differences wrap, as they do when they are read.
    let difference = move |a: i64, b: i64| (a / unit).wrapping_sub(b / unit);
    varint::put_signed(to, spreads[0].last / unit);
    put_column(spreads.windows(2).map(|pair| difference(pair[1].last, pair[0].last)), to);
    put_column(spreads.iter().map(|spread| difference(spread.max, spread.last)), to);
    put_column(spreads.iter().map(|spread| difference(spread.last, spread.min)), to);
}

/// The largest power of ten, at most 18, that divides all readings.
fn common_power(spreads: &[Spread<i64>]) -> u8 {
    let mut readings = spreads.iter().flat_map(|spread| [spread.min, spread.max, spread.last]);
    let divides = |reading: i64, power: u8| reading % 10i64.pow(u32::from(power)) == 0;
    readings.by_ref().fold(18, |mut power, reading| {
        while !divides(reading, power) {
            power -= 1;
        }
        power
    })
}

fn put_column(column: impl Iterator<Item = i64> + Clone, to: &mut Vec<u8>) {
    if column.clone().all(|value| value == 0) {
        return to.push(ZEROS);
    }
    to.push(NUMBERS);
    for value in column {
        varint::put_signed(to, value);
    }
}

/// # Errors
/// [`StoreErrorKind::Malformed`] when these are no points.
pub(super) fn decode(bytes: &[u8]) -> Result<Points, StoreError> {
    let mut rest = bytes;
    match decode_block(&mut rest) {
        Some(points) if rest.is_empty() => Ok(points),
        _ => Err(StoreError::because(StoreErrorKind::Malformed, "a block of points")),
    }
}

fn decode_block(from: &mut &[u8]) -> Option<Points> {
    if varint::take_byte(from)? != FORMAT {
        return None;
    }
    let count = varint::take(from).filter(|count| *count <= POINTS_LIMIT)?;
    let count = usize::try_from(count).ok()?;
    if count == 0 {
        return Some(Points::new());
    }
    let mut slot = u16::try_from(varint::take(from)?).ok()?;
    let mut points = vec![(slot, Point::default())];
    for gap in take_column(count - 1, from)? {
        slot = slot.checked_add(u16::try_from(gap).ok()?)?.checked_add(1)?;
        points.push((slot, Point::default()));
    }
    let occurs = varint::take_byte(from)?;
    if occurs >> Figure::ALL.len() != 0 {
        return None;
    }
    for figure in Figure::ALL {
        if occurs >> figure as u8 & 1 == 1 {
            decode_figure(figure, from, &mut points)?;
        }
    }
    Some(points)
}

fn decode_figure(figure: Figure, from: &mut &[u8], points: &mut Points) -> Option<()> {
    let mut having: Vec<&mut Point> = match varint::take_byte(from)? {
        ALL_HAVE_IT => points.iter_mut().map(|(_, point)| point).collect(),
        SOME_HAVE_IT => {
            let (bits, rest) = from.split_at_checked(points.len().div_ceil(8))?;
            *from = rest;
            let has = |at: usize| bits[at / 8] >> (at % 8) & 1 == 1;
            let numbered = points.iter_mut().enumerate();
            numbered.filter(|(at, _)| has(*at)).map(|(_, (_, point))| point).collect()
        }
        _ => return None,
    };
    let power = match varint::take_byte(from)? {
        DERIVED => {
            for point in having {
                point.set(figure, derived::of(figure, point)?);
            }
            return Some(());
        }
        power => u32::from(power - 1),
    };
    let unit = 10i64.checked_pow(power)?;
    let mut last = varint::take_signed(from)?;
    let steps = take_column(having.len().checked_sub(1)?, from)?;
    let above = take_column(having.len(), from)?;
    let below = take_column(having.len(), from)?;
    for (at, point) in having.iter_mut().enumerate() {
        if at > 0 {
            last = last.wrapping_add(steps[at - 1]);
        }
        let spread = Spread {
            min: last.wrapping_sub(below[at]).checked_mul(unit)?,
            max: last.wrapping_add(above[at]).checked_mul(unit)?,
            last: last.checked_mul(unit)?,
        };
        point.set(figure, spread);
    }
    Some(())
}

fn take_column(count: usize, from: &mut &[u8]) -> Option<Vec<i64>> {
    match varint::take_byte(from)? {
        ZEROS => Some(vec![0; count]),
        NUMBERS => (0..count).map(|_| varint::take_signed(from)).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;

    use super::*;

    fn spread() -> impl Strategy<Value = Spread<i64>> {
        let any = (any::<i64>(), any::<i64>(), any::<i64>());
        let small = (0i64..5_000, 0i64..5_000, 0i64..5_000);
        let like_money = small.prop_map(|(a, b, c)| (a * 10_000, b * 10_000, c * 10_000));
        prop_oneof![any, like_money].prop_map(|(a, b, c)| {
            let mut three = [a, b, c];
            three.sort_unstable();
            Spread { min: three[0], last: three[1], max: three[2] }
        })
    }

    fn points() -> impl Strategy<Value = Points> {
        let point = proptest::array::uniform7(proptest::option::of(spread()));
        btree_map(0u16..288, point.prop_map(Point::from), 0..40)
            .prop_map(|points| points.into_iter().collect())
    }

    proptest! {
        #[test]
        fn a_block_is_read_back_digit_for_digit(points in points()) {
            prop_assert_eq!(decode(&encode(&points)).unwrap(), points);
        }

        #[test]
        fn what_is_no_block_is_an_error_and_no_panic(
            points in points(), at: prop::sample::Index, byte: u8, garbage in vec(any::<u8>(), 0..200),
        ) {
            let _ = decode(&garbage);
            let mut bytes = encode(&points);
            let at = at.index(bytes.len());
            let _ = decode(&bytes[..at]);
            bytes[at] = byte;
            let _ = decode(&bytes);
        }
    }

    #[test]
    fn what_stands_still_takes_next_to_nothing() {
        let mut point = Point::default();
        for (figure, reading) in
            [(Figure::Ltv, 76_000_000), (Figure::Limit, 82_500_000), (Figure::Debt, 17_659_087)]
        {
            point.set(figure, Spread::one(reading));
        }
        for figure in [Figure::Room, Figure::Health] {
            point.set(figure, derived::of(figure, &point).unwrap());
        }
        let points: Points = (0..60).map(|slot| (slot, point)).collect();
        let size = encode(&points).len();
        assert!(size < 50, "an hour in {size} bytes");
    }
}
