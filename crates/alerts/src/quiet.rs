use domain::{Language, UnixMillis};
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::say::common;

/// Hours of each day in which only what cannot wait is told, by the clock on the wall: in the night in which the clock
/// is set, they are an hour longer or shorter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuietHours {
    /// The first quiet moment of the day.
    pub from: Time,
    /// The first moment that is not quiet any more; before `from` it is one of the next day. The same as `from`: the
    /// whole day is quiet.
    pub to: Time,
    pub zone: TimeZone,
}

impl QuietHours {
    #[must_use]
    pub fn cover(&self, now: UnixMillis) -> bool {
        let Some(wall) = wall(now, &self.zone) else { return false };
        let time = wall.time();
        if self.from < self.to {
            self.from <= time && time < self.to
        } else {
            self.from <= time || time < self.to
        }
    }
}

/// `03:14`.
pub(crate) fn clock(language: Language, at: UnixMillis, zone: &TimeZone) -> String {
    let Some(wall) = wall(at, zone) else { return common::unknown_time(language).to_owned() };
    format!("{:02}:{:02}", wall.hour(), wall.minute())
}

/// The first moment after `now` at which the clock on the wall shows this hour.
pub(crate) fn next_at(hour: i8, now: UnixMillis, zone: &TimeZone) -> Option<UnixMillis> {
    let wall = wall(now, zone)?;
    let time = Time::new(hour, 0, 0, 0).ok()?;
    let at = |date: jiff::civil::Date| {
        let millis = date.to_datetime(time).to_zoned(zone.clone()).ok()?.timestamp();
        Some(UnixMillis(millis.as_millisecond()))
    };
    let today = at(wall.date())?;
    if today > now { Some(today) } else { at(wall.date().tomorrow().ok()?) }
}

fn wall(at: UnixMillis, zone: &TimeZone) -> Option<jiff::civil::DateTime> {
    let timestamp = Timestamp::from_millisecond(at.0).ok()?;
    Some(zone.to_datetime(timestamp))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn berlin() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
    }

    fn nightly() -> QuietHours {
        let time = |hour| Time::new(hour, 0, 0, 0).unwrap();
        QuietHours { from: time(23), to: time(7), zone: berlin() }
    }

    fn at(text: &str) -> UnixMillis {
        UnixMillis(text.parse::<Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn they_follow_the_clock_on_the_wall() {
        let quiet = nightly();
        for (moment, covered) in [
            ("2026-07-01T20:59:59Z", false),
            ("2026-07-01T21:00:00Z", true),
            ("2026-07-02T04:59:59Z", true),
            ("2026-07-02T05:00:00Z", false),
            ("2026-01-01T21:59:59Z", false),
            ("2026-01-01T22:00:00Z", true),
            ("2026-01-02T06:00:00Z", false),
        ] {
            assert_eq!(quiet.cover(at(moment)), covered, "{moment}");
        }
    }

    #[test]
    fn the_nights_in_which_the_clock_is_set_are_7_and_9_hours_long() {
        let hours = |evening: &str| {
            let start = at(evening);
            let hour = Duration::from_secs(3_600);
            (0..24u32).filter(|n| nightly().cover(start.plus(hour * *n))).count()
        };
        assert_eq!(hours("2026-06-30T12:00:00Z"), 8);
        assert_eq!(hours("2026-03-28T12:00:00Z"), 7, "02:00 becomes 03:00");
        assert_eq!(hours("2026-10-24T12:00:00Z"), 9, "03:00 becomes 02:00");
    }

    #[test]
    fn quiet_hours_may_lie_within_a_day() {
        let time = |hour| Time::new(hour, 0, 0, 0).unwrap();
        let noon = QuietHours { from: time(12), to: time(14), zone: TimeZone::UTC };
        assert!(noon.cover(at("2026-01-01T12:00:00Z")) && noon.cover(at("2026-01-01T13:59:59Z")));
        assert!(!noon.cover(at("2026-01-01T14:00:00Z")) && !noon.cover(at("2026-01-01T23:00:00Z")));
    }

    #[test]
    fn the_next_nine_o_clock() {
        let next = |moment| next_at(9, at(moment), &berlin()).unwrap();
        assert_eq!(next("2026-07-01T06:59:00Z"), at("2026-07-01T07:00:00Z"));
        assert_eq!(next("2026-07-01T07:00:00Z"), at("2026-07-02T07:00:00Z"));
        assert_eq!(next("2026-10-24T12:00:00Z"), at("2026-10-25T08:00:00Z"));
        assert_eq!(clock(Language::English, at("2026-01-01T02:14:59Z"), &berlin()), "03:14");
    }
}
