//! How alerts are told where policies of some vaults say it.

use alerts::QuietHours;
use alerts::rule::{RuleBook, RulesOptions};
use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::desk::*;

fn desk(policy: Policy, policies: &str) -> Desk {
    let options: RulesOptions = toml::from_str(policies).unwrap();
    let book = RuleBook::new(&options, policy.clone(), "acme").unwrap();
    let mut d = Desk::with(policy);
    d.engine.set_rules(book);
    d
}

fn notify_high() -> Policy {
    Policy { notify_from: Level::High, ..Policy::default() }
}

fn shown_of(d: &Desk, vault: &str) -> Vec<u64> {
    let of_vault = |effect: &Effect| matches!(effect, Effect::Show(s) if s.sound && s.title.starts_with(vault));
    let shown = d.log.iter().filter(|(_, effect)| of_vault(effect));
    shown.map(|(at, _)| at.since(Desk::START).as_secs() / 60).collect()
}

#[test]
fn each_vault_repeats_as_its_nearest_policy_says() {
    let mut d = desk(
        notify_high(),
        r#"
[labels]
treasury = ["DAO-*"]
[[policy]]
chain = 1
repeat = { high = "45m" }
[[policy]]
label = "treasury"
repeat = { critical = ["1m", "3m"], critical_after = "10m", high = "20m" }
sound_after = "30s"
call_out_after = "50s"
[[policy]]
vault = "DAO-2"
repeat = { critical = ["7m"] }
"#,
    );
    d.ltv("A", "77");
    d.after(10 * SECOND);
    d.ltv("DAO-1", "77");
    d.after(10 * SECOND);
    d.ltv("DAO-2", "77");
    let early = d.after(40 * SECOND);
    let heard = |effect: &Effect| matches!(effect, Effect::Alarm(alarm) if alarm.sound);
    assert!(early.iter().any(heard), "after 30 s, not 2 min");
    let called: Vec<_> = early.iter().filter(|e| matches!(e, Effect::CallOut(_))).collect();
    assert_eq!(called.len(), 1, "of the one that has waited for 50 s");
    d.after(24 * MINUTE);
    assert_eq!(shown_of(&d, "A"), [0, 2, 5, 10, 25]);
    assert_eq!(shown_of(&d, "DAO-1"), [0, 1, 3, 13, 23]);
    assert_eq!(shown_of(&d, "DAO-2"), [0, 7, 17], "the rest is the label's");
    d.restart_with_rules();
    d.after(10 * MINUTE);
    assert_eq!(shown_of(&d, "DAO-1"), [0, 1, 3, 13, 23, 33], "a restart changes nothing");

    let mut d = desk(notify_high(), "[[policy]]\nchain = 1\nrepeat = { high = \"45m\" }\n");
    d.ltv("A", "71");
    d.after(100 * MINUTE);
    assert_eq!(shown_of(&d, "A"), [0, 45, 90]);
}

#[test]
fn quiet_hours_are_a_groups_own() {
    let time = |hour| Time::new(hour, 0, 0, 0).unwrap();
    let all_day = QuietHours { from: time(0), to: time(0), zone: TimeZone::UTC };
    let policy = Policy { quiet_hours: Some(all_day), ..notify_high() };
    let mut d = desk(
        policy,
        r#"
[[policy]]
chain = 1
quiet_hours = { from = "11:00", to = "14:00" }
[[policy]]
vault = "DAO-1"
quiet_hours = "none"
"#,
    );
    d.ltv("A", "71");
    d.ltv("DAO-1", "71");
    d.open("B", "71");
    d.update("B", r#"{"chainId":10}"#);
    d.after(119 * MINUTE);
    assert_eq!(shown_of(&d, "A"), [] as [u64; 0]);
    assert_eq!(shown_of(&d, "DAO-1"), [0, 60]);
    d.after(2 * MINUTE);
    assert_eq!(shown_of(&d, "A"), [120], "at 14:00, when they end");
    assert_eq!(shown_of(&d, "B"), [] as [u64; 0], "of the chain nothing is said: all day");
}

#[test]
fn an_incident_is_told_as_its_cause_is() {
    let policies = r#"
[[policy]]
token = "WETH"
repeat = { critical = ["1m"], critical_after = "30m" }
[[policy]]
vault = "V000"
repeat = { critical = ["10m"] }
"#;
    let mut d = desk(Policy::default(), policies);
    for n in 0..10 {
        d.ltv(&format!("V{n:03}"), "76");
    }
    d.after(2 * SECOND);
    d.log.clear();
    d.after(40 * MINUTE);
    assert_eq!(d.shown_since(Desk::START), [1, 31], "one repeat for all, by the policy for WETH");
}

#[test]
fn an_incident_of_a_chain_is_told_as_the_chain_is() {
    let policies = r#"
[[policy]]
chain = 1
repeat = { critical = ["1m"], critical_after = "30m" }
[[policy]]
token = "T0"
repeat = { critical = ["10m"] }
"#;
    let mut d = desk(Policy::default(), policies);
    for n in 0..10 {
        let name = format!("V{n:03}");
        d.open(&name, "76");
        let token = format!(r#"{{"token":"T{n}","amount":"120","valueUSD":232320}}"#);
        d.update(&name, &format!(r#"{{"collateral":{token},"ltv":76}}"#));
    }
    d.after(2 * SECOND);
    d.log.clear();
    d.after(40 * MINUTE);
    assert_eq!(d.shown_since(Desk::START), [1, 31], "not as the token of one of its vaults is");
}

#[test]
fn what_a_critical_alert_kept_back_is_told_when_it_ends() {
    let lower = r#"{"vaultId":"A","category":"PERFORMANCE","severity":"HIGH","message":"Slow."}"#;
    let mut d = Desk::with(notify_high());
    d.ltv("A", "77");
    d.ack();
    d.platform(lower);
    d.after(10 * MINUTE);
    d.ltv("A", "50");
    d.log.clear();
    d.after(2 * MINUTE);
    let told = |d: &Desk| {
        let shown = d.log.iter().filter_map(|(at, e)| match e {
            Effect::Show(s) => Some((at.since(Desk::START).as_secs(), s.body.clone())),
            _ => None,
        });
        shown.collect::<Vec<_>>()
    };
    let at = 12 * 60;
    assert_eq!(told(&d), [(at, "Slow.".to_owned())], "with the end of the critical one");
    d.after(59 * MINUTE);
    assert_eq!(told(&d).len(), 1, "its own repeats begin then");
    d.after(2 * MINUTE);
    assert_eq!(told(&d).len(), 2);

    // What is over by then, or was answered meanwhile, is not told.
    for answer in ["ack", "resolved"] {
        let mut d = Desk::with(notify_high());
        d.ltv("A", "77");
        d.platform(lower);
        match answer {
            "ack" => {
                let ids = d.engine.open().map(|one| one.id).collect();
                d.act(Act::Acknowledge(ids));
            }
            _ => {
                d.platform(&lower.replace("\"Slow.\"", "\"Slow.\",\"resolved\":true"));
            }
        }
        d.log.clear();
        d.ltv("A", "50");
        d.after(10 * MINUTE);
        assert_eq!(told(&d), [], "{answer}");
    }
}

#[test]
fn what_was_put_off_for_all_is_told_when_that_ends() {
    let mut d = Desk::with(notify_high());
    d.act(Act::SnoozeAll(d.now.plus(15 * MINUTE)));
    d.after(MINUTE);
    d.ltv("H", "71");
    d.after(20 * MINUTE);
    assert_eq!(d.shown_since(Desk::START), [15]);
}

#[test]
fn putting_everything_off_ends_a_test_and_its_attention() {
    let mut d = Desk::new();
    d.act(Act::TestCritical);
    let effects = d.act(Act::SnoozeAll(d.now.plus(HOUR)));
    assert!(effects.contains(&Effect::Alarm(Alarm::default())), "{effects:?}");
    assert_eq!(changes(&effects), [("resolve", Level::Critical)]);
    assert_eq!((d.engine.open().count(), d.live.len()), (0, 0));
}
