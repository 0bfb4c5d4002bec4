use std::time::Duration;

use alerts::rule::read_time;
use toml::Table;
use toml_edit::{Array, InlineTable, Value};

/// A key that the window can change.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// What counts where the file says nothing, as a person would write it.
    pub(super) default: &'static str,
}

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Milliseconds in the file, `90s` in the window.
    Time,
    Times,
    Number,
    Word,
    /// `23:00 to 07:00`, a table in the file.
    Hours,
    /// One, or several in the order in which they are tried.
    Addresses,
}

const fn key(name: &'static str, kind: Kind, default: &'static str) -> Key {
    Key { name, kind, default }
}

pub(super) const KEYS: [Key; 18] = [
    key("alerts.notifyFrom", Kind::Word, "critical"),
    key("alerts.timeZone", Kind::Word, ""),
    key("alerts.quietHours", Kind::Hours, ""),
    key("alerts.repeatCritical", Kind::Times, "2m, 5m, 10m"),
    key("alerts.repeatCriticalAfter", Kind::Time, "15m"),
    key("alerts.repeatHigh", Kind::Time, "1h"),
    key("alerts.digestHour", Kind::Number, "9"),
    key("alerts.soundAfter", Kind::Time, "2m"),
    key("alerts.callOutAfter", Kind::Time, "4m"),
    key("alerts.hideAmounts", Kind::Word, "never"),
    key("alerts.ackLapse", Kind::Time, "30m"),
    key("retention.read", Kind::Time, "1d"),
    key("retention.critical", Kind::Time, "30d"),
    key("retention.log", Kind::Time, "365d"),
    key("history.minutes", Kind::Time, "1d"),
    key("history.fiveMinutes", Kind::Time, "30d"),
    key("history.hours", Kind::Time, "365d"),
    key("history.megabytes", Kind::Number, "4096"),
];

/// The addresses of each profile that the file has.
pub(super) fn profiles(table: &Table) -> Vec<String> {
    let profiles = table.get("profiles").and_then(toml::Value::as_table);
    profiles.into_iter().flatten().map(|(name, _)| format!("profiles.{name}.url")).collect()
}

/// `None`: the window changes no such key of this file.
pub(super) fn kind(name: &str, text: &str) -> Option<Kind> {
    if let Some(key) = KEYS.iter().find(|key| key.name == name) {
        return Some(key.kind);
    }
    let table: Table = text.parse().ok()?;
    profiles(&table).iter().any(|key| key == name).then_some(Kind::Addresses)
}

pub(super) fn find<'a>(table: &'a Table, name: &str) -> Option<&'a toml::Value> {
    let mut parts = name.split('.');
    let mut value = table.get(parts.next()?)?;
    for part in parts {
        // The other name of it.
        value = match (value.get(part), part) {
            (None, "url") => value.get("endpoints")?,
            (found, _) => found?,
        };
    }
    Some(value)
}

impl Kind {
    /// What somebody typed, as it goes into the file; or why it cannot, as it goes on where the field's name ends.
    pub(super) fn read(self, text: &str) -> Result<Value, String> {
        match self {
            Self::Time => millis(text).map(Value::from),
            Self::Times => {
                let times = text.split(',').map(|time| millis(time.trim()));
                Ok(times.collect::<Result<Array, _>>()?.into())
            }
            Self::Number => text
                .parse::<u32>()
                .map(|number| i64::from(number).into())
                .map_err(|_| "is no whole number".to_owned()),
            Self::Word => Ok(text.into()),
            Self::Hours => {
                let (from, to) = ["to", "–", "-"]
                    .iter()
                    .find_map(|between| text.split_once(*between))
                    .ok_or("is no pair of times; write it as in 23:00 to 07:00")?;
                let mut hours = InlineTable::new();
                hours.insert("from", from.trim().into());
                hours.insert("to", to.trim().into());
                hours.fmt();
                Ok(Value::InlineTable(hours))
            }
            Self::Addresses => {
                let all: Vec<&str> =
                    text.split([',', '\n']).map(str::trim).filter(|one| !one.is_empty()).collect();
                match all[..] {
                    [] => Err("is missing".to_owned()),
                    [only] => Ok(only.into()),
                    _ => Ok(all.into_iter().collect::<Array>().into()),
                }
            }
        }
    }

    /// What stands in the file, as a person would type it.
    pub(super) fn show(self, value: &toml::Value) -> String {
        let list = |each: &dyn Fn(&toml::Value) -> String| match value.as_array() {
            Some(all) => all.iter().map(each).collect::<Vec<_>>().join(", "),
            None => each(value),
        };
        let plain = |value: &toml::Value| match value {
            toml::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match self {
            Self::Time => time(value),
            Self::Times => list(&time),
            Self::Addresses => list(&plain),
            Self::Hours => {
                let part = |name: &str| value.get(name).map(plain).unwrap_or_default();
                format!("{} to {}", part("from"), part("to"))
            }
            Self::Number | Self::Word => plain(value),
        }
    }
}

fn millis(text: &str) -> Result<i64, String> {
    let time = read_time(text).map_err(|fault| fault.to_string())?;
    i64::try_from(time.as_millis()).map_err(|_| "is longer than anything lasts".to_owned())
}

/// Of milliseconds, in the largest unit that tells them exactly.
fn time(value: &toml::Value) -> String {
    match value.as_integer().and_then(|millis| u64::try_from(millis).ok()) {
        Some(millis) => written(Duration::from_millis(millis)),
        None => value.to_string(),
    }
}

fn written(time: Duration) -> String {
    let millis = time.as_millis();
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    let exact = units.iter().find(|(unit, _)| millis >= *unit && millis.is_multiple_of(*unit));
    match exact {
        Some((unit, name)) => format!("{}{name}", millis / unit),
        None if millis == 0 => "0s".to_owned(),
        None => format!("{millis}ms"),
    }
}

/// A reason without what the field says itself: which one it is, and that its times are milliseconds.
pub(super) fn shortened(reason: &str) -> String {
    let option = reason.find("option `").and_then(|at| reason[at..].split_once("`: "));
    let sections = ["`alerts.", "`retention.", "`history."];
    let key = sections.iter().find_map(|section| reason.find(section));
    let said = match (option, key.and_then(|at| reason[at..].split_once("` "))) {
        (Some((_, said)), _) | (None, Some((_, said))) => said,
        (None, None) => reason,
    };
    let range = said.strip_suffix(" milliseconds").and_then(|said| {
        let (least, most) = said.strip_prefix("must be from ")?.split_once(" to ")?;
        let time = |text: &str| Some(written(Duration::from_millis(text.parse().ok()?)));
        Some(format!("must be from {} to {}", time(least)?, time(most)?))
    });
    range.unwrap_or_else(|| said.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_can_be_typed() {
        for (kind, text) in [
            (Kind::Time, "90s"),
            (Kind::Time, "36h"),
            (Kind::Time, "1500ms"),
            (Kind::Time, "0s"),
            (Kind::Times, "2m, 5m, 90m"),
            (Kind::Number, "4096"),
            (Kind::Word, "Europe/Berlin"),
            (Kind::Hours, "23:00 to 07:00"),
            (Kind::Addresses, "wss://a.example"),
            (Kind::Addresses, "wss://a.example, wss://b.example"),
        ] {
            let file = format!("x = {}", kind.read(text).unwrap());
            let table: Table = file.parse().unwrap();
            assert_eq!(kind.show(&table["x"]), text, "{file}");
        }
        assert_eq!(Kind::Addresses.read(" , ").unwrap_err(), "is missing");
    }

    #[test]
    fn a_reason_is_about_the_field_and_in_its_units() {
        for (reason, short) in [
            (
                "/a/config.toml is not valid: `retention.log` must be from 86400000 to 315360000000 milliseconds",
                "must be from 1d to 3650d",
            ),
            (
                "/a/config.toml is not valid: `alerts.timeZone` is no time zone: `Berlin`; write it so",
                "is no time zone: `Berlin`; write it so",
            ),
            (
                "profile `acme`: option `endpoints`: has the scheme `http`; write ws:// or wss://",
                "has the scheme `http`; write ws:// or wss://",
            ),
            ("something else", "something else"),
        ] {
            assert_eq!(shortened(reason), short);
        }
    }
}
