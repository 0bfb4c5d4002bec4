//! A stretch of a feed, played from memory, so that the window can be looked at and tested in a plain browser.
//!
//! The page's query chooses what is played:
//! `?scene=waiting|connecting|unreachable|refused|lost|storm|blocked|away|panic|profiles|first` and `?theme=dark|light`.
//! What it says stays English: it stands for the core, which does.

mod answers;
mod history;
mod play;
mod profiles;
mod questions;
mod recording;
mod rules;
mod scene;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

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
    notifications: Vec<NotificationView>,
    removed: Vec<NotificationView>,
    rows: BTreeMap<String, VaultRow>,
    events: Option<Rc<dyn Fn(WindowEvent)>>,
    autostart: bool,
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
    let events = now.events.clone();
    drop(now);
    if let Some(events) = events {
        events(event);
    }
}

fn done() -> Answer<()> {
    Box::pin(async { Ok(()) })
}
