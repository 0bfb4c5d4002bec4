use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use channels::Attempts;
use smol_str::SmolStr;
use wire::UnixMillis;

use super::alert::{Alert, Channel, Phase};
use super::heard::{Action, Critical, Escalation, Heard, Target};

/// One tenant's critical alerts and who is called about them. Pure: it is told what was heard, what came of a step, and
/// what time it is.
#[derive(Debug)]
pub(super) struct Machine {
    /// How long somebody has to acknowledge.
    patience: Duration,
    channels: Vec<Channel>,
    /// This gateway, among others that share the log.
    name: SmolStr,
    alerts: BTreeMap<SmolStr, Alert>,
    changed: BTreeSet<SmolStr>,
    /// What is being done, and so is not begun again. Not kept: after a restart nothing is.
    busy: BTreeSet<(SmolStr, Option<Channel>)>,
    /// When what failed may be tried again.
    not_before: BTreeMap<SmolStr, UnixMillis>,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Take it on, or say that it still is: publish so that all other gateways know.
    Claim { key: SmolStr, escalation: Escalation },
    /// Call somebody.
    Call { key: SmolStr, channel: Channel, alert: Alert },
    /// Publish that somebody was called.
    Tell { key: SmolStr, escalation: Escalation },
}

/// What came of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claimed {
    Ours,
    Theirs,
    /// The log does not answer.
    Unknown,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Called {
    Delivered,
    /// And how long to wait, if it was said.
    Failed {
        retry_after: Option<Duration>,
    },
}

/// How long a gateway that took an alert on is trusted without a word.
const LEASE: Duration = Duration::from_secs(300);
/// How often it gives one.
const RENEW: Duration = Duration::from_secs(140);
/// Between attempts to publish. A log that is gone comes back in seconds or not at all.
const AGAIN: Duration = Duration::from_secs(2);
/// So long a log may keep us from calling. Then it is better that two gateways call than that none does.
const WITHOUT_LOG: Duration = Duration::from_secs(30);
/// Calls at a time: a crash brings hundreds of alerts, and their receiver may be small.
const CALLS_AT_ONCE: usize = 8;
/// How long a closed alert is known.
const REMEMBER: Duration = Duration::from_secs(24 * 3_600);
/// Most alerts known at a time.
const MOST: usize = 10_000;

impl Machine {
    /// Goes on from what was kept.
    pub(super) fn new(
        name: SmolStr,
        patience: Duration,
        channels: Vec<Channel>,
        kept: BTreeMap<SmolStr, Alert>,
    ) -> Self {
        let mut machine = Self {
            patience,
            channels,
            name,
            alerts: kept,
            changed: BTreeSet::new(),
            busy: BTreeSet::new(),
            not_before: BTreeMap::new(),
        };
        // A way that is no longer configured cannot be gone.
        for alert in machine.alerts.values_mut() {
            if let Phase::Calling { left, .. } = &mut alert.phase {
                left.retain(|channel, _| machine.channels.contains(channel));
            }
        }
        machine
    }

    /// Takes an event in. `delivery` names its place, for an alert that begins with it.
    pub(super) fn hear(&mut self, heard: Heard, delivery: SmolStr, now: UnixMillis) {
        match heard {
            Heard::Critical(critical) => self.begin(critical, delivery, now),
            Heard::Resolved(target) => {
                for key in self.covered(&target) {
                    self.alerts.remove(&key);
                    self.note(key);
                }
            }
            Heard::Acknowledged(target) => {
                for key in self.covered(&target) {
                    self.set(&key, Phase::Closed { at: now });
                }
            }
            Heard::Escalation(escalation) => self.follow(&escalation, now),
            Heard::Sealed => {}
        }
    }

    /// The next step that is due. It is not given again before its outcome is told.
    pub(super) fn next(&mut self, now: UnixMillis) -> Option<Step> {
        let calls = self.busy.iter().filter(|(_, channel)| channel.is_some()).count();
        let step = self.alerts.iter().find_map(|(key, alert)| self.due(key, alert, now, calls))?;
        self.busy.insert(match &step {
            Step::Claim { key, .. } | Step::Tell { key, .. } => (key.clone(), None),
            Step::Call { key, channel, .. } => (key.clone(), Some(*channel)),
        });
        Some(step)
    }

    /// When there may be something to do, should nothing happen before.
    pub(super) fn wake_at(&self) -> Option<UnixMillis> {
        let at = |(key, alert): (&SmolStr, &Alert)| {
            let told = |at: UnixMillis| {
                let free = !self.busy.contains(&(key.clone(), None));
                let pause = self.not_before.get(key).copied();
                free.then(|| pause.map_or(at, |pause| pause.max(at)))
            };
            match &alert.phase {
                Phase::Waiting { due } => told(*due),
                Phase::Elsewhere { until, .. } => told(*until),
                Phase::Delivered { at } => told(*at),
                Phase::Closed { at } => Some(at.plus(REMEMBER)),
                Phase::Calling { renew, left, .. } => {
                    let free = |channel| !self.busy.contains(&(key.clone(), Some(channel)));
                    let calls = left.iter().filter(|(channel, _)| free(**channel));
                    calls.map(|(_, attempts)| attempts.next).chain(told(*renew)).min()
                }
            }
        };
        self.alerts.iter().filter_map(at).min()
    }

    pub(super) fn claimed(&mut self, key: &SmolStr, claim: u32, claimed: Claimed, now: UnixMillis) {
        self.busy.remove(&(key.clone(), None));
        let Some(alert) = self.alerts.get(key) else { return };
        let overdue = match &alert.phase {
            Phase::Waiting { due } => now.since(*due),
            Phase::Elsewhere { until, .. } => now.since(*until),
            // Who calls goes on calling, whatever becomes of telling so.
            Phase::Calling { left, .. } if claimed != Claimed::Theirs => {
                let left = left.clone();
                let pause = if claimed == Claimed::Ours { RENEW } else { AGAIN };
                self.set(key, Phase::Calling { claim, renew: now.plus(pause), left });
                return;
            }
            Phase::Calling { .. } => Duration::ZERO,
            Phase::Delivered { .. } | Phase::Closed { .. } => return,
        };
        match claimed {
            Claimed::Theirs => self.set(key, Phase::Elsewhere { claim, until: now.plus(LEASE) }),
            Claimed::Unknown if overdue < WITHOUT_LOG => {
                self.not_before.insert(key.clone(), now.plus(AGAIN));
            }
            Claimed::Ours | Claimed::Unknown => self.set(key, self.calling(claim, now)),
        }
    }

    pub(super) fn called(
        &mut self,
        key: &SmolStr,
        channel: Channel,
        called: Called,
        now: UnixMillis,
    ) {
        self.busy.remove(&(key.clone(), Some(channel)));
        // Acknowledged in the meantime: there is no more to do.
        let Some(alert) = self.alerts.get_mut(key) else { return };
        let Phase::Calling { left, .. } = &mut alert.phase else { return };
        match called {
            Called::Delivered => {
                left.remove(&channel);
            }
            Called::Failed { retry_after } => {
                let Some(attempts) = left.get_mut(&channel) else { return };
                attempts.fail(retry_after, now);
            }
        }
        if left.is_empty() {
            alert.phase = Phase::Delivered { at: now };
        }
        self.note(key.clone());
    }

    /// Whether what was to be told is in the log.
    pub(super) fn told(&mut self, key: &SmolStr, told: Claimed, now: UnixMillis) {
        self.busy.remove(&(key.clone(), None));
        if told == Claimed::Unknown {
            self.not_before.insert(key.clone(), now.plus(AGAIN));
        } else if self.alerts.get(key).is_some_and(|a| matches!(a.phase, Phase::Delivered { .. })) {
            self.set(key, Phase::Closed { at: now });
        }
    }

    /// What is to be kept: alerts that changed since the last time, `None` for those that are gone.
    pub(super) fn changes(&mut self, now: UnixMillis) -> Vec<(SmolStr, Option<Alert>)> {
        let old = |alert: &Alert| match alert.phase {
            Phase::Closed { at } => now.since(at) >= REMEMBER,
            _ => false,
        };
        let gone: Vec<SmolStr> =
            self.alerts.iter().filter(|(_, a)| old(a)).map(|(key, _)| key.clone()).collect();
        for key in gone {
            self.alerts.remove(&key);
            self.note(key);
        }
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().map(|key| (key.clone(), self.alerts.get(&key).cloned())).collect()
    }

    /// What could not be kept is to be tried again.
    pub(super) fn unkept(&mut self, changes: Vec<(SmolStr, Option<Alert>)>) {
        self.changed.extend(changes.into_iter().map(|(key, _)| key));
    }

    fn begin(&mut self, critical: Critical, delivery: SmolStr, now: UnixMillis) {
        let Critical { target, data } = critical;
        let key = target.alert.clone().unwrap_or_else(|| delivery.clone());
        if let Some(known) = self.alerts.get_mut(&key) {
            // Told again: whoever is called gets the newest figures, but no more time passes.
            if !matches!(known.phase, Phase::Closed { .. } | Phase::Delivered { .. }) {
                known.data = data;
                self.note(key);
            }
            return;
        }
        if self.alerts.len() >= MOST && !self.forget_one() {
            tracing::error!(
                alert = %key,
                "{MOST} critical alerts wait to be escalated: this one is not among them"
            );
            return;
        }
        let Target { alert, vault, category } = target;
        let phase = Phase::Waiting { due: now.plus(self.patience) };
        let alert = Alert { delivery, alert, vault, category, data, heard: now, phase };
        self.alerts.insert(key.clone(), alert);
        self.note(key);
    }

    /// A gateway has taken it on, or is done: another one, or this one before it was restarted.
    fn follow(&mut self, escalation: &Escalation, now: UnixMillis) {
        let theirs = |alert: &Alert| {
            alert.delivery == escalation.delivery
                || escalation.alert_id.is_some() && alert.alert == escalation.alert_id
        };
        let Some((key, alert)) = self.alerts.iter().find(|(_, alert)| theirs(alert)) else {
            return;
        };
        let phase = match (escalation.action, &alert.phase) {
            (_, Phase::Closed { .. }) => return,
            (Action::Delivered, _) => Phase::Closed { at: now },
            (Action::Calling, Phase::Delivered { .. }) => return,
            (Action::Calling, Phase::Calling { claim, .. } | Phase::Elsewhere { claim, .. })
                if *claim >= escalation.claim =>
            {
                return;
            }
            (Action::Calling, _) if escalation.gateway == self.name => {
                self.calling(escalation.claim, now)
            }
            (Action::Calling, _) => {
                Phase::Elsewhere { claim: escalation.claim, until: now.plus(LEASE) }
            }
        };
        let key = key.clone();
        self.set(&key, phase);
    }

    fn calling(&self, claim: u32, now: UnixMillis) -> Phase {
        let attempts = Attempts::due(now);
        let left = self.channels.iter().map(|channel| (*channel, attempts)).collect();
        Phase::Calling { claim, renew: now.plus(RENEW), left }
    }

    fn due(&self, key: &SmolStr, alert: &Alert, now: UnixMillis, calls: usize) -> Option<Step> {
        let free = |channel| !self.busy.contains(&(key.clone(), channel));
        let may_tell = free(None) && self.not_before.get(key).is_none_or(|at| *at <= now);
        let claim = |claim| Step::Claim {
            key: key.clone(),
            escalation: self.escalation(alert, Action::Calling, claim),
        };
        match &alert.phase {
            Phase::Waiting { due } if *due <= now && may_tell => Some(claim(1)),
            Phase::Elsewhere { claim: before, until } if *until <= now && may_tell => {
                Some(claim(before + 1))
            }
            Phase::Calling { claim: before, renew, left } => {
                let call = left.iter().find(|(channel, attempts)| {
                    calls < CALLS_AT_ONCE && attempts.next <= now && free(Some(**channel))
                });
                match call {
                    Some((channel, _)) => Some(Step::Call {
                        key: key.clone(),
                        channel: *channel,
                        alert: alert.clone(),
                    }),
                    None => (*renew <= now && may_tell).then(|| claim(before + 1)),
                }
            }
            Phase::Delivered { .. } if may_tell => Some(Step::Tell {
                key: key.clone(),
                escalation: self.escalation(alert, Action::Delivered, 0),
            }),
            _ => None,
        }
    }

    fn escalation(&self, alert: &Alert, action: Action, claim: u32) -> Escalation {
        Escalation {
            delivery: alert.delivery.clone(),
            alert_id: alert.alert.clone(),
            vault_id: alert.vault.clone(),
            action,
            claim,
            gateway: self.name.clone(),
        }
    }

    fn covered(&self, target: &Target) -> Vec<SmolStr> {
        let known = |alert: &Alert| Target {
            alert: alert.alert.clone(),
            vault: alert.vault.clone(),
            category: alert.category.clone(),
        };
        let covered = self.alerts.iter().filter(|(_, alert)| target.covers(&known(alert)));
        covered.map(|(key, _)| key.clone()).collect()
    }

    /// Makes room by forgetting the closed alert that is closed for longest.
    fn forget_one(&mut self) -> bool {
        let closed = self.alerts.iter().filter_map(|(key, alert)| match alert.phase {
            Phase::Closed { at } => Some((at, key.clone())),
            _ => None,
        });
        let Some((_, key)) = closed.min() else { return false };
        self.alerts.remove(&key);
        self.note(key);
        true
    }

    fn set(&mut self, key: &SmolStr, phase: Phase) {
        if let Some(alert) = self.alerts.get_mut(key) {
            alert.phase = phase;
            self.note(key.clone());
        }
    }

    fn note(&mut self, key: SmolStr) {
        self.not_before.remove(&key);
        self.changed.insert(key);
    }
}
