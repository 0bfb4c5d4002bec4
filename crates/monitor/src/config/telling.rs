//! How alerts are told: `[alerts]` of `config.toml`.

use std::time::Duration;

use alerts::{Policy, QuietHours};
use domain::Level;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::Deserialize;
use thiserror::Error;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// More tellings than this in a row nobody lists by hand.
const MOST_REPEATS: usize = 20;

/// Times in milliseconds. What is left out is as [`Policy`]'s default says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct TellingConfig {
    /// Alerts of this level and beyond go to the operating system, too.
    notify_from: Option<NotifyFrom>,
    /// Of the times in texts and of the quiet hours; the system's where it is left out.
    time_zone: Option<String>,
    quiet_hours: Option<QuietHoursConfig>,
    /// After its raise, an unanswered critical alert is told again at these times, then every `repeat_critical_after`.
    repeat_critical: Option<Vec<u64>>,
    repeat_critical_after: Option<u64>,
    repeat_high: Option<u64>,
    /// The hour at which open medium alerts are summed up.
    digest_hour: Option<u8>,
    sound_after: Option<u64>,
    call_out_after: Option<u64>,
    ack_lapse: Option<u64>,
    hide_amounts: HideAmounts,
}

/// When the operating system's notifications show no amounts, prices and shares: for screens that strangers may read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HideAmounts {
    #[default]
    Never,
    /// While the screen is locked, and where nobody can tell whether it is.
    Locked,
    Always,
}

impl HideAmounts {
    /// As it is written in the file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Locked => "locked",
            Self::Always => "always",
        }
    }

    /// Whether they are hidden now. `locked`: whether the screen is; `None`: nobody can tell.
    #[must_use]
    pub fn hides(self, locked: Option<bool>) -> bool {
        match self {
            Self::Never => false,
            Self::Locked => locked != Some(false),
            Self::Always => true,
        }
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum NotifyFrom {
    Medium,
    High,
    Critical,
}

/// Clock times, as in `"23:00"`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct QuietHoursConfig {
    from: String,
    to: String,
}

/// A setting of `[alerts]` that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`alerts.{field}` {fault}")]
pub struct BadTelling {
    pub field: &'static str,
    pub fault: TellingFault,
}

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TellingFault {
    #[error("must be from {least} to {most} milliseconds")]
    Range { least: u64, most: u64 },
    #[error("must be an hour from 0 to 23")]
    Hour,
    #[error("must rise from each time to the next, and have 1 to {MOST_REPEATS} of them")]
    NotRising,
    #[error("is no time of day: `{0}`; write it as in \"23:00\"")]
    NoTime(String),
    #[error("is no time zone: `{0}`; write it as in \"Europe/Berlin\"")]
    NoZone(String),
    #[error(
        "must be later than `alerts.soundAfter`: the sound comes before other people are called"
    )]
    BeforeTheSound,
}

impl TellingConfig {
    pub(super) fn hide_amounts(&self) -> HideAmounts {
        self.hide_amounts
    }

    /// # Errors
    /// [`BadTelling`] names the field and what is wrong with it.
    pub(super) fn validate(&self) -> Result<Policy, BadTelling> {
        let mut policy = Policy { zone: self.zone()?, ..Policy::default() };
        if let Some(from) = self.notify_from {
            policy.notify_from = match from {
                NotifyFrom::Medium => Level::Medium,
                NotifyFrom::High => Level::High,
                NotifyFrom::Critical => Level::Critical,
            };
        }
        if let Some(hours) = &self.quiet_hours {
            policy.quiet_hours = Some(QuietHours {
                from: time_of_day("quietHours.from", &hours.from)?,
                to: time_of_day("quietHours.to", &hours.to)?,
                zone: policy.zone.clone(),
            });
        }
        if let Some(repeats) = &self.repeat_critical {
            policy.repeat_critical = rising(repeats)?;
        }
        if let Some(hour) = self.digest_hour {
            let digest_hour = i8::try_from(hour).ok().filter(|hour| *hour < 24);
            policy.digest_hour =
                digest_hour.ok_or(BadTelling { field: "digestHour", fault: TellingFault::Hour })?;
        }
        let times = [
            // A critical alert must not be silent for half a day because of a digit too many.
            ("repeatCriticalAfter", self.repeat_critical_after, (MINUTE, 2 * HOUR)),
            ("repeatHigh", self.repeat_high, (5 * MINUTE, 7 * DAY)),
            ("soundAfter", self.sound_after, (0, HOUR)),
            ("callOutAfter", self.call_out_after, (0, 2 * HOUR)),
            ("ackLapse", self.ack_lapse, (5 * MINUTE, DAY)),
        ];
        let fields = [
            &mut policy.repeat_critical_after,
            &mut policy.repeat_high,
            &mut policy.sound_after,
            &mut policy.call_out_after,
            &mut policy.ack_lapse,
        ];
        for ((field, given, range), value) in times.into_iter().zip(fields) {
            if let Some(millis) = given {
                *value = within(field, millis, range)?;
            }
        }
        if policy.call_out_after < policy.sound_after {
            let fault = TellingFault::BeforeTheSound;
            return Err(BadTelling { field: "callOutAfter", fault });
        }
        Ok(policy)
    }

    fn zone(&self) -> Result<TimeZone, BadTelling> {
        let Some(name) = &self.time_zone else { return Ok(TimeZone::system()) };
        let fault = |_| TellingFault::NoZone(name.clone());
        TimeZone::get(name).map_err(fault).map_err(|fault| BadTelling { field: "timeZone", fault })
    }
}

fn within(
    field: &'static str,
    millis: u64,
    (least, most): (u64, u64),
) -> Result<Duration, BadTelling> {
    if (least..=most).contains(&millis) {
        return Ok(Duration::from_millis(millis));
    }
    Err(BadTelling { field, fault: TellingFault::Range { least, most } })
}

fn rising(times: &[u64]) -> Result<Vec<Duration>, BadTelling> {
    let field = "repeatCritical";
    if !(1..=MOST_REPEATS).contains(&times.len()) || times.windows(2).any(|two| two[0] >= two[1]) {
        return Err(BadTelling { field, fault: TellingFault::NotRising });
    }
    times.iter().map(|millis| within(field, *millis, (30 * SECOND, 2 * HOUR))).collect()
}

fn time_of_day(field: &'static str, text: &str) -> Result<Time, BadTelling> {
    text.parse().map_err(|_| BadTelling { field, fault: TellingFault::NoTime(text.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Policy, BadTelling> {
        toml::from_str::<TellingConfig>(text).unwrap().validate()
    }

    #[test]
    fn what_is_said_counts_and_the_rest_is_as_designed() {
        let default = Policy { zone: TimeZone::system(), ..Policy::default() };
        assert_eq!(read("").unwrap(), default);
        let policy = read(
            "notifyFrom = 'high'\ntimeZone = 'Europe/Berlin'\n\
             quietHours = { from = '23:00', to = '07:30' }\n\
             repeatCritical = [60000, 180000]\nrepeatCriticalAfter = 600000\ndigestHour = 7\n",
        )
        .unwrap();
        assert_eq!(policy.notify_from, Level::High);
        let quiet = policy.quiet_hours.unwrap();
        assert_eq!(quiet.zone.iana_name(), Some("Europe/Berlin"));
        assert_eq!((quiet.from.hour(), quiet.to.minute()), (23, 30));
        assert_eq!(policy.repeat_critical, [60, 180].map(Duration::from_secs));
        assert_eq!(policy.repeat_critical_after, Duration::from_secs(600));
        assert_eq!((policy.digest_hour, policy.sound_after), (7, default.sound_after));
    }

    #[test]
    fn amounts_are_hidden_when_it_is_wished_for_and_from_whom_it_concerns() {
        let hidden = |text: &str| {
            let wish = toml::from_str::<TellingConfig>(text).unwrap().hide_amounts();
            assert!(text.is_empty() || text.contains(wish.word()), "{wish:?}");
            [Some(false), Some(true), None].map(|locked| wish.hides(locked))
        };
        assert_eq!(hidden(""), [false; 3]);
        assert_eq!(hidden("hideAmounts = 'never'"), [false; 3]);
        assert_eq!(hidden("hideAmounts = 'locked'"), [false, true, true], "rather than not");
        assert_eq!(hidden("hideAmounts = 'always'"), [true; 3]);
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_name() {
        for (text, field, fault) in [
            (
                "repeatCriticalAfter = 86400000",
                "repeatCriticalAfter",
                TellingFault::Range { least: MINUTE, most: 2 * HOUR },
            ),
            ("repeatCritical = []", "repeatCritical", TellingFault::NotRising),
            ("repeatCritical = [120000, 60000]", "repeatCritical", TellingFault::NotRising),
            ("digestHour = 24", "digestHour", TellingFault::Hour),
            (
                "quietHours = { from = '25:00', to = '07:00' }",
                "quietHours.from",
                TellingFault::NoTime("25:00".to_owned()),
            ),
            ("timeZone = 'Berlin'", "timeZone", TellingFault::NoZone("Berlin".to_owned())),
            ("soundAfter = 3600000", "callOutAfter", TellingFault::BeforeTheSound),
        ] {
            assert_eq!(read(text).unwrap_err(), BadTelling { field, fault }, "{text}");
        }
        assert!(toml::from_str::<TellingConfig>("quitHours = 5").is_err());
        assert!(toml::from_str::<TellingConfig>("hideAmounts = true").is_err());
        assert!(toml::from_str::<TellingConfig>("notifyFrom = 'low'").is_err());
    }
}
