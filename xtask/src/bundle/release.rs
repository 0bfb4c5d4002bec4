//! Which version is packed, and of which day it is.

use std::env;
use std::fs;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};

use super::recipe::METADATA;
use crate::workspace;

/// A version and its day. All times in a package are the day's beginning, so that the same programs give the same
/// package whenever and wherever it is made.
#[derive(Debug, Clone)]
pub(crate) struct Release {
    pub(crate) version: String,
    /// As in `2026-11-26`.
    pub(crate) day: String,
    /// Seconds since 1970.
    pub(crate) epoch: u64,
}

impl Release {
    /// What is being worked on, and the day that its metadata for software centers give. `SOURCE_DATE_EPOCH` wins over
    /// that, as in other tools.
    pub(crate) fn current() -> Result<Self> {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let text = fs::read_to_string(workspace::root().join(METADATA))
            .with_context(|| format!("{METADATA} cannot be read"))?;
        let (newest, day) = newest(&text).with_context(|| format!("no <release> in {METADATA}"))?;
        ensure!(
            newest == version,
            "the first <release> in {METADATA} is {newest}, but {version} is being packed: write what is new into it"
        );
        let epoch = match env::var("SOURCE_DATE_EPOCH") {
            Ok(set) => set.parse().context("SOURCE_DATE_EPOCH is no number of seconds")?,
            Err(_) => begin_of(&day).with_context(|| format!("{METADATA}: {day:?} is no day"))?,
        };
        Ok(Self { version, day, epoch })
    }

    /// The version as Debian and Red Hat sort it: what comes before a release is marked by a tilde.
    pub(crate) fn sortable(&self) -> String {
        self.version.replacen('-', "~", 1)
    }

    pub(crate) fn time(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.epoch)
    }
}

/// Version and day of the first `<release>`, which is the newest by AppStream's rules.
fn newest(metadata: &str) -> Option<(String, String)> {
    let (_, rest) = metadata.split_once("<release ")?;
    let (tag, _) = rest.split_once('>')?;
    let attribute = |name: &str| {
        let (_, rest) = tag.split_once(&format!("{name}=\""))?;
        Some(rest.split_once('"')?.0.to_owned())
    };
    Some((attribute("version")?, attribute("date")?))
}

/// Seconds from 1970 to the beginning of a day such as `2026-11-26`, in UTC.
fn begin_of(day: &str) -> Option<u64> {
    let mut numbers = day.splitn(3, '-').map(str::parse::<u64>);
    let mut next = || numbers.next()?.ok();
    let (year, month, day) = (next()?, next()?, next()?);
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let of_month = |month: u64| match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    };
    let is_day = year >= 1970 && (1..=12).contains(&month) && (1..=of_month(month)).contains(&day);
    let before = (1970..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum::<u64>()
        + (1..month).map(of_month).sum::<u64>();
    is_day.then(|| (before + day - 1) * 86_400)
}

#[cfg(test)]
impl Release {
    pub(crate) fn example() -> Self {
        Self { version: "1.2.0-rc.1".into(), day: "2026-11-26".into(), epoch: 1_795_651_200 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_release_comes_first() {
        let text = "<releases>\n<release type=\"stable\" version=\"2.0.0\" date=\"2027-01-02\"/>\n\
                    <release version=\"1.0.0\" date=\"2026-01-02\"/>";
        assert_eq!(newest(text), Some(("2.0.0".into(), "2027-01-02".into())));
        assert_eq!(newest("<releases/>"), None);
    }

    #[test]
    fn a_day_begins_at_midnight() {
        assert_eq!(begin_of("1970-01-01"), Some(0));
        assert_eq!(begin_of("2000-03-01"), Some(951_868_800));
        assert_eq!(begin_of("2026-11-26"), Some(Release::example().epoch));
        for none in
            ["2026-02-29", "2026-13-01", "2026-00-10", "1969-12-31", "2026-11", "x", "2026-1-0"]
        {
            assert_eq!(begin_of(none), None, "{none}");
        }
        assert!(begin_of("2028-02-29").is_some());
    }

    #[test]
    fn what_comes_before_a_release_sorts_before_it() {
        assert_eq!(Release::example().sortable(), "1.2.0~rc.1");
    }

    #[test]
    fn what_is_worked_on_has_a_day() {
        let release = Release::current().unwrap();
        assert_eq!(release.version, env!("CARGO_PKG_VERSION"));
        assert!(release.epoch > 1_790_000_000, "{release:?}");
    }
}
