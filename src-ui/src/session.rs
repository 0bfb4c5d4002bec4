//! The connection between the backend and what is drawn: commands out, values in, one animation frame per batch.

mod asked;
mod attach;
mod profiles;
mod questions;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use domain::rules::RulesEdit;
use domain::view::{
    AutostartView, ChannelView, DryRunAnswer, DryRunQuery, ExplanationView, FaultView,
    HistoryQuery, HistoryView, NotificationId, NotificationState, NotificationView, Origin,
    Preferences, RulesAnswer, RulesView, SavedView, Theme, TickBatch, VaultDetail, ViewName,
    WindowEvent,
};
use domain::{ChainId, UnixMillis, VaultId};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

#[cfg(not(feature = "recorded"))]
use crate::backend::Backend as _;
use crate::backend::{self, Answer, BackendError, Connected, ExportFormat, Plot};
use crate::clock;
use crate::left;
use crate::live::{Done, Live, Snooze, State, Topic, Undo, View, can_snooze, take_columns};
use crate::shell::{Unsaved, route};

pub(crate) use asked::{Asked, Pace, rest, use_asked};

use attach::Attaching;

/// Handed down through the context; never changes, so nothing renders because of it. Nearly every closure that a page is
/// made of holds one, so it is small: what only the session itself needs is behind one pointer.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) live: Live,
    pub(crate) unsaved: Unsaved,
    own: Rc<Own>,
}

struct Own {
    backend: Rc<Connected>,
    attaching: RefCell<Attaching>,
    /// Batches that wait for the next frame.
    waiting: RefCell<Vec<TickBatch>>,
    /// Events that wait for each other: hundreds at once are drawn once.
    news: RefCell<Vec<WindowEvent>>,
    /// The vaults in view.
    looked_at: RefCell<Vec<VaultId>>,
    /// When the ages on the page were written.
    refreshed: Cell<UnixMillis>,
    /// Called when they are others, or may be.
    on_look: RefCell<Option<Rc<dyn Fn()>>>,
}

/// What was true so long ago may be shown until `attach` has answered.
const FRESH: Duration = Duration::from_secs(10);
/// Milliseconds between two looks at what time alone changes.
const CLOCK: i32 = 250;
/// And after which ages are written anew where no values come.
const AGES: i64 = 900;
/// Milliseconds that events wait for each other.
const GATHER: i32 = 30;
/// Milliseconds between two looks at a center that changes while it is read.
const READ_AGAIN: i32 = 250;
/// And how many there are.
const READS: u32 = 8;

impl PartialEq for Session {
    fn eq(&self, other: &Self) -> bool {
        self.live == other.live
    }
}

impl Session {
    /// Connects, and starts the clocks.
    pub(crate) fn start() -> Self {
        let own = Own {
            backend: backend::connect(),
            attaching: RefCell::default(),
            waiting: RefCell::default(),
            news: RefCell::default(),
            looked_at: RefCell::default(),
            refreshed: Cell::new(UnixMillis(0)),
            on_look: RefCell::default(),
        };
        let session =
            Self { live: Live::default(), unsaved: Unsaved::default(), own: Rc::new(own) };
        session.begin();
        let own = session.clone();
        clock::every(CLOCK, move || {
            let now = clock::now();
            own.live.clock(now);
            own.refresh_ages(now, AGES);
        });
        session.keep_view();
        session.attach();
        session
    }

    /// Rewrites the ages on the page, if that was so many milliseconds ago. The clock may have been put back.
    fn refresh_ages(&self, now: UnixMillis, after: i64) {
        if (now.0 - self.own.refreshed.get().0).abs() >= after {
            self.own.refreshed.set(now);
            clock::refresh();
        }
    }

    /// Shows what lies ready, where the last page was left.
    fn begin(&self) {
        let first = self.own.backend.first_frame();
        let now = clock::now();
        // An old one is that of a page that was loaded again.
        let glimpse = first.glimpse.filter(|glimpse| now.since(glimpse.at) < FRESH);
        if let Some(left) = first.left {
            left::begin(&self.live, &left);
        }
        if let Some(mut glimpse) = glimpse {
            if let Some(target) = glimpse.attached.target.take() {
                route::open(&target);
            }
            self.live.glimpse(glimpse, now);
        }
    }

    fn keep_view(&self) {
        let backend = Rc::clone(&self.own.backend);
        left::watch(&self.live, move |view| {
            let kept = backend.keep_view(view);
            // The next page begins where an earlier one was left: nothing to trouble anybody with.
            spawn_local(async move { drop(kept.await) });
        });
    }

    pub(crate) fn vault_detail(&self, id: VaultId) -> Answer<Option<VaultDetail>> {
        self.own.backend.vault_detail(id)
    }

    pub(crate) fn autostart(&self) -> Answer<AutostartView> {
        self.own.backend.autostart()
    }

    pub(crate) fn set_autostart(&self, on: bool) -> Answer<AutostartView> {
        self.own.backend.set_autostart(on)
    }

    pub(crate) fn channels(&self) -> Answer<Vec<ChannelView>> {
        self.own.backend.channels()
    }

    pub(crate) fn test_channel(&self, name: String) -> Answer<()> {
        self.own.backend.test_channel(name)
    }

    pub(crate) fn test_sound(&self) -> Answer<()> {
        self.own.backend.test_sound()
    }

    pub(crate) fn explain(&self, id: VaultId) -> Answer<Option<ExplanationView>> {
        self.own.backend.explain(id)
    }

    pub(crate) fn alert_origin(&self, id: NotificationId) -> Answer<Option<Origin>> {
        self.own.backend.alert_origin(id)
    }

    pub(crate) fn vault_history(&self, query: HistoryQuery) -> Answer<HistoryView> {
        self.own.backend.vault_history(query)
    }

    pub(crate) fn export_diagnostics(&self) -> Answer<String> {
        self.own.backend.export_diagnostics()
    }

    pub(crate) fn mark_read(&self, ids: Vec<NotificationId>) {
        self.send_and_reload(self.own.backend.mark_read(ids));
    }

    pub(crate) fn mark_all_read(&self) {
        self.send_and_reload(self.own.backend.mark_all_read());
    }

    /// Removes them; that can be taken back for a while.
    pub(crate) fn dismiss(&self, ids: Vec<NotificationId>) {
        let undo = Undo::new(Done::Dismissed, ids.clone(), clock::now());
        self.send_and_offer(self.own.backend.dismiss(ids), undo);
    }

    /// Those of them that want an acknowledgement; it can be taken back for a while.
    pub(crate) fn acknowledge(&self, ids: &[NotificationId]) {
        let wanting: Vec<_> = self
            .known(ids)
            .into_iter()
            .filter(|one| {
                matches!(one.state, NotificationState::Firing | NotificationState::Snoozed)
            })
            .map(|one| one.id)
            .collect();
        if wanting.is_empty() {
            return;
        }
        let undo = Undo::new(Done::Acknowledged, wanting.clone(), clock::now());
        self.send_and_offer(self.own.backend.acknowledge(wanting), undo);
    }

    /// Takes back what was done last.
    pub(crate) fn undo(&self) {
        let Some(undo) = self.live.read(|state| state.undo.clone()) else { return };
        self.live.offer_undo(None);
        let ids = undo.ids.clone();
        match &undo.done {
            Done::Acknowledged => self.send_and_reload(self.own.backend.unacknowledge(ids)),
            Done::Snoozed => self.send_and_reload(self.own.backend.unsnooze(ids)),
            Done::Dismissed => self.send_and_reload(self.own.backend.put_back(ids)),
            Done::Rules(_) => self.undo_rules(),
            Done::Config(_) => self.undo_config(),
            Done::View(view) => self.change_preferences(|preferences| {
                // There is room: it was there a moment ago.
                let _ = preferences.saved_views.put((**view).clone());
            }),
        }
    }

    /// Those of them that can be silenced, critical ones for an hour at most.
    pub(crate) fn snooze(&self, ids: &[NotificationId], snooze: Snooze) {
        let (now, morning) = (clock::now(), clock::next_morning());
        let mut by_end: Vec<(UnixMillis, Vec<NotificationId>)> = Vec::new();
        for one in self.known(ids).iter().filter(|one| can_snooze(one)) {
            let until = snooze.until_for(one, now, morning);
            match by_end.iter_mut().find(|(end, _)| *end == until) {
                Some((_, ids)) => ids.push(one.id),
                None => by_end.push((until, vec![one.id])),
            }
        }
        let all: Vec<_> = by_end.iter().flat_map(|(_, ids)| ids).copied().collect();
        if all.is_empty() {
            return;
        }
        let answers: Vec<_> =
            by_end.into_iter().map(|(until, ids)| self.own.backend.snooze(ids, until)).collect();
        let answer = async move {
            for answer in answers {
                answer.await?;
            }
            Ok(())
        };
        self.send_and_offer(Box::pin(answer), Undo::new(Done::Snoozed, all, now));
    }

    pub(crate) fn unsnooze(&self, ids: Vec<NotificationId>) {
        self.send_and_reload(self.own.backend.unsnooze(ids));
    }

    pub(crate) fn snooze_all(&self, snooze: Snooze) {
        let until = snooze.until(clock::now(), clock::next_morning());
        self.send_and_reload(self.own.backend.snooze_all(until));
    }

    /// Acknowledges it, and asks what its rule would have done over the past.
    pub(crate) fn false_alarm(&self, id: NotificationId) {
        self.live.dismiss_toast(id);
        self.live.doubt(self.known(&[id]).pop());
        self.send_and_reload(self.own.backend.false_alarm(id));
    }

    /// Reads the rules anew: the file may have been changed by somebody else.
    pub(crate) fn load_rules(&self) {
        let session = self.clone();
        spawn_local(async move {
            match session.own.backend.rules().await {
                Ok(rules) => session.live.set_rules(rules),
                Err(error) => session.live.refuse_rules(&error.in_words()),
            }
        });
    }

    pub(crate) fn check_rules(&self, edit: RulesEdit) -> Answer<Vec<FaultView>> {
        self.own.backend.check_rules(edit)
    }

    /// Changes the rules as somebody has `seen` them. Where they are others by now, what it is about must have stayed as it
    /// was. What was done, in words, can be taken back for a while.
    pub(crate) async fn change_rules(
        &self,
        seen: &RulesView,
        edit: RulesEdit,
        done: String,
    ) -> Result<RulesAnswer, BackendError> {
        let backend = &self.own.backend;
        let mut answer = backend.change_rules(seen.revision.clone(), edit.clone()).await?;
        if let RulesAnswer::Outdated(now) = &answer
            && let Some(edit) = edit.rebased(&seen.options, &now.options)
        {
            answer = backend.change_rules(now.revision.clone(), edit).await?;
        }
        match &answer {
            RulesAnswer::Saved(rules) => {
                self.live.set_rules(rules.clone());
                let undo = Undo::new(Done::Rules(done), Vec::new(), clock::now());
                self.live.offer_undo(Some(undo));
            }
            RulesAnswer::Outdated(rules) => self.live.set_rules(rules.clone()),
            RulesAnswer::Faulty(_) => {}
        }
        Ok(answer)
    }

    fn undo_rules(&self) {
        let session = self.clone();
        let answer = self.own.backend.undo_rules();
        spawn_local(async move {
            match answer.await {
                Ok(rules) => session.live.set_rules(rules),
                Err(error) => session.live.refuse_rules(&error.in_words()),
            }
        });
    }

    pub(crate) fn dry_run(&self, query: DryRunQuery) -> Answer<DryRunAnswer> {
        self.own.backend.dry_run_rule(query)
    }

    pub(crate) fn test_critical(&self) -> Answer<()> {
        self.own.backend.test_critical()
    }

    pub(crate) fn export_notifications(
        &self,
        format: ExportFormat,
        ids: Vec<NotificationId>,
    ) -> Answer<String> {
        self.own.backend.export_notifications(format, ids)
    }

    /// In force at once, kept by the backend.
    pub(crate) fn change_preferences(&self, change: impl FnOnce(&mut Preferences)) {
        let mut preferences = self.live.read(|state| (*state.preferences).clone());
        change(&mut preferences);
        self.live.set_preferences(preferences.clone());
        self.send(self.own.backend.set_preferences(preferences));
    }

    /// Shows a view of the table that was saved: its filters, its order and its columns.
    pub(crate) fn show_view(&self, saved: &SavedView) {
        self.live.change_view(|view| *view = View::of(saved), clock::now());
        self.change_preferences(|preferences| take_columns(saved, preferences));
    }

    /// Deletes a view that was saved; that can be taken back for a while.
    pub(crate) fn delete_view(&self, name: &ViewName) {
        let mut gone = None;
        self.change_preferences(|preferences| gone = preferences.saved_views.remove(name));
        if let Some(view) = gone {
            let done = Done::View(Box::new(view));
            self.live.offer_undo(Some(Undo::new(done, Vec::new(), clock::now())));
        }
    }

    /// Opens it in the person's own browser.
    pub(crate) fn open_explorer(&self, id: VaultId, chain: ChainId) {
        self.send(self.own.backend.open_explorer(id, chain));
    }

    /// What changes of these vaults is wanted before what changes of others: they are in view.
    pub(crate) fn look_at(&self, ids: Vec<VaultId>) {
        self.own.looked_at.replace(ids.clone());
        self.send(self.own.backend.look_at(ids));
        self.looked();
    }

    /// The vaults in view.
    pub(crate) fn looked_at(&self) -> Vec<VaultId> {
        self.own.looked_at.borrow().clone()
    }

    /// From now on `then` is called when others are in view, or their values may be others: at once as well.
    pub(crate) fn on_look(&self, then: Rc<dyn Fn()>) {
        self.own.on_look.replace(Some(then));
        self.looked();
    }

    fn looked(&self) {
        let then = self.own.on_look.borrow().clone();
        if let Some(then) = then {
            then();
        }
    }

    pub(crate) fn export_plot(&self, plot: Plot) -> Answer<String> {
        self.own.backend.export_plot(plot)
    }

    fn known(&self, ids: &[NotificationId]) -> Vec<Rc<NotificationView>> {
        self.live.read(|state| ids.iter().filter_map(|id| state.inbox.get(*id).cloned()).collect())
    }

    /// Shown at once, kept by the backend.
    pub(crate) fn set_theme(&self, theme: Theme) {
        self.live.set_theme(theme);
        self.send(self.own.backend.set_theme(theme));
    }

    fn send(&self, answer: Answer<()>) {
        let live = self.live.clone();
        spawn_local(async move {
            if let Err(error) = answer.await {
                live.troubled(&error.told());
            }
        });
    }

    /// Something that can be taken back, once it is done; until then nothing looks as if it were.
    fn send_and_offer(&self, answer: Answer<()>, undo: Undo) {
        let live = self.live.clone();
        let turn = live.read(|state| state.turn);
        self.send_and_reload(Box::pin(async move {
            answer.await?;
            if live.read(|state| state.turn) != turn {
                // Of another profile than is shown by now.
                return Ok(());
            }
            for id in &undo.ids {
                live.dismiss_toast(*id);
            }
            live.offer_undo(Some(undo));
            Ok(())
        }));
    }

    /// The center is the truth: it is read again instead of guessing what the command did to it.
    fn send_and_reload(&self, answer: Answer<()>) {
        let session = self.clone();
        spawn_local(async move {
            let read = async {
                answer.await?;
                session.read_inbox().await
            };
            if let Err(error) = read.await {
                session.live.troubled(&error.told());
            }
        });
    }

    /// Reads it until nothing has come while it was read: an alert that an older answer does not have would be gone. After a
    /// few times what came is enough: events tell of all changes.
    async fn read_inbox(&self) -> Result<(), BackendError> {
        let moment = |state: &State| (state.turn, state.inbox.heard());
        for _ in 0..READS {
            let (turn, heard) = self.live.read(moment);
            let all = self.own.backend.notifications().await?;
            match self.live.read(moment) {
                (other, _) if other != turn => return Ok(()),
                (_, later) if later == heard => {
                    self.live.notifications(all);
                    return Ok(());
                }
                _ => rest(READ_AGAIN).await,
            }
        }
        Ok(())
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
    let shown = use_mut_ref(|| None);
    let value = session.live.read(&read);
    *shown.borrow_mut() = Some(value.clone());
    let is_shown = move |state: &State| shown.borrow().as_ref() == Some(&read(state));
    use_redrawn(session.live, topic, Box::new(is_shown));
    value
}

/// Renders again once what is shown of the state is not what there is. Behind a `dyn`, for each use of [`use_live`] has
/// another type: what can be is compiled once.
#[hook]
fn use_redrawn(live: Live, topic: Topic, is_shown: Box<dyn Fn(&State) -> bool>) {
    let update = use_force_update();
    use_effect_with(topic, move |topic| {
        let seen = live.clone();
        let check = Rc::new(move || {
            if !seen.read(&is_shown) {
                update.force_update();
            }
        });
        // It may have changed between the render and now.
        check();
        let subscription = live.listen(topic.clone(), check);
        move || drop(subscription)
    });
}
