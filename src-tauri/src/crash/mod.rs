//! What is left of a run that failed: a report of each panic, and whether the last run came to its end. Nothing of it is
//! sent anywhere.

mod last_run;
mod report;

use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::{Level, UnixMillis};
use jiff::{Timestamp, tz::TimeZone};
use monitor::Notice;

use crate::say::notices as say;

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
        let path = newest.display().to_string();
        return Some(Notice::system(Level::Medium, |language| {
            (say::part_failed(language), say::part_failed_how(language, &path))
        }));
    };
    let report = reports.last().map(|newest| newest.display().to_string());
    let unwatched =
        (watched && now.since(seen) < told_elsewhere).then(|| (clock(seen), clock(now)));
    Some(Notice::system(Level::High, |language| {
        let mut message = match &report {
            Some(path) => say::ended_report(language, path),
            None => say::ended_killed(language).to_owned(),
        };
        if let Some((from, to)) = &unwatched {
            message.push(' ');
            message.push_str(&say::ended_unwatched(language, from, to));
        }
        (say::ended(language), message)
    }))
}

/// `2026-11-26 15:28:52` on the wall.
fn clock(at: UnixMillis) -> String {
    let time = Timestamp::from_millisecond(at.0).unwrap_or_default();
    time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use domain::Language;

    use super::*;

    /// In English.
    fn message(notice: &Notice) -> &str {
        notice.said.message(Language::English)
    }

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
            (short.severity, short.said.title(Language::English)),
            (Level::High, "VaultWatch ended unexpectedly")
        );
        let times = format!("from {} to {}.", clock(T), clock(T.plus(Duration::from_secs(60))));
        assert!(message(&short).ends_with(&times), "{short:?}");
        let german = short.said.into_words(Language::German);
        assert_eq!(german.0, "VaultWatch wurde unerwartet beendet");
        assert!(german.1.starts_with("Das Programm wurde abgebrochen"), "{}", german.1);
        assert!(german.1.ends_with("wurde nichts überwacht."), "{}", german.1);
        let long = told(&cut, 300).unwrap();
        assert!(!message(&long).contains("watching"), "the alerts tell it: {long:?}");
        let demo = LastRun { profile: None, ..cut };
        assert!(!message(&told(&demo, 60).unwrap()).contains("watching"), "nobody was to");
    }

    #[test]
    fn a_report_of_that_run_is_named_and_an_older_one_is_not() {
        let data = tempfile::tempdir().unwrap();
        let folder = folder(data.path());
        let old = report::write(&folder, "an older run's").unwrap();
        let before = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000);
        std::fs::File::options().append(true).open(&old).unwrap().set_modified(before).unwrap();
        let cut = last(Outcome::Cut { seen: T });
        let killed = notice(data.path(), Some(&cut), T, AWAY).unwrap();
        assert!(message(&killed).starts_with("It was killed"), "{killed:?}");
        let new = report::write(&folder, "this run's").unwrap();
        let said = notice(data.path(), Some(&cut), T, AWAY).unwrap();
        assert!(message(&said).contains(&new.display().to_string()), "{said:?}");
        let went_on = notice(data.path(), Some(&last(Outcome::Ended)), T, AWAY).unwrap();
        assert_eq!(went_on.said.title(Language::English), "A part of VaultWatch failed");
    }
}
