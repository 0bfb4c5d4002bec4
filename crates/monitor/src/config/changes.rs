//! What an edit of the file changes, by its sections: some count at once, some from the next start.

use domain::Language;
use toml::{Table, Value};

use super::profile::OwnKeys;
use crate::Said;
use crate::say::settings as say;

/// The difference between what is in force and what the file says now. Comments and blanks are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) rules: bool,
    pub(super) telling: bool,
    pub(super) retention: bool,
    pub(super) channels: bool,
    /// What needs a new connection, or a new start, by its keys.
    pub(super) later: Vec<String>,
}

impl Changes {
    /// Of two valid texts. `profile`: the one that is watched; `None`: the demo, because no other was configured, or because
    /// it was asked for.
    pub(super) fn between(before: &str, after: &str, profile: Option<&str>) -> Self {
        let read = |text: &str| text.parse::<Table>().unwrap_or_default();
        let (before, after) = (read(before), read(after));
        let differs = |key: &str| before.get(key) != after.get(key);
        let mut later = Vec::new();
        let mut telling = differs("alerts");
        match profile {
            Some(profile) => {
                for section in ["profiles", "encryption"] {
                    let of = |file: &Table| file.get(section)?.get(profile).cloned();
                    fields(&format!("{section}.{profile}"), of(&before), of(&after), &mut later);
                }
                let own = |key: &String| {
                    OwnKeys::AT_ONCE.iter().any(|own| *key == format!("profiles.{profile}.{own}"))
                };
                let scope = format!("profiles.{profile}.notify");
                telling |= later.contains(&scope);
                later.retain(|key| !own(key));
            }
            None if differs("profiles") => later.push("profiles".to_owned()),
            None => {}
        }
        let of = |file: &Table| file.get("history").cloned();
        fields("history", of(&before), of(&after), &mut later);
        Self {
            rules: ["labels", "policy", "rule"].into_iter().any(differs),
            telling,
            retention: differs("retention"),
            channels: differs("channels"),
            later,
        }
    }

    /// What of it counts at once.
    pub(super) fn at_once(&self) -> Vec<AtOnce> {
        [
            (self.rules, AtOnce::Rules),
            (self.telling, AtOnce::Telling),
            (self.channels, AtOnce::Channels),
            (self.retention, AtOnce::Retention),
        ]
        .into_iter()
        .filter_map(|(changed, what)| changed.then_some(what))
        .collect()
    }

    /// What the person is told of it; `None`: nothing has changed.
    pub(super) fn words(&self) -> Option<Said> {
        let now = self.at_once();
        if now.is_empty() && self.later.is_empty() {
            return None;
        }
        Some(Said::new(|language| {
            let what: Vec<_> = now.iter().map(|what| what.word(language)).collect();
            let in_force = say::in_force(language, &what.join(", "));
            let later = say::later(language, &self.later.join(", "));
            match (now.is_empty(), self.later.is_empty()) {
                (_, true) => (say::changed(language), in_force),
                (true, false) => (say::wait(language), later),
                (false, false) => (say::wait(language), format!("{in_force} {later}")),
            }
        }))
    }
}

/// What counts as soon as it is in the file; in the order in which several are named that come from more than one watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum AtOnce {
    Telling,
    Retention,
    Rules,
    Channels,
}

impl AtOnce {
    pub(super) fn word(self, language: Language) -> &'static str {
        match self {
            Self::Telling => say::telling(language),
            Self::Retention => say::retention(language),
            Self::Rules => say::rules(language),
            Self::Channels => say::channels(language),
        }
    }
}

/// The keys that differ, one level down.
fn fields(name: &str, before: Option<Value>, after: Option<Value>, later: &mut Vec<String>) {
    if before == after {
        return;
    }
    let table = |value: Option<Value>| match value {
        Some(Value::Table(table)) => table,
        _ => Table::new(),
    };
    let (before, after) = (table(before), table(after));
    let mut keys: Vec<_> = before.keys().chain(after.keys()).collect();
    keys.sort();
    keys.dedup();
    let differing = keys.into_iter().filter(|key| before.get(*key) != after.get(*key));
    later.extend(differing.map(|key| format!("{name}.{key}")));
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "[profiles.acme]\nurl = \"wss://a\"\n[profiles.b]\nurl = \"wss://b\"\n[alerts]\ndigestHour = 9\n";

    fn changes(from: &str, to: &str) -> Changes {
        assert!(FILE.contains(from), "{from}");
        Changes::between(FILE, &FILE.replace(from, to), Some("acme"))
    }

    fn english(changes: &Changes) -> (String, String) {
        changes.words().unwrap().into_words(Language::English)
    }

    #[test]
    fn what_can_count_at_once_does_and_the_rest_is_named() {
        let none = Changes::default();
        assert_eq!(changes("[alerts]", "# The night shift's.\n\n[alerts]"), none);
        assert_eq!(changes("wss://b", "wss://c"), none, "another profile's");
        assert_eq!(none.words(), None);
        let telling = changes("= 9", "= 8");
        assert_eq!(telling, Changes { telling: true, ..none.clone() });
        let (title, message) = english(&telling);
        assert_eq!(title, "The settings were changed");
        assert_eq!(message, "In force: how alerts are told.");
        let german = telling.words().unwrap().into_words(Language::German);
        assert_eq!(german.0, "Die Einstellungen wurden geändert");
        assert_eq!(german.1, "Es gilt: wie Alarme gemeldet werden.");
        assert_eq!(
            changes("[profiles.acme]", "[profiles.acme]\ncolour = 'blue'\npaused = true"),
            none
        );
        let scope = changes("[profiles.acme]", "[profiles.acme]\nnotify = 'critical'");
        assert_eq!(scope, telling);
        let token = changes("\"wss://a\"", "\"wss://c\"\ntoken = \"hush\"");
        assert_eq!(token.later, ["profiles.acme.token", "profiles.acme.url"]);
        let (title, message) = english(&token);
        assert!(title.contains("restart") && !message.contains("hush"), "{message}");
        let both = changes("[alerts]", "[history]\nhours = 5\n[labels]\na = []\n[alerts]");
        assert_eq!(both, Changes { rules: true, later: vec!["history.hours".into()], ..none });
        assert!(english(&both).1.starts_with("In force: rules and policies. From the next"));
    }

    #[test]
    fn a_profile_beside_the_demo_waits_for_a_restart() {
        let changes = Changes::between("", FILE, None);
        assert_eq!(changes.later, ["profiles"]);
        assert!(changes.telling);
    }
}
