//! An engine with vaults, a notification service and a clock that only moves when told.

use std::collections::{BTreeMap, BTreeSet};
pub(crate) use std::time::Duration;

pub(crate) use alerts::{
    Act, Alarm, Before, CallOutKind, Change, Condition, Effect, Engine, Exposure, Input, Policy,
    Silent, Stage, Vaults,
};
use domain::market::{Market, MarketPatch};
use domain::platform_alert::PlatformAlert;
use domain::vault::VaultPatch;
pub(crate) use domain::view::{NotificationId, NotificationState, NotificationView};
pub(crate) use domain::{ChainId, Level, UnixMillis, Vault, VaultId};

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3_600);

/// Everything there is around an engine.
pub(crate) struct Desk {
    pub(crate) engine: Engine,
    pub(crate) vaults: Known,
    pub(crate) now: UnixMillis,
    pub(crate) exposure: Exposure,
    /// What was asked for since the start, with the moment.
    pub(crate) log: Vec<(UnixMillis, Effect)>,
    /// The notification service takes everything.
    pub(crate) confirms: bool,
    /// What the service shows.
    pub(crate) live: BTreeSet<NotificationId>,
    /// What the engine remembers, as it was written down.
    pub(crate) memory: BTreeMap<String, String>,
}

#[derive(Default)]
pub(crate) struct Known(pub(crate) BTreeMap<VaultId, Vault>);

impl Vaults for Known {
    fn vault(&self, id: &VaultId) -> Option<&Vault> {
        self.0.get(id)
    }
}

pub(crate) fn id(name: &str) -> VaultId {
    VaultId::new(name).unwrap()
}

fn patch(text: &str) -> VaultPatch {
    serde_json::from_str(text).unwrap()
}

impl Desk {
    /// Thursday, 1 January 2026, noon in Greenwich.
    pub(crate) const START: UnixMillis = UnixMillis(1_767_268_800_000);

    pub(crate) fn new() -> Self {
        Self::with(Policy::default())
    }

    pub(crate) fn with(policy: Policy) -> Self {
        Self {
            engine: Engine::new(policy),
            vaults: Known::default(),
            now: Self::START,
            exposure: Exposure::default(),
            log: Vec::new(),
            confirms: true,
            live: BTreeSet::new(),
            memory: BTreeMap::new(),
        }
    }

    /// What that leads to, confirmed by the notification service.
    pub(crate) fn step(&mut self, input: Input<'_>) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.engine.step(input, &self.vaults, self.now, &mut effects);
        self.settle(effects)
    }

    fn settle(&mut self, mut effects: Vec<Effect>) -> Vec<Effect> {
        let mut next = 0;
        while let Some(effect) = effects.get(next) {
            next += 1;
            match effect {
                Effect::Show(showing) => {
                    let id = showing.id;
                    self.live.insert(id);
                    if self.confirms {
                        self.engine.act(Act::Delivered(id), self.now, &mut effects);
                    }
                }
                Effect::Withdraw(id) => {
                    self.live.remove(id);
                }
                _ => {}
            }
        }
        self.log.extend(effects.iter().map(|effect| (self.now, effect.clone())));
        for (key, value) in self.engine.take_memory() {
            match value {
                Some(value) => self.memory.insert(key, value),
                None => self.memory.remove(&key),
            };
        }
        effects
    }

    pub(crate) fn act(&mut self, act: Act) -> Vec<Effect> {
        self.step(Input::Act(act))
    }

    pub(crate) fn tick(&mut self) -> Vec<Effect> {
        let exposure = self.exposure.clone();
        self.step(Input::Tick(&exposure))
    }

    /// Lets time pass second by second, as a program does.
    pub(crate) fn after(&mut self, time: Duration) -> Vec<Effect> {
        let mut effects = Vec::new();
        let end = self.now.plus(time);
        while self.now < end {
            self.now = self.now.plus(SECOND).min(end);
            effects.extend(self.tick());
        }
        effects
    }

    /// Nobody looks for a while: the machine sleeps.
    pub(crate) fn sleep(&mut self, time: Duration) {
        self.now = self.now.plus(time);
    }

    /// A vault of 120 WETH that owes USDC, at this LTV of 82.5 % at most.
    pub(crate) fn open(&mut self, name: &str, ltv: &str) {
        let mut vault = Vault::unknown(id(name));
        vault.apply(patch(&format!(
            r#"{{"chainId":1,"status":"ACTIVE","collateral":{{"token":"WETH","amount":"120","valueUSD":232320}},
            "debt":{{"token":"USDC","amount":"176500","valueUSD":176500}},"maxLTV":80,"liquidationThreshold":82.5,"ltv":{ltv}}}"#
        )));
        self.vaults.0.insert(vault.id.clone(), vault);
    }

    pub(crate) fn update(&mut self, name: &str, update: &str) -> Vec<Effect> {
        self.update_sent(name, update, self.now)
    }

    pub(crate) fn update_sent(
        &mut self,
        name: &str,
        update: &str,
        sent: UnixMillis,
    ) -> Vec<Effect> {
        let name = id(name);
        let vault =
            self.vaults.0.entry(name.clone()).or_insert_with(|| Vault::unknown(name.clone()));
        let before = Before { sent: Some(sent), ..Before::of(vault) };
        vault.apply(patch(update));
        let vault = vault.clone();
        let mut effects = Vec::new();
        self.engine.vault_changed(&before, &vault, self.now, &mut effects);
        self.settle(effects)
    }

    pub(crate) fn ltv(&mut self, name: &str, ltv: &str) -> Vec<Effect> {
        if !self.vaults.0.contains_key(&id(name)) {
            // First seen as it is: nothing jumps.
            self.open(name, ltv);
        }
        self.update(name, &format!(r#"{{"ltv":{ltv}}}"#))
    }

    /// By small steps, as markets move.
    pub(crate) fn slide(&mut self, name: &str, from: u32, to: u32) -> Vec<Effect> {
        let mut effects = Vec::new();
        for ltv in from..=to {
            effects.extend(self.ltv(name, &ltv.to_string()));
        }
        effects
    }

    pub(crate) fn price(&mut self, token: &str, price: &str) {
        let mut market = Market::unknown(ChainId(1));
        let text = format!(r#"{{"priceFeeds":{{"{token}":{price}}}}}"#);
        let patch: MarketPatch = serde_json::from_str(&text).unwrap();
        market.apply(patch);
        self.step(Input::Market(&market));
    }

    pub(crate) fn platform(&mut self, alert: &str) -> Vec<Effect> {
        let alert: PlatformAlert = serde_json::from_str(alert).unwrap();
        self.step(Input::PlatformAlert(&alert))
    }

    pub(crate) fn others(&mut self, state: &str) -> Vec<Effect> {
        let state = serde_json::from_str(state).unwrap();
        self.step(Input::AlertState(&state))
    }

    /// The program ends, at once, and starts again.
    pub(crate) fn restart(&mut self) {
        let mut engine = Engine::new(self.engine.policy().clone());
        engine.recall(self.memory.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        self.engine = engine;
    }

    /// The same with the rules and policies it had.
    pub(crate) fn restart_with_rules(&mut self) {
        let book = self.engine.rules().clone();
        let mut engine = Engine::new(self.engine.policy().clone());
        engine.set_rules(book);
        engine.recall(self.memory.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        self.engine = engine;
    }

    /// The only open alert.
    pub(crate) fn only(&self) -> NotificationView {
        let mut open = self.engine.open();
        let only = open.next().expect("an open alert").clone();
        assert_eq!(open.next(), None, "the only one");
        only
    }

    pub(crate) fn ack(&mut self) -> Vec<Effect> {
        let id = self.only().id;
        self.act(Act::Acknowledge(vec![id]))
    }

    /// The minutes since `from` at which the operating system was asked to show something, aloud.
    pub(crate) fn shown_since(&self, from: UnixMillis) -> Vec<u64> {
        let loud = |effect: &Effect| matches!(effect, Effect::Show(showing) if showing.sound);
        let shown = self.log.iter().filter(|(at, effect)| *at >= from && loud(effect));
        shown.map(|(at, _)| at.since(from).as_secs() / 60).collect()
    }
}

/// `(what, severity)` of each change of the center.
pub(crate) fn changes(effects: &[Effect]) -> Vec<(&'static str, Level)> {
    let changes = effects.iter().filter_map(|effect| match effect {
        Effect::Changed(changed) => Some(changed),
        _ => None,
    });
    let named = changes.filter_map(|changed| {
        let name = match changed.change {
            Change::Raised => "raise",
            Change::Worsened => "worsen",
            Change::Repeated => "repeat",
            Change::Updated => "update",
            Change::Resolved => "resolve",
            Change::Acknowledged { .. } => "ack",
            Change::Unacknowledged { .. } => "lapse",
            Change::Snoozed { .. } => "snooze",
            Change::Unsnoozed => "wake",
            Change::FalseAlarm => "false alarm",
            Change::Escalated(_) | Change::Delivered | Change::Undelivered { .. } => return None,
        };
        Some((name, changed.view.severity))
    });
    named.collect()
}

/// The notification as it is after the last change.
pub(crate) fn last(effects: &[Effect]) -> &NotificationView {
    let mut views = effects.iter().filter_map(|effect| match effect {
        Effect::Changed(changed) => Some(&changed.view),
        _ => None,
    });
    views.next_back().expect("a change")
}

/// What the operating system is to show.
pub(crate) fn shown(effects: &[Effect]) -> Vec<&alerts::Showing> {
    let shown = effects.iter().filter_map(|effect| match effect {
        Effect::Show(showing) => Some(showing),
        _ => None,
    });
    shown.collect()
}

pub(crate) fn withdrawn(effects: &[Effect]) -> Vec<NotificationId> {
    let gone = effects.iter().filter_map(|effect| match effect {
        Effect::Withdraw(id) => Some(*id),
        _ => None,
    });
    gone.collect()
}
