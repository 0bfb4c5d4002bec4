//! What holds whatever happens.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use crate::desk::*;

/// One thing that may happen.
#[derive(Clone, Debug)]
enum Happens {
    Ltv(u8, u8),
    Wait(u16),
    Ack(u8),
    Snooze(u8, u16),
    Undo(u8),
    Platform(u8, bool),
    Others(u8),
    Liquidated(u8),
    Feed(bool),
    /// The notification service takes what it is given, or loses all it shows and takes nothing.
    Service(bool),
    /// The machine sleeps for so many minutes.
    Sleep(u8),
    SnoozeAll(u16),
    Test,
}

const VAULTS: u8 = 8;

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        8 => (0..VAULTS, 55u8..84).prop_map(|(vault, ltv)| Happens::Ltv(vault, ltv)),
        6 => (0u16..400).prop_map(Happens::Wait),
        2 => (0u8..20).prop_map(Happens::Ack),
        1 => (0u8..20, 1u16..5_000).prop_map(|(one, seconds)| Happens::Snooze(one, seconds)),
        1 => (0u8..20).prop_map(Happens::Undo),
        1 => (0..VAULTS, any::<bool>()).prop_map(|(vault, over)| Happens::Platform(vault, over)),
        1 => (0..VAULTS).prop_map(Happens::Others),
        1 => (0..VAULTS).prop_map(Happens::Liquidated),
        1 => any::<bool>().prop_map(Happens::Feed),
        1 => prop_oneof![
            any::<bool>().prop_map(Happens::Service),
            (0u8..90).prop_map(Happens::Sleep),
            (1u16..5_000).prop_map(Happens::SnoozeAll),
            Just(Happens::Test),
        ],
    ]
}

fn name(vault: u8) -> String {
    format!("V{vault}")
}

fn nth(d: &Desk, n: u8) -> Vec<NotificationId> {
    let open: Vec<_> = d.engine.open().map(|one| one.id).collect();
    open.get(n as usize % open.len().max(1)).copied().into_iter().collect()
}

fn happen(d: &mut Desk, what: &Happens) -> Vec<Effect> {
    match what {
        Happens::Ltv(vault, ltv) => d.ltv(&name(*vault), &ltv.to_string()),
        Happens::Wait(seconds) => d.after(Duration::from_secs(u64::from(*seconds))),
        Happens::Ack(n) => d.act(Act::Acknowledge(nth(d, *n))),
        Happens::Snooze(n, seconds) => {
            let until = d.now.plus(Duration::from_secs(u64::from(*seconds)));
            d.act(Act::Snooze { ids: nth(d, *n), until })
        }
        Happens::Undo(n) => {
            let ids = nth(d, *n);
            let mut effects = d.act(Act::Unacknowledge(ids.clone()));
            effects.extend(d.act(Act::Unsnooze(ids)));
            effects
        }
        Happens::Platform(vault, over) => d.platform(&format!(
            r#"{{"vaultId":"{}","category":"LTV","severity":"HIGH","message":"m","resolved":{over}}}"#,
            name(*vault)
        )),
        Happens::Others(vault) => {
            d.others(&format!(r#"{{"vaultId":"{}","action":"ack","by":"Ada"}}"#, name(*vault)))
        }
        Happens::Liquidated(vault) => {
            let mut effects = d.update(&name(*vault), r#"{"status":"ACTIVE"}"#);
            effects.extend(d.update(&name(*vault), r#"{"status":"LIQUIDATED"}"#));
            effects
        }
        Happens::Feed(true) => d.step(Input::FeedBack),
        Happens::Feed(false) => d.step(Input::FeedLost),
        Happens::Service(takes) => {
            d.confirms = *takes;
            let lost: Vec<_> = d.live.iter().copied().filter(|_| !takes).collect();
            let lose = |id| Act::Undelivered { id, cause: "no service".into() };
            lost.into_iter().flat_map(|id| d.act(lose(id))).collect()
        }
        Happens::Sleep(minutes) => {
            d.sleep(u32::from(*minutes) * MINUTE);
            d.tick()
        }
        Happens::SnoozeAll(seconds) => {
            let until = d.now.plus(Duration::from_secs(u64::from(*seconds)));
            d.act(Act::SnoozeAll(until))
        }
        Happens::Test => d.act(Act::TestCritical),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Ended and begun again at any step, the engine asks for exactly what it would have asked for.
    #[test]
    fn a_restart_changes_nothing(
        story in proptest::collection::vec((happens(), any::<bool>()), 1..40)
    ) {
        let (mut one, mut other) = (Desk::new(), Desk::new());
        for (what, restarts) in &story {
            prop_assert_eq!(happen(&mut one, what), happen(&mut other, what), "at {:?}", what);
            if *restarts {
                other.restart();
            }
        }
    }

    /// The center's counts add up, an alert has one entry, and the service shows each at most once.
    #[test]
    fn counts_add_up_and_one_notification_is_live_for_each_alert(
        story in proptest::collection::vec(happens(), 1..60)
    ) {
        let mut d = Desk::new();
        let mut entries: BTreeMap<NotificationId, (u32, u32, bool)> = BTreeMap::new();
        let (mut raised, mut resolved) = (0usize, 0usize);
        // They neither hold nor end.
        let mut notices = BTreeSet::new();
        for what in &story {
            for effect in happen(&mut d, what) {
                let Effect::Changed(changed) = effect else { continue };
                let view = changed.view;
                if changed.condition.is_notice() {
                    notices.insert(view.id);
                    continue;
                }
                let entry = entries.entry(view.id).or_insert((0, 0, true));
                prop_assert!(entry.2, "changed after its end: {:?}", changed.change);
                match changed.change {
                    Change::Raised => { raised += 1; prop_assert_eq!(entry.0, 0); }
                    Change::Resolved => { resolved += 1; entry.2 = false; }
                    _ => prop_assert!(entry.0 > 0, "changed before it began"),
                }
                prop_assert!(view.occurrences >= entry.0 && view.suppressed >= entry.1);
                (entry.0, entry.1) = (view.occurrences, view.suppressed);
            }
            let all: Vec<_> = d.engine.open().cloned().collect();
            let open = all.iter().filter(|one| !notices.contains(&one.id));
            prop_assert_eq!(open.count(), raised - resolved);
            for live in &d.live {
                let known = *live == NotificationId::SUMMARY || all.iter().any(|one| one.id == *live);
                prop_assert!(known, "{} is shown and is over", live);
            }
        }
    }

    /// Somebody with a critical vault hears of it at once, and again and again until they answer.
    #[test]
    fn what_is_critical_is_never_silent_for_longer_than_promised(
        story in proptest::collection::vec(happens(), 1..40)
    ) {
        let mut d = Desk::new();
        for what in &story {
            happen(&mut d, what);
        }
        // Whatever it was, within the longest interval somebody is told.
        let mut probe = Probe::of(&d);
        let told = !probe.is_unanswered() || probe.told_within(15 * MINUTE + 2 * SECOND);
        prop_assert!(told, "silent after {:?}", story);
    }

    /// Messages in one delivery or one by one: what comes of it is the same.
    #[test]
    fn what_is_told_does_not_depend_on_how_messages_are_bundled(
        ltvs in proptest::collection::vec((0..VAULTS, 60u8..84), 1..60), bundle in 1usize..10
    ) {
        let (mut one, mut other) = (Desk::new(), Desk::new());
        for vault in 0..VAULTS {
            one.open(&name(vault), "60");
            other.open(&name(vault), "60");
        }
        for chunk in ltvs.chunks(bundle) {
            let mut singly = Vec::new();
            for (vault, ltv) in chunk {
                singly.extend(one.ltv(&name(*vault), &ltv.to_string()));
            }
            // All effects of a delivery are taken at its end, confirmations after them.
            let mut bundled = Vec::new();
            for (vault, ltv) in chunk {
                let vault = id(&name(*vault));
                let known = other.vaults.0.get_mut(&vault).unwrap();
                let before = Before { sent: Some(other.now), ..Before::of(known) };
                known.apply(serde_json::from_str(&format!(r#"{{"ltv":{ltv}}}"#)).unwrap());
                let known = known.clone();
                other.engine.vault_changed(&before, &known, other.now, &mut bundled);
            }
            let shows: Vec<_> = shown(&bundled).iter().map(|showing| showing.id).collect();
            for id in shows {
                other.act(Act::Delivered(id));
            }
            let told = |effects: &[Effect]| {
                let kept = effects.iter().filter(|effect| !matches!(
                    effect, Effect::Changed(changed) if changed.change == Change::Delivered
                ));
                kept.map(|effect| match effect {
                    // Whether it was confirmed by then is the service's affair.
                    Effect::Changed(changed) => format!("{:?} {} {}", changed.change, changed.view.id, changed.view.title),
                    other => format!("{other:?}"),
                }).collect::<Vec<_>>()
            };
            prop_assert_eq!(told(&singly), told(&bundled));
            let (a, b) = (one.after(20 * SECOND), other.after(20 * SECOND));
            prop_assert_eq!(told(&a), told(&b));
        }
    }
}

/// The same desk, to see what the future holds.
struct Probe {
    desk: Desk,
    /// Told once, since they do not go on.
    notices: BTreeSet<NotificationId>,
}

impl Probe {
    fn of(d: &Desk) -> Self {
        let mut probe = Desk::new();
        probe.now = d.now;
        probe.vaults.0.clone_from(&d.vaults.0);
        probe.memory.clone_from(&d.memory);
        probe.live.clone_from(&d.live);
        probe.restart();
        let notices = d.log.iter().filter_map(|(_, effect)| match effect {
            Effect::Changed(changed) if changed.condition.is_notice() => Some(changed.view.id),
            _ => None,
        });
        Self { desk: probe, notices: notices.collect() }
    }

    /// A critical alert that somebody is to be told of, by itself or for all in it.
    fn is_unanswered(&self) -> bool {
        self.desk.engine.open().any(|one| {
            let firing = one.state == NotificationState::Firing && one.incident.is_none();
            firing && one.severity == Level::Critical && !self.notices.contains(&one.id)
        })
    }

    fn told_within(&mut self, time: Duration) -> bool {
        let end = self.desk.now.plus(time);
        while self.desk.now < end {
            let effects = self.desk.after(SECOND);
            if shown(&effects).iter().any(|showing| showing.sound) || !self.is_unanswered() {
                return true;
            }
        }
        false
    }
}
