//! The window's copy of the last values, outside of the component tree: a component listens to the one part it
//! shows, so that a tick of one vault renders one row.
//!
//! Calls no browser function and reads no clock, so it is tested on the host.

mod alerts;
mod board;
mod chosen;
mod column;
mod column_order;
#[cfg(test)]
pub(crate) mod fixture;
mod inbox;
mod order;
mod pace;
mod profiles;
mod saved;
mod section;
mod snooze;
mod table_csv;
#[cfg(test)]
mod tests;
mod toasts;
mod topic;
mod trend;
mod undo;
mod view;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use domain::view::{
    Attached, AwayView, ConfigView, FeedState, FeedView, Glimpse, NotificationId, NotificationView,
    Preferences, ProfileView, RulesView, StatusView, Theme, TickBatch, VaultRow, WindowEvent,
};
use domain::{UnixMillis, VaultId};

pub(crate) use alerts::{AlertFilter, Group, StateFilter, group_of, grouped, vaults};
pub(crate) use board::{Board, Entry};
pub(crate) use chosen::Chosen;
pub(crate) use column::Column;
pub(crate) use column_order::{ColumnOrder, Side};
pub(crate) use inbox::{Inbox, is_critical};
pub(crate) use order::{Line, vault_count};
pub(crate) use pace::Hold;
pub(crate) use saved::{shown as shown_view, take_columns};
pub(crate) use section::Section;
pub(crate) use snooze::{Snooze, can_snooze};
pub(crate) use table_csv::table_csv;
pub(crate) use topic::{Subscription, Topic};
pub(crate) use trend::{Point, Trend};
pub(crate) use undo::{Done, Undo};
pub(crate) use view::{Direction, Fold, Levels, Sort, View};

use board::Members;
use pace::{Pace, Step};
use topic::Listeners;

/// A handle on the state; clones share it.
#[derive(Clone, Default)]
pub(crate) struct Live {
    state: Rc<RefCell<State>>,
    listeners: Rc<Listeners>,
}

#[derive(Default)]
pub(crate) struct State {
    /// All profiles, in the order of the settings' file.
    pub(crate) profiles: Rc<Vec<ProfileView>>,
    /// The name of the one that everything else is about.
    pub(crate) profile: Option<Rc<str>>,
    /// How often another one was shown than before.
    pub(crate) turn: u32,
    /// The one that somebody wants to be shown, and that waits for an answer about what is not saved.
    pub(crate) leaving: Option<Rc<str>>,
    pub(crate) board: Board,
    pub(crate) inbox: Inbox,
    pub(crate) feed: Option<Rc<FeedView>>,
    pub(crate) status: Option<Rc<StatusView>>,
    pub(crate) theme: Theme,
    pub(crate) preferences: Rc<Preferences>,
    pub(crate) undo: Option<Rc<Undo>>,
    /// The user's rules, once they were asked for.
    pub(crate) rules: Option<Rc<RulesView>>,
    /// Why they could not be read or changed.
    pub(crate) rules_refused: Option<Rc<str>>,
    /// What the settings' file says, once it was asked for; or why it cannot be read.
    pub(crate) config: Option<Result<Rc<ConfigView>, Rc<str>>>,
    /// The alert whose rule is played over the past.
    pub(crate) doubted: Option<Rc<NotificationView>>,
    /// What happened while nobody was watching.
    pub(crate) away: Option<Rc<AwayView>>,
    pub(crate) version: Rc<str>,
    pub(crate) notifications_blocked: Option<Rc<str>>,
    /// Why the shell could not be reached, in words for the person.
    pub(crate) trouble: Option<Rc<str>>,
    pub(crate) view: View,
    pub(crate) lines: Rc<Vec<Line>>,
    /// How many vaults would move, were the order not held.
    pub(crate) moved: usize,
    /// The line the keyboard is on.
    pub(crate) selected: Option<VaultId>,
    /// The lines that something is to be done with.
    pub(crate) chosen: Chosen,
    /// Vaults that became critical or high since the last order.
    worse: BTreeSet<VaultId>,
    pace: Pace,
}

impl PartialEq for Live {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.state, &other.state)
    }
}

impl Live {
    pub(crate) fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.state.borrow())
    }

    pub(crate) fn listen(&self, topic: Topic, listener: Rc<dyn Fn()>) -> Subscription {
        self.listeners.listen(topic, listener)
    }

    /// Everything rare, at the start.
    pub(crate) fn attached(&self, attached: Attached) {
        self.change(|state| {
            state.turn_to(attached.feed.mode.name());
            state.profiles = Rc::new(attached.profiles);
            state.version = attached.version.into();
            state.theme = attached.theme;
            state.preferences = Rc::new(attached.preferences);
            state.away = attached.away.map(Rc::new);
            state.feed = Some(Rc::new(attached.feed));
            state.status = attached.status.map(Rc::new);
            state.notifications_blocked = attached.notifications_blocked.map(Into::into);
            state.trouble = None;
            state.inbox.replace(attached.notifications);
            [
                Topic::Theme,
                Topic::Preferences,
                Topic::Feed,
                Topic::Status,
                Topic::Shell,
                Topic::Inbox,
                Topic::Profiles,
                Topic::Rules,
                Topic::Undo,
                Topic::View,
            ]
        });
    }

    /// What there was when the page was made: shown until the shell tells it again.
    pub(crate) fn glimpse(&self, glimpse: Glimpse, now: UnixMillis) {
        self.attached(glimpse.attached);
        self.tick(glimpse.batch, now);
        self.change(|state| {
            state.board.expect_again();
            []
        });
    }

    /// The shell did not answer.
    pub(crate) fn troubled(&self, why: &str) {
        self.change(|state| {
            state.trouble = Some(why.into());
            [Topic::Shell]
        });
    }

    /// What was recorded of a vault's last hour, the oldest first.
    pub(crate) fn begin_trend(&self, id: &VaultId, recorded: Vec<(UnixMillis, f64)>) {
        self.change(|state| {
            state.board.begin_trend(id, recorded);
            [Topic::Vault(id.clone())]
        });
    }

    /// Nothing comes in any more, and nobody knows for how long: what is shown is what was known last.
    pub(crate) fn cut_off(&self, why: &str) {
        self.change(|state| {
            state.trouble = Some(why.into());
            if let Some(feed) = &mut state.feed {
                Rc::make_mut(feed).state = FeedState::Waiting { cause: why.to_owned() };
            }
            let rows = state.board.grow_stale().into_iter().map(Topic::Vault);
            let others = [Topic::Shell, Topic::Feed, Topic::Markets, Topic::Totals];
            rows.chain(others).collect::<Vec<_>>()
        });
    }

    pub(crate) fn tick(&self, batch: TickBatch, now: UnixMillis) {
        self.change(|state| {
            // The first batch ends the skeleton even when it brings no vault; later ones only where there are others.
            let first = !state.board.begun;
            let changed = state.board.apply(batch, now);
            let other = changed.members != Members::Same;
            let step = match state.pace.members(changed.members, now) {
                Step::Wait if state.is_news(&changed.worse) => {
                    state.worse.extend(changed.worse);
                    state.pace.worsened(now)
                }
                step => step,
            };
            let mut topics: Vec<_> = changed.rows.into_iter().map(Topic::Vault).collect();
            topics.extend(changed.totals.then_some(Topic::Totals));
            topics.extend(changed.markets.then_some(Topic::Markets));
            topics.extend(state.step(step, now));
            topics.extend((first || other).then_some(Topic::View));
            topics
        });
    }

    /// What happened since the last call, in its order. `Open` is the router's business and `Use` the session's: they do
    /// nothing here.
    pub(crate) fn events(&self, events: Vec<WindowEvent>, now: UnixMillis) {
        self.change(|state| {
            let mut topics = Vec::new();
            let mut notifications = Vec::new();
            for event in events {
                topics.extend(match event {
                    WindowEvent::Notification(one) => {
                        notifications.push(one);
                        None
                    }
                    // Those that came before it must be there to be taken away.
                    WindowEvent::Dismissed(id) => {
                        state.put(&mut notifications, now);
                        state.inbox.remove(id);
                        Some(Topic::Inbox)
                    }
                    other => state.rare(other),
                });
            }
            topics.extend((!notifications.is_empty()).then_some(Topic::Inbox));
            state.put(&mut notifications, now);
            topics
        });
    }

    pub(crate) fn notifications(&self, all: Vec<NotificationView>) {
        self.change(|state| {
            state.inbox.replace(all);
            [Topic::Inbox]
        });
    }

    pub(crate) fn dismiss_toast(&self, id: NotificationId) {
        self.change(|state| {
            state.inbox.dismiss_toast(id);
            [Topic::Inbox]
        });
    }

    pub(crate) fn dismiss_toasts(&self) {
        self.change(|state| {
            state.inbox.dismiss_toasts();
            [Topic::Inbox]
        });
    }

    /// The pointer or the focus is on the toasts, or has left them.
    pub(crate) fn read_toasts(&self, reading: bool, now: UnixMillis) {
        self.change(|state| {
            state.inbox.set_reading(reading, now);
            None
        });
    }

    pub(crate) fn set_preferences(&self, preferences: Preferences) {
        self.change(|state| {
            state.preferences = Rc::new(preferences);
            // The number of toasts and the columns may be others.
            [Topic::Preferences, Topic::Inbox]
        });
    }

    pub(crate) fn offer_undo(&self, undo: Option<Undo>) {
        self.change(|state| {
            state.undo = undo.map(Rc::new);
            [Topic::Undo]
        });
    }

    pub(crate) fn set_rules(&self, rules: RulesView) {
        self.change(|state| {
            state.rules = Some(Rc::new(rules));
            state.rules_refused = None;
            [Topic::Rules]
        });
    }

    pub(crate) fn set_config(&self, config: Result<ConfigView, String>) {
        self.change(|state| {
            state.config = Some(config.map(Rc::new).map_err(Into::into));
            [Topic::Config]
        });
    }

    pub(crate) fn refuse_rules(&self, why: &str) {
        self.change(|state| {
            state.rules_refused = Some(why.into());
            [Topic::Rules]
        });
    }

    /// Asks whether the rule of this alert is right; `None`: not any more.
    pub(crate) fn doubt(&self, alert: Option<Rc<NotificationView>>) {
        self.change(|state| {
            state.doubted = alert;
            [Topic::Rules]
        });
    }

    pub(crate) fn set_theme(&self, theme: Theme) {
        self.change(|state| {
            state.theme = theme;
            [Topic::Theme]
        });
    }

    /// A change of sort, filter or search shows at once, held or not: the person asked for it.
    pub(crate) fn change_view(&self, change: impl FnOnce(&mut View), now: UnixMillis) {
        self.change(|state| {
            change(&mut state.view);
            let mut topics = state.step(Step::Renew, now);
            topics.push(Topic::View);
            topics
        });
    }

    /// Puts the keyboard on this line; the others are not chosen any more.
    pub(crate) fn select(&self, vault: Option<VaultId>) {
        self.change(|state| {
            state.chosen.begin(vault.clone());
            state.selected = vault;
            [Topic::View]
        });
    }

    /// Chooses this line beside the others, or lets it go.
    pub(crate) fn choose_also(&self, vault: &VaultId) {
        self.change(|state| {
            // The line the keyboard was on is the first of them.
            let before = state.selected.take().filter(|before| before != vault);
            if let Some(before) = before.filter(|_| state.chosen.is_empty()) {
                state.chosen.toggle(&before);
            }
            state.chosen.toggle(vault);
            state.selected = Some(vault.clone());
            [Topic::View]
        });
    }

    /// Chooses every line from the one the keyboard was on to this one.
    pub(crate) fn choose_to(&self, vault: &VaultId) {
        self.change(|state| {
            let order = vaults_of(&state.lines);
            state.chosen.reach(vault, &order);
            state.selected = Some(vault.clone());
            [Topic::View]
        });
    }

    pub(crate) fn choose_all(&self) {
        self.change(|state| {
            let order = vaults_of(&state.lines);
            state.chosen.all(&order);
            [Topic::View]
        });
    }

    pub(crate) fn hold(&self, hold: Hold, now: UnixMillis) {
        self.change(|state| {
            let step = state.pace.hold(hold, now);
            state.step(step, now)
        });
    }

    /// Puts the lines in order although they are held.
    pub(crate) fn resume(&self, now: UnixMillis) {
        self.change(|state| state.step(Step::Renew, now));
    }

    /// To be called four times a second.
    pub(crate) fn clock(&self, now: UnixMillis) {
        self.change(|state| {
            let step = state.pace.tick(now);
            let mut topics = state.step(step, now);
            topics.extend(state.inbox.expire(now).then_some(Topic::Inbox));
            if state.undo.as_ref().is_some_and(|undo| undo.until <= now) {
                state.undo = None;
                topics.push(Topic::Undo);
            }
            topics
        });
    }

    fn change<I: IntoIterator<Item = Topic>>(&self, change: impl FnOnce(&mut State) -> I) {
        let topics = change(&mut self.state.borrow_mut());
        self.listeners.notify(topics);
    }
}

impl State {
    /// Everything that is neither a notification nor the end of one.
    fn rare(&mut self, event: WindowEvent) -> Option<Topic> {
        match event {
            WindowEvent::Feed(feed) => {
                self.feed = Some(Rc::new(feed));
                Some(Topic::Feed)
            }
            WindowEvent::Status(status) => {
                self.status = Some(Rc::new(status));
                Some(Topic::Status)
            }
            WindowEvent::NotificationsBlocked(why) => {
                self.notifications_blocked = why.map(Into::into);
                Some(Topic::Shell)
            }
            WindowEvent::Profiles(profiles) => {
                self.profiles = Rc::new(profiles);
                Some(Topic::Profiles)
            }
            WindowEvent::Notification(_)
            | WindowEvent::Dismissed(_)
            | WindowEvent::Open(_)
            | WindowEvent::Use(_) => None,
        }
    }

    fn put(&mut self, notifications: &mut Vec<NotificationView>, now: UnixMillis) {
        let preferences = Rc::clone(&self.preferences);
        self.inbox.put_all(notifications.drain(..), &preferences.toasts, now);
    }

    /// The toasts on the screen and how many wait.
    pub(crate) fn visible_toasts(&self) -> (Vec<Rc<NotificationView>>, usize) {
        self.inbox.visible_toasts(self.preferences.toasts.max_notifications.get() as usize)
    }

    /// The rows that the table has, in their order.
    pub(crate) fn shown_rows(&self) -> impl Iterator<Item = &VaultRow> {
        self.lines.iter().filter_map(|line| match line {
            Line::Vault(id) => self.board.vault(id).map(|entry| &*entry.row),
            Line::Header { .. } => None,
        })
    }

    /// The rows that were chosen, in the order of the table: without a choice the one the keyboard is on.
    pub(crate) fn chosen_rows(&self) -> impl Iterator<Item = &VaultRow> {
        self.shown_rows().filter(|row| {
            if self.chosen.is_empty() {
                self.selected.as_ref() == Some(&row.id)
            } else {
                self.chosen.contains(&row.id)
            }
        })
    }

    /// [`State::chosen_rows`] for a spreadsheet.
    pub(crate) fn chosen_csv(&self) -> String {
        table_csv(self.column_order(), self.chosen_rows())
    }

    pub(crate) fn column_order(&self) -> ColumnOrder {
        ColumnOrder::of(&self.preferences.column_order)
    }

    /// What the center lists.
    pub(crate) fn alert_groups(&self, filter: &AlertFilter) -> Vec<Group> {
        let room = |vault: &VaultId| Some(self.board.vault(vault)?.row.room?.0);
        grouped(self.inbox.all(), filter, room)
    }

    fn step(&mut self, step: Step, now: UnixMillis) -> Vec<Topic> {
        let (fresh, moved) = match step {
            Step::Wait => return Vec::new(),
            Step::Count => (None, order::moved(&self.lines, &self.arranged())),
            Step::Lift => {
                let board = &self.board;
                let entry = |id: &VaultId| board.vault(id);
                match order::lifted(&self.lines, &self.worse, entry, &self.view) {
                    Some(fresh) => {
                        self.worse.clear();
                        self.pace.lifted(now);
                        (Some(fresh), 0)
                    }
                    None => return self.step(Step::Renew, now),
                }
            }
            Step::Renew => {
                self.worse.clear();
                self.pace.renewed(now);
                (Some(self.arranged()), 0)
            }
        };
        let fresh = fresh.filter(|fresh| *self.lines != *fresh);
        let changed = fresh.is_some() || self.moved != moved;
        if let Some(fresh) = fresh {
            self.lines = Rc::new(fresh);
        }
        self.moved = moved;
        changed.then_some(Topic::Order).into_iter().collect()
    }

    /// Whether these stand where they should not, having become critical or high: where columns decide, and no level is left
    /// out, each is where its columns put it.
    fn is_news(&self, worse: &[VaultId]) -> bool {
        let by_level = self.view.sort.is_empty() || self.view.levels != Levels::All;
        by_level && !worse.is_empty()
    }

    fn arranged(&self) -> Vec<Line> {
        order::arrange(self.board.vaults(), &self.view)
    }

    /// The vault above (negative) or below the selected one, or the first one.
    pub(crate) fn neighbour(&self, distance: isize) -> Option<VaultId> {
        let vaults = vaults_of(&self.lines);
        let last = vaults.len().checked_sub(1)?;
        let here = self.selected.as_ref().and_then(|at| vaults.iter().position(|id| *id == at));
        let place = here.map_or(0, |here| here.saturating_add_signed(distance).min(last));
        Some(vaults[place].clone())
    }
}

fn vaults_of(lines: &[Line]) -> Vec<&VaultId> {
    lines
        .iter()
        .filter_map(|line| match line {
            Line::Vault(id) => Some(id),
            Line::Header { .. } => None,
        })
        .collect()
}
