//! What a `[[policy]]` can say: one number of [`Policy`] at a time.

use std::fmt;
use std::time::Duration;

use domain::Level;
use jiff::tz::TimeZone;
use smol_str::SmolStr;

use super::options::{PolicyOptions, QuietOptions};
use super::validate::{self, Faults, key_of};
use super::{Fault, time};
use crate::{Policy, QuietHours};

const LEVELS: [Level; 3] = [Level::Medium, Level::High, Level::Critical];
/// More tellings than this in a row nobody lists by hand.
const MOST_REPEATS: usize = 20;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Where it is written, what is written, what makes sense, and what it then says.
type Time<'a> = (&'static str, &'a Option<SmolStr>, Range, fn(Duration) -> Said);

/// The shortest and the longest time that makes sense, and both in words.
struct Range {
    least: Duration,
    shortest: &'static str,
    most: Duration,
    longest: &'static str,
}

const ANY: Range =
    Range { least: Duration::ZERO, shortest: "0 s", most: seconds(86_400), longest: "24 h" };
// A critical alert must not be silent for half a day because of a digit too many.
const REPEAT: Range =
    Range { least: seconds(30), shortest: "30 s", most: seconds(7_200), longest: "2 h" };
const REPEAT_HIGH: Range =
    Range { least: seconds(300), shortest: "5 min", most: seconds(7 * 86_400), longest: "7 days" };
const SOUND: Range =
    Range { least: Duration::ZERO, shortest: "0 s", most: seconds(3_600), longest: "1 h" };
const CALL_OUT: Range =
    Range { least: Duration::ZERO, shortest: "0 s", most: seconds(7_200), longest: "2 h" };
const LAPSE: Range =
    Range { least: seconds(300), shortest: "5 min", most: seconds(86_400), longest: "24 h" };

impl Range {
    fn of(&self, text: &str) -> Result<Duration, Fault> {
        let time = validate::limited(text, self.most, self.longest)?;
        if time < self.least { Err(Fault::TooShort { least: self.shortest }) } else { Ok(time) }
    }
}

/// One number of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Hold(Level, Duration),
    Recovery(Duration),
    RepeatCritical(Vec<Duration>),
    RepeatCriticalAfter(Duration),
    RepeatHigh(Duration),
    /// `None`: there are none here, whatever holds elsewhere.
    QuietHours(Option<QuietHours>),
    NotifyFrom(Level),
    SoundAfter(Duration),
    CallOutAfter(Duration),
    AckLapse(Duration),
}

impl Said {
    /// Everything a policy consists of that another one can say otherwise.
    pub(super) fn all_of(policy: &Policy) -> Vec<Self> {
        let mut all: Vec<_> =
            LEVELS.into_iter().map(|level| Self::Hold(level, policy.hold.of(level))).collect();
        all.extend([
            Self::Recovery(policy.recovery),
            Self::RepeatCritical(policy.repeat_critical.clone()),
            Self::RepeatCriticalAfter(policy.repeat_critical_after),
            Self::RepeatHigh(policy.repeat_high),
            Self::QuietHours(policy.quiet_hours.clone()),
            Self::NotifyFrom(policy.notify_from),
            Self::SoundAfter(policy.sound_after),
            Self::CallOutAfter(policy.call_out_after),
            Self::AckLapse(policy.ack_lapse),
        ]);
        all
    }

    /// What the options of a policy say; what is wrong with them goes to `faults`. `zone`: of quiet hours that name none.
    pub(super) fn read(options: &PolicyOptions, zone: &TimeZone, faults: &mut Faults) -> Vec<Self> {
        let mut said = Vec::new();
        for (key, text) in &options.hold {
            let field = format!("hold.{key}");
            let Some(level) = faults.take(&field, validate::level(key)) else { continue };
            let hold = faults.take(&field, ANY.of(text));
            said.extend(hold.map(|hold| Self::Hold(level, hold)));
        }
        let repeat = &options.repeat;
        if let Some(times) = &repeat.critical {
            let times = faults.take("repeat.critical", rising(times));
            said.extend(times.map(Self::RepeatCritical));
        }
        let times: [Time<'_>; 6] = [
            ("recovery", &options.recovery, ANY, Self::Recovery),
            ("repeat.critical_after", &repeat.critical_after, REPEAT, Self::RepeatCriticalAfter),
            ("repeat.high", &repeat.high, REPEAT_HIGH, Self::RepeatHigh),
            ("sound_after", &options.sound_after, SOUND, Self::SoundAfter),
            ("call_out_after", &options.call_out_after, CALL_OUT, Self::CallOutAfter),
            ("ack_lapse", &options.ack_lapse, LAPSE, Self::AckLapse),
        ];
        for (field, text, range, make) in times {
            let time = text.as_ref().and_then(|text| faults.take(field, range.of(text)));
            said.extend(time.map(make));
        }
        if let Some(quiet) = &options.quiet_hours {
            said.extend(quiet_hours(quiet, zone, faults).map(Self::QuietHours));
        }
        if let Some(level) = &options.notify_from {
            let level = faults.take("notify_from", validate::level(level));
            said.extend(level.map(Self::NotifyFrom));
        }
        said
    }

    /// The field that has the other channels told before the sound begins, whatever another policy, or `default`, says
    /// of what `said` does not. `all`: of all policies.
    pub(super) fn calls_before_sound<'a>(
        said: &[Self],
        all: impl Iterator<Item = &'a Self> + Clone,
        default: &Policy,
    ) -> Option<&'static str> {
        let sounds = |said: &Self| match said {
            Self::SoundAfter(time) => Some(*time),
            _ => None,
        };
        let calls = |said: &Self| match said {
            Self::CallOutAfter(time) => Some(*time),
            _ => None,
        };
        let sound = said.iter().find_map(sounds);
        let call = said.iter().find_map(calls);
        match (sound, call) {
            (Some(sound), Some(call)) => (call < sound).then_some("call_out_after"),
            (Some(sound), None) => {
                let latest = all.filter_map(calls).chain([default.call_out_after]).max();
                (latest < Some(sound)).then_some("sound_after")
            }
            (None, Some(call)) => {
                let earliest = all.filter_map(sounds).chain([default.sound_after]).min();
                earliest.is_some_and(|sound| call < sound).then_some("call_out_after")
            }
            (None, None) => None,
        }
    }

    /// As in the configuration: `hold.critical`.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Hold(Level::Low | Level::Medium, _) => "hold.medium",
            Self::Hold(Level::High, _) => "hold.high",
            Self::Hold(Level::Critical, _) => "hold.critical",
            Self::Recovery(_) => "recovery",
            Self::RepeatCritical(_) => "repeat.critical",
            Self::RepeatCriticalAfter(_) => "repeat.critical_after",
            Self::RepeatHigh(_) => "repeat.high",
            Self::QuietHours(_) => "quiet_hours",
            Self::NotifyFrom(_) => "notify_from",
            Self::SoundAfter(_) => "sound_after",
            Self::CallOutAfter(_) => "call_out_after",
            Self::AckLapse(_) => "ack_lapse",
        }
    }

    /// Where it is a single time.
    pub(super) fn time(&self) -> Option<Duration> {
        match self {
            Self::Hold(_, time)
            | Self::Recovery(time)
            | Self::RepeatCriticalAfter(time)
            | Self::RepeatHigh(time)
            | Self::SoundAfter(time)
            | Self::CallOutAfter(time)
            | Self::AckLapse(time) => Some(*time),
            Self::RepeatCritical(_) | Self::QuietHours(_) | Self::NotifyFrom(_) => None,
        }
    }

    pub(super) fn apply(&self, policy: &mut Policy) {
        match self {
            Self::Hold(Level::Low | Level::Medium, time) => policy.hold.medium = *time,
            Self::Hold(Level::High, time) => policy.hold.high = *time,
            Self::Hold(Level::Critical, time) => policy.hold.critical = *time,
            Self::Recovery(time) => policy.recovery = *time,
            Self::RepeatCritical(times) => policy.repeat_critical.clone_from(times),
            Self::RepeatCriticalAfter(time) => policy.repeat_critical_after = *time,
            Self::RepeatHigh(time) => policy.repeat_high = *time,
            Self::QuietHours(hours) => policy.quiet_hours.clone_from(hours),
            Self::NotifyFrom(level) => policy.notify_from = *level,
            Self::SoundAfter(time) => policy.sound_after = *time,
            Self::CallOutAfter(time) => policy.call_out_after = *time,
            Self::AckLapse(time) => policy.ack_lapse = *time,
        }
    }
}

/// `2 min, 5 min`, `22:00 to 06:00, Europe/Berlin`, `critical`.
impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(time) = self.time() {
            return f.write_str(&time::words(time));
        }
        match self {
            Self::RepeatCritical(times) => {
                let times: Vec<_> = times.iter().map(|at| time::words(*at)).collect();
                f.write_str(&times.join(", "))
            }
            Self::QuietHours(None) => f.write_str("none"),
            Self::QuietHours(Some(hours)) => {
                let QuietHours { from, to, zone } = hours;
                let (from, to) = (from.strftime("%H:%M"), to.strftime("%H:%M"));
                write!(f, "{from} to {to}, {}", zone.iana_name().unwrap_or("the system's time"))
            }
            Self::NotifyFrom(level) => f.write_str(key_of(*level)),
            _ => Ok(()),
        }
    }
}

fn rising(texts: &[SmolStr]) -> Result<Vec<Duration>, Fault> {
    if texts.is_empty() {
        return Err(Fault::Empty);
    }
    if texts.len() > MOST_REPEATS {
        return Err(Fault::TooMany { limit: MOST_REPEATS });
    }
    let times: Vec<_> = texts.iter().map(|text| REPEAT.of(text)).collect::<Result<_, _>>()?;
    if times.is_sorted_by(|a, b| a < b) { Ok(times) } else { Err(Fault::NotRising) }
}

fn quiet_hours(
    options: &QuietOptions,
    zone: &TimeZone,
    faults: &mut Faults,
) -> Option<Option<QuietHours>> {
    let hours = match options {
        QuietOptions::Word(word) if word == "none" => return Some(None),
        QuietOptions::Word(other) => {
            let known = "none, { from, to }".to_owned();
            faults.add("quiet_hours", Fault::Unknown { given: other.clone(), known });
            return None;
        }
        QuietOptions::Hours(hours) => hours,
    };
    let mut time =
        |field, text: &SmolStr| faults.take(field, text.parse().map_err(|_| Fault::BadTimeOfDay));
    let from = time("quiet_hours.from", &hours.from);
    let to = time("quiet_hours.to", &hours.to);
    let zone = match &hours.zone {
        None => Some(zone.clone()),
        Some(name) => {
            let zone = TimeZone::get(name).map_err(|_| Fault::UnknownZone);
            faults.take("quiet_hours.zone", zone)
        }
    };
    Some(Some(QuietHours { from: from?, to: to?, zone: zone? }))
}
