mod input;
mod keep;
mod platform;
mod rules;
mod settings;
mod time;
mod values;

use std::collections::{BTreeSet, HashMap};

use domain::view::{AwayView, NotificationId, NotificationState, NotificationView};
use domain::{UnixMillis, Vault, VaultId};
use foldhash::fast::FixedState;

use crate::attention::{Attention, By, Context};
use crate::feed::FeedWatch;
use crate::lifecycle::Times;
use crate::platform::PlatformAlerts;
use crate::prices::Prices;
use crate::rule::{RuleBook, RuleWatch};
use crate::solvency::SolvencyWatch;
use crate::stale::StaleWatch;
use crate::{Alarm, Alert, CallOut, Condition, Effect, Finding, Policy, Showing};

pub use input::{Act, Before, Input};
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

impl Engine {
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        let mut rules = RuleWatch::default();
        rules.set_language(policy.language);
        Self {
            policy,
            solvency: HashMap::default(),
            touched: BTreeSet::new(),
            platform: PlatformAlerts::default(),
            feed: FeedWatch::default(),
            stale: StaleWatch::default(),
            prices: Prices::default(),
            rules,
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

    /// What the operating system is to have on its screen, as it was told last, without a sound and with the time it is of:
    /// for whoever shows it and begins anew.
    #[must_use]
    pub fn on_screen(&self, now: UnixMillis) -> Vec<Showing> {
        let cx = context(&self.policy, &self.rules, &self.prices, now);
        self.attention.on_screen(cx)
    }

    /// What goes on until somebody answers, as it was asked for last.
    #[must_use]
    pub fn alarm(&self) -> Alarm {
        self.attention.alarm()
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
