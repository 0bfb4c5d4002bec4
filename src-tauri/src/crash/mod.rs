//! What is left of a run that failed: a report of each panic, and whether the last run came to its end. Nothing of it is
//! sent anywhere.

mod last_run;
mod report;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::{Level, UnixMillis};
use jiff::{Timestamp, tz::TimeZone};
use monitor::Notice;

use last_run::{LastRun, Outcome};
pub(crate) use last_run::{Run, previous};
pub(crate) use report::report_panics;

/// Where the reports lie, in the data folder.
fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join("crashes")
}

/// What the person is told of the run before this one; `None`: it ended as it should. From `told_elsewhere` on, the alerts
/// tell by themselves when nobody was watching.
pub(crate) fn notice(
    data_dir: &Path,
    last: Option<&LastRun>,
    now: UnixMillis,
    told_elsewhere: Duration,
) -> Option<Notice> {
    let last = last?;
    let reports = report::since(&folder(data_dir), last.started);
    let (Outcome::Cut { seen }, watched) = (last.outcome, last.profile.is_some()) else {
        let newest = reports.last()?;
        let message = format!("It went on without it. The report is at {}.", newest.display());
        return Some(Notice::system(Level::Medium, "A part of VaultWatch failed", message));
    };
    let mut message = match reports.last() {
        Some(newest) => format!("The report is at {}. ", newest.display()),
        None => "It was killed, or the machine lost its power. ".to_owned(),
    };
    if watched && now.since(seen) < told_elsewhere {
        // Writing to a string cannot fail.
        let _ = write!(message, "Nobody was watching from {} to {}.", clock(seen), clock(now));
    }
    let message = message.trim_end();
    Some(Notice::system(Level::High, "VaultWatch ended unexpectedly", message))
}

/// `2026-11-26 15:28:52` on the wall.
fn clock(at: UnixMillis) -> String {
    let time = Timestamp::from_millisecond(at.0).unwrap_or_default();
    time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: UnixMillis = UnixMillis(1_763_800_000_000);
    const AWAY: Duration = Duration::from_secs(300);

    fn last(outcome: Outcome) -> LastRun {
        LastRun { started: T, profile: Some("acme".to_owned()), outcome }
    }

    #[test]
    fn an_end_that_was_none_is_told_with_its_times_once() {
        let folder = tempfile::tempdir().unwrap();
        let told = |last: &LastRun, after: u64| {
            let now = T.plus(Duration::from_secs(after));
            notice(folder.path(), Some(last), now, AWAY)
        };
        assert_eq!(told(&last(Outcome::Ended), 60), None);
        assert_eq!(notice(folder.path(), None, T, AWAY), None, "the first run of all");
        let cut = last(Outcome::Cut { seen: T });
        let short = told(&cut, 60).unwrap();
        assert_eq!(
            (short.severity, short.title.as_str()),
            (Level::High, "VaultWatch ended unexpectedly")
        );
        let times = format!("from {} to {}.", clock(T), clock(T.plus(Duration::from_secs(60))));
        assert!(short.message.ends_with(&times), "{}", short.message);
        let long = told(&cut, 300).unwrap();
        assert!(!long.message.contains("watching"), "the alerts tell it: {}", long.message);
        let demo = LastRun { profile: None, ..cut };
        assert!(!told(&demo, 60).unwrap().message.contains("watching"), "nobody was to");
    }

    #[test]
    fn a_report_of_that_run_is_named_and_an_older_one_is_not() {
        let data = tempfile::tempdir().unwrap();
        let folder = folder(data.path());
        let old = report::write(&folder, "an older run's").unwrap();
        let before = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000);
        std::fs::File::options().append(true).open(&old).unwrap().set_modified(before).unwrap();
        let cut = last(Outcome::Cut { seen: T });
        assert!(
            notice(data.path(), Some(&cut), T, AWAY).unwrap().message.starts_with("It was killed")
        );
        let new = report::write(&folder, "this run's").unwrap();
        let said = notice(data.path(), Some(&cut), T, AWAY).unwrap().message;
        assert!(said.contains(&new.display().to_string()), "{said}");
        let went_on = notice(data.path(), Some(&last(Outcome::Ended)), T, AWAY).unwrap();
        assert_eq!(went_on.title, "A part of VaultWatch failed");
    }
}
