use domain::UnixMillis;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use smol_str::SmolStr;

use super::Fault;
use super::options::ScheduleOptions;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MINUTES_OF_A_DAY: u16 = 24 * 60;

/// Days of the week and hours of the day in a time zone. Local time decides: where a clock is put forward or back at
/// night, the hours that are left out are never open, and those that come twice are open twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// From Monday.
    days: [bool; 7],
    /// Minutes of the day. `to` before `from`, or at it, is on the next day.
    from: u16,
    to: u16,
    zone: TimeZone,
}

impl Schedule {
    /// # Errors
    /// The field that is wrong, and why.
    pub(super) fn of(options: &ScheduleOptions) -> Result<Self, (String, Fault)> {
        let mut days = [options.days.is_empty(); 7];
        for (n, day) in options.days.iter().enumerate() {
            let index = DAYS.iter().position(|known| known.eq_ignore_ascii_case(day));
            let index = index.ok_or_else(|| {
                let known = DAYS.join(", ");
                (format!("days.{n}"), Fault::Unknown { given: day.clone(), known })
            })?;
            days[index] = true;
        }
        let time = |field: &str, text: &Option<SmolStr>, otherwise| match text {
            None => Ok(otherwise),
            Some(text) => minute(text).ok_or_else(|| (field.to_owned(), Fault::BadTimeOfDay)),
        };
        let from = time("from", &options.from, 0)?;
        let to = time("to", &options.to, MINUTES_OF_A_DAY)?;
        let zone =
            TimeZone::get(&options.zone).map_err(|_| ("zone".to_owned(), Fault::UnknownZone))?;
        Ok(Self { days, from, to, zone })
    }

    #[must_use]
    pub fn is_open(&self, now: UnixMillis) -> bool {
        // Beyond the years a calendar has: nothing is known of weekdays there.
        let Ok(instant) = Timestamp::from_millisecond(now.0) else { return true };
        self.is_open_at(self.zone.to_datetime(instant))
    }

    fn is_open_at(&self, local: DateTime) -> bool {
        let minute =
            u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs());
        let today = usize::from(local.weekday().to_monday_zero_offset().unsigned_abs());
        let yesterday = (today + 6) % 7;
        if self.from < self.to {
            return self.days[today] && (self.from..self.to).contains(&minute);
        }
        (self.days[today] && minute >= self.from) || (self.days[yesterday] && minute < self.to)
    }
}

/// `08:00`, `24:00` for the end of the day.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    if hour.len() != 2 || minute.len() != 2 {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let of_day = hour * 60 + minute;
    (minute < 60 && of_day <= MINUTES_OF_A_DAY).then_some(of_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(days: &[&str], from: &str, to: &str) -> Schedule {
        let options = ScheduleOptions {
            days: days.iter().map(|day| (*day).into()).collect(),
            from: Some(from.into()),
            to: Some(to.into()),
            zone: "Europe/Berlin".into(),
        };
        Schedule::of(&options).unwrap()
    }

    #[track_caller]
    fn check(schedule: &Schedule, time: &str, open: bool) {
        let instant: Timestamp = time.parse().unwrap();
        assert_eq!(schedule.is_open(UnixMillis(instant.as_millisecond())), open, "{time}");
    }

    #[test]
    fn working_hours() {
        let office = schedule(&["mon", "TUE", "wed", "thu", "fri"], "08:00", "18:00");
        check(&office, "2026-11-26T08:00:00+01:00", true); // a Thursday
        check(&office, "2026-11-26T07:59:59+01:00", false);
        check(&office, "2026-11-26T17:59:59+01:00", true);
        check(&office, "2026-11-26T18:00:00+01:00", false);
        check(&office, "2026-11-28T12:00:00+01:00", false); // Saturday
        check(&office, "2026-07-01T08:00:00+02:00", true); // in summer time
    }

    #[test]
    fn a_night_belongs_to_the_day_it_began() {
        let friday_night = schedule(&["fri"], "22:00", "06:00");
        check(&friday_night, "2026-11-27T21:59:00+01:00", false);
        check(&friday_night, "2026-11-27T22:00:00+01:00", true);
        check(&friday_night, "2026-11-28T05:59:00+01:00", true);
        check(&friday_night, "2026-11-28T06:00:00+01:00", false);
        check(&friday_night, "2026-11-27T03:00:00+01:00", false);
    }

    #[test]
    fn nights_when_the_clock_is_changed() {
        // 2026-10-25: 03:00 becomes 02:00. The hour from 2 to 3 comes twice, and is open twice.
        let small_hours = schedule(&[], "02:00", "03:00");
        check(&small_hours, "2026-10-25T02:30:00+02:00", true);
        check(&small_hours, "2026-10-25T02:30:00+01:00", true);
        check(&small_hours, "2026-10-25T03:00:00+01:00", false);
        // 2026-03-29: 02:00 becomes 03:00. The hour never comes.
        check(&small_hours, "2026-03-29T01:59:59+01:00", false);
        check(&small_hours, "2026-03-29T03:00:00+02:00", false);
    }

    #[test]
    fn a_whole_day() {
        let saturday = schedule(&["sat"], "00:00", "24:00");
        check(&saturday, "2026-11-28T00:00:00+01:00", true);
        check(&saturday, "2026-11-28T23:59:59+01:00", true);
        check(&saturday, "2026-11-29T00:00:00+01:00", false);
    }
}
