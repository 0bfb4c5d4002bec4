//! Runs of columns as the paths of a drawing.

use super::decimate::Column;
use super::{Scale, Span};
use crate::format::fixed;

/// The room a drawing has: how far it reaches to the right and down, from nought.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Room {
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Room {
    fn place(self, span: Span, scale: Scale, at: domain::UnixMillis, value: f64) -> (f64, f64) {
        (span.across(at) * self.width, scale.down(value) * self.height)
    }
}

/// Along the last values.
pub(super) fn line(run: &[Column], span: Span, scale: Scale, room: Room) -> String {
    let mut path = String::with_capacity(run.len() * 14);
    for column in run {
        push(&mut path, room.place(span, scale, column.at, column.last));
    }
    if let [only] = run {
        // A run of one is a dash, else nothing would be seen of it.
        let (x, y) = room.place(span, scale, only.at, only.last);
        push(&mut path, (x + 1.5, y));
    }
    path
}

/// From the greatest values there and from the least ones back.
pub(super) fn spread(run: &[Column], span: Span, scale: Scale, room: Room) -> String {
    let mut path = String::with_capacity(run.len() * 28);
    let there = run.iter().map(|column| (column.at, column.max));
    let back = run.iter().rev().map(|column| (column.at, column.min));
    for (at, value) in there.chain(back) {
        push(&mut path, room.place(span, scale, at, value));
    }
    path.push('Z');
    path
}

fn push(path: &mut String, (x, y): (f64, f64)) {
    path.push(if path.is_empty() { 'M' } else { 'L' });
    path.push_str(&fixed(x, 1));
    path.push(' ');
    path.push_str(&fixed(y, 1));
}

#[cfg(test)]
mod tests {
    use domain::UnixMillis;

    use super::*;

    const ROOM: Room = Room { width: 1_000.0, height: 1_000.0 };

    #[test]
    fn the_line_runs_from_edge_to_edge_and_zero_is_at_the_bottom() {
        let column = |at, last| Column { at: UnixMillis(at), min: last - 1.0, max: last, last };
        let run = [column(0, 20.0), column(2_000, 0.0)];
        let scale = Scale { bottom: 0.0, top: 25.0 };
        let span = Span { from: UnixMillis(0), to: UnixMillis(2_000) };
        assert_eq!(line(&run, span, scale, ROOM), "M0.0 200.0L1000.0 1000.0");
        assert_eq!(
            spread(&run, span, scale, ROOM),
            "M0.0 200.0L1000.0 1000.0L1000.0 1000.0L0.0 240.0Z"
        );
        assert_eq!(line(&run[..1], span, scale, ROOM), "M0.0 200.0L1.5 200.0");
    }
}
