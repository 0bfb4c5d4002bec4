//! Which profile the window shows, and what comes in of it. Values are drawn once a frame; rare events wait for each other.

use std::cell::RefCell;
use std::rc::Rc;

use domain::view::{Attached, Target, TickBatch, WindowEvent};
use wasm_bindgen_futures::spawn_local;

use super::{GATHER, Session, next_frame};
#[cfg(not(feature = "recorded"))]
use crate::backend::Backend as _;
use crate::backend::Sinks;
use crate::clock;
use crate::design::fade_with_values;
use crate::shell::route;

/// Milliseconds after which ages are written anew when values are drawn: to draw them by themselves costs as much again.
const AGES_WITH_VALUES: i64 = 750;

/// Events may overtake the answer: they are newer than it and are applied after it.
type Early = Rc<RefCell<Option<Vec<WindowEvent>>>>;

/// One attachment at a time, for the shell might do a later one first.
#[derive(Debug, Default)]
pub(super) struct Attaching {
    under_way: bool,
    /// Wanted meanwhile; only the last counts.
    next: Option<Option<String>>,
    /// What comes of an earlier one is another profile's.
    turn: u32,
}

impl Attaching {
    /// The number of this attachment; `None`: another one is under way, and this is the next.
    fn begin(&mut self, profile: Option<&str>) -> Option<u32> {
        if self.under_way {
            self.next = Some(profile.map(str::to_owned));
            return None;
        }
        self.under_way = true;
        self.turn += 1;
        Some(self.turn)
    }

    /// It is answered. The one that was wanted meanwhile.
    fn end(&mut self) -> Option<Option<String>> {
        self.under_way = false;
        self.next.take()
    }

    /// Whether nothing else is wanted by now.
    fn is_last(&self, turn: u32) -> bool {
        self.turn == turn && self.next.is_none()
    }
}

impl Session {
    /// Asks the shell for everything, of the profile it shows. Again, after it failed.
    pub(crate) fn attach(&self) {
        self.attach_to(None);
    }

    pub(super) fn attach_to(&self, profile: Option<String>) {
        let Some(turn) = self.own.attaching.borrow_mut().begin(profile.as_deref()) else { return };
        let session = self.clone();
        let early: Early = Rc::new(RefCell::new(Some(Vec::new())));
        let sinks = Sinks { ticks: self.tick_sink(turn), events: self.event_sink(&early) };
        spawn_local(async move {
            let answer = session.own.backend.attach(profile, sinks).await;
            let next = session.own.attaching.borrow_mut().end();
            if let Some(next) = next {
                return session.attach_to(next);
            }
            match answer {
                Ok(attached) => session.attached(attached, &early).await,
                Err(error) => session.live.cut_off(&error.told()),
            }
        });
    }

    async fn attached(&self, mut attached: Attached, early: &Early) {
        // The shell knows nothing of what was in view before.
        self.send(self.own.backend.look_at(self.own.looked_at.borrow().clone()));
        let target = attached.target.take();
        let shown = attached.feed.mode.name().to_owned();
        if self.live.read(|state| state.profile.as_deref().is_some_and(|known| known != shown)) {
            leave_page();
        }
        self.live.attached(attached);
        self.read_again();
        self.looked();
        for event in early.take().unwrap_or_default() {
            self.event(event);
        }
        let later = self.own.backend.take_target().await.ok().flatten();
        if let Some(target) = later.or(target) {
            route::open(&target);
        }
    }

    /// Shows another profile. Whoever has typed something that is not saved is asked first.
    pub(crate) fn use_profile(&self, name: &str) {
        if self.live.read(|state| state.profile.as_deref() == Some(name)) {
            return;
        }
        if self.unsaved.is_set() {
            return self.live.ask_to_leave(Some(name));
        }
        self.leave_for(name);
        self.attach_to(Some(name.to_owned()));
    }

    /// What was typed may be lost: the other profile is shown.
    pub(crate) fn discard_and_leave(&self) {
        let wanted = self.live.read(|state| state.leaving.clone());
        self.unsaved.set(false);
        self.live.ask_to_leave(None);
        if let Some(wanted) = wanted {
            self.use_profile(&wanted);
        }
    }

    /// The form stays, and so does the profile.
    pub(crate) fn stay(&self) {
        self.live.ask_to_leave(None);
        // The shell may have gone ahead, where somebody clicked a notification.
        self.attach_to(self.live.read(|state| state.profile.as_deref().map(str::to_owned)));
    }

    /// The shell wants that profile to be shown: another one, or the same by another watch.
    fn told_to_use(&self, name: String) {
        if self.live.read(|state| state.profile.as_deref() == Some(name.as_str())) {
            self.attach_to(Some(name));
        } else {
            self.use_profile(&name);
        }
    }

    /// Takes away what is the other profile's alone.
    fn leave_for(&self, name: &str) {
        self.own.waiting.borrow_mut().clear();
        self.own.news.borrow_mut().clear();
        leave_page();
        self.live.leave_for(name);
    }

    /// Pages that stay read anew what they had read of the other one.
    fn read_again(&self) {
        if matches!(route::current(), Target::Rules(_)) {
            self.load_rules();
        }
        if self.live.read(|state| state.config.is_some()) {
            self.load_config();
        }
    }

    fn tick_sink(&self, turn: u32) -> Box<dyn Fn(TickBatch)> {
        let session = self.clone();
        Box::new(move |batch| {
            if !session.own.attaching.borrow().is_last(turn) {
                return;
            }
            let first = {
                let mut waiting = session.own.waiting.borrow_mut();
                waiting.push(batch);
                waiting.len() == 1
            };
            if first {
                let session = session.clone();
                next_frame(move || session.apply_waiting());
            }
        })
    }

    fn event_sink(&self, early: &Early) -> Box<dyn Fn(WindowEvent)> {
        let (session, early) = (self.clone(), Rc::clone(early));
        Box::new(move |event| {
            if let Some(early) = early.borrow_mut().as_mut() {
                early.push(event);
                return;
            }
            session.event(event);
        })
    }

    fn event(&self, event: WindowEvent) {
        match event {
            WindowEvent::Use(name) => return self.told_to_use(name),
            WindowEvent::Open(ref target) => route::open(target),
            _ => {}
        }
        let first = {
            let mut news = self.own.news.borrow_mut();
            news.push(event);
            news.len() == 1
        };
        if first {
            let session = self.clone();
            clock::soon(GATHER, move || {
                let news = session.own.news.take();
                session.live.events(news, clock::now());
            });
        }
    }

    /// While the page is hidden there are no frames: then nothing is acknowledged, and the backend holds its
    /// values back.
    fn apply_waiting(&self) {
        let batches = self.own.waiting.take();
        let now = clock::now();
        fade_with_values();
        self.refresh_ages(now, AGES_WITH_VALUES);
        for batch in batches {
            let seq = batch.seq;
            self.live.tick(batch, now);
            self.send(self.own.backend.acknowledge_batch(seq));
        }
    }
}

/// A page about one thing, which the other profile does not have, is left.
fn leave_page() {
    if let Some(all) = parent(&route::current()) {
        route::open(&all);
    }
}

/// The page of all of what this page shows one of.
fn parent(page: &Target) -> Option<Target> {
    match page {
        Target::Vault(_) => Some(Target::Overview),
        Target::Alert(_) => Some(Target::Alerts),
        Target::Rules(Some(_)) => Some(Target::Rules(None)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_attached_at_a_time_and_the_last_wish_is_the_next() {
        let mut attaching = Attaching::default();
        let first = attaching.begin(None).unwrap();
        assert!(attaching.is_last(first));
        assert_eq!(attaching.begin(Some("acme")), None);
        assert_eq!(attaching.begin(Some("globex")), None);
        assert!(!attaching.is_last(first), "what comes of it is not wanted any more");
        assert_eq!(attaching.end(), Some(Some("globex".to_owned())));
        let second = attaching.begin(Some("globex")).unwrap();
        assert!(attaching.is_last(second) && !attaching.is_last(first));
        assert_eq!(attaching.end(), None);
    }

    #[test]
    fn a_page_about_one_thing_leads_to_that_of_all() {
        for (page, all) in [
            (Target::Vault(domain::VaultId::new("A").unwrap()), Target::Overview),
            (Target::Alert(domain::view::NotificationId(1)), Target::Alerts),
            (Target::Rules(Some("a".into())), Target::Rules(None)),
        ] {
            assert_eq!(parent(&page), Some(all));
        }
        assert_eq!(parent(&Target::Settings), None);
    }
}
