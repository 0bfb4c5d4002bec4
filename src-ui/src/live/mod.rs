//! The window's copy of the last values, outside of the component tree: a component listens to the one part it
//! shows, so that a tick of one vault renders one row.
//!
//! Calls no browser function and reads no clock, so it is tested on the host.

mod board;
#[cfg(test)]
pub(crate) mod fixture;
mod inbox;
mod order;
mod pace;
mod section;
mod topic;
mod trend;
mod view;

use std::cell::RefCell;
use std::rc::Rc;

use domain::view::{Attached, FeedView, NotificationId, NotificationView, StatusView, Theme};
use domain::view::{TickBatch, WindowEvent};
use domain::{UnixMillis, VaultId};

pub(crate) use board::Board;
pub(crate) use inbox::{Inbox, is_critical};
pub(crate) use order::{Line, vault_count};
pub(crate) use pace::Hold;
pub(crate) use section::Section;
pub(crate) use topic::{Subscription, Topic};
pub(crate) use trend::{Point, Trend};
pub(crate) use view::{Column, Direction, Fold, Levels, Sort, View};

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
    pub(crate) board: Board,
    pub(crate) inbox: Inbox,
    pub(crate) feed: Option<Rc<FeedView>>,
    pub(crate) status: Option<Rc<StatusView>>,
    pub(crate) theme: Theme,
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
            state.version = attached.version.into();
            state.theme = attached.theme;
            state.feed = Some(Rc::new(attached.feed));
            state.status = attached.status.map(Rc::new);
            state.notifications_blocked = attached.notifications_blocked.map(Into::into);
            state.trouble = None;
            state.inbox.replace(attached.notifications);
            [Topic::Theme, Topic::Feed, Topic::Status, Topic::Shell, Topic::Inbox]
        });
    }

    /// The shell did not answer.
    pub(crate) fn troubled(&self, why: &str) {
        self.change(|state| {
            state.trouble = Some(why.into());
            [Topic::Shell]
        });
    }

    pub(crate) fn tick(&self, batch: TickBatch, now: UnixMillis) {
        self.change(|state| {
            let changed = state.board.apply(batch, now);
            let step = state.pace.members(changed.members, now);
            let mut topics: Vec<_> = changed.rows.into_iter().map(Topic::Vault).collect();
            topics.extend(changed.totals.then_some(Topic::Totals));
            topics.extend(changed.markets.then_some(Topic::Markets));
            topics.extend(state.step(step, now));
            // The first batch ends the skeleton even when it brings no vault.
            topics.push(Topic::View);
            topics
        });
    }

    /// `Open` is the router's business and does nothing here.
    pub(crate) fn event(&self, event: WindowEvent, now: UnixMillis) {
        self.change(|state| match event {
            WindowEvent::Feed(feed) => {
                state.feed = Some(Rc::new(feed));
                Some(Topic::Feed)
            }
            WindowEvent::Status(status) => {
                state.status = Some(Rc::new(status));
                Some(Topic::Status)
            }
            WindowEvent::Notification(one) => {
                state.inbox.put(one, now);
                Some(Topic::Inbox)
            }
            WindowEvent::Dismissed(id) => {
                state.inbox.remove(id);
                Some(Topic::Inbox)
            }
            WindowEvent::NotificationsBlocked(why) => {
                state.notifications_blocked = why.map(Into::into);
                Some(Topic::Shell)
            }
            WindowEvent::Open(_) => None,
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

    pub(crate) fn select(&self, vault: Option<VaultId>) {
        self.change(|state| {
            state.selected = vault;
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
            topics
        });
    }

    fn change<I: IntoIterator<Item = Topic>>(&self, change: impl FnOnce(&mut State) -> I) {
        let topics = change(&mut self.state.borrow_mut());
        self.listeners.notify(topics);
    }
}

impl State {
    fn step(&mut self, step: Step, now: UnixMillis) -> Vec<Topic> {
        let moved = match step {
            Step::Wait => return Vec::new(),
            Step::Count => order::moved(&self.lines, &self.arranged()),
            Step::Renew => {
                let fresh = self.arranged();
                self.pace.renewed(now);
                if *self.lines != fresh {
                    self.lines = Rc::new(fresh);
                    self.moved = 0;
                    return vec![Topic::Order];
                }
                0
            }
        };
        let changed = self.moved != moved;
        self.moved = moved;
        changed.then_some(Topic::Order).into_iter().collect()
    }

    fn arranged(&self) -> Vec<Line> {
        order::arrange(self.board.vaults(), &self.view)
    }

    /// The vault above (negative) or below the selected one, or the first one.
    pub(crate) fn neighbour(&self, distance: isize) -> Option<VaultId> {
        let vaults: Vec<_> = self
            .lines
            .iter()
            .filter_map(|line| match line {
                Line::Vault(id) => Some(id),
                Line::Header { .. } => None,
            })
            .collect();
        let last = vaults.len().checked_sub(1)?;
        let here = self.selected.as_ref().and_then(|at| vaults.iter().position(|id| *id == at));
        let place = here.map_or(0, |here| here.saturating_add_signed(distance).min(last));
        Some(vaults[place].clone())
    }
}

#[cfg(test)]
mod tests {
    use domain::view::TickKind;

    use super::fixture::{Row, row};
    use super::*;

    fn batch(kind: TickKind, rows: &[Row]) -> TickBatch {
        let vaults = rows.iter().map(|row| row.0.clone()).collect();
        TickBatch { seq: 1, kind, vaults, markets: Vec::new(), totals: None }
    }

    fn vaults(live: &Live) -> Vec<String> {
        live.read(|state| {
            state
                .lines
                .iter()
                .filter_map(|line| match line {
                    Line::Vault(id) => Some(id.to_string()),
                    Line::Header { .. } => None,
                })
                .collect()
        })
    }

    #[test]
    fn held_lines_stay_where_they_are_and_say_how_many_moved() {
        let live = Live::default();
        let start = [row("A").critical("3"), row("B").critical("5"), row("C").low("40")];
        live.tick(batch(TickKind::Reset, &start), UnixMillis(0));
        assert_eq!(vaults(&live), ["A", "B", "C"]);
        live.hold(Hold::Held, UnixMillis(10));
        live.tick(batch(TickKind::Update, &[row("C").critical("1")]), UnixMillis(10_000));
        live.clock(UnixMillis(10_001));
        assert_eq!(vaults(&live), ["A", "B", "C"]);
        assert_eq!(live.read(|state| state.moved), 1);
        live.resume(UnixMillis(11_000));
        assert_eq!(vaults(&live), ["C", "A", "B"]);
        assert_eq!(live.read(|state| state.moved), 0);
    }

    #[test]
    fn a_search_shows_at_once_even_while_held() {
        let live = Live::default();
        live.tick(batch(TickKind::Reset, &[row("A"), row("B")]), UnixMillis(0));
        live.hold(Hold::Held, UnixMillis(10));
        live.change_view(|view| view.search = "b".to_owned(), UnixMillis(20));
        assert_eq!(vaults(&live), ["B"]);
    }

    #[test]
    fn the_keyboard_walks_over_vaults_and_stops_at_the_ends() {
        let live = Live::default();
        let rows = [row("A").critical("1"), row("B").low("40"), row("C").low("50")];
        live.tick(batch(TickKind::Reset, &rows), UnixMillis(0));
        let step = |distance| {
            let next = live.read(|state| state.neighbour(distance));
            live.select(next.clone());
            next.unwrap().to_string()
        };
        assert_eq!([step(1), step(1), step(1), step(1)], ["A", "B", "C", "C"]);
        assert_eq!([step(-1), step(-9)], ["B", "A"]);
    }
}
