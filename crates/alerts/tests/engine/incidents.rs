//! Many alerts at once.

use crate::desk::*;

fn crash(d: &mut Desk, count: usize) -> Vec<Effect> {
    let mut effects = Vec::new();
    for n in 0..count {
        effects.extend(d.ltv(&format!("V{n:03}"), "76"));
    }
    effects
}

fn incident(d: &Desk) -> NotificationView {
    let head = |one: &&NotificationView| one.vault.is_none();
    d.engine.open().find(head).expect("an incident").clone()
}

#[test]
fn more_than_five_of_one_cause_within_10_s_are_one_incident() {
    let mut d = Desk::new();
    let effects = crash(&mut d, 5);
    assert!(!changes(&effects).is_empty() && d.engine.open().all(|one| one.incident.is_none()));
    d.after(Duration::from_secs(9));
    d.ltv("V005", "79");
    let head = incident(&d);
    assert_eq!(head.title, "6 vaults critical, $1.06M debt");
    assert!(head.message.starts_with("All hold WETH. Worst: V005, 4.2 %. "), "{}", head.message);
    assert!(
        d.engine.open().filter(|one| one.vault.is_some()).all(|one| one.incident == Some(head.id))
    );
    d.after(2 * SECOND);
    assert_eq!(d.live.iter().copied().collect::<Vec<_>>(), [head.id], "one notification");

    let mut slow = Desk::new();
    for n in 0..12 {
        slow.ltv(&format!("V{n}"), "76");
        slow.after(Duration::from_millis(2_100));
    }
    assert!(slow.engine.open().all(|one| one.vault.is_some()), "never six within 10 s");
}

/// Critical, and with a collateral that no other vault has.
fn critical_with(d: &mut Desk, name: &str, token: &str, chain: u64) {
    d.open(name, "76");
    d.update(
        name,
        &format!(
            r#"{{"chainId":{chain},"collateral":{{"token":"{token}","amount":"120","valueUSD":232320}},"ltv":76}}"#
        ),
    );
}

#[test]
fn vaults_of_one_chain_without_a_common_token_are_one_incident_with_repeats_of_its_own() {
    let mut d = Desk::new();
    let begun = d.now;
    for n in 0..8 {
        critical_with(&mut d, &format!("V{n:03}"), &format!("T{n}"), 1);
    }
    critical_with(&mut d, "ELSEWHERE", "T8", 10);
    d.after(Duration::from_secs(59));
    let head = incident(&d);
    assert_eq!(head.title, "8 vaults critical, $1.41M debt");
    assert!(head.message.starts_with("All on Ethereum. Worst: V000, 7.8 %. "), "{}", head.message);
    let of = |name: &str| d.engine.open().find(|one| one.vault == Some(id(name))).unwrap().clone();
    assert_eq!((of("V007").incident, of("ELSEWHERE").incident), (Some(head.id), None));
    let elsewhere = of("ELSEWHERE").id;
    d.act(Act::Acknowledge(vec![elsewhere]));
    d.after(24 * MINUTE + SECOND);
    assert_eq!(d.shown_since(begun.plus(MINUTE)), [1, 4, 9, 24], "one repeat for all of them");
    d.act(Act::Acknowledge(vec![head.id]));
    assert!(d.engine.open().all(|one| one.state == NotificationState::Acknowledged));
}

#[test]
fn five_hundred_at_once_are_four_notifications_and_one_repeat_after() {
    let mut d = Desk::new();
    d.price("WETH", "2200");
    d.after(8 * MINUTE);
    d.price("WETH", "1927.2");
    let crash_at = d.now;
    crash(&mut d, 500);
    assert_eq!(d.engine.open().filter(|one| one.vault.is_some()).count(), 500, "all in the center");
    d.after(Duration::from_secs(59));
    let first_minute =
        d.log.iter().filter(|(at, e)| *at >= crash_at && matches!(e, Effect::Show(_)));
    assert!(first_minute.count() <= 4);
    let head = incident(&d);
    assert_eq!(head.title, "500 vaults critical, $88.25M debt");
    let body = "WETH −12.4 % in 8 min. Worst: V000, 7.8 %. $6.79M restores 15 %. Open triage.";
    assert_eq!(head.message, body);
    assert_eq!(d.live.len(), 1);
    d.after(24 * MINUTE + SECOND);
    assert_eq!(d.shown_since(crash_at.plus(MINUTE)), [1, 4, 9, 24], "one repeat each time");
    d.act(Act::Acknowledge(vec![head.id]));
    assert!(d.engine.open().all(|one| one.state == NotificationState::Acknowledged));
    let acknowledged = d.now;
    d.log.clear();
    d.after(29 * MINUTE);
    assert_eq!(d.shown_since(acknowledged), [] as [u64; 0]);
}

#[test]
fn one_more_critical_vault_is_seen_within_a_second_and_heard_when_all_were_answered() {
    let mut d = Desk::new();
    crash(&mut d, 10);
    d.after(10 * SECOND);
    d.ltv("NEW", "76");
    d.after(SECOND);
    let all: Vec<_> = d.log.iter().map(|(_, effect)| effect.clone()).collect();
    let seen = shown(&all).pop().unwrap().clone();
    assert_eq!((seen.title.as_str(), seen.sound), ("11 vaults critical, $1.94M debt", false));
    d.act(Act::Acknowledge(vec![incident(&d).id]));
    d.after(MINUTE);
    let heard = d.ltv("NEWER", "76");
    assert!(shown(&heard)[0].sound);
    assert_eq!(incident(&d).state, NotificationState::Firing);
}

#[test]
fn an_incident_gets_worse_with_its_worst_vault_and_ends_with_its_last() {
    let mut d = Desk::new();
    crash(&mut d, 8);
    d.after(MINUTE);
    let from = d.now;
    d.ltv("V003", "78.5"); // below 5 %
    d.ltv("V004", "78.6");
    d.after(SECOND);
    assert_eq!(d.shown_since(from), [0], "a step is told once for all");
    d.act(Act::Acknowledge(vec![incident(&d).id]));
    for n in 0..8 {
        d.ltv(&format!("V{n:03}"), "50");
    }
    let over = d.after(2 * MINUTE + SECOND);
    assert_eq!(d.engine.open().count(), 0);
    assert_eq!(last(&over).title, "8 vaults recovered");
    assert!(d.live.is_empty());
}

#[test]
fn acknowledging_every_vault_acknowledges_the_incident() {
    let mut d = Desk::new();
    crash(&mut d, 6);
    let members: Vec<_> =
        d.engine.open().filter(|one| one.vault.is_some()).map(|one| one.id).collect();
    d.act(Act::Acknowledge(members[1..].to_vec()));
    assert_eq!(incident(&d).state, NotificationState::Firing);
    d.act(Act::Acknowledge(members[..1].to_vec()));
    assert_eq!(incident(&d).state, NotificationState::Acknowledged);
}

#[test]
fn without_a_common_cause_they_are_summed_up() {
    let mut d = Desk::new();
    for n in 0..50 {
        let name = format!("P{n:02}");
        d.platform(&format!(r#"{{"vaultId":"{name}","category":"MARKET_RISK","severity":"CRITICAL","title":"{name} at risk","message":"m"}}"#));
    }
    d.after(MINUTE);
    let showings: Vec<_> = d
        .log
        .iter()
        .filter_map(|(at, effect)| match effect {
            Effect::Show(showing) => Some((at.since(Desk::START).as_secs(), showing.title.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(showings.len(), 4, "{showings:?}");
    assert_eq!(showings[3], (1, "47 alerts, 47 critical".to_owned()));
    assert_eq!(d.live.len(), 4);
    d.act(Act::Acknowledge(vec![NotificationId::SUMMARY]));
    assert_eq!(d.live.len(), 3, "the summary is answered");
    assert_eq!(
        d.engine.open().filter(|one| one.state == NotificationState::Acknowledged).count(),
        47
    );
}

#[test]
fn vaults_that_were_open_before_are_one_incident_when_they_become_critical_together() {
    let mut d = Desk::new();
    for n in 0..20 {
        d.open(&format!("V{n:03}"), "71");
        d.ltv(&format!("V{n:03}"), "71");
        d.after(20 * SECOND);
    }
    for n in 0..20 {
        d.ltv(&format!("V{n:03}"), "76.5");
    }
    d.after(2 * SECOND);
    assert_eq!(d.live.len(), 1);
    assert!(incident(&d).title.starts_with("20 vaults critical"));
}

#[test]
fn the_first_liquidation_of_an_incident_is_heard_and_the_next_ones_are_seen() {
    const LIQUIDATED: &str = r#"{"status":"LIQUIDATED"}"#;
    let mut d = Desk::new();
    crash(&mut d, 10);
    d.after(10 * SECOND);
    let first = d.update("V003", LIQUIDATED);
    assert_eq!(shown(&first).len(), 1);
    assert!(shown(&first)[0].sound && shown(&first)[0].body.contains(" 1 liquidated. "));
    assert!(shown(&first)[0].title.starts_with("10 vaults critical, $1.7"), "{first:?}");
    d.after(5 * SECOND);
    let mut second = d.update("V004", LIQUIDATED);
    second.extend(d.after(SECOND));
    let seen = shown(&second).pop().unwrap();
    assert!(!seen.sound && seen.body.contains(" 2 liquidated. "), "{seen:?}");
    d.restart();
    d.act(Act::Acknowledge(vec![incident(&d).id]));
    d.after(MINUTE);
    let third = d.update("V005", LIQUIDATED);
    assert!(shown(&third)[0].sound, "nobody has seen that one");
}

#[test]
fn a_vault_with_several_alerts_is_one_vault_of_its_incident() {
    let mut d = Desk::new();
    crash(&mut d, 8);
    for n in 0..8 {
        d.platform(&format!(
            r#"{{"vaultId":"V{n:03}","category":"PERFORMANCE","severity":"CRITICAL","message":"m"}}"#
        ));
    }
    d.after(12 * SECOND);
    assert_eq!(incident(&d).title, "8 vaults critical, $1.41M debt");
    for n in 0..8 {
        d.platform(&format!(
            r#"{{"vaultId":"V{n:03}","category":"PERFORMANCE","message":"m","resolved":true}}"#
        ));
        d.ltv(&format!("V{n:03}"), "50");
    }
    let over = d.after(2 * MINUTE + SECOND);
    assert_eq!(last(&over).title, "8 vaults recovered");
}
