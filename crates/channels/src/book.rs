use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wire::UnixMillis;

use crate::{Attempts, Event, Kind, Page};

/// The notification somebody is called about.
pub type Key = i64;

/// Who is still to be called, about what, and by which ways. Pure: it is told what came of a step, and what time it is.
#[derive(Clone, Debug, Default)]
pub struct Book {
    kinds: Vec<Kind>,
    kept: Kept,
    /// What is under way, and about which delivery: not begun again before its outcome is told.
    busy: BTreeSet<(SmolStr, Kind)>,
    /// What ended while a delivery was under way, by that delivery: whoever it reaches all the same is told.
    overtaken: BTreeMap<SmolStr, Page>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    calls: BTreeMap<Key, Call>,
    /// Who was told of an alert, and is to be told of its end.
    told: BTreeMap<Key, BTreeSet<Kind>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Call {
    page: Page,
    /// Ways that have not led to anybody yet.
    left: BTreeMap<Kind, Attempts>,
}

/// A call that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub kind: Kind,
    pub page: Page,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Delivered,
    Failed { retry_after: Option<Duration> },
}

/// Calls at a time: a crash brings hundreds of alerts, and their receiver may be small.
const AT_ONCE: usize = 8;
/// Alerts about which somebody is called at a time. Beyond it the oldest go: whoever was told of a thousand knows.
const MOST: usize = 1_000;

impl Book {
    /// Goes on from what was kept. A way that is no longer configured is no longer gone.
    #[must_use]
    pub fn open(kinds: Vec<Kind>, kept: &str) -> Self {
        let mut kept: Kept = match serde_json::from_str(kept) {
            Ok(kept) => kept,
            Err(_) if kept.trim().is_empty() => Kept::default(),
            Err(error) => {
                tracing::error!(%error, "who was still to be called cannot be read");
                Kept::default()
            }
        };
        kept.calls.retain(|_, call| {
            call.left.retain(|kind, _| kinds.contains(kind));
            !call.left.is_empty()
        });
        Self { kinds, kept, ..Self::default() }
    }

    /// What is to be kept.
    #[must_use]
    pub fn kept(&self) -> String {
        serde_json::to_string(&self.kept).expect("string keys only")
    }

    /// Somebody is to be called. A page about the same notification takes the place of an earlier one: where that was
    /// not delivered yet, its attempts count on, so that news do not hasten a receiver that cannot keep up.
    pub fn begin(&mut self, page: Page, now: UnixMillis) {
        let kinds = self.kinds.clone();
        self.put(page, kinds, now);
    }

    /// Somebody has looked, or it is over: calls that were not taken are given up, and whoever took one is told.
    pub fn end(&mut self, page: Page, now: UnixMillis) {
        let told = self.kept.told.remove(&page.id).unwrap_or_default();
        let told: Vec<Kind> = told.into_iter().filter(|kind| self.kinds.contains(kind)).collect();
        // One that is on its way now may arrive yet.
        let under_way = self.kept.calls.get(&page.id).filter(|call| {
            !call.page.event.is_end() && call.left.keys().any(|kind| self.is_busy(call, *kind))
        });
        if let Some(delivery) = under_way.map(|call| call.page.delivery.clone()) {
            self.overtaken.insert(delivery, page.clone());
        }
        self.put(page, told, now);
    }

    /// Takes up what may never have been ordered, by a page for each alert on how it stands. Somebody is called who is not
    /// known to have been, or to be about to; of an alert that is over nobody is called any more. Returns whether anything
    /// changed.
    pub fn reconcile(&mut self, pages: Vec<Page>, now: UnixMillis) -> bool {
        let mut changed = false;
        for page in pages {
            let called = match self.kept.calls.get(&page.id) {
                Some(call) => !call.page.event.is_end(),
                None => self.kept.told.contains_key(&page.id),
            };
            match page.event.is_end() {
                true if called => self.end(page, now),
                false if !called => self.begin(page, now),
                _ => continue,
            }
            changed = true;
        }
        changed
    }

    fn put(&mut self, page: Page, kinds: Vec<Kind>, now: UnixMillis) {
        let known = self.kept.calls.remove(&page.id).map(|call| call.left).unwrap_or_default();
        if kinds.is_empty() {
            return;
        }
        let attempts = |kind: &Kind| known.get(kind).copied().unwrap_or(Attempts::due(now));
        let left = kinds.iter().map(|kind| (*kind, attempts(kind))).collect();
        if self.kept.calls.len() >= MOST {
            let oldest = self.kept.calls.iter().min_by_key(|(_, call)| call.page.raised);
            if let Some(oldest) = oldest.map(|(key, _)| *key) {
                tracing::error!(
                    id = oldest,
                    "{MOST} calls wait: nobody is called about this any more"
                );
                self.kept.calls.remove(&oldest);
            }
        }
        self.kept.calls.insert(page.id, Call { page, left });
    }

    /// The next call that is due.
    pub fn next(&mut self, now: UnixMillis) -> Option<Step> {
        if self.busy.len() >= AT_ONCE {
            return None;
        }
        let step = self.kept.calls.values().find_map(|call| {
            let due = |(kind, attempts): &(&Kind, &Attempts)| {
                attempts.next <= now && !self.is_busy(call, **kind)
            };
            let (kind, _) = call.left.iter().find(due)?;
            Some(Step { kind: *kind, page: call.page.clone() })
        })?;
        self.busy.insert((step.page.delivery.clone(), step.kind));
        Some(step)
    }

    /// When there may be something to do, should nothing happen before.
    #[must_use]
    pub fn wake_at(&self) -> Option<UnixMillis> {
        if self.busy.len() >= AT_ONCE {
            return None;
        }
        let waits = |call: &Call| {
            let free = call.left.iter().filter(|(kind, _)| !self.is_busy(call, **kind));
            free.map(|(_, attempts)| attempts.next).min()
        };
        self.kept.calls.values().filter_map(waits).min()
    }

    /// What came of a step.
    pub fn done(&mut self, step: &Step, outcome: Outcome, now: UnixMillis) {
        self.busy.remove(&(step.page.delivery.clone(), step.kind));
        if outcome == Outcome::Delivered && step.page.event == Event::Unacknowledged {
            self.tell(step, now);
        }
        if self.busy.iter().all(|(delivery, _)| *delivery != step.page.delivery) {
            self.overtaken.remove(&step.page.delivery);
        }
        let Some(call) = self.kept.calls.get_mut(&step.page.id) else { return };
        match outcome {
            // What was delivered is the earlier page, not the one that took its place.
            Outcome::Delivered if call.page.delivery != step.page.delivery => {}
            Outcome::Delivered => {
                call.left.remove(&step.kind);
                if call.left.is_empty() {
                    self.kept.calls.remove(&step.page.id);
                }
            }
            Outcome::Failed { retry_after } => {
                if let Some(attempts) = call.left.get_mut(&step.kind) {
                    attempts.fail(retry_after, now);
                }
            }
        }
    }

    /// Somebody was told: of its end they will be, too, or are now.
    fn tell(&mut self, step: &Step, now: UnixMillis) {
        let call = self.kept.calls.get_mut(&step.page.id);
        if call.as_ref().is_none_or(|call| call.page.event.is_end()) {
            let Some(end) = self.overtaken.get(&step.page.delivery) else { return };
            match call {
                Some(call) => {
                    call.left.entry(step.kind).or_insert(Attempts::due(now));
                }
                None => {
                    let end = end.clone();
                    self.put(end, vec![step.kind], now);
                }
            }
            return;
        }
        self.kept.told.entry(step.page.id).or_default().insert(step.kind);
        while self.kept.told.len() > MOST {
            self.kept.told.pop_first();
        }
    }

    /// How many alerts somebody is still to be called about.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kept.calls.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.calls.is_empty()
    }

    fn is_busy(&self, call: &Call, kind: Kind) -> bool {
        self.busy.contains(&(call.page.delivery.clone(), kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(id: Key, delivery: &str) -> Page {
        let event = Event::Unacknowledged;
        Page { id, delivery: delivery.into(), event, ..Page::test("acme", UnixMillis(id)) }
    }

    fn over(id: Key) -> Page {
        Page { event: Event::Resolved, ..page(id, "over") }
    }

    fn book() -> Book {
        Book::open(Kind::ALL.to_vec(), "")
    }

    const FAILED: Outcome = Outcome::Failed { retry_after: None };

    fn steps(book: &mut Book, now: i64) -> Vec<Step> {
        std::iter::from_fn(|| book.next(UnixMillis(now))).collect()
    }

    #[test]
    fn each_way_is_tried_until_it_led_to_somebody() {
        let mut book = book();
        book.begin(page(1, "a"), UnixMillis(0));
        let both = steps(&mut book, 0);
        assert_eq!(both.iter().map(|s| s.kind).collect::<Vec<_>>(), [Kind::Webhook, Kind::Ntfy]);
        assert_eq!(book.wake_at(), None, "both are under way");
        book.done(&both[0], Outcome::Delivered, UnixMillis(0));
        book.done(&both[1], FAILED, UnixMillis(0));
        assert_eq!(book.wake_at(), Some(UnixMillis(1_000)));
        assert!(steps(&mut book, 999).is_empty());
        let again = steps(&mut book, 1_000);
        assert_eq!(again, [both[1].clone()]);
        book.done(&again[0], Outcome::Delivered, UnixMillis(1_000));
        assert!(book.is_empty());
        assert_eq!(book.wake_at(), None);
    }

    #[test]
    fn who_has_looked_is_not_called_again() {
        let mut book = book();
        book.begin(page(1, "a"), UnixMillis(0));
        let both = steps(&mut book, 0);
        book.end(over(1), UnixMillis(0));
        for step in &both {
            book.done(step, FAILED, UnixMillis(0));
        }
        assert!(steps(&mut book, i64::MAX).is_empty());
        assert!(book.is_empty());
    }

    #[test]
    fn who_was_told_of_it_is_told_of_its_end() {
        let mut book = book();
        book.begin(page(1, "a"), UnixMillis(0));
        let both = steps(&mut book, 0);
        book.done(&both[0], FAILED, UnixMillis(0));
        book.done(&both[1], Outcome::Delivered, UnixMillis(0));
        let mut book = Book::open(Kind::ALL.to_vec(), &book.kept());
        book.end(over(1), UnixMillis(0));
        let end = steps(&mut book, i64::MAX);
        assert_eq!(
            end.iter().map(|s| (s.kind, s.page.event)).collect::<Vec<_>>(),
            [(Kind::Ntfy, Event::Resolved)]
        );
        book.done(&end[0], Outcome::Delivered, UnixMillis(0));
        book.end(over(1), UnixMillis(0));
        assert!(book.is_empty(), "once");
    }

    #[test]
    fn who_is_reached_after_the_end_is_told_of_it_at_once() {
        let mut book = book();
        book.begin(page(1, "a"), UnixMillis(0));
        let both = steps(&mut book, 0);
        book.done(&both[1], Outcome::Delivered, UnixMillis(0));
        book.end(over(1), UnixMillis(0));
        let told = steps(&mut book, 0);
        assert_eq!(
            (told.len(), told[0].kind, told[0].page.event),
            (1, Kind::Ntfy, Event::Resolved)
        );
        book.done(&told[0], Outcome::Delivered, UnixMillis(0));
        assert!(book.is_empty(), "nobody else was reached so far");
        book.done(&both[0], Outcome::Delivered, UnixMillis(0));
        let late = steps(&mut book, 0);
        assert_eq!(
            (late.len(), late[0].kind, late[0].page.event),
            (1, Kind::Webhook, Event::Resolved)
        );
        book.done(&late[0], Outcome::Delivered, UnixMillis(0));
        assert!(book.is_empty() && book.overtaken.is_empty(), "once");

        // Who was not reached after all is told of nothing, and what began anew is not over.
        book.begin(page(2, "b"), UnixMillis(0));
        let both = steps(&mut book, 0);
        book.end(over(2), UnixMillis(0));
        book.done(&both[0], FAILED, UnixMillis(0));
        book.begin(page(2, "c"), UnixMillis(0));
        book.done(&both[1], Outcome::Delivered, UnixMillis(0));
        assert!(steps(&mut book, i64::MAX).iter().all(|step| step.page.delivery == "c"));
        assert!(book.overtaken.is_empty());
    }

    #[test]
    fn a_restart_goes_on_where_it_was() {
        let mut book = book();
        book.begin(page(1, "a"), UnixMillis(0));
        book.begin(page(2, "b"), UnixMillis(0));
        let all = steps(&mut book, 0);
        book.done(&all[0], Outcome::Delivered, UnixMillis(0));
        book.done(&all[1], FAILED, UnixMillis(0));
        let mut book = Book::open(vec![Kind::Ntfy], &book.kept());
        // What was under way is done again; what is not configured any more is not.
        let left: Vec<_> =
            steps(&mut book, 1_000).into_iter().map(|s| (s.page.id, s.kind)).collect();
        assert_eq!(left, [(1, Kind::Ntfy), (2, Kind::Ntfy)]);
        assert!(Book::open(Kind::ALL.to_vec(), "nonsense").is_empty());
    }

    #[test]
    fn what_a_crash_kept_from_being_ordered_is_made_up_for_once() {
        let now = UnixMillis(0);
        let mut book = book();
        book.begin(page(1, "waits"), now);
        book.begin(page(2, "told"), now);
        for step in steps(&mut book, 0) {
            let outcome = if step.page.id == 2 { Outcome::Delivered } else { FAILED };
            book.done(&step, outcome, now);
        }
        let mut book = Book::open(Kind::ALL.to_vec(), &book.kept());
        assert!(!book.reconcile(vec![page(1, "again"), page(2, "again"), over(4)], now));
        assert_eq!(steps(&mut book, 0), [], "what was ordered, or told, is not ordered again");
        assert!(book.reconcile(vec![page(3, "lost"), page(1, "again")], now));
        let called: Vec<_> = steps(&mut book, 0).into_iter().map(|step| step.page.id).collect();
        assert_eq!(called, [3, 3], "by each way");

        // And the other way round: of what was answered, the end may have been lost.
        let mut book = Book::open(Kind::ALL.to_vec(), &book.kept());
        assert!(book.reconcile(vec![over(1), over(2), over(3)], now));
        let ends: Vec<_> =
            steps(&mut book, i64::MAX).into_iter().map(|s| (s.page.id, s.page.event)).collect();
        assert_eq!(
            ends,
            [(2, Event::Resolved), (2, Event::Resolved)],
            "whoever was called is told"
        );
        assert!(!book.reconcile(vec![over(1), over(2)], now), "once");
        assert!(book.reconcile(vec![page(2, "anew")], now), "it is not over any more");
    }

    #[test]
    fn what_got_worse_is_told_anew_without_haste() {
        let mut book = book();
        book.begin(page(1, "a"), UnixMillis(0));
        let both = steps(&mut book, 0);
        book.done(&both[0], FAILED, UnixMillis(0));
        book.begin(page(1, "b"), UnixMillis(500));
        // ntfy was still under way with the old words, and is called with the new ones.
        let now = steps(&mut book, 500);
        assert_eq!(now.len(), 1);
        assert_eq!((now[0].kind, now[0].page.delivery.as_str()), (Kind::Ntfy, "b"));
        book.done(&both[1], Outcome::Delivered, UnixMillis(600));
        let later = steps(&mut book, 1_000);
        assert_eq!((later[0].kind, later[0].page.delivery.as_str()), (Kind::Webhook, "b"));
        book.done(&later[0], Outcome::Delivered, UnixMillis(1_000));
        book.done(&now[0], Outcome::Delivered, UnixMillis(1_000));
        assert!(book.is_empty());
    }

    #[test]
    fn a_flood_is_called_about_a_few_at_a_time_and_has_a_limit() {
        let mut book = book();
        for id in 0..1_200 {
            book.begin(page(id, &id.to_string()), UnixMillis(0));
        }
        assert_eq!(book.len(), MOST);
        assert_eq!(steps(&mut book, 0).len(), AT_ONCE);
    }
}
