//! Who wants to know of which change.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use domain::VaultId;

/// A part of the state that can be listened to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Topic {
    /// One vault's values.
    Vault(VaultId),
    /// The lines of the table and what would move.
    Order,
    View,
    Totals,
    Markets,
    Feed,
    Status,
    Inbox,
    Theme,
    Preferences,
    /// The user's rules, and the one that is asked about.
    Rules,
    /// The settings' file.
    Config,
    /// All of them, and which one is shown.
    Profiles,
    /// What was done and can be taken back.
    Undo,
    /// Why the operating system shows no notifications; until when everything is silenced; the version; whether the
    /// shell answered.
    Shell,
}

type Listener = Rc<dyn Fn()>;

/// Of one topic, by their numbers. Shared with whoever is calling them: there is no copy for each of a hundred rows.
type All = Rc<Vec<(u64, Listener)>>;

#[derive(Default)]
pub(crate) struct Listeners {
    of: RefCell<HashMap<Topic, All>>,
    next: RefCell<u64>,
}

impl Listeners {
    /// Calls `listener` after each change of `topic` until the subscription is dropped.
    pub(crate) fn listen(self: &Rc<Self>, topic: Topic, listener: Listener) -> Subscription {
        let number = {
            let mut next = self.next.borrow_mut();
            *next += 1;
            *next
        };
        let mut of = self.of.borrow_mut();
        Rc::make_mut(of.entry(topic.clone()).or_default()).push((number, listener));
        drop(of);
        Subscription { listeners: Rc::clone(self), topic, number }
    }

    pub(crate) fn notify(&self, topics: impl IntoIterator<Item = Topic>) {
        let mut told = HashSet::new();
        for topic in topics {
            // Many changes at once of one part are one change to those who show it. Of a vault there is one in a batch.
            if !matches!(topic, Topic::Vault(_)) && !told.insert(topic.clone()) {
                continue;
            }
            // A listener may subscribe or unsubscribe others: none is called under the borrow.
            let called = self.of.borrow().get(&topic).cloned();
            for (_, listener) in called.iter().flat_map(|all| all.iter()) {
                listener();
            }
        }
    }
}

/// Ends when dropped.
pub(crate) struct Subscription {
    listeners: Rc<Listeners>,
    topic: Topic,
    number: u64,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut of = self.listeners.of.borrow_mut();
        if let Some(all) = of.get_mut(&self.topic) {
            Rc::make_mut(all).retain(|(number, _)| *number != self.number);
            if all.is_empty() {
                of.remove(&self.topic);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_row_is_told_of_its_own_changes_only_until_it_goes() {
        let listeners = Rc::new(Listeners::default());
        let called = Rc::new(Cell::new(0));
        let vault = |id: &str| Topic::Vault(VaultId::new(id).unwrap());
        let counter = Rc::clone(&called);
        let subscription =
            listeners.listen(vault("A"), Rc::new(move || counter.set(counter.get() + 1)));
        listeners.notify([vault("A"), vault("B"), Topic::Order]);
        assert_eq!(called.get(), 1);
        drop(subscription);
        listeners.notify([vault("A")]);
        assert_eq!(called.get(), 1);
        assert!(listeners.of.borrow().is_empty(), "nothing is kept of rows scrolled away");
    }
}
