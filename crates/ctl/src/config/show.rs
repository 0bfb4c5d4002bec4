//! The settings in force, each with where it comes from.

use std::time::Duration;

use channels::Kind;
use domain::Level;
use monitor::config::{FeedArgs, FeedChoice, Resolved, line_of};
use serde::Serialize;
use serde_json::json;

use super::line;
use crate::End;

/// One setting. Times are milliseconds, as in the file.
#[derive(Serialize)]
struct Setting {
    key: String,
    value: String,
    /// `--url`, `VAULTWATCH_TOKEN`, `config.toml line 3`, `default`.
    from: String,
}

pub(super) fn run(feed: &FeedArgs, as_json: bool) -> anyhow::Result<End> {
    let resolved = feed.resolve()?;
    let mut list = List { text: resolved.text.as_str(), settings: Vec::new() };
    let watched = watched(&mut list, feed, &resolved);
    telling(&mut list, &resolved);
    keeping(&mut list, &resolved);
    calling(&mut list, &resolved);
    let book = &resolved.rules;
    let rules = book.rules().len();
    list.of_file("rule", &[], &rules.to_string());
    if as_json {
        line(&json!({
            "path": resolved.config_path, "dataDir": resolved.data_dir, "watched": watched,
            "settings": list.settings,
        }))?;
        return Ok(End::AsAsked);
    }
    line(&format!("# {watched}, data in {}", resolved.data_dir.display()))?;
    for Setting { key, value, from } in &list.settings {
        line(&format!("{key:<44} {value:<28} {from}"))?;
    }
    Ok(End::AsAsked)
}

struct List<'a> {
    text: &'a str,
    settings: Vec<Setting>,
}

impl List<'_> {
    fn push(&mut self, key: &str, value: &str, from: String) {
        self.settings.push(Setting { key: key.to_owned(), value: value.to_owned(), from });
    }

    /// A setting of the file, under that key or another name of it.
    fn of_file(&mut self, key: &str, aliases: &[&str], value: &str) {
        let named = std::iter::once(key).chain(aliases.iter().copied());
        let at =
            named.filter_map(|key| line_of(self.text, &key.split('.').collect::<Vec<_>>())).next();
        let from =
            at.map_or_else(|| "default".to_owned(), |line| format!("config.toml line {line}"));
        self.push(key, value, from);
    }

    fn time(&mut self, key: &str, value: Duration) {
        self.of_file(key, &[], &value.as_millis().to_string());
    }
}

/// The connection; returns what is watched.
fn watched(list: &mut List<'_>, feed: &FeedArgs, resolved: &Resolved) -> String {
    let FeedChoice::Profile { name, connection, encryption } = &resolved.feed else {
        let why = match &feed.demo {
            Some(_) => "--demo",
            None => "no profile and no address is configured",
        };
        return format!("the demo ({why})");
    };
    for (field, value) in fields(&format!("{connection:#?}")) {
        let key = match field.as_str() {
            "endpoints" => "url".to_owned(),
            _ => camel(&field),
        };
        let path = format!("profiles.{name}.{key}");
        match key.as_str() {
            "url" if !feed.url.is_empty() => {
                list.push(&path, &value, origin("--url", URL, &feed.url.join(",")));
            }
            "url" => list.of_file(&path, &[&format!("profiles.{name}.endpoints")], &value),
            "token" if set(TOKEN).is_some() => list.push(&path, &value, TOKEN.to_owned()),
            _ => list.of_file(&path, &[], &value),
        }
    }
    let in_keychain = connection.token_from.is_some();
    for (key, value) in [
        ("tokenKeychain", in_keychain.to_string()),
        ("colour", resolved.colour.word().to_owned()),
        ("notify", resolved.notify.word().to_owned()),
        ("paused", resolved.paused.to_string()),
    ] {
        list.of_file(&format!("profiles.{name}.{key}"), &[], &value);
    }
    if let Some(encryption) = encryption {
        let tenant = encryption.tenant.as_deref().unwrap_or(name);
        list.of_file(&format!("encryption.{name}.tenant"), &[], tenant);
        list.of_file(&format!("encryption.{name}.require"), &[], &encryption.require.to_string());
    }
    let why = match &feed.profile {
        Some(profile) => origin("--profile", "VAULTWATCH_PROFILE", profile),
        None if !feed.url.is_empty() => origin("--url", URL, &feed.url.join(",")),
        None => "the only one of config.toml".to_owned(),
    };
    format!("profile {name} ({why})")
}

const URL: &str = "VAULTWATCH_WEBSOCKET_URL";
const TOKEN: &str = "VAULTWATCH_TOKEN";

fn set(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}

/// The flag, unless the variable says the same: it wins, and what it said is not told apart from it otherwise.
fn origin(flag: &str, variable: &str, value: &str) -> String {
    let from_variable = set(variable).as_deref() == Some(value);
    if from_variable { variable } else { flag }.to_owned()
}

fn telling(list: &mut List<'_>, resolved: &Resolved) {
    let policy = &resolved.policy;
    let word = |level: Level| level.word().to_lowercase();
    list.of_file("alerts.notifyFrom", &[], &word(policy.notify_from));
    list.of_file("alerts.timeZone", &[], policy.zone.iana_name().unwrap_or("the system's"));
    let quiet = policy.quiet_hours.as_ref();
    let quiet = quiet.map_or("none".to_owned(), |quiet| {
        format!("{} to {}", quiet.from.strftime("%H:%M"), quiet.to.strftime("%H:%M"))
    });
    list.of_file("alerts.quietHours", &[], &quiet);
    let repeats: Vec<_> = policy.repeat_critical.iter().map(Duration::as_millis).collect();
    list.of_file("alerts.repeatCritical", &[], &format!("{repeats:?}"));
    list.time("alerts.repeatCriticalAfter", policy.repeat_critical_after);
    list.time("alerts.repeatHigh", policy.repeat_high);
    list.of_file("alerts.digestHour", &[], &policy.digest_hour.to_string());
    list.time("alerts.soundAfter", policy.sound_after);
    list.time("alerts.callOutAfter", policy.call_out_after);
    list.time("alerts.ackLapse", policy.ack_lapse);
    list.of_file("alerts.hideAmounts", &[], resolved.hide_amounts.word());
}

fn keeping(list: &mut List<'_>, resolved: &Resolved) {
    let Resolved { retention, history, .. } = resolved;
    list.time("retention.read", retention.read);
    list.time("retention.critical", retention.kept);
    list.time("retention.log", retention.log);
    list.time("history.minutes", history.minutes);
    list.time("history.fiveMinutes", history.fives);
    list.time("history.hours", history.hours);
    list.of_file("history.megabytes", &[], &(history.bytes >> 20).to_string());
}

/// Servers, not paths: a path may be a secret by itself.
fn calling(list: &mut List<'_>, resolved: &Resolved) {
    let channels = &resolved.channels;
    for (kind, key) in [(Kind::Webhook, "channels.webhook"), (Kind::Ntfy, "channels.ntfy")] {
        list.of_file(key, &[], &channels.target(kind).unwrap_or_else(|| "none".to_owned()));
    }
    let dead_man = channels.dead_man_target();
    list.of_file("channels.dead_man", &[], &dead_man.unwrap_or_else(|| "none".to_owned()));
    list.of_file("channels.sound.enabled", &[], &channels.sound.enabled.to_string());
    let file = channels.sound.file.as_ref().map(|file| file.display().to_string());
    list.of_file("channels.sound.file", &[], &file.unwrap_or_else(|| "the app's own".to_owned()));
    list.time("channels.timeout", channels.timeout);
}

/// The fields of a connection's options as they show themselves, which hides their secrets: a new one cannot be
/// forgotten here, nor shown too freely.
fn fields(shown: &str) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for line in shown.lines().skip(1) {
        let own = line
            .strip_prefix("    ")
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()));
        match (own.and_then(|own| own.split_once(": ")), all.last_mut()) {
            (Some((field, value)), _) => all.push((field.to_owned(), value.to_owned())),
            (None, Some((_, value))) if line != "}" => {
                let more = line.trim();
                let gap = if value.ends_with(['[', '(', '{']) || more.starts_with([']', ')', '}']) {
                    ""
                } else {
                    " "
                };
                value.push_str(gap);
                value.push_str(more);
            }
            _ => {}
        }
    }
    for (_, value) in &mut all {
        *value = plain(value.trim_end_matches(','));
    }
    all
}

/// `None`, `Some(Secret(***),)`, `15s` and `"a"` as they would stand in a file.
fn plain(value: &str) -> String {
    if value == "None" {
        return "none".to_owned();
    }
    let inner = value.strip_prefix("Some(").and_then(|inner| inner.strip_suffix(')'));
    let value = inner.map_or(value, |inner| inner.trim_end_matches(','));
    let millis = |number: &str, factor: f64| number.parse::<f64>().ok().map(|n| n * factor);
    let time = match (value.strip_suffix("ms"), value.strip_suffix('s')) {
        (Some(number), _) => millis(number, 1.0),
        (None, Some(number)) => millis(number, 1_000.0),
        (None, None) => None,
    };
    match (time, value) {
        (Some(time), _) => time.to_string(),
        (None, "Secret(***)") => "***".to_owned(),
        (None, value) => value.replace(",]", "]"),
    }
}

fn camel(field: &str) -> String {
    let mut words = field.split('_');
    let mut text = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (head, tail) = word.split_at(word.len().min(1));
        text.push_str(&head.to_uppercase());
        text.push_str(tail);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_taken_apart_as_they_show_themselves() {
        let mut options = realtime::Options::new("wss://feed.example/ws?key=hush");
        options.token = Some(realtime::Secret::new("hush"));
        options.token_command = vec!["print-token".to_owned(), "hush".to_owned()];
        options.max_reconnect_attempts = Some(10);
        let all = fields(&format!("{options:#?}"));
        let value = |field: &str| {
            let found = all.iter().find(|(known, _)| known == field);
            found.unwrap_or_else(|| panic!("{field} in {all:?}")).1.as_str()
        };
        assert_eq!(value("endpoints"), "[\"wss://feed.example/ws\"]");
        assert_eq!(value("token"), "***");
        assert_eq!(value("heartbeat_interval"), "15000");
        assert_eq!(value("reconnect_interval"), "500");
        assert_eq!(value("max_reconnect_attempts"), "10");
        assert_eq!(value("tenant"), "none");
        assert!(all.len() > 50 && !format!("{all:?}").contains("hush"), "{all:?}");
        assert_eq!(camel("heartbeat_at_least_every"), "heartbeatAtLeastEvery");
    }
}
