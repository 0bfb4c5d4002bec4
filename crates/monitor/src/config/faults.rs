//! Everything that is wrong with a configuration, found by the code that reads it: what is wrong is noted and left out, and
//! the rest read again.

mod outline;
mod said;

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use channels::{EntryError, Reading};
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeTable, Deserializer};

use super::rules::{self, RulesFile};
use super::{
    ConfigError, ConfigFile, FeedArgs, Position, VersionFault, channels as calls, version,
};

/// One thing that is wrong. No value of the file is quoted: it may be a token in the wrong place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConfigFault {
    /// From 1; `None`: the file as a whole, or something that is not in it.
    pub line: Option<usize>,
    /// From 1, in characters.
    pub column: Option<usize>,
    /// `profiles.acme.url`; `None` where no key is meant.
    pub key: Option<String>,
    pub reason: String,
    /// What to do, where the reason does not say it.
    pub hint: Option<String>,
}

/// In one line: `line 3, column 1: profiles.acme.urll: unknown key `urll`; did you mean `url`?`
impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(f, "line {line}, column {column}: ")?,
            (Some(line), None) => write!(f, "line {line}: ")?,
            _ => {}
        }
        if let Some(key) = &self.key {
            write!(f, "{key}: ")?;
        }
        f.write_str(&self.reason)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "; {hint}"))
    }
}

/// More are not looked for.
const MOST: usize = 100;

/// Everything that is wrong with a text, in its order; none: a start with these arguments would take it. What a section
/// says is looked at when all of it can be read.
#[must_use]
pub fn faults(text: &str, path: &Path, args: &FeedArgs) -> Vec<ConfigFault> {
    if let Err(bad) = version::check(text) {
        return vec![of_version(&bad)];
    }
    let (tree, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let mut found: Vec<_> = errors.iter().map(|e| said::of_toml(text, None, e)).collect();
        in_order(&mut found);
        return found;
    }
    let mut search = Search { text, path, tree, found: Vec::new() };
    search.look(args);
    in_order(&mut search.found);
    search.found
}

fn in_order(found: &mut Vec<ConfigFault>) {
    found.sort_by_key(|fault| (fault.line.unwrap_or(usize::MAX), fault.column));
    found.dedup();
    found.truncate(MOST);
}

fn of_version(bad: &super::BadVersion) -> ConfigFault {
    let hint = match bad.fault {
        VersionFault::Newer(_) => "install that version; the file is not touched",
        VersionFault::NoVersion => "leave it out, or write `version = 1`",
    };
    ConfigFault {
        line: Some(bad.at.line),
        column: Some(bad.at.column),
        key: Some("version".to_owned()),
        reason: bad.fault.to_string(),
        hint: Some(hint.to_owned()),
    }
}

struct Search<'a> {
    text: &'a str,
    path: &'a Path,
    /// What is not known to be wrong.
    tree: Spanned<DeTable<'a>>,
    found: Vec<ConfigFault>,
}

/// A value that makes no sense: where it stands, and why.
type Wrong = (Vec<String>, String);

impl<'a> Search<'a> {
    fn look(&mut self, args: &FeedArgs) {
        if let Some(file) = self.read::<ConfigFile>() {
            self.look_at_values(file, args);
        }
        let before = self.found.len();
        let _ = self.read::<RulesFile>();
        if self.found.len() == before {
            self.look_at_rules();
        }
        self.look_at_channels();
        self.look_at_names(args);
    }

    /// A part of the file; what of it cannot be read is noted and left out. `None`: nothing can be left out.
    fn read<T: Deserialize<'a>>(&mut self) -> Option<T> {
        loop {
            match T::deserialize(Deserializer::from(self.tree.clone())) {
                Ok(part) => return Some(part),
                Err(error) => {
                    let at = error.span().map(|span| span.start);
                    let path = at.and_then(|at| outline::path_to(self.tree.get_ref(), at));
                    self.found.push(said::of_toml(self.text, path.as_deref(), &error));
                    if self.found.len() >= MOST || !self.leave_out(&path?) {
                        return None;
                    }
                }
            }
        }
    }

    fn leave_out(&mut self, path: &[String]) -> bool {
        outline::remove(self.tree.get_mut(), path)
    }

    /// What can be read and makes no sense, section by section until each of them does.
    fn look_at_values(&mut self, mut file: ConfigFile, args: &FeedArgs) {
        let mut told = BTreeSet::new();
        loop {
            let all = first_of_each_section(&file, args, &told).into_iter();
            let news: Vec<_> = all.filter(|(path, _)| told.insert(path.clone())).collect();
            if news.is_empty() {
                return;
            }
            for (path, reason) in news {
                self.note(&path, reason);
                self.leave_out(&path);
            }
            let Some(rest) = self.read() else { return };
            file = rest;
        }
    }

    fn note(&mut self, path: &[String], reason: String) {
        let at = Position::of(self.text, rules::start(self.tree.get_ref(), path));
        self.found.push(ConfigFault {
            line: Some(at.line),
            column: Some(at.column),
            key: Some(path.join(".")),
            reason,
            hint: None,
        });
    }

    fn look_at_rules(&mut self) {
        // Which profile is watched decides which rules count, not which make sense.
        if let Err(ConfigError::Rules { faults, .. }) = rules::of_text(self.text, self.path, "") {
            self.found.extend(faults.into_iter().map(|fault| ConfigFault {
                line: Some(fault.line),
                column: Some(fault.column),
                key: Some(fault.error.path().join(".")),
                reason: fault.error.to_string(),
                hint: None,
            }));
        }
    }

    fn look_at_channels(&mut self) {
        let reading = Reading { text: self.text, path: self.path };
        while let Some(calls::File { channels }) = self.read() {
            match channels.settings(&reading) {
                Ok(_) => return,
                Err(EntryError::Invalid { line, field, reason }) => {
                    let mut path: Vec<_> = std::iter::once("channels")
                        .chain(field.split('.').skip_while(|part| *part == "channels"))
                        .map(str::to_owned)
                        .collect();
                    let column = Position::of(self.text, rules::start(self.tree.get_ref(), &path));
                    self.found.push(ConfigFault {
                        line: Some(line),
                        column: (column.line == line).then_some(column.column),
                        key: Some(path.join(".")),
                        reason,
                        hint: None,
                    });
                    // All of that channel: without its address it would not be one.
                    path.truncate(2);
                    if !self.leave_out(&path) {
                        return;
                    }
                }
                Err(error) => {
                    let reason = error.to_string();
                    let key = Some("channels".to_owned());
                    self.found.push(ConfigFault {
                        line: None,
                        column: None,
                        key,
                        reason,
                        hint: None,
                    });
                    return;
                }
            }
        }
    }

    /// The profile that was asked for must be there.
    fn look_at_names(&mut self, args: &FeedArgs) {
        let (Some(name), true) = (&args.profile, args.url.is_empty()) else { return };
        let profiles = self.tree.get_ref().get("profiles").map(Spanned::get_ref);
        let known: Vec<_> = profiles.and_then(|p| p.as_table()).into_iter().flatten().collect();
        if known.iter().any(|(known, _)| known.get_ref() == name) {
            return;
        }
        let known = known.into_iter().map(|(known, _)| known.get_ref().as_ref());
        self.found.push(ConfigFault {
            line: None,
            column: None,
            key: Some(format!("profiles.{name}")),
            reason: format!("there is no profile `{name}`"),
            hint: said::hint(name, known),
        });
    }
}

fn first_of_each_section(
    file: &ConfigFile,
    args: &FeedArgs,
    told: &BTreeSet<Vec<String>>,
) -> Vec<Wrong> {
    let path = |dotted: &str| dotted.split('.').map(str::to_owned).collect::<Vec<_>>();
    let mut wrong = Vec::new();
    let kept = [file.retention.validate().err(), file.history.validate().err()];
    for bad in kept.into_iter().flatten() {
        let reason = format!("must be from {} to {} {}", bad.least, bad.most, bad.unit);
        wrong.push((path(bad.field), reason));
    }
    if let Err(bad) = file.alerts.validate() {
        wrong.push((path(&format!("alerts.{}", bad.field)), bad.fault.to_string()));
    }
    let somewhere = ["wss://feed.invalid/".to_owned()];
    for (name, entry) in &file.profiles {
        let of = |field: &str| vec!["profiles".to_owned(), name.clone(), field.to_owned()];
        if let Err(bad) = super::check_name(name) {
            wrong.push((vec!["profiles".to_owned(), name.clone()], bad.to_string()));
        }
        // An address that was given elsewhere, or told of already, must not hide what else is wrong.
        let given = !args.url.is_empty() || told.contains(&of("url"));
        let urls = if given && !entry.has_address() { &somewhere[..] } else { &[] };
        if let Err(bad) = entry.connection(name, None, urls) {
            wrong.push((of(bad.field), bad.fault.to_string()));
        }
    }
    for name in file.encryption.keys().filter(|name| !file.profiles.contains_key(*name)) {
        let reason = "is for no profile of this file".to_owned();
        wrong.push((vec!["encryption".to_owned(), name.clone()], reason));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<ConfigFault> {
        faults(text, Path::new("/etc/vw/config.toml"), &FeedArgs::default())
    }

    fn places(text: &str) -> Vec<(usize, String)> {
        let key = |fault: ConfigFault| (fault.line.unwrap_or(0), fault.key.unwrap_or_default());
        found(text).into_iter().map(key).collect()
    }

    const FINE: &str = r#"version = 1
[profiles.acme]
url = "wss://feed.example/ws"

[alerts]
digestHour = 9

[[rule]]
name = "low"
metric = "room"
when = "below"
enter = 10
severity = "high"

[channels.ntfy]
url = "https://ntfy.sh/desk"
"#;

    #[test]
    fn what_a_start_takes_has_no_faults() {
        assert_eq!(found(FINE), []);
        assert_eq!(found(""), []);
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_in_the_order_of_the_file() {
        let text = FINE
            .replace("url = \"wss", "urll = \"x\"\nheartbeatInterval = 0\nurl = \"wss")
            .replace("digestHour = 9", "digestHour = 24\nackLapse = 1\ndigestHours = 9")
            .replace("\"room\"", "\"rooom\"")
            .replace("https://ntfy", "http://ntfy")
            + "timeouts = 5\n";
        assert_eq!(
            places(&text),
            [
                (3, "profiles.acme.urll".to_owned()),
                (4, "profiles.acme.heartbeatInterval".to_owned()),
                (8, "alerts.digestHour".to_owned()),
                (9, "alerts.ackLapse".to_owned()),
                (10, "alerts.digestHours".to_owned()),
                (14, "rule.0.metric".to_owned()),
                (20, "channels.ntfy.url".to_owned()),
                (21, "channels.ntfy.timeouts".to_owned()),
            ],
            "{:#?}",
            found(&text)
        );
    }

    #[test]
    fn an_unknown_key_comes_with_the_one_that_was_meant() {
        let [fault] = &found("[profiles.acme]\n  heartbeat_intervall = 5\nurl = \"wss://x\"")[..]
        else {
            panic!("one fault")
        };
        assert_eq!((fault.line, fault.column), (Some(2), Some(3)));
        assert_eq!(fault.reason, "unknown key `heartbeat_intervall`");
        assert_eq!(fault.hint.as_deref(), Some("did you mean `heartbeatInterval`?"));
        let [fault] = &found("[alarms]\nx = 1\n")[..] else { panic!("one fault") };
        assert_eq!(fault.reason, "unknown key `alarms`");
        assert!(fault.hint.as_ref().unwrap().contains("`alerts`"), "{fault:?}");
    }

    #[test]
    fn what_is_a_profiles_own_is_refused_with_line_and_hint_as_well() {
        let of = |line: &str| {
            let [fault] = &found(&format!("[profiles.acme]\nurl = \"wss://x\"\n{line}\n"))[..]
            else {
                panic!("one fault of {line}")
            };
            assert_eq!(fault.line, Some(3), "{fault:?}");
            (
                fault.key.clone().unwrap(),
                fault.reason.clone(),
                fault.hint.clone().unwrap_or_default(),
            )
        };
        let (key, reason, hint) = of("color = \"teal\"");
        assert_eq!((key.as_str(), reason.as_str()), ("profiles.acme.color", "unknown key `color`"));
        assert_eq!(hint, "did you mean `colour`?");
        let (key, reason, _) = of("colour = \"red\"");
        assert_eq!(key, "profiles.acme.colour");
        assert!(reason.starts_with("this word is not known, expected one of `teal`"), "{reason}");
        let (_, reason, _) = of("notify = \"some\"");
        assert!(reason.ends_with("expected one of `all`, `critical`, `none`"), "{reason}");
        assert_eq!(of("paused = \"yes\"").0, "profiles.acme.paused");
        assert_eq!(of("pause = true").2, "did you mean `paused`?");
        let both = "token = \"hush\"\ntokenKeychain = true";
        let all = found(&format!("[profiles.acme]\nurl = \"wss://x\"\n{both}\n"));
        assert_eq!(all[0].key.as_deref(), Some("profiles.acme.tokenKeychain"), "{all:?}");
        assert_eq!(
            found("[profiles.acme]\nurl = \"wss://x\"\ncolour = \"brown\"\nnotify = \"none\"\n"),
            []
        );
    }

    #[test]
    fn what_is_no_toml_is_told_with_line_and_column() {
        let all = found("[profiles.acme]\nurl = wss://x\n\n[alerts\n");
        assert!(all.len() >= 2, "{all:?}");
        assert_eq!(all[0].line, Some(2));
        assert!(all.iter().any(|fault| fault.line == Some(4)), "{all:?}");
    }

    #[test]
    fn no_value_of_the_file_is_quoted() {
        for text in [
            "[profiles.a]\nurl = \"wss://x\"\nallowPlaintext = \"hush\"\n",
            "[profiles.a]\nurl = \"wss://x\"\ntokenCommand = \"print --password hush\"\n",
            "[profiles.a]\nurl = \"wss://x\"\nprotocol = \"hush\"\n",
            "[profiles.a]\nurl = \"wss://me:hush@x\"\n",
            "[profiles.a]\ntoken = hush\n",
            "[channels.webhook]\nurl = \"https://a.example/\"\nsecret = \"hush\"\n",
        ] {
            let all = found(text);
            assert!(!all.is_empty(), "{text}");
            assert!(!format!("{all:?}").contains("hush"), "{text}: {all:?}");
        }
    }

    #[test]
    fn a_section_that_can_be_given_elsewhere_may_lack_it() {
        let text = "[profiles.acme]\nallowPlaintext = true\n";
        assert_eq!(places(text), [(1, "profiles.acme.url".to_owned())]);
        let args = FeedArgs {
            url: vec!["ws://[::1]:1".into()],
            profile: Some("acme".into()),
            ..FeedArgs::default()
        };
        assert_eq!(faults(text, Path::new("x"), &args), []);
        let args = FeedArgs { profile: Some("acne".into()), ..FeedArgs::default() };
        let all = faults(FINE, Path::new("x"), &args);
        assert_eq!(all[0].hint.as_deref(), Some("did you mean `acme`?"), "{all:?}");
    }

    #[test]
    fn whatever_is_cut_off_or_doubled_no_search_hangs_or_panics() {
        let wrong = FINE.replace("digestHour = 9", "digestHour = 99\nx = 1");
        for end in 0..wrong.len() {
            if wrong.is_char_boundary(end) {
                found(&wrong[..end]);
            }
        }
        for line in wrong.lines() {
            found(&wrong.replace(line, ""));
            found(&wrong.replace(line, &format!("{line}\n{line}")));
        }
        let many: Vec<_> = (0..500).map(|n| format!("key{n} = 1\n")).collect();
        assert_eq!(found(&many.concat()).len(), MOST);
    }
}
