//! What somebody does about an alert, here and on other machines.

use crate::desk::*;

fn critical() -> Desk {
    let mut d = Desk::new();
    d.ltv("A", "77");
    d
}

#[test]
fn a_critical_alert_is_put_off_by_an_hour_at_most() {
    let mut d = critical();
    let id = d.only().id;
    d.act(Act::Snooze { ids: vec![id], until: d.now.plus(24 * HOUR) });
    let view = d.only();
    assert_eq!(view.state, NotificationState::Snoozed);
    assert_eq!(view.snoozed_until, Some(Desk::START.plus(HOUR)));
    assert!(d.live.is_empty());
    d.after(59 * MINUTE);
    assert_eq!(d.shown_since(Desk::START), [0]);
    d.after(MINUTE);
    assert_eq!(d.shown_since(Desk::START), [0, 60]);
    assert_eq!(d.only().state, NotificationState::Firing);
}

#[test]
fn a_snooze_ends_when_it_gets_worse() {
    let mut d = critical();
    let id = d.only().id;
    d.act(Act::Snooze { ids: vec![id], until: d.now.plus(30 * MINUTE) });
    d.after(MINUTE);
    let worse = d.ltv("A", "78.5");
    assert_eq!(changes(&worse), [("worsen", Level::Critical)]);
    assert_eq!(shown(&worse).len(), 1);
    assert_eq!(d.only().snoozed_until, None);
}

#[test]
fn snoozing_everything_keeps_back_the_new_but_not_the_critical() {
    let mut d = Desk::with(Policy { notify_from: Level::High, ..Policy::default() });
    d.ltv("A", "77");
    d.act(Act::SnoozeAll(d.now.plus(HOUR)));
    d.ltv("H", "71");
    d.after(20 * MINUTE);
    assert_eq!(d.shown_since(Desk::START), [0], "high is kept back");
    d.ltv("B", "77");
    assert_eq!(d.shown_since(Desk::START), [0, 20], "critical is not");
    let a = d.engine.open().find(|one| one.vault == Some(id("A"))).unwrap().id;
    let back = d.act(Act::Unsnooze(vec![a]));
    assert_eq!(changes(&back), [("wake", Level::Critical)]);
}

#[test]
fn an_acknowledgement_can_be_taken_back() {
    let mut d = critical();
    d.ack();
    d.after(MINUTE);
    let id = d.only().id;
    let back = d.act(Act::Unacknowledge(vec![id]));
    assert_eq!(changes(&back), [("lapse", Level::Critical)]);
    assert!(shown(&back).iter().all(|showing| !showing.sound), "it is there again, quietly");
    assert_eq!(d.only().state, NotificationState::Firing);
    d.after(2 * MINUTE);
    assert_eq!(d.shown_since(Desk::START), [0, 3], "and is told again");
}

#[test]
fn a_false_alarm_is_acknowledged_and_noted() {
    let mut d = critical();
    let id = d.only().id;
    assert_eq!(
        changes(&d.act(Act::FalseAlarm(id))),
        [("ack", Level::Critical), ("false alarm", Level::Critical)]
    );
}

#[test]
fn what_was_done_here_is_shared_where_others_know_it() {
    let mut d = critical();
    let shared: Vec<_> = d
        .ack()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Share(state) => Some(serde_json::to_string(&state).unwrap()),
            _ => None,
        })
        .collect();
    assert_eq!(
        shared,
        [
            r#"{"vaultId":"A","category":"LTV","action":"ack"}"#,
            r#"{"vaultId":"A","category":"HEALTH_FACTOR","action":"ack"}"#
        ]
    );
}

#[test]
fn others_answers_count_and_are_named() {
    let mut d = critical();
    d.open("B", "60");
    d.slide("B", 70, 77);
    let a = |d: &Desk| d.engine.open().find(|one| one.vault == Some(id("A"))).unwrap().clone();
    let effects = d.others(r#"{"vaultId":"A","category":"LTV","action":"ack","by":"Ada"}"#);
    assert_eq!(changes(&effects), [("ack", Level::Critical)]);
    assert_eq!(a(&d).acknowledged.unwrap().by, "Ada");
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Share(_))), "no echo");
    assert_eq!(
        changes(&d.others(r#"{"vaultId":"A","category":"LIQUIDATION","action":"ack"}"#)),
        []
    );
    assert_eq!(changes(&d.others(r#"{"action":"ack"}"#)), [], "about nothing");
    assert_eq!(changes(&d.others(r#"{"vaultId":"A","action":"shrug"}"#)), []);
    let until = d.now.plus(10 * MINUTE).0;
    let snooze = format!(r#"{{"vaultId":"B","action":"snooze","until":{until},"by":"Bob"}}"#);
    assert_eq!(changes(&d.others(&snooze)), [("snooze", Level::Critical)]);
}

#[test]
fn the_platforms_id_names_an_alert_too() {
    let mut d = Desk::new();
    d.platform(r#"{"id":"ra-1","category":"SYSTEM","severity":"HIGH","message":"Slow."}"#);
    let effects = d.others(r#"{"alertId":"ra-1","action":"ack","by":"Ada"}"#);
    assert_eq!(changes(&effects), [("ack", Level::High)]);
    let over = d.others(r#"{"alertId":"ra-1","action":"resolve","by":"Ada","note":"Restarted."}"#);
    assert_eq!(changes(&over), [("resolve", Level::High)]);
    assert_eq!(last(&over).message, "Restarted.");
}

#[test]
fn a_platform_alert_may_come_acknowledged() {
    let mut d = Desk::new();
    d.platform(r#"{"category":"SYSTEM","severity":"CRITICAL","message":"x","acknowledged":true}"#);
    assert_eq!(d.only().acknowledged.unwrap().by, "the platform");
    d.after(10 * MINUTE);
    assert_eq!(d.shown_since(Desk::START), [] as [u64; 0]);
}

#[test]
fn a_critical_alert_silences_lower_ones_of_its_vault() {
    let mut d = Desk::with(Policy { notify_from: Level::Medium, ..Policy::default() });
    d.ltv("A", "77");
    let lower = r#"{"vaultId":"A","category":"PERFORMANCE","severity":"HIGH","message":"Slow."}"#;
    let effects = d.platform(lower);
    assert_eq!(shown(&effects).len(), 0);
    assert_eq!(last(&effects).suppressed, 1);
    let other = d.platform(&lower.replace("\"A\"", "\"B\""));
    assert_eq!(shown(&other).len(), 1, "of another vault it is told");
}

#[test]
fn whatever_is_critical_silences_lower_ones_of_its_vault_answered_or_not() {
    let mut d = Desk::with(Policy { notify_from: Level::Medium, ..Policy::default() });
    let platform =
        r#"{"vaultId":"A","category":"PERFORMANCE","severity":"CRITICAL","message":"x"}"#;
    d.platform(platform);
    d.ack();
    d.ltv("A", "71");
    d.ltv("B", "71");
    let told = d.after(MINUTE);
    let titles: Vec<_> = shown(&told).into_iter().map(|one| one.title.clone()).collect();
    assert_eq!(titles, ["B: 13.9 % to liquidation"]);
    d.restart();
    d.after(HOUR);
    let a = d.engine.open().find(|one| one.severity == Level::High && one.vault == Some(id("A")));
    assert!(a.unwrap().suppressed > 0, "counted");
    let over = r#"{"vaultId":"A","category":"PERFORMANCE","message":"x","resolved":true}"#;
    d.platform(over);
    let told = d.after(SECOND);
    let a = shown(&told).into_iter().any(|one| one.title == "A: 13.9 % to liquidation");
    assert!(a, "told when that is over: {:?}", shown(&told));
}

#[test]
fn dismissed_is_acknowledged() {
    let mut d = critical();
    let id = d.only().id;
    d.act(Act::Dismiss(vec![id]));
    d.after(20 * MINUTE);
    assert_eq!(d.shown_since(Desk::START), [0]);
    d.after(10 * MINUTE);
    assert_eq!(d.shown_since(Desk::START), [0, 30], "it holds still");
}
