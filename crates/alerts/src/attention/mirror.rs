//! What the operating system shows of us: not more than one notification in a second, one for each alert, and each
//! until it was confirmed.

use std::collections::{BTreeMap, BTreeSet};

use domain::UnixMillis;
use domain::view::NotificationId;
use serde::{Deserialize, Serialize};

use crate::Policy;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mirror {
    /// How many may be shown at once; one more after each interval.
    spent: u32,
    refilled: UnixMillis,
    /// What is to be shown; `true`: to be heard, too.
    wishes: BTreeMap<NotificationId, bool>,
    shown: BTreeMap<NotificationId, Shown>,
    /// What [`NotificationId::SUMMARY`] stands for.
    summary: BTreeSet<NotificationId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Shown {
    tried: UnixMillis,
    confirmed: bool,
}

/// What is to be shown next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    One(NotificationId, bool),
    /// All these in one.
    Summary(Vec<NotificationId>),
}

impl Mirror {
    pub(super) fn wish(&mut self, id: NotificationId, loud: bool) {
        *self.wishes.entry(id).or_default() |= loud;
    }

    /// It need not be shown any more; what is, stays.
    pub(super) fn forget_wish(&mut self, id: NotificationId) {
        self.wishes.remove(&id);
    }

    pub(super) fn is_shown(&self, id: NotificationId) -> bool {
        self.shown.contains_key(&id) || self.summary.contains(&id)
    }

    /// Nothing of it is to be shown any more; yields what is to be closed.
    pub(super) fn drop(&mut self, id: NotificationId) -> Option<NotificationId> {
        self.wishes.remove(&id);
        let shown = self.shown.remove(&id).map(|_| id);
        if self.summary.remove(&id) && self.summary.is_empty() {
            self.shown.remove(&NotificationId::SUMMARY);
            return shown.or(Some(NotificationId::SUMMARY));
        }
        shown
    }

    /// What the summary stands for.
    pub(super) fn summarised(&self) -> Vec<NotificationId> {
        self.summary.iter().copied().collect()
    }

    /// The operating system took it. Returns those it stands for, as far as that is news.
    pub(super) fn confirm(&mut self, id: NotificationId) -> Vec<NotificationId> {
        match self.shown.get_mut(&id) {
            Some(shown) if !shown.confirmed => shown.confirmed = true,
            _ => return Vec::new(),
        }
        if id == NotificationId::SUMMARY { self.summarised() } else { vec![id] }
    }

    /// It was tried in vain; also of what was shown before, and is no more because the service is gone. Returns those it
    /// stands for; they are tried again.
    pub(super) fn failed(&mut self, id: NotificationId, now: UnixMillis) -> Vec<NotificationId> {
        let Some(shown) = self.shown.get_mut(&id) else { return Vec::new() };
        *shown = Shown { tried: now, confirmed: false };
        if id == NotificationId::SUMMARY { self.summarised() } else { vec![id] }
    }

    /// What is to be on the screen by now, [`NotificationId::SUMMARY`] for all it stands for.
    pub(super) fn on_screen(&self) -> impl Iterator<Item = NotificationId> {
        self.shown.keys().copied()
    }

    /// When there may be something to show.
    pub(super) fn due(&self, policy: &Policy) -> Option<UnixMillis> {
        let retries = self.shown.values().filter(|shown| !shown.confirmed);
        let retry = retries.map(|shown| shown.tried.plus(policy.retry)).min();
        let wish = (!self.wishes.is_empty()).then(|| match self.spent < policy.burst {
            true => UnixMillis(0),
            false => self.refilled.plus(policy.interval),
        });
        [retry, wish].into_iter().flatten().min()
    }

    /// What may be shown now; to be called until there is none. `rank`: the more pressing, the higher.
    pub(super) fn next<R: Ord>(
        &mut self,
        policy: &Policy,
        now: UnixMillis,
        rank: impl Fn(NotificationId) -> R,
    ) -> Option<Next> {
        for (id, shown) in &mut self.shown {
            // Tried in the future: the clock was set back.
            if !shown.confirmed && (now.since(shown.tried) >= policy.retry || now < shown.tried) {
                if *id == NotificationId::SUMMARY {
                    self.wishes.extend(self.summary.iter().map(|id| (*id, true)));
                } else {
                    self.wishes.insert(*id, true);
                }
            }
        }
        if self.wishes.is_empty() {
            return None;
        }
        self.refill(policy, now);
        let left = policy.burst.saturating_sub(self.spent);
        if left == 0 {
            return None;
        }
        if self.spent == 0 {
            self.refilled = now;
        }
        self.spent += 1;
        let pressing =
            self.wishes.keys().copied().max_by_key(|id| (rank(*id), std::cmp::Reverse(*id)));
        let first = pressing?;
        // The last one that may be shown stands for all that wait.
        if self.wishes.len() > 1 && left == 1 {
            let mut all: Vec<_> = std::mem::take(&mut self.wishes).into_keys().collect();
            all.sort_by_key(|id| (std::cmp::Reverse(rank(*id)), *id));
            self.shown.insert(NotificationId::SUMMARY, Shown { tried: now, confirmed: false });
            self.summary.extend(all.iter().copied());
            return Some(Next::Summary(all));
        }
        let loud = self.wishes.remove(&first).unwrap_or_default();
        self.shown.insert(first, Shown { tried: now, confirmed: false });
        Some(Next::One(first, loud))
    }

    /// It is shown on its own now; yields the summary when it stands for nothing else.
    pub(super) fn leave_summary(&mut self, id: NotificationId) -> Option<NotificationId> {
        (self.summary.remove(&id) && self.summary.is_empty()).then(|| {
            self.shown.remove(&NotificationId::SUMMARY);
            NotificationId::SUMMARY
        })
    }

    /// Those the summary covers that were shown alone before are closed: one for each alert.
    pub(super) fn close_covered(&mut self) -> Vec<NotificationId> {
        self.summary.iter().copied().filter(|id| self.shown.remove(id).is_some()).collect()
    }

    fn refill(&mut self, policy: &Policy, now: UnixMillis) {
        self.refilled = self.refilled.min(now);
        let interval = policy.interval.as_millis().max(1);
        let gained = now.since(self.refilled).as_millis() / interval;
        let gained = u32::try_from(gained).unwrap_or(u32::MAX);
        if gained > 0 {
            self.spent = self.spent.saturating_sub(gained);
            self.refilled = self.refilled.plus(policy.interval * gained.min(1_000_000));
            if self.spent == 0 {
                self.refilled = now;
            }
        }
    }
}
