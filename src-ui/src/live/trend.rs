use domain::UnixMillis;

/// How a vault's room to liquidation went in the last hour, thinned out to what a sparkline can show.
///
/// Time is cut in slots of one length, each with the first figure that came in it, or a later one that is far from
/// that. So it has its whole size from the beginning: a window with ten thousand vaults does not grow for an hour.
///
/// The window keeps no history of its own: this is gone when it closes, and begins with what the core has recorded.
#[derive(Clone, Debug)]
pub(crate) struct Trend {
    /// Where the first slot begins.
    begin: UnixMillis,
    /// Of a slot, in milliseconds.
    spacing: i64,
    /// Slots up to the last that has a figure; zero: none was recorded.
    len: u8,
    /// When the last slot got its figure.
    moved: UnixMillis,
    /// What was recorded before the window was there is in it, or was asked for in vain.
    complete: bool,
    /// Percent left to liquidation; [`NONE`](Self::NONE) where none came. Only drawn, never told as a figure, so a short
    /// float does.
    rooms: [f32; Self::SLOTS],
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    /// The beginning of its slot.
    pub(crate) at: UnixMillis,
    pub(crate) room: f64,
}

impl Default for Trend {
    fn default() -> Self {
        Self {
            begin: UnixMillis(0),
            spacing: Self::FINEST,
            len: 0,
            moved: UnixMillis(0),
            complete: false,
            rooms: [Self::NONE; Self::SLOTS],
        }
    }
}

/// By what can be seen of it: an empty slot is not equal to itself.
impl PartialEq for Trend {
    fn eq(&self, other: &Self) -> bool {
        self.points().eq(other.points())
    }
}

impl Trend {
    /// Milliseconds that it goes back.
    pub(crate) const HOUR: i64 = 3_600_000;
    /// More than this a sparkline of 110 px cannot show.
    pub(crate) const SLOTS: usize = 60;
    const FINEST: i64 = 1_000;
    /// At this spacing the slots cover an hour; what is older is forgotten.
    const COARSEST: i64 = 64_000;
    const NONE: f32 = f32::NAN;
    /// Percent points from the figure of the last slot: a fall is seen before its slot is over, and noise draws nothing anew.
    const FAR: f64 = 0.5;
    /// Milliseconds between two figures of the same slot: each is drawn.
    const REST: i64 = 5_000;

    pub(crate) fn points(&self) -> impl DoubleEndedIterator<Item = Point> + Clone + '_ {
        let slots = self.rooms[..usize::from(self.len)].iter().enumerate();
        slots.filter(|(_, room)| !room.is_nan()).map(|(slot, room)| Point {
            at: UnixMillis(self.begin.0.saturating_add(slot as i64 * self.spacing)),
            room: f64::from(*room),
        })
    }

    /// From the first point to the last; negative is towards liquidation. `None` below two points.
    pub(crate) fn change(&self) -> Option<f64> {
        let mut points = self.points();
        let first = points.next()?;
        Some(points.next_back()?.room - first.room)
    }

    pub(crate) fn record(&mut self, at: UnixMillis, room: f64) {
        // The clock was put back: when the others were is not known any more.
        if self.len == 0 || at < self.begin {
            self.restart(at);
        }
        let mut slot = self.slot(at);
        while slot >= Self::SLOTS && self.spacing < Self::COARSEST {
            self.coarsen();
            slot = self.slot(at);
        }
        if slot >= 2 * Self::SLOTS {
            self.restart(at);
            slot = 0;
        } else if slot >= Self::SLOTS {
            self.forget(slot + 1 - Self::SLOTS);
            slot = Self::SLOTS - 1;
        }
        let last = usize::from(self.len);
        let falls = |shown: f32| (f64::from(shown) - room).abs() >= Self::FAR;
        let rested = at.0.saturating_sub(self.moved.0) >= Self::REST;
        if slot >= last || slot + 1 == last && rested && falls(self.rooms[slot]) {
            self.rooms[slot] = room as f32;
            self.len = slot as u8 + 1;
            self.moved = at;
        }
    }

    /// Puts before it what was recorded when no window was there, the oldest first.
    pub(crate) fn begin_with(&mut self, recorded: impl IntoIterator<Item = (UnixMillis, f64)>) {
        let seen: Vec<Point> = self.points().collect();
        let first = seen.first().map(|point| point.at);
        *self = Self { complete: true, ..Self::default() };
        for (at, room) in recorded {
            if first.is_none_or(|first| at < first) {
                self.record(at, room);
            }
        }
        for point in seen {
            self.record(point.at, point.room);
        }
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    /// Another one whenever its line is.
    pub(crate) fn shape(&self) -> (UnixMillis, u8, Option<Point>) {
        (self.begin, self.len, self.points().next_back())
    }

    fn restart(&mut self, at: UnixMillis) {
        *self = Self { begin: at, complete: self.complete, ..Self::default() };
    }

    /// In which slot that time is, there or not.
    fn slot(&self, at: UnixMillis) -> usize {
        let slot = at.0.saturating_sub(self.begin.0) / self.spacing;
        usize::try_from(slot).unwrap_or(usize::MAX)
    }

    /// Two slots become one.
    fn coarsen(&mut self) {
        for slot in 0..Self::SLOTS {
            let pair = self.rooms.get(slot * 2..slot * 2 + 2).unwrap_or_default();
            let first = pair.iter().copied().find(|room| !room.is_nan());
            self.rooms[slot] = first.unwrap_or(Self::NONE);
        }
        self.spacing *= 2;
        self.len = self.len.div_ceil(2);
    }

    /// The first so many slots, at most all.
    fn forget(&mut self, slots: usize) {
        self.rooms.rotate_left(slots);
        self.rooms[Self::SLOTS - slots..].fill(Self::NONE);
        self.begin.0 += slots as i64 * self.spacing;
        self.len = self.len.saturating_sub(slots as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(seconds: i64) -> Trend {
        let mut trend = Trend::default();
        for second in 0..seconds {
            trend.record(UnixMillis(1_000_000 + second * 1_000), second as f64);
        }
        trend
    }

    fn points(trend: &Trend) -> Vec<(i64, f64)> {
        trend.points().map(|point| (point.at.0 - 1_000_000, point.room)).collect()
    }

    #[test]
    fn a_minute_is_kept_by_the_second_and_an_hour_by_the_minute() {
        assert_eq!(points(&recorded(60)).len(), 60);
        let hour = points(&recorded(3_600));
        assert!((30..=60).contains(&hour.len()), "{}", hour.len());
        assert_eq!(hour[0], (0, 0.0));
        // It rises by a point a second, so each slot has a figure of its own time.
        let within = |(at, room): (i64, f64)| (0.0..64.0).contains(&(room - at as f64 / 1_000.0));
        assert_eq!(hour[1].0, 64_000);
        assert!(hour.iter().copied().all(within), "{hour:?}");
        let day = points(&recorded(86_400));
        assert_eq!(day.len(), 60);
        assert!(day[0].0 > 80_000_000);
        assert!(day.iter().copied().all(within), "{day:?}");
    }

    #[test]
    fn points_closer_than_the_spacing_are_left_out() {
        let mut trend = Trend::default();
        for at in [0, 10, 999, 1_000, 1_500] {
            trend.record(UnixMillis(at), 1.0);
        }
        assert_eq!(trend.points().count(), 2);
    }

    #[test]
    fn where_nothing_came_there_is_no_point_and_what_is_too_old_goes() {
        let mut trend = Trend::default();
        for second in [0, 3, 70] {
            trend.record(UnixMillis(1_000_000 + second * 1_000), second as f64);
        }
        assert_eq!(points(&trend), [(0, 0.0), (2_000, 3.0), (70_000, 70.0)]);
        // The machine has slept.
        let later = 8 * 3_600_000;
        trend.record(UnixMillis(1_000_000 + later), 5.0);
        assert_eq!(trend.change(), None);
        trend.record(UnixMillis(1_000_000 + later + 64_000), 4.0);
        assert_eq!(trend.change(), Some(-1.0));
    }

    #[test]
    fn a_fall_is_there_before_its_slot_is_over_and_noise_is_not() {
        let mut trend = recorded(3_600);
        let before = trend.shape();
        let at = |seconds: i64| UnixMillis(1_000_000 + seconds * 1_000);
        let last = before.2.unwrap();
        trend.record(at(3_600), last.room + 0.4);
        assert_eq!(trend.shape(), before);
        trend.record(at(3_603), last.room - 8.0);
        assert_eq!(trend.shape(), before, "not so soon");
        trend.record(at(3_605), last.room - 9.0);
        assert_eq!(trend.points().next_back().unwrap().room, last.room - 9.0);
        assert_ne!(trend.shape(), before);
        assert!(trend.points().all(|point| point.at <= at(3_605)));
    }

    #[test]
    fn what_was_recorded_stands_before_what_was_seen() {
        let mut trend = recorded(3);
        let minute = |minute: i64| UnixMillis(1_000_000 + minute * 60_000);
        let shape = trend.shape();
        trend.begin_with((-50..=1).map(|number| (minute(number), number as f64)));
        assert!(trend.is_complete() && trend.shape() != shape);
        let all = points(&trend);
        assert_eq!(all[0], (-50 * 60_000, -50.0));
        assert!(all.len() > 40 && all.is_sorted(), "{all:?}");
        let last = all.last().unwrap();
        assert!(last.0 <= 2_000 && last.1 <= 2.0, "what was seen is the newest: {last:?}");
        // Nothing was recorded: it stays as it is, and is asked for no more.
        let mut trend = recorded(3);
        trend.begin_with([]);
        assert!(trend.is_complete());
        assert_eq!(points(&trend).len(), 3);
    }

    #[test]
    fn it_begins_anew_when_the_clock_was_put_back() {
        let mut trend = recorded(30);
        trend.record(UnixMillis(500_000), 9.0);
        assert_eq!(points(&trend), [(-500_000, 9.0)]);
    }

    #[test]
    fn the_ends_of_time_are_survived() {
        let mut trend = Trend::default();
        for at in [i64::MIN, 0, i64::MAX, 0, i64::MIN, i64::MAX] {
            trend.record(UnixMillis(at), 1.0);
        }
        assert!(trend.points().count() <= 2);
    }

    #[test]
    fn one_point_is_no_change() {
        assert_eq!(recorded(1).change(), None);
        assert_eq!(recorded(5).change(), Some(4.0));
    }

    #[test]
    fn it_compares_by_its_points() {
        let (mut one, mut other) = (recorded(1), recorded(1));
        for trend in [&mut one, &mut other] {
            trend.record(UnixMillis(1_050_000), 7.0);
        }
        assert_eq!(one, other);
        other.record(UnixMillis(1_052_000), 7.0);
        assert_ne!(one, other);
    }
}
