//! Rules and policies in `config.toml`: what is wrong with them is told with its line.

use std::fmt;
use std::path::Path;

use alerts::Policy;
use alerts::rule::{Entry, Fault, RuleBook, RuleError, RulesOptions};
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{ConfigError, Position};

/// What of the file is about rules; the rest is read elsewhere.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RulesFile {
    labels: std::collections::BTreeMap<smol_str::SmolStr, Vec<smol_str::SmolStr>>,
    policy: Vec<alerts::rule::PolicyOptions>,
    rule: Vec<alerts::rule::RuleOptions>,
}

/// A rule that makes no sense, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MisplacedRule {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub error: RuleError,
}

impl MisplacedRule {
    fn at(text: &str, byte: usize, error: RuleError) -> Self {
        let Position { line, column } = Position::of(text, byte);
        Self { line, column, error }
    }
}

impl fmt::Display for MisplacedRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.error)
    }
}

/// What the text of a file says of rules, whether it makes sense or not.
///
/// # Errors
/// It is no TOML, or has a field that nobody knows.
pub(crate) fn options_of(text: &str) -> Result<RulesOptions, toml::de::Error> {
    let file: RulesFile = toml::from_str(text)?;
    Ok(RulesOptions { labels: file.labels, policy: file.policy, rule: file.rule })
}

/// The rules of a profile, as the text of the file at `path` has them.
///
/// # Errors
/// [`ConfigError::Invalid`] for the file as a whole, [`ConfigError::Rules`] for rules that make no sense.
pub(crate) fn of_text(text: &str, path: &Path, profile: &str) -> Result<RuleBook, ConfigError> {
    let invalid = |e| ConfigError::Invalid { path: path.to_owned(), source: Box::new(e) };
    let options = options_of(text).map_err(invalid)?;
    let tree = DeTable::parse(text).map_err(invalid)?;
    let inexact = inexact(text, tree.get_ref());
    let book = RuleBook::new(&options, Policy::default(), profile);
    let faults = match book {
        Ok(book) if inexact.is_empty() => return Ok(book),
        Ok(_) => Vec::new(),
        Err(faults) => faults,
    };
    let place =
        |error: RuleError| MisplacedRule::at(text, start(tree.get_ref(), &error.path()), error);
    let mut faults: Vec<_> = faults.into_iter().map(place).chain(inexact).collect();
    faults.sort_by_key(|fault| fault.line);
    Err(ConfigError::Rules { path: path.to_owned(), faults })
}

/// Where the deepest key on the way to a field stands: the field itself, or what it is missing from.
pub(super) fn start(table: &DeTable<'_>, path: &[String]) -> usize {
    let mut at = 0;
    let mut here: Option<&Spanned<DeValue<'_>>> = None;
    for key in path {
        let next = match here.map(Spanned::get_ref) {
            None => table.get_key_value(key.as_str()),
            Some(DeValue::Table(table)) => table.get_key_value(key.as_str()),
            Some(DeValue::Array(list)) => {
                let Some(entry) = key.parse().ok().and_then(|index: usize| list.get(index)) else {
                    break;
                };
                at = entry.span().start;
                here = Some(entry);
                continue;
            }
            Some(_) => break,
        };
        let Some((name, value)) = next else { break };
        at = name.span().start;
        here = Some(value);
    }
    at
}

/// Numbers with more digits than TOML's floats keep.
fn inexact(text: &str, table: &DeTable<'_>) -> Vec<MisplacedRule> {
    let mut found = Vec::new();
    let Some(DeValue::Array(rules)) = table.get("rule").map(Spanned::get_ref) else { return found };
    for (index, rule) in rules.iter().enumerate() {
        let DeValue::Table(fields) = rule.get_ref() else { continue };
        let name = match fields.get("name").map(Spanned::get_ref) {
            Some(DeValue::String(name)) => Some(smol_str::SmolStr::new(name)),
            _ => None,
        };
        floats(fields, "", &mut |field, number, at| {
            if number.bytes().filter(u8::is_ascii_digit).count() > 15 {
                let (entry, name, field) = (Entry::Rule(index), name.clone(), field.to_owned());
                let error = RuleError { entry, name, field, fault: Fault::TooManyDigits };
                found.push(MisplacedRule::at(text, at, error));
            }
        });
    }
    found
}

fn floats(table: &DeTable<'_>, prefix: &str, note: &mut impl FnMut(&str, &str, usize)) {
    for (key, value) in table {
        let field = format!("{prefix}{}", key.get_ref());
        match value.get_ref() {
            DeValue::Float(number) => note(&field, number.as_str(), value.span().start),
            DeValue::Table(inner) => floats(inner, &format!("{field}."), note),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
[profiles.acme]
url = "wss://feed.example"

[labels]
treasury = ["DAO-*"]

[[rule]]
name = "low"
metric = "room"
when = "below"
enter = 10
severity = "high"

[[rule]]
name = "ladder"
metric = "ltv"
when = "above"
[rule.levels.high]
enter = 80
[rule.levels.critical]
enter = 90
exit = 88.5

[[policy]]
label = "treasury"
recovery = "4m"
"#;

    fn faults(text: &str) -> Vec<String> {
        match of_text(text, Path::new("config.toml"), "acme") {
            Err(ConfigError::Rules { faults, .. }) => {
                faults.iter().map(ToString::to_string).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn rules_stand_beside_profiles() {
        let book = of_text(FILE, Path::new("config.toml"), "acme").unwrap();
        assert_eq!(book.rules().len(), 2);
        let nothing = of_text("[profiles.acme]\nurl = \"wss://x\"\n", Path::new("x"), "acme");
        assert!(nothing.unwrap().is_empty());
        assert!(of_text("", Path::new("x"), "acme").unwrap().is_empty());
    }

    #[test]
    fn what_makes_no_sense_is_told_with_its_line() {
        for (from, to, expected) in [
            ("metric = \"room\"", "metric = \"rooom\"", "line 10: rule `low`: metric is `rooom`"),
            (
                "enter = 10",
                "enter = 10\nexit = 9",
                "line 13: rule `low`: exit is 9, on the wrong side",
            ),
            ("when = \"below\"\n", "", "line 8: rule `low`: when is missing"),
            ("exit = 88.5", "exit = 91", "line 23: rule `ladder`: levels.critical.exit is 91"),
            (
                "enter = 90",
                "enter = 70\n#",
                "line 22: rule `ladder`: levels.critical.enter is 70, but must lie above",
            ),
            ("recovery = \"4m\"", "recovery = \"4\"", "line 27: policy 1: recovery is no time"),
            ("label = \"treasury\"", "label = \"x\"", "line 26: policy 1: label is not known"),
            ("[\"DAO-*\"]", "[\"DAO-*\", \"\"]", "line 6: labels: treasury.1 is no vault's id"),
            (
                "enter = 10",
                "enter = 1.0000000000000001",
                "line 12: rule `low`: enter has more digits",
            ),
        ] {
            assert!(FILE.contains(from), "{from}");
            let found = faults(&FILE.replacen(from, to, 1));
            assert!(found[0].starts_with(expected), "{found:?} for {to}");
        }
        let text = FILE.replace("severity = \"high\"", "sevrity = \"high\"");
        let error = of_text(&text, Path::new("config.toml"), "acme").unwrap_err();
        let ConfigError::Invalid { source, .. } = error else { panic!("{error}") };
        assert!(source.to_string().contains("line 13"), "{source}");
    }

    #[test]
    fn everything_that_is_wrong_is_told_in_the_order_of_the_file() {
        let text = FILE.replace("exit = 88.5", "exit = 91").replace("\"room\"", "\"rooom\"");
        assert_eq!(faults(&text).len(), 2);
        assert!(faults(&text)[0].starts_with("line 10: "));
    }
}
