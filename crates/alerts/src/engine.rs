mod rules;
mod settings;

use std::collections::{BTreeSet, HashMap};

use domain::alert_state::AlertState;
use domain::market::Market;
use domain::platform_alert::PlatformAlert;
use domain::solvency::Solvency;
use domain::status::SystemStatus;
use domain::vault::VaultStatus;
use domain::view::{AwayView, NotificationId, NotificationState, NotificationView, Target};
use domain::{Level, Percent, UnixMillis, Vault, VaultId};
use foldhash::fast::FixedState;
use serde_json::{Map, Value};

use crate::attention::{Attention, By, Context};
use crate::feed::FeedWatch;
use crate::lifecycle::Times;
use crate::platform::{self, PlatformAlerts, Said, Witness};
use crate::prices::Prices;
use crate::rule::{RuleBook, RuleWatch};
use crate::solvency::{Judged, Look, SolvencyWatch};
use crate::stale::{Silent, StaleWatch};
use crate::{Alert, CallOut, Condition, Effect, Exposure, Facts, Finding, Policy, Subject, words};

pub use rules::Known;

/// Access to the last known values, for alerts that a timer raises.
pub trait Vaults {
    fn vault(&self, id: &VaultId) -> Option<&Vault>;
}

/// All conditions that are not normal, and what was told and answered of them. Vaults that are well take no memory
/// here.
#[derive(Debug)]
pub struct Engine {
    policy: Policy,
    solvency: HashMap<VaultId, SolvencyWatch, FixedState>,
    /// Whose watch is to be kept anew.
    touched: BTreeSet<VaultId>,
    platform: PlatformAlerts,
    feed: FeedWatch,
    stale: StaleWatch,
    prices: Prices,
    rules: RuleWatch,
    attention: Attention,
    findings: Vec<Finding>,
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// A vault changed; `before` is what was known of it.
    Vault {
        before: Before,
        vault: &'a Vault,
    },
    Market(&'a Market),
    /// The platform tells of itself.
    Status {
        status: &'a SystemStatus,
        extra: &'a Map<String, Value>,
    },
    /// The platform says something.
    PlatformAlert(&'a PlatformAlert),
    /// Somebody did something about an alert, on another machine.
    AlertState(&'a AlertState),
    /// A vault's values became stale, though the feed is up.
    Silent(Silent<'a>),
    /// No data arrive any more, or they do again.
    FeedLost,
    FeedBack,
    Act(Act),
    /// Time passed: about every second, and at [`Engine::due`].
    Tick(&'a Exposure),
}

/// What somebody did here, or the operating system answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    Acknowledge(Vec<NotificationId>),
    Unacknowledge(Vec<NotificationId>),
    /// Critical ones by an hour at the most.
    Snooze {
        ids: Vec<NotificationId>,
        until: UnixMillis,
    },
    SnoozeAll(UnixMillis),
    Unsnooze(Vec<NotificationId>),
    FalseAlarm(NotificationId),
    /// Removed from the center.
    Dismiss(Vec<NotificationId>),
    TestCritical,
    /// Tell this once.
    Notice {
        severity: Level,
        title: String,
        message: String,
        target: Target,
    },
    Delivered(NotificationId),
    Undelivered {
        id: NotificationId,
        cause: String,
    },
}

impl Engine {
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            solvency: HashMap::default(),
            touched: BTreeSet::new(),
            platform: PlatformAlerts::default(),
            feed: FeedWatch::default(),
            stale: StaleWatch::default(),
            prices: Prices::default(),
            rules: RuleWatch::default(),
            attention: Attention::default(),
            findings: Vec::new(),
        }
    }

    /// Puts the user's rules in place, and the policies of some vaults. To be called before anything is taken up.
    pub fn set_rules(&mut self, book: RuleBook) {
        self.rules.set_rules(book);
    }

    #[must_use]
    pub fn rules(&self) -> &RuleBook {
        self.rules.book()
    }

    /// Takes up what [`take_memory`](Self::take_memory) gave: what was told is not told again, what is open is not
    /// forgotten. What cannot be read is left out.
    pub fn recall<'a>(&mut self, memory: impl IntoIterator<Item = (&'a str, &'a str)>) {
        for (key, value) in memory {
            let (kind, name) = key.split_once(':').unwrap_or((key, ""));
            let _unreadable: Option<()> = match kind {
                "v" => (|| {
                    let watch = serde_json::from_str(value).ok()?;
                    self.solvency.insert(VaultId::new(name).ok()?, watch);
                    Some(())
                })(),
                "c" => self.platform.recall(name, value),
                "s" => self.stale.recall(name, value),
                "f" => serde_json::from_str(value).ok().map(|feed| self.feed = feed),
                "p" => serde_json::from_str(value).ok().map(|prices| self.prices = prices),
                "a" | "g" => self.attention.recall(key, value),
                "rule" => {
                    self.rules.remember(key, value);
                    Some(())
                }
                _ => None,
            };
        }
    }

    /// Takes up an alert of the center of which nothing else may be known.
    pub fn adopt(&mut self, view: NotificationView, condition: Condition) {
        let (severity, raised) = (view.severity, view.timestamp);
        match (&condition.vault, &condition.subject) {
            (_, Subject::Notice | Subject::Away | Subject::Settings) => {}
            (_, Subject::Test | Subject::Incident(_)) => {}
            (Some(vault), Subject::Solvency) => {
                let watch = || SolvencyWatch::raised(severity, raised);
                let watch = self.solvency.entry(vault.clone()).or_insert_with(watch);
                if !watch.fires() {
                    *watch = SolvencyWatch::raised(severity, raised);
                }
            }
            (Some(vault), Subject::Stale) if !self.stale.holds(vault) => {
                self.stale.restore(vault, severity, raised);
            }
            (_, Subject::Feed) if !self.feed.fires() => {
                self.feed = FeedWatch::raised(severity, raised);
            }
            (_, Subject::Stale | Subject::Feed) => {}
            (_, Subject::Rule(_)) => self.rules.restore(&condition, severity, raised),
            _ if !self.platform.holds(&condition) => {
                self.platform.restore(&condition, severity, raised);
            }
            _ => {}
        }
        self.attention.adopt(view, condition);
    }

    /// New notifications get ids beyond this one.
    pub fn begin_after(&mut self, id: NotificationId) {
        self.attention.begin_after(id);
    }

    /// What changed since the last call, under names; `None`: forgotten.
    pub fn take_memory(&mut self) -> Vec<(String, Option<String>)> {
        let mut all = Vec::new();
        for id in std::mem::take(&mut self.touched) {
            let watch = self.solvency.get(&id).map(crate::memory::json);
            all.push((format!("v:{id}"), watch));
        }
        self.platform.take_memory(&mut |key, value| all.push((format!("c:{key}"), value)));
        self.stale.take_memory(&mut |key, value| all.push((format!("s:{key}"), value)));
        if std::mem::take(&mut self.feed.changed) {
            all.push(("f".to_owned(), Some(crate::memory::json(&self.feed))));
        }
        if self.prices.take_changed() {
            all.push(("p".to_owned(), Some(crate::memory::json(&self.prices))));
        }
        let rules = self.rules.take_memory().into_iter();
        all.extend(rules.map(|(k, v)| (k.into(), Some(v).filter(|v| !v.is_empty()))));
        self.attention.take_memory(&mut |key, value| all.push((key.to_owned(), value)));
        all
    }

    /// What follows from one thing that happened. The vault's own level is [`vault_changed`](Self::vault_changed)'s to
    /// tell.
    pub fn step(
        &mut self,
        input: Input<'_>,
        vaults: &impl Vaults,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        match input {
            Input::Vault { before, vault } => {
                self.vault_changed(&before, vault, now, effects);
            }
            Input::Market(market) => self.market_changed(market, now, effects),
            Input::Status { status, extra } => self.status_changed(status, extra, now, effects),
            Input::PlatformAlert(alert) => self.platform_alert(alert, vaults, now, effects),
            Input::AlertState(state) => self.alert_state(state, vaults, now, effects),
            Input::Silent(silent) => self.vault_silent(silent, now, effects),
            Input::FeedLost => self.feed_lost(now),
            Input::FeedBack => self.feed_back(now, effects),
            Input::Act(act) => self.act(act, now, effects),
            Input::Tick(exposure) => self.tick(vaults, exposure, now, effects),
        }
    }

    /// A vault changed; returns its level now. `before` is what was known of it.
    pub fn vault_changed(
        &mut self,
        before: &Before,
        vault: &Vault,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) -> Option<Level> {
        if vault.status == Some(VaultStatus::Liquidated)
            && before.status.is_some_and(|status| status != VaultStatus::Liquidated)
        {
            self.liquidated(before, vault, now);
        }
        if self.stale.any() {
            self.stale.heard(vault, now, &mut self.findings);
        }
        self.rules.vault_changed(vault, now, &mut self.findings);
        let watched = !self.solvency.is_empty() && self.solvency.contains_key(&vault.id);
        if !watched && domain::solvency::is_clearly_low(vault) {
            self.decide(now, effects);
            return Some(Level::Low);
        }
        let judged = Judged::of(vault);
        if !watched && judged.level.is_none_or(|level| level == Level::Low) {
            // Nearly every update of nearly every vault ends here at the latest.
            self.decide(now, effects);
            return judged.level;
        }
        let times = times(&self.policy, &self.rules, vault);
        let look = Look { policy: &self.policy, times, prices: &self.prices, vault, now };
        match self.solvency.get_mut(&vault.id) {
            Some(watch) => {
                watch.step(look, judged, before.ltv, before.sent, &mut self.findings);
                if watch.is_normal() {
                    self.solvency.remove(&vault.id);
                }
                self.touched.insert(vault.id.clone());
            }
            None => {
                let mut watch = SolvencyWatch::default();
                watch.step(look, judged, before.ltv, before.sent, &mut self.findings);
                if !watch.is_normal() {
                    self.solvency.insert(vault.id.clone(), watch);
                    self.touched.insert(vault.id.clone());
                }
            }
        }
        self.decide(now, effects);
        judged.level
    }

    fn liquidated(&mut self, before: &Before, vault: &Vault, now: UnixMillis) {
        // By the sender's clock, unless that is ahead of ours.
        let at = before.sent.map_or(now, |sent| sent.min(now));
        let amounts = self.solvency.get(&vault.id).and_then(SolvencyWatch::amounts);
        let said = Said {
            severity: Level::Critical,
            words: words::liquidated(vault, amounts, at, &self.policy.zone),
            facts: Facts::of(vault, &Solvency::of(vault)),
            source: None,
            witness: Witness::Status,
        };
        let condition = Condition::liquidation(vault.id.clone());
        let from = self.findings.len();
        self.platform.claim(condition, said, now, &mut self.findings);
        for finding in &mut self.findings[from..] {
            finding.alert_mut().happened = before.sent;
        }
    }

    /// A chain's market changed.
    pub fn market_changed(&mut self, market: &Market, now: UnixMillis, effects: &mut Vec<Effect>) {
        self.prices.note(market, now);
        self.rules.market_changed(market, now, &mut self.findings);
        self.decide(now, effects);
    }

    /// The platform told of itself. `extra` are the fields nobody has a name for.
    pub fn status_changed(
        &mut self,
        status: &SystemStatus,
        extra: &Map<String, Value>,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        self.rules.status_changed(status, extra, now, &mut self.findings);
        self.decide(now, effects);
    }

    /// The platform says something.
    pub fn platform_alert(
        &mut self,
        alert: &PlatformAlert,
        vaults: &impl Vaults,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        let condition = Condition::of(alert);
        let unknown;
        let vault = match condition.vault.as_ref().map(|id| (id, vaults.vault(id))) {
            Some((_, Some(vault))) => Some(vault),
            Some((id, None)) => {
                unknown = Vault::unknown(id.clone());
                Some(&unknown)
            }
            None => None,
        };
        if let (Subject::Solvency, Some(vault)) = (&condition.subject, vault) {
            let times = times(&self.policy, &self.rules, vault);
            let look = Look { policy: &self.policy, times, prices: &self.prices, vault, now };
            let watch = self.solvency.entry(vault.id.clone()).or_default();
            watch.platform_says(look, alert, &mut self.findings);
            if watch.is_normal() {
                self.solvency.remove(&vault.id);
            }
            self.touched.insert(vault.id.clone());
        } else if alert.resolved == Some(true) {
            self.platform.resolve(&condition, alert, &mut self.findings);
        } else {
            let facts = vault.map(|vault| Facts::of(vault, &Solvency::of(vault)));
            // It happened, whatever the platform makes of it.
            let liquidation = condition.subject == Subject::Liquidation;
            let severity = if liquidation { Level::Critical } else { alert.effective_severity() };
            let said = Said {
                severity,
                words: platform::words_of(alert),
                facts: facts.unwrap_or_default(),
                source: alert.id.clone(),
                witness: Witness::Platform,
            };
            self.platform.claim(condition.clone(), said, now, &mut self.findings);
        }
        // First whether somebody has seen it already: then nobody is to be woken.
        self.judge(now, effects);
        if alert.acknowledged == Some(true) && alert.resolved != Some(true) {
            let ids: Vec<_> = self.attention.of(&condition).into_iter().collect();
            let by = By::Others("the platform".into());
            let cx = context(&self.policy, &self.rules, &self.prices, now);
            self.attention.acknowledge(&ids, &by, cx, effects);
        }
        self.tell(now, effects);
    }

    /// Somebody did something about an alert, on another machine.
    pub fn alert_state(
        &mut self,
        state: &AlertState,
        vaults: &impl Vaults,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        let cx = context(&self.policy, &self.rules, &self.prices, now);
        for condition in self.attention.others_did(state, cx, effects) {
            let resolved = PlatformAlert {
                id: None,
                vault_id: condition.vault.clone(),
                ty: None,
                severity: None,
                category: None,
                title: None,
                message: state.note.clone().unwrap_or_else(|| "Said to be over.".to_owned()),
                metadata: None,
                acknowledged: None,
                resolved: Some(true),
            };
            match (&condition.subject, &condition.vault) {
                (Subject::Solvency, Some(id)) => {
                    let (Some(watch), Some(vault)) = (self.solvency.get_mut(id), vaults.vault(id))
                    else {
                        continue;
                    };
                    let times = times(&self.policy, &self.rules, vault);
                    let (policy, prices) = (&self.policy, &self.prices);
                    let look = Look { policy, times, prices, vault, now };
                    watch.platform_says(look, &resolved, &mut self.findings);
                    if watch.is_normal() {
                        self.solvency.remove(id);
                    }
                    self.touched.insert(id.clone());
                }
                _ => self.platform.resolve(&condition, &resolved, &mut self.findings),
            }
        }
        self.decide(now, effects);
    }

    /// A vault's values became stale, though the feed is up.
    pub fn vault_silent(&mut self, silent: Silent<'_>, now: UnixMillis, effects: &mut Vec<Effect>) {
        if !self.feed.is_lost() {
            self.stale.silent(silent, now, &mut self.findings);
            self.decide(now, effects);
        }
    }

    /// No data arrive any more.
    pub fn feed_lost(&mut self, now: UnixMillis) {
        self.feed.lost(now);
    }

    /// They do again.
    pub fn feed_back(&mut self, now: UnixMillis, effects: &mut Vec<Effect>) {
        self.feed.back(now, &mut self.findings);
        self.decide(now, effects);
        let cx = context(&self.policy, &self.rules, &self.prices, now);
        self.attention.feed_is(false, cx, effects);
    }

    /// Somebody did something here, or the operating system answered.
    pub fn act(&mut self, act: Act, now: UnixMillis, effects: &mut Vec<Effect>) {
        use NotificationState::{Acknowledged, Snoozed};
        let cx = context(&self.policy, &self.rules, &self.prices, now);
        let attention = &mut self.attention;
        match act {
            Act::Acknowledge(ids) => attention.acknowledge(&ids, &By::Us, cx, effects),
            Act::Unacknowledge(ids) => attention.take_back(&ids, Acknowledged, cx, effects),
            Act::Snooze { ids, until } => attention.snooze(&ids, until, &By::Us, cx, effects),
            Act::SnoozeAll(until) => attention.snooze_all(until, cx, effects),
            Act::Unsnooze(ids) => attention.take_back(&ids, Snoozed, cx, effects),
            Act::FalseAlarm(id) => attention.false_alarm(id, cx, effects),
            Act::Dismiss(ids) => attention.acknowledge(&ids, &By::Us, cx, effects),
            Act::TestCritical => attention.test_critical(cx, effects),
            Act::Notice { severity, title, message, target } => {
                let alert = Alert::new(Condition::notice(), severity, (title, message), now);
                attention.notice(alert, target, cx, effects);
            }
            Act::Delivered(id) => attention.delivered(id, cx, effects),
            Act::Undelivered { id, cause } => attention.undelivered(id, &cause, cx, effects),
        }
        self.attention.flush(cx, effects);
    }

    /// Whether the next [`tick`](Self::tick) looks at the exposure.
    #[must_use]
    pub fn wants_exposure(&self) -> bool {
        self.feed.waits()
    }

    /// When [`tick`](Self::tick) is to be called, if not by the second.
    #[must_use]
    pub fn due(&self) -> Option<UnixMillis> {
        let doubts = self.solvency.values().filter_map(|watch| watch.urgent(&self.policy)).min();
        [doubts, self.attention.due(&self.policy)].into_iter().flatten().min()
    }

    /// Time passed. Call about once a second, and at [`due`](Self::due).
    pub fn tick(
        &mut self,
        vaults: &impl Vaults,
        exposure: &Exposure,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        let (policy, prices) = (&self.policy, &self.prices);
        let was_down = self.feed.fires();
        self.feed.tick(policy, exposure, now, &mut self.findings);
        let down = self.feed.fires();
        let from = self.findings.len();
        let (findings, touched, rules) = (&mut self.findings, &mut self.touched, &self.rules);
        self.solvency.retain(|id, watch| {
            // While nothing arrives, what has not been raised is not raised: the feed's own alert says it all.
            if watch.waits()
                && (watch.fires() || !down)
                && let Some(vault) = vaults.vault(id)
            {
                let times = times(policy, rules, vault);
                watch.time_passed(Look { policy, times, prices, vault, now }, findings);
                touched.insert(id.clone());
            }
            !watch.is_normal()
        });
        // The map has no order, and what is told should not depend on it.
        self.findings[from..]
            .sort_by(|a, b| a.alert().condition.vault.cmp(&b.alert().condition.vault));
        self.platform.expire(policy, now, &mut self.findings);
        self.stale.tick(vaults, now, &mut self.findings);
        if self.rules.has_timers() {
            self.rules.tick(vaults, !self.feed.is_lost(), now, &mut self.findings);
        }
        let cx = context(policy, &self.rules, prices, now);
        // First of all whether somebody was away: what follows is told otherwise then.
        let solvency = &self.solvency;
        let holding = |condition: &Condition| {
            condition.vault.as_ref().and_then(|id| solvency.get(id)?.critical_since())
        };
        let present = |id: &VaultId| vaults.vault(id).map(Solvency::of);
        self.attention.time_passed(!self.feed.is_lost(), holding, present, cx, effects);
        if down && !was_down {
            self.attention.feed_is(true, cx, effects);
        }
        self.judge(now, effects);
        let cx = context(&self.policy, &self.rules, &self.prices, now);
        self.attention.release(cx, effects);
        self.tell(now, effects);
    }

    /// Whether something is not normal about this vault: then the mere passing of time may raise an alert.
    #[must_use]
    pub fn waits_for(&self, vault: &VaultId) -> bool {
        (!self.solvency.is_empty() && self.solvency.contains_key(vault))
            || self.rules.waits_for(vault)
    }

    /// What the other channels are to know of the open alerts: that somebody is called about one, or need be no more. What
    /// was ordered before the program ended may not have got there.
    pub fn calls(&self) -> impl Iterator<Item = CallOut> {
        self.attention.calls()
    }

    /// The open alerts, oldest first.
    pub fn open(&self) -> impl Iterator<Item = &NotificationView> {
        self.attention.open()
    }

    /// Whether something can still be done about this one.
    #[must_use]
    pub fn knows(&self, id: NotificationId) -> bool {
        self.attention.knows(id)
    }

    /// The last gap in watching that was told of.
    #[must_use]
    pub fn last_away(&self) -> Option<&AwayView> {
        self.attention.last_away()
    }

    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Decides about what was found, and shows what may be shown.
    fn decide(&mut self, now: UnixMillis, effects: &mut Vec<Effect>) {
        if !self.findings.is_empty() {
            self.judge(now, effects);
            self.tell(now, effects);
        }
    }

    fn judge(&mut self, now: UnixMillis, effects: &mut Vec<Effect>) {
        let cx = context(&self.policy, &self.rules, &self.prices, now);
        for finding in self.findings.drain(..) {
            self.attention.find(finding, cx, effects);
        }
    }

    fn tell(&mut self, now: UnixMillis, effects: &mut Vec<Effect>) {
        let cx = context(&self.policy, &self.rules, &self.prices, now);
        self.attention.begin_alarm(cx, effects);
        self.attention.flush(cx, effects);
    }
}

fn context<'a>(
    policy: &'a Policy,
    rules: &'a RuleWatch,
    prices: &'a Prices,
    now: UnixMillis,
) -> Context<'a> {
    Context { policy, policies: rules.book().policies(), prices, now }
}

/// How long things must last for this vault.
fn times(policy: &Policy, rules: &RuleWatch, vault: &Vault) -> Times {
    rules.book().policies().over(policy, vault).times()
}

/// What was known of a vault before an update.
#[derive(Clone, Copy, Debug, Default)]
pub struct Before {
    pub ltv: Option<Percent>,
    pub status: Option<VaultStatus>,
    /// When the update was sent, by the sender's clock.
    pub sent: Option<UnixMillis>,
}

impl Before {
    /// To be taken before [`Vault::apply`].
    #[must_use]
    pub fn of(vault: &Vault) -> Self {
        Self { ltv: domain::solvency::ltv(vault), status: vault.status, sent: None }
    }
}
