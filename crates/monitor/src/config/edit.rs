//! A change to the rules, made in the text of `config.toml`: what is not changed stays as it is written, comments and
//! blank lines included.

mod fields;
pub(crate) mod profiles;
pub(crate) mod setting;

use domain::rules::RulesEdit;
use toml_edit::{
    ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, TomlError, Value,
};

use self::fields::{Fields, Wanted, list, of_policy, of_rule};

/// A line that no file has.
const MARK: &str = "#\u{1}\n";

/// The text with the change in it; `None` where what was to be changed is not there.
///
/// # Errors
/// The text is no TOML.
pub(crate) fn edited(text: &str, edit: &RulesEdit) -> Result<Option<String>, TomlError> {
    let mut document: DocumentMut = text.parse()?;
    let done = match edit {
        RulesEdit::PutRule { at, rule } => put(&mut document, "rule", *at, of_rule(rule)),
        RulesEdit::PutPolicy { at, policy } => put(&mut document, "policy", *at, of_policy(policy)),
        RulesEdit::RemoveRule { at } => return Ok(remove(&mut document, "rule", *at)),
        RulesEdit::RemovePolicy { at } => return Ok(remove(&mut document, "policy", *at)),
        RulesEdit::PutLabel { name, vaults } => {
            let apart = if document.is_empty() { "" } else { "\n" };
            let labels = document.entry("labels").or_insert_with(|| {
                let mut labels = Table::new();
                labels.decor_mut().set_prefix(apart);
                Item::Table(labels)
            });
            labels.as_table_like_mut().map(|labels| set(labels, name, Wanted::Value(list(vaults))))
        }
        RulesEdit::RemoveLabel { name } => {
            let labels = document.get_mut("labels").and_then(Item::as_table_like_mut);
            labels.and_then(|labels| labels.remove(name)).map(|_| ())
        }
    };
    Ok(done.map(|()| document.to_string()))
}

fn put(document: &mut DocumentMut, key: &str, at: Option<usize>, fields: Fields) -> Option<()> {
    let empty = document.is_empty();
    let tables = tables(document, key)?;
    if let Some(at) = at {
        merge(tables.get_mut(at)?, fields);
        return Some(());
    }
    let mut table = Table::new();
    merge(&mut table, fields);
    table.decor_mut().set_prefix("\n");
    tables.push(table);
    if empty {
        // What a file without tables says would end up below the first one.
        let said = document.trailing().clone();
        let said = said.as_str().unwrap_or_default().to_owned();
        document.set_trailing("");
        let gap = if said.is_empty() || said.ends_with("\n\n") { "" } else { "\n" };
        let first = self::tables(document, key)?.get_mut(0)?;
        first.decor_mut().set_prefix(format!("{said}{gap}"));
    }
    Some(())
}

fn remove(document: &mut DocumentMut, key: &str, at: usize) -> Option<String> {
    mark(tables(document, key)?.get_mut(at)?);
    without_marked(document)
}

/// Leaves of a table nothing but its head, with the mark above it. What stands directly above a table goes with it; what
/// is set off by a blank line stays.
fn mark(table: &mut Table) {
    table.clear();
    let above = table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
    let stays = above.rfind("\n\n").map_or("", |end| &above[..=end]);
    let decor = format!("{stays}{MARK}");
    table.decor_mut().set_prefix(decor);
    table.decor_mut().set_suffix("");
}

/// The text without the head that is marked.
fn without_marked(document: &DocumentMut) -> Option<String> {
    let text = document.to_string();
    let (before, after) = text.split_once(MARK)?;
    let (_, after) = after.split_once('\n').unwrap_or_default();
    let after = if before.is_empty() { after.trim_start_matches('\n') } else { after };
    Some(format!("{before}{after}"))
}

fn tables<'a>(document: &'a mut DocumentMut, key: &str) -> Option<&'a mut ArrayOfTables> {
    let item = document.entry(key).or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    if !item.is_array_of_tables() {
        // Written as a list of inline tables, or as an empty one.
        let list = match std::mem::take(item).into_array_of_tables() {
            Ok(list) => list,
            Err(Item::Value(Value::Array(list))) if list.is_empty() => ArrayOfTables::new(),
            Err(_) => return None,
        };
        *item = Item::ArrayOfTables(list);
    }
    item.as_array_of_tables_mut()
}

/// Makes the table hold these fields and no others, touching only what differs.
fn merge(table: &mut dyn TableLike, fields: Fields) {
    let surplus: Vec<String> = table
        .iter()
        .map(|(key, _)| key.to_owned())
        .filter(|key| fields.iter().all(|(wanted, _)| wanted != key))
        .collect();
    for key in surplus {
        table.remove(&key);
    }
    for (key, wanted) in fields {
        set(table, &key, wanted);
    }
}

fn set(table: &mut dyn TableLike, key: &str, wanted: Wanted) {
    let known = table.get_mut(key);
    match (known, wanted) {
        (Some(Item::Value(known)), Wanted::Value(wanted)) => {
            if texts(known) != texts(&wanted) {
                let decor = known.decor().clone();
                *known = wanted;
                *known.decor_mut() = decor;
            }
        }
        (Some(known), Wanted::Dotted(fields) | Wanted::Inline(fields)) if known.is_table_like() => {
            if let Some(known) = known.as_table_like_mut() {
                merge(known, fields);
            }
        }
        (_, Wanted::Value(wanted)) => {
            table.insert(key, Item::Value(wanted));
        }
        (_, Wanted::Dotted(fields)) => {
            let mut inner = Table::new();
            inner.set_dotted(true);
            merge(&mut inner, fields);
            table.insert(key, Item::Table(inner));
        }
        (_, Wanted::Inline(fields)) => {
            let mut inner = InlineTable::new();
            merge(&mut inner, fields);
            inner.fmt();
            table.insert(key, Item::Value(Value::InlineTable(inner)));
        }
    }
}

/// What a value says, however it is written.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.value().clone()],
        Value::Integer(number) => vec![number.value().to_string()],
        Value::Float(number) => vec![number.value().to_string()],
        Value::Boolean(yes) => vec![yes.value().to_string()],
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        // Times and tables stand where something else is wanted.
        other => vec![format!("\u{1}{other}")],
    }
}

#[cfg(test)]
mod tests {
    use domain::rules::{
        LevelOptions, Number, PolicyOptions, QuietHoursOptions, QuietOptions, RepeatOptions,
        RuleOptions, RulesOptions, ScheduleOptions, ScopeOptions,
    };
    use smol_str::SmolStr;

    use super::super::rules::options_of;
    use super::*;

    const FILE: &str = r#"# Acme's desk.

[profiles.acme]
url = "wss://feed.example"   # the new one

# Who is woken by what.

# Ada wants this one.
[[rule]]
name = "low"     # never rename
metric = "room"
when = "below"
enter = 20       # was 25
exit = 22
severity = "high"

[[rule]]
name = "ladder"
metric = "ltv"
when = "above"
scope.chains = [1, 8453]
[rule.levels.high]
# asked for by Ben
enter = 80
[rule.levels.critical]
enter = 90
exit = "88.5"

[[policy]]
label = "treasury"
hold = { high = "0s" } # at once

[labels]
treasury = ["DAO-*"]
# the end
"#;

    fn options(text: &str) -> RulesOptions {
        options_of(text).unwrap()
    }

    fn edit(text: &str, edit: &RulesEdit) -> String {
        let after = edited(text, edit).unwrap().unwrap();
        // The text says what the options say.
        assert_eq!(options(&after), edit.applied(&options(text)).unwrap(), "{after}");
        after
    }

    fn change(at: usize, change: impl FnOnce(&mut RuleOptions)) -> RulesEdit {
        let mut rule = options(FILE).rule[at].clone();
        change(&mut rule);
        RulesEdit::PutRule { at: Some(at), rule: Box::new(rule) }
    }

    /// The lines that differ, with a sign.
    fn difference(before: &str, after: &str) -> Vec<String> {
        let gone = before.lines().filter(|line| !after.lines().any(|l| l == *line));
        let new = after.lines().filter(|line| !before.lines().any(|l| l == *line));
        gone.map(|l| format!("-{l}")).chain(new.map(|l| format!("+{l}"))).collect()
    }

    #[test]
    fn what_is_not_changed_stays_as_it_is_written() {
        assert_eq!(edit(FILE, &change(0, |_| {})), FILE);
        assert_eq!(edit(FILE, &change(1, |_| {})), FILE);
        let policy = options(FILE).policy[0].clone();
        let put = RulesEdit::PutPolicy { at: Some(0), policy: Box::new(policy) };
        assert_eq!(edit(FILE, &put), FILE);
    }

    #[test]
    fn a_change_touches_its_line_only_and_keeps_its_comment() {
        let after = edit(FILE, &change(0, |rule| rule.enter = Some(Number::new("20.5"))));
        assert_eq!(
            difference(FILE, &after),
            ["-enter = 20       # was 25", "+enter = 20.5       # was 25"]
        );
        let after = edit(
            FILE,
            &change(1, |rule| {
                rule.levels.get_mut("high").unwrap().hold = Some("5s".into());
                rule.levels.remove("critical");
            }),
        );
        let gone = ["-[rule.levels.critical]", "-enter = 90", "-exit = \"88.5\"", "+for = \"5s\""];
        assert_eq!(difference(FILE, &after), gone);
        let after = edit(FILE, &change(0, |rule| rule.enabled = Some(false)));
        assert_eq!(difference(FILE, &after), ["+enabled = false"]);
    }

    #[test]
    fn a_new_rule_is_written_as_the_documentation_has_them() {
        let level = |enter: &str, exit: &str| LevelOptions {
            enter: Number::new(enter),
            exit: Some(Number::new(exit)),
            hold: None,
        };
        let rule = RuleOptions {
            name: "new".into(),
            note: Some("Ask \"Ada\".".to_owned()),
            metric: "ltv".into(),
            when: Some("above".into()),
            levels: [
                ("critical".into(), level("90", "88.5")),
                ("high".into(), level("80.1234567890123456", "78")),
            ]
            .into(),
            hold: Some("30s".into()),
            scope: ScopeOptions { chains: vec![1], ..ScopeOptions::default() },
            schedule: Some(ScheduleOptions {
                days: vec!["mon".into(), "tue".into()],
                from: Some("08:00".into()),
                to: None,
                zone: "Europe/Berlin".into(),
            }),
            ..RuleOptions::default()
        };
        let put = RulesEdit::PutRule { at: None, rule: Box::new(rule) };
        let after = edit(FILE, &put);
        let written = "\n[[rule]]\nname = \"new\"\nnote = 'Ask \"Ada\".'\nmetric = \"ltv\"\nwhen = \"above\"\n\
            for = \"30s\"\nlevels.high = { enter = \"80.1234567890123456\", exit = 78 }\n\
            levels.critical = { enter = 90, exit = 88.5 }\nscope.chains = [1]\n\
            schedule = { days = [\"mon\", \"tue\"], from = \"08:00\", zone = \"Europe/Berlin\" }\n\n[[policy]]";
        assert!(after.contains(written), "{after}");
        assert_eq!(after.replace(written, "\n[[policy]]"), FILE, "nothing else");
        let first = edit("# Mine.\n", &put);
        assert!(first.starts_with("# Mine.\n\n[[rule]]\nname"), "{first}");
        assert!(edit("", &put).starts_with("[[rule]]\nname"));
    }

    #[test]
    fn what_stands_above_a_rule_goes_with_it_and_the_rest_stays() {
        let after = edit(FILE, &RulesEdit::RemoveRule { at: 0 });
        assert!(
            after.contains("# Who is woken by what.\n\n[[rule]]\nname = \"ladder\""),
            "{after}"
        );
        assert!(!after.contains("Ada wants"));
        let after = edit(&after, &RulesEdit::RemoveRule { at: 0 });
        assert!(after.contains("# Who is woken by what.\n\n[[policy]]"), "{after}");
        let after = edit(&after, &RulesEdit::RemovePolicy { at: 0 });
        assert!(after.ends_with("[labels]\ntreasury = [\"DAO-*\"]\n# the end\n"), "{after}");
        assert_eq!(edited(&after, &RulesEdit::RemoveRule { at: 0 }).unwrap(), None);
    }

    #[test]
    fn labels_and_policies_are_changed_in_place() {
        let label = |name: &str, vaults: &[&str]| RulesEdit::PutLabel {
            name: name.into(),
            vaults: vaults.iter().map(SmolStr::new).collect(),
        };
        let after = edit(FILE, &label("desk", &["A", "B-*"]));
        assert_eq!(difference(FILE, &after), ["+desk = [\"A\", \"B-*\"]"]);
        let after = edit(&after, &RulesEdit::RemoveLabel { name: "desk".into() });
        assert_eq!(after, FILE);
        assert!(edit("", &label("desk", &["A"])).starts_with("[labels]\ndesk"));
        let mut policy = options(FILE).policy[0].clone();
        policy.hold.insert("critical".into(), "5s".into());
        policy.rules.insert("low".into(), false);
        let after = edit(FILE, &RulesEdit::PutPolicy { at: Some(0), policy: Box::new(policy) });
        assert!(after.contains("\"5s\"") && after.contains("# at once"), "{after}");
    }

    #[test]
    fn a_policy_can_say_all_it_can_say_and_take_it_back() {
        let hours = QuietHoursOptions { from: "22:00".into(), to: "07:00".into(), zone: None };
        let all = PolicyOptions {
            chain: Some(1),
            repeat: RepeatOptions {
                critical: Some(vec!["1m".into(), "3m".into()]),
                critical_after: Some("5m".into()),
                high: Some("30m".into()),
            },
            quiet_hours: Some(QuietOptions::Hours(hours)),
            notify_from: Some("high".into()),
            sound_after: Some("30s".into()),
            call_out_after: Some("1m".into()),
            ack_lapse: Some("10m".into()),
            ..PolicyOptions::default()
        };
        let put = |at, policy| RulesEdit::PutPolicy { at, policy: Box::new(policy) };
        let full = edit(FILE, &put(None, all.clone()));
        let repeat = r#"repeat = { critical = ["1m", "3m"], critical_after = "5m", high = "30m" }"#;
        assert!(full.contains(repeat), "{full}");
        let none = Some(QuietOptions::Word("none".into()));
        let loud = edit(&full, &put(Some(1), PolicyOptions { quiet_hours: none, ..all.clone() }));
        assert!(loud.contains("quiet_hours = \"none\""), "{loud}");
        assert_eq!(edit(&loud, &put(Some(1), all)), full);
    }

    #[test]
    fn rules_written_in_one_line_can_be_changed_too() {
        let text = "rule = [{ name = \"a\", metric = \"room\", when = \"below\", enter = 5, severity = \"high\" }]\n";
        let mut rule = options(text).rule[0].clone();
        rule.enter = Some(Number::new("6"));
        let after = edit(text, &RulesEdit::PutRule { at: Some(0), rule: Box::new(rule.clone()) });
        assert!(after.contains("6"), "{after}");
        let put = RulesEdit::PutRule { at: None, rule: Box::new(rule) };
        edit(text, &put);
        edit("rule = []\n", &put);
    }
}
