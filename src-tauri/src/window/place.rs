//! Where the window was, and whether it can be there again: screens go, and are put elsewhere.

use serde::{Deserialize, Serialize};

const USUAL: (f64, f64) = (1_280.0, 800.0);
pub(super) const SMALLEST: (f64, f64) = (360.0, 480.0);
/// So much of the upper edge has to be on a screen, or nobody can take hold of the window.
const GRIP: (f64, f64) = (96.0, 24.0);

/// Of the window when it was seen last, in logical pixels. Where the desktop tells nobody where windows are, the position
/// is nought and means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) shape: Shape,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Shape {
    #[default]
    Free,
    /// Position and size are those it goes back to.
    Maximized,
}

/// What a screen has room for, in logical pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Screen {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// How the window is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Placement {
    /// `None`: in the middle.
    pub(super) position: Option<(f64, f64)>,
    pub(super) size: (f64, f64),
    pub(super) shape: Shape,
}

impl Placement {
    /// Where it was, as far as it can be taken hold of there, and never larger than a screen. The first screen is where it
    /// goes otherwise.
    pub(super) fn of(place: Option<Place>, screens: &[Screen]) -> Self {
        let place = place.filter(Place::is_sound);
        let on = place.and_then(|place| screens.iter().find(|screen| screen.has_grip(&place)));
        let room = on.or(screens.first());
        let (width, height) = place.map_or(USUAL, |place| (place.width, place.height));
        let fit = |wanted: f64, least: f64, room: Option<f64>| match room {
            // A screen smaller than the smallest window is the window manager's to deal with.
            Some(room) => wanted.min(room).max(least),
            None => wanted.max(least),
        };
        Self {
            position: on.and(place).map(|place| (place.x, place.y)),
            size: (
                fit(width, SMALLEST.0, room.map(|screen| screen.width)),
                fit(height, SMALLEST.1, room.map(|screen| screen.height)),
            ),
            shape: place.map_or(Shape::Free, |place| place.shape),
        }
    }
}

impl Place {
    /// What stands in a file may be anything.
    fn is_sound(&self) -> bool {
        let Self { x, y, width, height, .. } = *self;
        let far = 1e6;
        x.abs() < far
            && y.abs() < far
            && (1.0..far).contains(&width)
            && (1.0..far).contains(&height)
    }
}

impl Screen {
    fn has_grip(&self, place: &Place) -> bool {
        let across = (place.x + place.width).min(self.x + self.width) - place.x.max(self.x);
        let top_is_on = place.y >= self.y && place.y + GRIP.1 <= self.y + self.height;
        across >= GRIP.0.min(place.width) && top_is_on
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: Screen = Screen { x: 0.0, y: 0.0, width: 1_600.0, height: 1_000.0 };
    const RIGHT: Screen = Screen { x: 1_600.0, y: 0.0, width: 1_920.0, height: 1_080.0 };

    fn at(x: f64, y: f64, width: f64, height: f64) -> Option<Place> {
        Some(Place { x, y, width, height, shape: Shape::Free })
    }

    #[track_caller]
    fn check(place: Option<Place>, screens: &[Screen], expected: Placement) {
        assert_eq!(Placement::of(place, screens), expected);
    }

    fn placed(position: Option<(f64, f64)>, size: (f64, f64)) -> Placement {
        Placement { position, size, shape: Shape::Free }
    }

    #[test]
    fn the_first_time_it_is_in_the_middle() {
        check(None, &[LEFT], placed(None, USUAL));
        check(None, &[], placed(None, USUAL));
        let small = Screen { width: 1_024.0, height: 600.0, ..LEFT };
        check(None, &[small], placed(None, (1_024.0, 600.0)));
        let tiny = Screen { width: 320.0, height: 240.0, ..LEFT };
        check(None, &[tiny], placed(None, SMALLEST));
    }

    #[test]
    fn it_is_where_it_was() {
        for place in [at(10.0, 20.0, 900.0, 700.0), at(1_700.0, 0.0, 900.0, 700.0)] {
            let (x, y) = place.map(|place| (place.x, place.y)).unwrap();
            check(place, &[LEFT, RIGHT], placed(Some((x, y)), (900.0, 700.0)));
        }
        // Half out of the screen is where somebody put it.
        check(
            at(-450.0, 900.0, 900.0, 700.0),
            &[LEFT],
            placed(Some((-450.0, 900.0)), (900.0, 700.0)),
        );
    }

    #[test]
    fn where_its_screen_is_gone_it_is_in_the_middle_of_another() {
        check(at(1_700.0, 0.0, 900.0, 700.0), &[LEFT], placed(None, (900.0, 700.0)));
        check(at(1_700.0, 0.0, 1_900.0, 1_060.0), &[LEFT], placed(None, (1_600.0, 1_000.0)));
        for out_of_reach in [
            at(-850.0, 0.0, 900.0, 700.0),
            at(0.0, -30.0, 900.0, 700.0),
            at(0.0, 990.0, 900.0, 700.0),
        ] {
            check(out_of_reach, &[LEFT], placed(None, (900.0, 700.0)));
        }
        check(at(10.0, 20.0, 900.0, 700.0), &[], placed(None, (900.0, 700.0)));
    }

    #[test]
    fn a_maximised_one_knows_where_it_goes_back_to() {
        let place = at(10.0, 20.0, 900.0, 700.0).map(|at| Place { shape: Shape::Maximized, ..at });
        let placement = Placement::of(place, &[LEFT]);
        assert_eq!(placement.shape, Shape::Maximized);
        assert_eq!((placement.position, placement.size), (Some((10.0, 20.0)), (900.0, 700.0)));
        // Its screen is gone: it is maximised on another.
        assert_eq!(Placement::of(place, &[RIGHT]).shape, Shape::Maximized);
    }

    #[test]
    fn what_is_no_place_is_none() {
        for nonsense in [
            at(f64::NAN, 0.0, 900.0, 700.0),
            at(0.0, f64::INFINITY, 900.0, 700.0),
            at(0.0, 0.0, 0.0, 700.0),
            at(0.0, 0.0, 900.0, 1e9),
            at(1e12, 0.0, 900.0, 700.0),
        ] {
            check(nonsense, &[LEFT], placed(None, USUAL));
        }
        check(at(5.0, 5.0, 20.0, 20.0), &[LEFT], placed(Some((5.0, 5.0)), SMALLEST));
    }
}
