//! The machine by itself, its clock in the test's hands.

use std::collections::BTreeMap;
use std::time::Duration;

use smol_str::SmolStr;
use wire::UnixMillis;

use super::alert::{Alert, Channel, Phase};
use super::heard::{Action, Critical, Escalation, Heard, Target};
use super::machine::{Called, Claimed, Machine, Step};

const MINUTE: i64 = 60_000;

/// A machine, what it keeps, and the time.
struct Desk {
    machine: Machine,
    kept: BTreeMap<SmolStr, Alert>,
    now: i64,
}

impl Desk {
    fn new() -> Self {
        Self::with(vec![Channel::Webhook])
    }

    fn with(channels: Vec<Channel>) -> Self {
        let patience = Duration::from_secs(120);
        let machine = Machine::new("me".into(), patience, channels, BTreeMap::new());
        Self { machine, kept: BTreeMap::new(), now: 0 }
    }

    fn hear(&mut self, heard: Heard) {
        let delivery = smol_str::format_smolstr!("d{}", self.now);
        self.machine.hear(heard, delivery, UnixMillis(self.now));
    }

    /// What is to be done now, all of it.
    fn steps(&mut self) -> Vec<Step> {
        std::iter::from_fn(|| self.machine.next(UnixMillis(self.now))).collect()
    }

    fn claim(&mut self, claimed: Claimed) -> u32 {
        let steps = self.steps();
        let [Step::Claim { key, escalation }] = &steps[..] else { panic!("{steps:?}") };
        self.machine.claimed(key, escalation.claim, claimed, UnixMillis(self.now));
        escalation.claim
    }

    fn call(&mut self, called: Called) {
        let steps = self.steps();
        let [Step::Call { key, channel, .. }] = &steps[..] else { panic!("{steps:?}") };
        self.machine.called(key, *channel, called, UnixMillis(self.now));
    }

    /// Lets time pass until the next call. In between it is said that it is still being tried.
    fn until_call(&mut self) {
        loop {
            match self.machine.next(UnixMillis(self.now)) {
                Some(Step::Call { .. }) => return,
                Some(Step::Claim { key, escalation }) => {
                    let now = UnixMillis(self.now);
                    self.machine.claimed(&key, escalation.claim, Claimed::Ours, now);
                }
                Some(other) => panic!("{other:?}"),
                None => self.now = self.machine.wake_at().unwrap().0,
            }
        }
    }

    /// Seconds until the next call after one that failed.
    fn fail(&mut self, retry_after: Option<u64>) -> i64 {
        let failed = Called::Failed { retry_after: retry_after.map(Duration::from_secs) };
        self.machine.called(&"a".into(), Channel::Webhook, failed, UnixMillis(self.now));
        let from = self.now;
        self.until_call();
        (self.now - from) / 1_000
    }

    fn restart(&mut self) {
        for (key, alert) in self.machine.changes(UnixMillis(self.now)) {
            match alert {
                Some(alert) => self.kept.insert(key, alert),
                None => self.kept.remove(&key),
            };
        }
        let patience = Duration::from_secs(120);
        let channels = vec![Channel::Webhook];
        self.machine = Machine::new("me".into(), patience, channels, self.kept.clone());
    }
}

fn target(alert: &str) -> Target {
    Target { alert: Some(alert.into()), ..Target::default() }
}

fn critical(alert: &str) -> Heard {
    Heard::Critical(Critical { target: target(alert), data: "{}".into() })
}

fn from(gateway: &str, action: Action, claim: u32) -> Heard {
    Heard::Escalation(Escalation {
        delivery: "d0".into(),
        alert_id: None,
        vault_id: None,
        action,
        claim,
        gateway: gateway.into(),
    })
}

const FAILED: Called = Called::Failed { retry_after: None };

#[test]
fn who_acknowledges_in_time_is_not_called() {
    let mut desk = Desk::new();
    desk.hear(critical("a"));
    desk.now = 2 * MINUTE - 1;
    assert!(desk.steps().is_empty());
    desk.hear(Heard::Acknowledged(target("a")));
    desk.now = 10 * MINUTE;
    assert!(desk.steps().is_empty());
    // Told again, it is still acknowledged.
    desk.hear(critical("a"));
    desk.now = 20 * MINUTE;
    assert!(desk.steps().is_empty());
    // Once it was over, it is another one.
    desk.hear(Heard::Resolved(target("a")));
    desk.hear(critical("a"));
    desk.now = 22 * MINUTE;
    assert_eq!(desk.claim(Claimed::Ours), 1);
}

#[test]
fn somebody_is_called_once_when_the_time_is_up() {
    let mut desk = Desk::new();
    desk.hear(critical("a"));
    desk.now = MINUTE;
    // Told again, the time runs from the first.
    desk.hear(critical("a"));
    assert_eq!(desk.machine.wake_at(), Some(UnixMillis(2 * MINUTE)));
    desk.now = 2 * MINUTE;
    desk.claim(Claimed::Ours);
    desk.call(Called::Delivered);
    let steps = desk.steps();
    let [Step::Tell { key, escalation }] = &steps[..] else { panic!("{steps:?}") };
    assert_eq!((escalation.action, escalation.delivery.as_str()), (Action::Delivered, "d0"));
    desk.machine.told(key, Claimed::Ours, UnixMillis(desk.now));
    desk.hear(critical("a"));
    desk.now = 60 * MINUTE;
    assert!(desk.steps().is_empty());
}

#[test]
fn what_fails_is_tried_again_later_and_later_for_as_long_as_it_takes() {
    let mut desk = Desk::new();
    desk.hear(critical("a"));
    desk.now = 2 * MINUTE;
    desk.claim(Claimed::Ours);
    let mut pauses = Vec::new();
    desk.until_call();
    for _ in 0..9 {
        pauses.push(desk.fail(None));
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    assert_eq!(desk.fail(Some(90)), 90, "the receiver asked for it");
    assert_eq!(desk.fail(Some(86_400)), 300, "within reason");
    // Whoever acknowledges now ends it.
    desk.hear(Heard::Acknowledged(target("a")));
    desk.machine.called(&"a".into(), Channel::Webhook, FAILED, UnixMillis(desk.now));
    desk.now += 60 * MINUTE;
    assert!(desk.steps().is_empty());
}

#[test]
fn each_way_is_gone_by_itself() {
    let mut desk = Desk::with(vec![Channel::Webhook, Channel::Ntfy]);
    desk.hear(critical("a"));
    desk.now = 2 * MINUTE;
    desk.claim(Claimed::Ours);
    assert_eq!(desk.steps().len(), 2);
    let now = UnixMillis(desk.now);
    desk.machine.called(&"a".into(), Channel::Webhook, Called::Delivered, now);
    desk.machine.called(&"a".into(), Channel::Ntfy, FAILED, now);
    desk.now += 1_000;
    let steps = desk.steps();
    assert!(matches!(&steps[..], [Step::Call { channel: Channel::Ntfy, .. }]), "{steps:?}");
    desk.machine.called(&"a".into(), Channel::Ntfy, Called::Delivered, UnixMillis(desk.now));
    assert!(matches!(desk.steps()[..], [Step::Tell { .. }]));
}

#[test]
fn a_restart_neither_forgets_nor_repeats() {
    let mut desk = Desk::new();
    desk.hear(critical("a"));
    desk.now = MINUTE;
    desk.restart();
    desk.now = 2 * MINUTE;
    desk.claim(Claimed::Ours);
    // In the middle of a call that nobody heard the end of.
    assert_eq!(desk.steps().len(), 1);
    desk.restart();
    desk.call(Called::Delivered);
    desk.restart();
    assert!(matches!(desk.steps()[..], [Step::Tell { .. }]));
    desk.restart();
    desk.steps();
    desk.machine.told(&"a".into(), Claimed::Theirs, UnixMillis(desk.now));
    desk.restart();
    desk.now += 10 * MINUTE;
    assert!(desk.steps().is_empty());
}

#[test]
fn a_claim_that_was_ours_before_a_restart_is_ours_again() {
    let mut desk = Desk::new();
    desk.hear(critical("a"));
    desk.restart();
    desk.hear(from("me", Action::Calling, 1));
    desk.call(Called::Delivered);
}

#[test]
fn of_gateways_on_one_log_one_calls() {
    let mut desk = Desk::new();
    desk.hear(critical("a"));
    desk.now = 2 * MINUTE;
    desk.claim(Claimed::Theirs);
    assert!(desk.steps().is_empty());
    desk.now += 4 * MINUTE;
    desk.hear(from("other", Action::Calling, 2));
    desk.now += 4 * MINUTE;
    assert!(desk.steps().is_empty(), "it is still at it");
    desk.hear(from("other", Action::Delivered, 0));
    desk.now += 60 * MINUTE;
    assert!(desk.steps().is_empty());
}

#[test]
fn a_gateway_that_dies_over_a_call_is_replaced() {
    let mut desk = Desk::new();
    desk.hear(critical("a"));
    desk.hear(from("other", Action::Calling, 1));
    desk.now = 5 * MINUTE - 1;
    assert!(desk.steps().is_empty());
    desk.now = 5 * MINUTE;
    assert_eq!(desk.claim(Claimed::Ours), 2);
    desk.call(FAILED);
    // And should it live after all, it takes its turn.
    desk.hear(from("other", Action::Calling, 3));
    desk.now += MINUTE;
    assert!(desk.steps().is_empty());
}

#[test]
fn a_log_that_does_not_answer_keeps_nobody_from_being_called() {
    let mut desk = Desk::new();
    desk.hear(critical("a"));
    desk.now = 2 * MINUTE;
    let mut claims = 0;
    while desk.now < 2 * MINUTE + 30_000 {
        desk.claim(Claimed::Unknown);
        claims += 1;
        desk.now = desk.machine.wake_at().unwrap().0;
    }
    assert_eq!(claims, 15);
    desk.claim(Claimed::Unknown);
    desk.call(Called::Delivered);
}

#[test]
fn what_is_closed_is_forgotten_after_a_day() {
    let mut desk = Desk::new();
    desk.hear(critical("a"));
    desk.hear(Heard::Acknowledged(target("a")));
    let changes = desk.machine.changes(UnixMillis(desk.now));
    assert!(
        matches!(&changes[..], [(_, Some(alert))] if alert.phase == Phase::Closed { at: UnixMillis(0) })
    );
    desk.now = 24 * 60 * MINUTE;
    assert_eq!(desk.machine.wake_at(), Some(UnixMillis(desk.now)));
    assert_eq!(desk.machine.changes(UnixMillis(desk.now)), [("a".into(), None)]);
    assert_eq!(desk.machine.wake_at(), None);
}

#[test]
fn a_flood_of_alerts_is_called_about_a_few_at_a_time() {
    let mut desk = Desk::new();
    for n in 0..50 {
        desk.hear(critical(&n.to_string()));
    }
    desk.now = 2 * MINUTE;
    for step in desk.steps() {
        let Step::Claim { key, .. } = step else { panic!("{step:?}") };
        desk.machine.claimed(&key, 1, Claimed::Ours, UnixMillis(desk.now));
    }
    assert_eq!(desk.steps().len(), 8);
}
