use domain::UnixMillis;

/// How a vault's room to liquidation went since the window opened, thinned out to what a sparkline can show.
///
/// The window keeps no history of its own: this is gone when it closes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trend {
    points: Vec<Point>,
    /// Least distance of two points in milliseconds.
    spacing: i64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) at: UnixMillis,
    /// Percent left to liquidation. Only drawn, never told as a figure, so a float does.
    pub(crate) room: f64,
}

impl Default for Trend {
    fn default() -> Self {
        Self { points: Vec::new(), spacing: Self::FINEST }
    }
}

impl Trend {
    /// More points than this a sparkline of 110 px cannot show.
    const LIMIT: usize = 60;
    const FINEST: i64 = 1_000;
    /// At this spacing the points cover an hour; older ones are forgotten.
    const COARSEST: i64 = 64_000;

    pub(crate) fn points(&self) -> &[Point] {
        &self.points
    }

    /// From the first point to the last; negative is towards liquidation. `None` below two points.
    pub(crate) fn change(&self) -> Option<f64> {
        match self.points.as_slice() {
            [first, .., last] => Some(last.room - first.room),
            _ => None,
        }
    }

    pub(crate) fn record(&mut self, at: UnixMillis, room: f64) {
        let close =
            self.points.last().is_some_and(|last| at.0.saturating_sub(last.at.0) < self.spacing);
        if close {
            return;
        }
        if self.points.len() == Self::LIMIT {
            if self.spacing < Self::COARSEST {
                let mut index = 0;
                self.points.retain(|_| {
                    index += 1;
                    index % 2 == 1
                });
                self.spacing *= 2;
            } else {
                self.points.remove(0);
            }
        }
        self.points.push(Point { at, room });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(seconds: i64) -> Trend {
        let mut trend = Trend::default();
        for second in 0..seconds {
            trend.record(UnixMillis(second * 1_000), second as f64);
        }
        trend
    }

    #[test]
    fn a_minute_is_kept_by_the_second_and_an_hour_by_the_minute() {
        assert_eq!(recorded(60).points().len(), 60);
        let hour = recorded(3_600);
        assert!((30..=60).contains(&hour.points().len()), "{}", hour.points().len());
        assert_eq!(hour.points()[0].at, UnixMillis(0));
        let day = recorded(86_400);
        assert_eq!(day.points().len(), 60);
        assert!(day.points()[0].at.0 > 80_000_000);
    }

    #[test]
    fn points_closer_than_the_spacing_are_left_out() {
        let mut trend = Trend::default();
        for at in [0, 10, 999, 1_000, 1_500] {
            trend.record(UnixMillis(at), 1.0);
        }
        assert_eq!(trend.points().len(), 2);
    }

    #[test]
    fn one_point_is_no_change() {
        assert_eq!(recorded(1).change(), None);
        assert_eq!(recorded(5).change(), Some(4.0));
    }
}
