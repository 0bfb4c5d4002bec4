//! What is asked of the watches before there are any: a tray's menu is there a moment sooner.

use std::sync::{Mutex, PoisonError};

/// Something that comes, and who has asked for it by then.
#[derive(Debug)]
pub(crate) struct Begun<T, R>(Mutex<State<T, R>>);

#[derive(Debug)]
enum State<T, R> {
    NotYet(Vec<R>),
    Here(T),
}

impl<T, R> Default for Begun<T, R> {
    fn default() -> Self {
        Self(Mutex::new(State::NotYet(Vec::new())))
    }
}

impl<T: Clone, R> Begun<T, R> {
    /// It, if it is here; else the request is kept.
    pub(crate) fn or_keep(&self, request: R) -> Option<(T, R)> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *state {
            State::Here(here) => Some((here.clone(), request)),
            State::NotYet(waiting) => {
                waiting.push(request);
                None
            }
        }
    }

    /// It is here from now on. What was kept, in its order.
    #[must_use]
    pub(crate) fn begin(&self, here: T) -> Vec<R> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *state, State::Here(here)) {
            State::NotYet(waiting) => waiting,
            State::Here(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_too_soon_is_kept_until_it_can_be_done() {
        let begun = Begun::default();
        assert_eq!(begun.or_keep("snooze"), None);
        assert_eq!(begun.or_keep("test"), None);
        assert_eq!(begun.begin("watches"), ["snooze", "test"]);
        assert_eq!(begun.or_keep("open"), Some(("watches", "open")));
        assert!(begun.begin("others").is_empty());
    }
}
