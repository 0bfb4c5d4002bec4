//! The connection between the backend and what is drawn: commands out, values in, one animation frame per batch.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;

use domain::VaultId;
use domain::view::{NotificationId, Theme, TickBatch, VaultDetail, WindowEvent};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::backend::{self, Backend, BackendError, Sinks};
use crate::clock;
use crate::live::{Live, State, Topic};
use crate::shell::route;

/// Handed down through the context; never changes, so nothing renders because of it.
#[derive(Clone)]
pub(crate) struct Session {
    backend: Rc<dyn Backend>,
    pub(crate) live: Live,
    /// Batches that wait for the next frame.
    waiting: Rc<RefCell<Vec<TickBatch>>>,
}

impl PartialEq for Session {
    fn eq(&self, other: &Self) -> bool {
        self.live == other.live
    }
}

impl Session {
    /// Connects, and starts the clocks.
    pub(crate) fn start() -> Self {
        let session =
            Self { backend: backend::connect(), live: Live::default(), waiting: Rc::default() };
        let live = session.live.clone();
        clock::every(250, move || live.clock(clock::now()));
        clock::every(1_000, clock::refresh);
        session.attach();
        session
    }

    /// Asks the shell for everything. Again, after it failed.
    pub(crate) fn attach(&self) {
        let session = self.clone();
        // Events may overtake the answer: they are newer than it and are applied after it.
        let early: Rc<RefCell<Option<Vec<WindowEvent>>>> = Rc::new(RefCell::new(Some(Vec::new())));
        let sinks = Sinks { ticks: self.tick_sink(), events: self.event_sink(&early) };
        spawn_local(async move {
            match session.backend.attach(sinks).await {
                Ok(mut attached) => {
                    let target = attached.target.take();
                    session.live.attached(attached);
                    for event in early.take().unwrap_or_default() {
                        session.event(event);
                    }
                    let later = session.backend.take_target().await.ok().flatten();
                    if let Some(target) = later.or(target) {
                        route::open(&target);
                    }
                }
                Err(error) => session.live.troubled(&error.to_string()),
            }
        });
    }

    fn tick_sink(&self) -> Box<dyn Fn(TickBatch)> {
        let session = self.clone();
        Box::new(move |batch| {
            let first = {
                let mut waiting = session.waiting.borrow_mut();
                waiting.push(batch);
                waiting.len() == 1
            };
            if first {
                let session = session.clone();
                next_frame(move || session.apply_waiting());
            }
        })
    }

    fn event_sink(
        &self,
        early: &Rc<RefCell<Option<Vec<WindowEvent>>>>,
    ) -> Box<dyn Fn(WindowEvent)> {
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
        if let WindowEvent::Open(target) = &event {
            route::open(target);
        }
        self.live.event(event, clock::now());
    }

    /// While the page is hidden there are no frames: then nothing is acknowledged, and the backend holds its
    /// values back.
    fn apply_waiting(&self) {
        let batches = self.waiting.take();
        let now = clock::now();
        for batch in batches {
            let seq = batch.seq;
            self.live.tick(batch, now);
            self.send(self.backend.acknowledge_batch(seq));
        }
    }

    pub(crate) async fn vault_detail(
        &self,
        id: VaultId,
    ) -> Result<Option<VaultDetail>, BackendError> {
        self.backend.vault_detail(id).await
    }

    pub(crate) async fn export_diagnostics(&self) -> Result<String, BackendError> {
        self.backend.export_diagnostics().await
    }

    pub(crate) fn mark_read(&self, id: NotificationId) {
        self.send_and_reload(self.backend.mark_read(id));
    }

    pub(crate) fn mark_all_read(&self) {
        self.send_and_reload(self.backend.mark_all_read());
    }

    pub(crate) fn dismiss(&self, id: NotificationId) {
        self.send_and_reload(self.backend.dismiss(id));
    }

    pub(crate) fn acknowledge(&self, id: NotificationId) {
        self.live.dismiss_toast(id);
        self.send_and_reload(self.backend.acknowledge(id));
    }

    /// Shown at once, kept by the backend.
    pub(crate) fn set_theme(&self, theme: Theme) {
        self.live.set_theme(theme);
        self.send(self.backend.set_theme(theme));
    }

    fn send(&self, answer: impl Future<Output = Result<(), BackendError>> + 'static) {
        let live = self.live.clone();
        spawn_local(async move {
            if let Err(error) = answer.await {
                live.troubled(&error.to_string());
            }
        });
    }

    /// The center is the truth: it is read again instead of guessing what the command did to it.
    fn send_and_reload(&self, answer: impl Future<Output = Result<(), BackendError>> + 'static) {
        let session = self.clone();
        spawn_local(async move {
            let read = async {
                answer.await?;
                session.backend.notifications().await
            };
            match read.await {
                Ok(all) => session.live.notifications(all),
                Err(error) => session.live.troubled(&error.to_string()),
            }
        });
    }
}

fn next_frame(work: impl FnOnce() + 'static) {
    let work = Closure::once_into_js(work);
    if let Some(window) = web_sys::window() {
        // Only refuses where there is no page to draw.
        drop(window.request_animation_frame(work.unchecked_ref()));
    }
}

#[hook]
pub(crate) fn use_session() -> Session {
    use_context().expect("every component is below the session's provider")
}

/// The part of the state that `read` picks, rendered again only when it becomes another one.
///
/// `read` is kept from the first render of `topic` on, so it may depend on nothing but the topic.
#[hook]
pub(crate) fn use_live<T, R>(topic: Topic, read: R) -> T
where
    T: Clone + PartialEq + 'static,
    R: Fn(&State) -> T + 'static,
{
    let session = use_session();
    let update = use_force_update();
    let shown = use_mut_ref(|| None);
    let value = session.live.read(&read);
    *shown.borrow_mut() = Some(value.clone());
    use_effect_with(topic, move |topic| {
        let live = session.live.clone();
        let check = Rc::new(move || {
            let fresh = live.read(&read);
            if shown.borrow().as_ref() != Some(&fresh) {
                update.force_update();
            }
        });
        // It may have changed between the render and now.
        check();
        let subscription = session.live.listen(topic.clone(), check);
        move || drop(subscription)
    });
    value
}
