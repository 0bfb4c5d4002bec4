//! What an entry of the rules is written as.

use domain::rules::{
    LevelOptions, Number, PolicyOptions, QuietHoursOptions, QuietOptions, RepeatOptions,
    RuleOptions, ScheduleOptions, ScopeOptions,
};
use smol_str::SmolStr;
use toml_edit::{Array, Value};

/// What a table is to hold.
pub(super) enum Wanted {
    Value(Value),
    /// Written `scope.chains = [1]` where it is new.
    Dotted(Fields),
    /// Written `{ enter = 20 }` where it is new.
    Inline(Fields),
}

pub(super) type Fields = Vec<(SmolStr, Wanted)>;

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
pub(super) fn of_rule(rule: &RuleOptions) -> Fields {
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

pub(super) fn of_policy(policy: &PolicyOptions) -> Fields {
    let PolicyOptions {
        profile,
        chain,
        token,
        label,
        vault,
        hold,
        recovery,
        repeat,
        quiet_hours,
        notify_from,
        sound_after,
        call_out_after,
        ack_lapse,
        rules,
    } = policy;
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
    fields.table("repeat", Wanted::Inline(of_repeat(repeat)));
    match quiet_hours {
        Some(QuietOptions::Hours(hours)) => {
            fields.table("quiet_hours", Wanted::Inline(of_quiet_hours(hours)));
        }
        Some(QuietOptions::Word(word)) => fields.text("quiet_hours", &Some(word)),
        None => {}
    }
    fields.text("notify_from", notify_from);
    fields.text("sound_after", sound_after);
    fields.text("call_out_after", call_out_after);
    fields.text("ack_lapse", ack_lapse);
    let rules = rules.iter().map(|(rule, on)| (rule.clone(), Wanted::Value((*on).into())));
    fields.table("rules", Wanted::Inline(rules.collect()));
    fields.0
}

fn of_repeat(repeat: &RepeatOptions) -> Fields {
    let RepeatOptions { critical, critical_after, high } = repeat;
    let mut fields = Filled::default();
    fields.value("critical", critical.as_ref().map(|times| list(times)));
    fields.text("critical_after", critical_after);
    fields.text("high", high);
    fields.0
}

fn of_quiet_hours(hours: &QuietHoursOptions) -> Fields {
    let QuietHoursOptions { from, to, zone } = hours;
    let mut fields = Filled::default();
    fields.text("from", &Some(from));
    fields.text("to", &Some(to));
    fields.text("zone", zone);
    fields.0
}

pub(super) fn list(texts: &[SmolStr]) -> Value {
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
