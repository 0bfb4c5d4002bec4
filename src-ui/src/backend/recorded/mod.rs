//! A stretch of a feed, played from memory, so that the window can be looked at and tested in a plain browser.
//!
//! The page's query chooses what is played:
//! `?scene=waiting|connecting|unreachable|refused|lost|storm|blocked|away|panic|profiles|first` and `?theme=dark|light`.
//! It speaks the window's language, as the core does. Unlike the core it says everything anew when somebody chooses another
//! one, so that the same moment can be looked at in each.

mod answers;
mod history;
mod language;
mod play;
mod profiles;
mod questions;
mod recording;
mod rules;
mod scene;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use domain::Language;
use domain::view::{NotificationView, VaultRow, WindowEvent};

use super::Answer;

#[derive(Default)]
pub(super) struct Recorded {
    state: Rc<RefCell<State>>,
    rules: Rc<RefCell<rules::Rules>>,
    config: RefCell<questions::Config>,
    profiles: profiles::All,
}

#[derive(Default)]
struct State {
    /// As recorded, in English.
    notifications: Vec<NotificationView>,
    removed: Vec<NotificationView>,
    rows: BTreeMap<String, VaultRow>,
    events: Option<Rc<dyn Fn(WindowEvent)>>,
    autostart: bool,
    /// What everything was told in.
    spoken: Language,
    /// What is played for an earlier `attach` is over.
    playing: u32,
}

/// To the window, and into the center it asks for later.
fn tell(state: &Rc<RefCell<State>>, event: WindowEvent) {
    let mut now = state.borrow_mut();
    if let WindowEvent::Notification(one) = &event {
        now.notifications.retain(|known| known.id != one.id);
        now.notifications.push(one.clone());
    }
    drop(now);
    send(state, event);
}

/// To the window, in the language it speaks.
fn send(state: &Rc<RefCell<State>>, event: WindowEvent) {
    let events = state.borrow().events.clone();
    if let Some(events) = events {
        events(language::event(event));
    }
}

/// Says everything anew, where another language is spoken than it was told in.
fn speak(state: &Rc<RefCell<State>>, profiles: &profiles::All) {
    let spoken = crate::words::language();
    let before = std::mem::replace(&mut state.borrow_mut().spoken, spoken);
    if before == spoken {
        return;
    }
    let all = state.borrow().notifications.clone();
    for one in all {
        send(state, WindowEvent::Notification(one));
    }
    let profiles = profiles.borrow().clone();
    send(state, WindowEvent::Profiles(profiles));
}

fn done() -> Answer<()> {
    Box::pin(async { Ok(()) })
}
