//! Whom what is found wakes, how often and how loud: one alert per condition, one notification per incident, repeats
//! until somebody answers.

mod alarm;
mod answer;
mod away;
mod find;
mod incident;
mod mirror;
mod open;
mod screen;
mod time;

pub(crate) use self::answer::By;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use domain::view::{AwayView, DeliveryView, NotificationId, NotificationState};
use domain::{Language, UnixMillis, VaultId};
use foldhash::fast::FixedState;
use serde::{Deserialize, Serialize};

use self::away::Away;
use self::mirror::Mirror;
use self::open::Open;
use crate::effect::{Alarm, CallOut, Change, Changed, Effect};
use crate::prices::Prices;
use crate::rule::Policies;
use crate::{Alert, Condition, Policy, Subject};

/// All alerts that have not ended.
#[derive(Debug, Default)]
pub(crate) struct Attention {
    open: BTreeMap<NotificationId, Open>,
    by_condition: HashMap<Condition, NotificationId, FixedState>,
    by_vault: HashMap<VaultId, BTreeSet<NotificationId>, FixedState>,
    common: Common,
    dirty: BTreeSet<NotificationId>,
    common_changed: bool,
}

/// What is not about one alert.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Common {
    last_id: i64,
    /// The alerts of the last seconds that are in no incident.
    recent: VecDeque<(UnixMillis, NotificationId)>,
    mirror: Mirror,
    alarm: Alarm,
    /// Until then, only what is critical is told.
    hushed_until: Option<UnixMillis>,
    /// When time was last seen passing.
    alive: Option<UnixMillis>,
    away: Option<Away>,
    /// The last gap that was told of.
    last_away: Option<AwayView>,
    digest: Option<UnixMillis>,
    demo_shown: bool,
}

impl Common {
    /// Whether somebody's wish or the hour keeps it back.
    fn hushes(&self, open: &Open, policy: &Policy, now: UnixMillis) -> bool {
        let hushed = self.hushed_until.is_some_and(|until| now < until)
            || policy.quiet_hours.as_ref().is_some_and(|quiet| quiet.cover(now));
        hushed && !open.is_critical()
    }
}

/// What is known while it is decided.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    /// Of what is about no vault.
    pub(crate) policy: &'a Policy,
    pub(crate) policies: &'a Policies,
    pub(crate) prices: &'a Prices,
    pub(crate) now: UnixMillis,
}

impl<'a> Context<'a> {
    /// The policy that is nearest to an alert.
    fn of(&self, open: &Open) -> Cow<'a, Policy> {
        let incident;
        let causes = match (&open.condition.subject, &open.condition.vault) {
            (Subject::Incident(cause), _) => {
                incident = [cause.clone()];
                incident.as_slice()
            }
            (_, Some(_)) => open.facts.causes.as_slice(),
            (_, None) => &[],
        };
        self.policies.of_alert(self.policy, open.condition.vault.as_ref(), causes)
    }
}

impl Attention {
    /// Ids begin after this one.
    pub(crate) fn begin_after(&mut self, id: NotificationId) {
        self.common.last_id = self.common.last_id.max(id.0);
    }

    /// The conditions that hold and their alerts.
    pub(crate) fn open(&self) -> impl Iterator<Item = &domain::view::NotificationView> {
        self.open.values().map(|open| &open.view)
    }

    /// What the other channels are to know of each of them.
    pub(crate) fn calls(&self) -> impl Iterator<Item = CallOut> {
        let alerts = self.open.values().filter(|open| !open.condition.is_notice());
        alerts.filter_map(Open::standing)
    }

    pub(crate) fn of(&self, condition: &Condition) -> Option<NotificationId> {
        self.by_condition.get(condition).copied()
    }

    pub(crate) fn view(&self, id: NotificationId) -> Option<&domain::view::NotificationView> {
        self.open.get(&id).map(|open| &open.view)
    }

    pub(crate) fn knows(&self, id: NotificationId) -> bool {
        self.open.contains_key(&id)
    }

    pub(crate) fn last_away(&self) -> Option<&AwayView> {
        self.common.last_away.as_ref()
    }

    /// An alert of which only the center's entry was kept.
    pub(crate) fn adopt(&mut self, view: domain::view::NotificationView, condition: Condition) {
        if self.open.contains_key(&view.id) || self.by_condition.contains_key(&condition) {
            return;
        }
        let alert = Alert::new(
            condition,
            view.severity,
            (view.title.clone(), view.message.clone()),
            view.timestamp,
        );
        let (id, updated) = (view.id, view.updated);
        // What it says is replaced by what was kept.
        let mut open = Open::new(Language::default(), id, alert, updated);
        let wanted = view.delivery == DeliveryView::Wanted;
        open.view = view;
        if open.is_firing() {
            open.series.began = updated;
            open.series.due = Some(updated);
            open.series.unanswered = open.is_critical().then_some(updated);
        }
        if wanted {
            self.common.mirror.wish(id, true);
            self.common_changed = true;
        }
        self.begin_after(id);
        self.index(&open);
        self.open.insert(id, open);
        self.dirty.insert(id);
    }

    /// Makes it known by what it is about.
    fn index(&mut self, open: &Open) {
        let (id, condition) = (open.view.id, &open.condition);
        if condition.is_notice() {
            return;
        }
        self.by_condition.insert(condition.clone(), id);
        if let Some(vault) = &condition.vault {
            self.by_vault.entry(vault.clone()).or_default().insert(id);
        }
    }

    fn forget_vault_of(&mut self, open: &Open) {
        let Some(vault) = &open.condition.vault else { return };
        if let Some(of_vault) = self.by_vault.get_mut(vault) {
            of_vault.remove(&open.view.id);
            if of_vault.is_empty() {
                self.by_vault.remove(vault);
            }
        }
    }

    fn emit(&mut self, id: NotificationId, change: Change, cx: Context<'_>, out: &mut Vec<Effect>) {
        let inhibited =
            matches!(change, Change::Raised | Change::Worsened) && self.is_inhibited(id);
        let Some(open) = self.open.get_mut(&id) else { return };
        open.view.updated = cx.now;
        let quiet = open.is_quiet() || inhibited;
        let (view, condition) = (open.view.clone(), open.condition.clone());
        out.push(Effect::Changed(Box::new(Changed { view, condition, change, quiet })));
        self.dirty.insert(id);
    }

    fn new_id(&mut self) -> NotificationId {
        self.common.last_id += 1;
        self.common_changed = true;
        NotificationId(self.common.last_id)
    }

    pub(crate) fn take_memory(&mut self, put: &mut impl FnMut(&str, Option<String>)) {
        for id in std::mem::take(&mut self.dirty) {
            put(&format!("a:{id}"), self.open.get(&id).map(crate::memory::json));
        }
        if std::mem::take(&mut self.common_changed) {
            put("g", Some(crate::memory::json(&self.common)));
        }
    }

    pub(crate) fn recall(&mut self, key: &str, value: &str) -> Option<()> {
        if key == "g" {
            let last_id = self.common.last_id;
            self.common = serde_json::from_str(value).ok()?;
            self.common.last_id = self.common.last_id.max(last_id);
            return Some(());
        }
        let open: Open = serde_json::from_str(value).ok()?;
        let id = open.view.id;
        self.begin_after(id);
        self.index(&open);
        self.open.insert(id, open);
        Some(())
    }

    fn is_dealt_with(state: NotificationState) -> bool {
        matches!(state, NotificationState::Acknowledged | NotificationState::Snoozed)
    }
}
