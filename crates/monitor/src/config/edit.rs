//! A change to the rules, made in the text of `config.toml`: what is not changed stays as it is written, comments and
//! blank lines included.

use domain::rules::{
    LevelOptions, Number, PolicyOptions, RuleOptions, RulesEdit, ScheduleOptions, ScopeOptions,
};
use smol_str::SmolStr;
use toml_edit::{
    Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, TomlError, Value,
};

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

/// What a table is to hold.
enum Wanted {
    Value(Value),
    /// Written `scope.chains = [1]` where it is new.
    Dotted(Fields),
    /// Written `{ enter = 20 }` where it is new.
    Inline(Fields),
}

type Fields = Vec<(SmolStr, Wanted)>;

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

/// What stands directly above an entry goes with it; what is set off by a blank line stays.
fn remove(document: &mut DocumentMut, key: &str, at: usize) -> Option<String> {
    let table = tables(document, key)?.get_mut(at)?;
    table.clear();
    let above = table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
    let stays = above.rfind("\n\n").map_or("", |end| &above[..=end]);
    let decor = format!("{stays}{MARK}");
    table.decor_mut().set_prefix(decor);
    table.decor_mut().set_suffix("");
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

/// The fields that somebody filled in.
#[derive(Default)]
struct Filled(Fields);

impl Filled {
    fn value(&mut self, key: &str, value: Option<Value>) {
        self.0.extend(value.map(|value| (SmolStr::new(key), Wanted::Value(value))));
    }

    fn text(&mut self, key: &str, text: &Option<impl AsRef<str>>) {
        self.value(key, text.as_ref().map(|text| text.as_ref().into()));
    }

    fn number(&mut self, key: &str, given: &Option<Number>) {
        self.value(key, given.as_ref().map(number));
    }

    fn list(&mut self, key: &str, texts: &[SmolStr]) {
        self.value(key, (!texts.is_empty()).then(|| list(texts)));
    }

    fn table(&mut self, key: &str, table: Wanted) {
        let (Wanted::Dotted(fields) | Wanted::Inline(fields)) = &table else { return };
        if !fields.is_empty() {
            self.0.push((SmolStr::new(key), table));
        }
    }
}

/// In the order in which they are written into a new rule.
fn of_rule(rule: &RuleOptions) -> Fields {
    let RuleOptions {
        name,
        note,
        enabled,
        metric,
        token,
        field,
        is,
        change,
        over,
        when,
        enter,
        exit,
        severity,
        levels,
        hold,
        recovery,
        no_data,
        scope,
        schedule,
    } = rule;
    let mut fields = Filled::default();
    fields.text("name", &Some(name));
    fields.text("note", note);
    fields.value("enabled", enabled.map(Value::from));
    fields.text("metric", &Some(metric));
    fields.text("token", token);
    fields.text("field", field);
    fields.value("is", is.as_ref().map(|is| list(is)));
    fields.text("change", change);
    fields.text("over", over);
    fields.text("when", when);
    fields.number("enter", enter);
    fields.number("exit", exit);
    fields.text("severity", severity);
    fields.text("for", hold);
    fields.text("recovery", recovery);
    fields.text("no_data", no_data);
    let mut all: Vec<_> = levels.iter().collect();
    all.sort_by_key(|(name, _)| {
        ["medium", "high", "critical"].iter().position(|one| name.as_str() == *one)
    });
    let all = all.into_iter().map(|(name, level)| (name.clone(), Wanted::Inline(of_level(level))));
    fields.table("levels", Wanted::Dotted(all.collect()));
    fields.table("scope", Wanted::Dotted(of_scope(scope)));
    fields
        .table("schedule", Wanted::Inline(schedule.as_ref().map(of_schedule).unwrap_or_default()));
    fields.0
}

fn of_level(level: &LevelOptions) -> Fields {
    let LevelOptions { enter, exit, hold } = level;
    let mut fields = Filled::default();
    fields.value("enter", Some(number(enter)));
    fields.number("exit", exit);
    fields.text("for", hold);
    fields.0
}

fn of_scope(scope: &ScopeOptions) -> Fields {
    let ScopeOptions { profiles, chains, tokens, labels, vaults } = scope;
    let mut fields = Filled::default();
    fields.list("profiles", profiles);
    let numbers = chains.iter().map(|chain| i64::try_from(*chain).unwrap_or(i64::MAX));
    fields.value("chains", (!chains.is_empty()).then(|| numbers.collect::<Array>().into()));
    fields.list("tokens", tokens);
    fields.list("labels", labels);
    fields.list("vaults", vaults);
    fields.0
}

fn of_schedule(schedule: &ScheduleOptions) -> Fields {
    let ScheduleOptions { days, from, to, zone } = schedule;
    let mut fields = Filled::default();
    fields.list("days", days);
    fields.text("from", from);
    fields.text("to", to);
    fields.text("zone", &Some(zone));
    fields.0
}

fn of_policy(policy: &PolicyOptions) -> Fields {
    let PolicyOptions { profile, chain, token, label, vault, hold, recovery, rules } = policy;
    let mut fields = Filled::default();
    fields.text("profile", profile);
    fields.value("chain", chain.map(|chain| i64::try_from(chain).unwrap_or(i64::MAX).into()));
    fields.text("token", token);
    fields.text("label", label);
    fields.text("vault", vault);
    let times =
        hold.iter().map(|(level, time)| (level.clone(), Wanted::Value(time.as_str().into())));
    fields.table("hold", Wanted::Inline(times.collect()));
    fields.text("recovery", recovery);
    let rules = rules.iter().map(|(rule, on)| (rule.clone(), Wanted::Value((*on).into())));
    fields.table("rules", Wanted::Inline(rules.collect()));
    fields.0
}

fn list(texts: &[SmolStr]) -> Value {
    texts.iter().map(SmolStr::as_str).collect::<Array>().into()
}

/// As a number where the file keeps it as it is, in quotes else.
fn number(Number(text): &Number) -> Value {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let written = text.parse::<Value>().ok().filter(|_| plain && digits <= Number::DIGITS);
    let written = written.filter(|value| value.is_integer() || value.is_float()).map(bare);
    written.unwrap_or_else(|| text.as_str().into())
}

/// Without the blanks around it, or their absence.
fn bare(mut value: Value) -> Value {
    value.decor_mut().clear();
    value
}

#[cfg(test)]
mod tests {
    use domain::rules::RulesOptions;

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
            vaults: vaults.iter().map(|vault| SmolStr::new(vault)).collect(),
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
