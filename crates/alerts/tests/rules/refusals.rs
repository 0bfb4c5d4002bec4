use alerts::Policy;
use alerts::rule::{Entry, Fault, RuleBook, RuleError, When};

use crate::{options, simple};

fn faults(toml: &str) -> Vec<RuleError> {
    RuleBook::new(&options(toml), Policy::default(), "acme").unwrap_err()
}

/// That exactly this is refused.
#[track_caller]
fn check(toml: &str, field: &str, expected: impl Fn(&Fault) -> bool) {
    let found = faults(toml);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].field, field, "{found:?}");
    assert!(expected(&found[0].fault), "{found:?}");
}

const GOOD: &str =
    "name = \"r\"\nmetric = \"room\"\nwhen = \"below\"\nenter = 10\nseverity = \"high\"\n";

fn good_and(more: &str) -> String {
    format!("[[rule]]\n{GOOD}{more}\n")
}

/// The good rule with one line in the place of another.
fn instead(of: &str, line: &str) -> String {
    let rule = good_and("");
    assert!(rule.contains(of));
    rule.replace(of, line)
}

#[test]
fn the_rule_that_the_others_are_made_of_is_good() {
    assert!(RuleBook::new(&options(&good_and("")), Policy::default(), "acme").is_ok());
}

#[test]
fn names() {
    check(&instead("\"r\"", "\"Low Room\""), "name", |f| *f == Fault::BadName);
    check(&instead("\"r\"", "\"\""), "name", |f| *f == Fault::BadName);
    let twice = format!("{}{}", good_and(""), good_and(""));
    check(&twice, "name", |f| *f == Fault::DuplicateName);
    let mixed = format!(
        "{}{}",
        good_and(""),
        simple("price", "below", "5", "token = \"WETH\"\nscope.chains = [1]")
    );
    check(&mixed, "name", |f| *f == Fault::NoVariants);
}

#[test]
fn words_that_are_not_known() {
    let unknown = |f: &Fault| matches!(f, Fault::Unknown { .. });
    check(&instead("\"room\"", "\"rooom\""), "metric", unknown);
    check(&instead("\"below\"", "\"under\""), "when", unknown);
    check(&instead("\"high\"", "\"HIGH\""), "severity", unknown);
    check(&instead("\"high\"", "\"low\""), "severity", unknown);
    check(&good_and("no_data = \"panic\""), "no_data", unknown);
    check(&good_and("change = \"relative\"\nover = \"5m\""), "change", unknown);
    check(
        &good_and("schedule = { days = [\"mon\", \"sunday\"], zone = \"UTC\" }"),
        "schedule.days.1",
        unknown,
    );
    let status = "[[rule]]\nname = \"r\"\nmetric = \"vault_status\"\nis = [\"ASLEEP\"]\nseverity = \"high\"\n";
    check(status, "is.0", unknown);
    let levels = "[[rule]]\nname = \"r\"\nmetric = \"room\"\nwhen = \"below\"\nlevels.severe = { enter = 5 }\n";
    let found = faults(levels);
    assert!(found.iter().any(|e| e.field == "levels.severe" && unknown(&e.fault)), "{found:?}");
}

#[test]
fn the_metric_says_which_are_known() {
    let found = faults(&instead("\"room\"", "\"rooom\""));
    let text = found[0].to_string();
    assert!(text.contains("`rooom`") && text.contains("health_factor"), "{text}");
    assert!(text.starts_with("rule `r`: metric "), "{text}");
    assert_eq!(found[0].path(), ["rule", "0", "metric"]);
}

#[test]
fn what_is_missing() {
    let missing = |f: &Fault| matches!(f, Fault::Missing { .. });
    check(&instead("when = \"below\"\n", ""), "when", missing);
    check(&instead("enter = 10\n", ""), "enter", missing);
    check(&instead("severity = \"high\"\n", ""), "severity", missing);
    check(&good_and("change = \"percent\""), "over", missing);
    check(
        "[[rule]]\nname = \"r\"\nmetric = \"vault_status\"\nseverity = \"high\"\n",
        "is",
        missing,
    );
    check(&simple("status", "below", "5", ""), "field", missing);
    let flag = "[[rule]]\nname = \"r\"\nmetric = \"vault_status\"\nis = [\"CLOSED\"]\n";
    check(flag, "severity", missing);
}

#[test]
fn what_does_not_belong() {
    let not_here = |f: &Fault| matches!(f, Fault::NotHere { .. });
    check(&good_and("token = \"WETH\""), "token", not_here);
    check(&good_and("field = \"isRunning\""), "field", not_here);
    check(&good_and("is = [\"ACTIVE\"]"), "is", not_here);
    check(&good_and("over = \"5m\""), "over", not_here);
    check(
        &good_and("levels.critical = { enter = 5 }")
            .replace("severity = \"high\"\n", "")
            .replace("enter = 10\n", "exit = 12\n"),
        "exit",
        not_here,
    );
    let age = "[[rule]]\nname = \"r\"\nmetric = \"data_age\"\nwhen = \"above\"\nenter = \"5m\"\nseverity = \"high\"\n";
    check(&format!("{age}change = \"percent\"\nover = \"5m\"\n"), "change", not_here);
    let flag = "[[rule]]\nname = \"r\"\nmetric = \"vault_status\"\nis = [\"CLOSED\"]\nseverity = \"high\"\n";
    check(&format!("{flag}when = \"above\"\n"), "when", not_here);
    let price = |scope: &str| simple("price", "below", "5", &format!("token = \"WETH\"\n{scope}"));
    check(&price("scope.vaults = [\"A\"]"), "scope.vaults", not_here);
    check(&price("scope.tokens = [\"A\"]"), "scope.tokens", not_here);
    check(
        &simple("status", "below", "5", "field = \"x\"\nscope.chains = [1]"),
        "scope.chains",
        not_here,
    );
    check("[[policy]]\nchain = 1\nvault = \"A\"\n", "vault", not_here);
}

#[test]
fn exit_on_the_wrong_side() {
    check(&good_and("exit = 9.99"), "exit", |f| {
        matches!(f, Fault::ExitOnWrongSide { when: When::Below, .. })
    });
    let above = instead("\"below\"", "\"above\"").replace("enter = 10", "enter = 10\nexit = 10.01");
    check(&above, "exit", |f| matches!(f, Fault::ExitOnWrongSide { when: When::Above, .. }));
    let levels = "[[rule]]\nname = \"r\"\nmetric = \"ltv\"\nwhen = \"above\"\nlevels.high = { enter = 80, exit = 81 }\n";
    check(levels, "levels.high.exit", |f| matches!(f, Fault::ExitOnWrongSide { .. }));
    assert_eq!(faults(levels)[0].path(), ["rule", "0", "levels", "high", "exit"]);
    // No difference at all is allowed.
    assert!(RuleBook::new(&options(&good_and("exit = 10")), Policy::default(), "acme").is_ok());
}

#[test]
fn levels_out_of_order() {
    let ladder = |high: &str, critical: &str| {
        format!(
            "[[rule]]\nname = \"r\"\nmetric = \"room\"\nwhen = \"below\"\n\
             levels.high = {{ {high} }}\nlevels.critical = {{ {critical} }}\n"
        )
    };
    let out = |f: &Fault| matches!(f, Fault::LevelsOutOfOrder { when: When::Below, .. });
    check(&ladder("enter = 10", "enter = 20"), "levels.critical.enter", out);
    check(&ladder("enter = 10", "enter = 10"), "levels.critical.enter", out);
    check(&ladder("enter = 10, exit = 11", "enter = 5, exit = 12"), "levels.critical.exit", out);
}

#[test]
fn figures() {
    check(&instead("enter = 10", "enter = \"ten\""), "enter", |f| *f == Fault::NotANumber);
    check(&instead("enter = 10", "enter = 101"), "enter", |f| {
        matches!(f, Fault::OutOfRange { .. })
    });
    check(&instead("enter = 10", "enter = -1"), "enter", |f| matches!(f, Fault::OutOfRange { .. }));
    let exact = options(&instead("enter = 10", "enter = 7.1"));
    assert_eq!(exact.rule[0].enter.as_ref().unwrap().0, "7.1", "as it was typed");
    let long = toml::from_str::<alerts::rule::RulesOptions>(&instead(
        "enter = 10",
        "enter = 1.0000000000000001",
    ));
    assert!(long.is_ok_and(|o| o.rule[0].enter.as_ref().unwrap().0 == "1"), "a double has no more");
    let more = "enter = 0.12345678901234567";
    let refused = toml::from_str::<alerts::rule::RulesOptions>(&instead("enter = 10", more));
    assert!(refused.unwrap_err().to_string().contains("quotes"));
}

#[test]
fn times() {
    let not_a_time = |f: &Fault| *f == Fault::NotATime;
    check(&good_and("for = \"90\""), "for", not_a_time);
    check(&good_and("recovery = \"soon\""), "recovery", not_a_time);
    check(&good_and("for = \"25h\""), "for", |f| matches!(f, Fault::TooLong { .. }));
    let change = |over: &str| good_and(&format!("change = \"absolute\"\nover = \"{over}\""));
    check(&change("25h"), "over", |f| matches!(f, Fault::WindowTooLong { .. }));
    check(&change("9s"), "over", |f| matches!(f, Fault::TooShort { .. }));
    check(&change("x"), "over", not_a_time);
    check(&simple("data_age", "above", "300", ""), "enter", not_a_time);
    check("[[policy]]\nhold = { high = \"x\" }\n", "hold.high", not_a_time);
    check("[[policy]]\nrepeat = { critical = [\"5m\", \"2m\"] }\n", "repeat.critical", |f| {
        *f == Fault::NotRising
    });
    check("[[policy]]\nrepeat = { critical = [] }\n", "repeat.critical", |f| *f == Fault::Empty);
    check("[[policy]]\nrepeat = { critical_after = \"12h\" }\n", "repeat.critical_after", |f| {
        *f == Fault::TooLong { limit: "2 h" }
    });
    check("[[policy]]\nrepeat = { high = \"1m\" }\n", "repeat.high", |f| {
        *f == Fault::TooShort { least: "5 min" }
    });
    check("[[policy]]\nquiet_hours = \"always\"\n", "quiet_hours", |f| {
        matches!(f, Fault::Unknown { .. })
    });
    check(
        "[[policy]]\nquiet_hours = { from = \"25:00\", to = \"07:00\" }\n",
        "quiet_hours.from",
        |f| *f == Fault::BadTimeOfDay,
    );
    check(
        "[[policy]]\nquiet_hours = { from = \"23:00\", to = \"07:00\", zone = \"Nowhere\" }\n",
        "quiet_hours.zone",
        |f| *f == Fault::UnknownZone,
    );
    check("[[policy]]\nnotify_from = \"low\"\n", "notify_from", |f| {
        matches!(f, Fault::Unknown { .. })
    });
    let early = |fault: &Fault| *fault == Fault::CallOutBeforeSound;
    let both = "[[policy]]\nsound_after = \"5m\"\ncall_out_after = \"3m\"\n";
    check(both, "call_out_after", early);
    check("[[policy]]\ncall_out_after = \"90s\"\n", "call_out_after", early);
    check("[[policy]]\nsound_after = \"5m\"\n", "sound_after", early);
    // The other one may be another policy's.
    let two = "[[policy]]\ncall_out_after = \"10m\"\n[[policy]]\nchain = 1\nsound_after = \"5m\"\n";
    assert!(RuleBook::new(&options(two), Policy::default(), "acme").is_ok());
    check("[[policy]]\nhold = { urgent = \"1s\" }\n", "hold.urgent", |f| {
        matches!(f, Fault::Unknown { .. })
    });
}

#[test]
fn schedules_and_scopes() {
    let schedule = |text: &str| good_and(&format!("schedule = {{ {text} }}"));
    check(&schedule("zone = \"Europe/Atlantis\""), "schedule.zone", |f| *f == Fault::UnknownZone);
    for bad in ["8:00", "25:00", "08:60", "24:01", "noon"] {
        let text = format!("from = \"{bad}\", zone = \"UTC\"");
        check(&schedule(&text), "schedule.from", |f| *f == Fault::BadTimeOfDay);
    }
    check(&good_and("scope.labels = [\"x\"]"), "scope.labels.0", |f| *f == Fault::UnknownLabel);
    check(&good_and("scope.vaults = [\"A\", \"B*C\"]"), "scope.vaults.1", |f| {
        *f == Fault::BadVault
    });
    check("[labels]\nx = []\n", "x", |f| *f == Fault::Empty);
    check("[labels]\nx = [\"\"]\n", "x.0", |f| *f == Fault::BadVault);
    check("[[policy]]\nlabel = \"x\"\n", "label", |f| *f == Fault::UnknownLabel);
    check("[[policy]]\nrules = { nope = false }\n", "rules.nope", |f| *f == Fault::UnknownRule);
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let toml = format!(
        "[labels]\nx = []\n{}[[policy]]\nrecovery = \"x\"\n",
        instead("\"below\"", "\"under\"").replace("enter = 10", "enter = 10\nno_data = \"x\"")
    );
    let found = faults(&toml);
    let entries: Vec<_> = found.iter().map(|e| e.entry).collect();
    assert_eq!(
        entries,
        [Entry::Labels, Entry::Rule(0), Entry::Rule(0), Entry::Policy(0)],
        "{found:?}"
    );
}

#[test]
fn unknown_keys_are_refused_with_their_line() {
    let error = toml::from_str::<alerts::rule::RulesOptions>(&good_and("sevrity = \"high\""));
    let text = error.unwrap_err().to_string();
    assert!(text.contains("sevrity") && text.contains("line 7"), "{text}");
}

#[test]
fn too_many() {
    let rules: String =
        (0..501).map(|n| good_and("").replace("\"r\"", &format!("\"r{n}\""))).collect();
    check(&rules, "", |f| *f == Fault::TooMany { limit: RuleBook::LIMIT });
}
