//! When time alone changes something, for whoever plays the past instead of waiting for it.

use std::time::Duration;

use domain::UnixMillis;

use super::RuleWatch;
use super::hours::MINUTE;
use crate::Vaults;
use crate::rule::plan;

/// How finely what moves by itself is looked at.
const STEP: Duration = Duration::from_secs(10);

/// The next of several moments.
pub(in crate::rule) struct Due {
    after: UnixMillis,
    next: Option<UnixMillis>,
}

impl Due {
    pub(in crate::rule) fn note(&mut self, at: UnixMillis) {
        if at > self.after && self.next.is_none_or(|next| at < next) {
            self.next = Some(at);
        }
    }
}

impl RuleWatch {
    /// The next moment after this one at which time alone may change something; `None`: only a value can. For whoever
    /// plays the past instead of waiting for it. What moves by itself, a change over a window, is looked at every
    /// [`STEP`] while something is not normal.
    #[must_use]
    pub fn due(&self, vaults: &impl Vaults, after: UnixMillis) -> Option<UnixMillis> {
        let mut due = Due { after, next: None };
        if !self.orphans.is_empty() {
            due.note(after.plus(Duration::from_secs(1)));
        }
        if self.hours.any {
            due.note(UnixMillis((after.0.div_euclid(MINUTE) + 1) * MINUTE));
        }
        self.scenes.due(&self.book, &mut due);
        let mut live = self.scenes.any_live();
        for (id, memory) in self.vaults.iter() {
            let plan = self.plans.get(memory.plan);
            for age in &plan.age_thresholds {
                due.note(memory.received.plus(*age));
            }
            if memory.live.is_empty() {
                continue;
            }
            live = true;
            let Some(vault) = vaults.vault(id) else { continue };
            let policy = self.book.policies().of(vault);
            for live in &memory.live {
                let Some(rule) = plan.rule(live.name) else { continue };
                let times = plan::times(&self.book, rule, &policy);
                live.life.due(&times).into_iter().for_each(|at| due.note(at));
            }
        }
        if live && self.book.rules().iter().any(|rule| rule.change.is_some()) {
            due.note(after.plus(STEP));
        }
        due.next
    }
}
