//! The wait of a connection for its keys.

use std::time::Duration;

use keychain::{KeychainError, RingState};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::encryption::{Keys, no_answer};

/// What became of the keys, and what follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// They are there: connect.
    Here,
    /// Not yet, and why; the wait goes on.
    NotYet(KeychainError),
    /// They are not there after [`Keys::PATIENCE`]: connect without, because what is not encrypted has to be watched.
    /// What is waits in the stage.
    Overdue(KeychainError),
    /// They are there after all, with the connection made.
    Late,
    /// They cannot be had, and waiting changes nothing. To go on without would be to show what was to be encrypted
    /// and is not.
    Unusable(KeychainError),
}

/// Watches the keys of one connection.
#[derive(Debug)]
pub(crate) struct KeyWatch {
    ring: watch::Receiver<RingState>,
    patience: Duration,
    until: Instant,
    phase: Phase,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    Waiting { told: Option<KeychainError> },
    Overdue,
    Unusable,
    Here,
}

impl KeyWatch {
    pub(crate) fn new(keys: &Keys) -> Self {
        Self {
            ring: keys.ring.clone(),
            patience: keys.patience,
            until: Instant::now() + keys.patience,
            phase: Phase::Waiting { told: None },
        }
    }

    async fn next(&mut self) -> News {
        loop {
            let ring = self.ring.borrow_and_update().clone();
            if let Some(news) = self.note(&ring) {
                return news;
            }
            let waiting = matches!(self.phase, Phase::Waiting { .. });
            let changed = self.ring.changed();
            let changed = match waiting {
                true => timeout_at(self.until, changed).await,
                false => Ok(changed.await),
            };
            match changed {
                Ok(Ok(())) => {}
                // Nobody reads them any more: the connection is gone.
                Ok(Err(_)) => std::future::pending().await,
                Err(_) => {
                    self.phase = Phase::Overdue;
                    return News::Overdue(match ring {
                        RingState::Unread(error) => error,
                        RingState::Reading | RingState::Read => no_answer(self.patience),
                    });
                }
            }
        }
    }

    fn note(&mut self, ring: &RingState) -> Option<News> {
        let (phase, news) = match (&self.phase, ring) {
            (Phase::Waiting { .. } | Phase::Unusable, RingState::Read) => (Phase::Here, News::Here),
            (Phase::Overdue, RingState::Read) => (Phase::Here, News::Late),
            (Phase::Waiting { .. }, RingState::Unread(error)) if !error.is_transient() => {
                (Phase::Unusable, News::Unusable(error.clone()))
            }
            (Phase::Waiting { told }, RingState::Unread(error)) if told.as_ref() != Some(error) => {
                let told = Some(error.clone());
                (Phase::Waiting { told }, News::NotYet(error.clone()))
            }
            _ => return None,
        };
        self.phase = phase;
        Some(news)
    }
}

/// What becomes of the keys next; never, where a connection has none. Cancel safe.
pub(crate) async fn next(keys: &mut Option<KeyWatch>) -> News {
    match keys {
        Some(keys) => keys.next().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched() -> (watch::Sender<RingState>, KeyWatch) {
        let (told, ring) = watch::channel(RingState::Reading);
        (told, KeyWatch::new(&of(ring)))
    }

    fn of(ring: watch::Receiver<RingState>) -> Keys {
        Keys { ring, patience: Keys::PATIENCE }
    }

    /// The next news, and after how many seconds.
    async fn next(keys: &mut KeyWatch) -> (News, u64) {
        let begun = Instant::now();
        let news = keys.next().await;
        (news, begun.elapsed().as_secs())
    }

    fn away() -> KeychainError {
        KeychainError::NotAvailable { reason: "away".to_owned() }
    }

    #[tokio::test(start_paused = true)]
    async fn the_connection_waits_for_its_keys_but_not_for_ever() {
        let (told, mut keys) = watched();
        told.send_replace(RingState::Unread(KeychainError::Locked));
        assert_eq!(next(&mut keys).await, (News::NotYet(KeychainError::Locked), 0));
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(10)).await;
            told.send_replace(RingState::Unread(away()));
            tokio::time::sleep(Duration::from_secs(80)).await;
            told.send_replace(RingState::Read);
            tokio::time::sleep(Duration::from_secs(1)).await;
        });
        assert_eq!(next(&mut keys).await, (News::NotYet(away()), 10));
        assert_eq!(next(&mut keys).await, (News::Overdue(away()), 20));
        assert_eq!(next(&mut keys).await, (News::Late, 60));
    }

    #[tokio::test(start_paused = true)]
    async fn a_keychain_without_an_answer_is_waited_for_as_long() {
        let (_told, mut keys) = watched();
        assert_eq!(next(&mut keys).await, (News::Overdue(no_answer(Keys::PATIENCE)), 30));
        let keys = of(keys.ring);
        assert_eq!(keys.arrive().await, Err(no_answer(Keys::PATIENCE)));
    }

    #[tokio::test(start_paused = true)]
    async fn keys_that_are_there_are_not_waited_for() {
        let (told, mut keys) = watched();
        told.send_replace(RingState::Read);
        assert_eq!(next(&mut keys).await, (News::Here, 0));
        assert_eq!(of(keys.ring).arrive().await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn what_will_not_pass_is_told_at_once_and_over_when_it_was_mended() {
        let (told, mut keys) = watched();
        let refused = KeychainError::Refused { reason: "no".to_owned() };
        told.send_replace(RingState::Unread(refused.clone()));
        assert_eq!(next(&mut keys).await, (News::Unusable(refused.clone()), 0));
        assert_eq!(of(keys.ring.clone()).arrive().await, Err(refused));
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(3_600)).await;
            told.send_replace(RingState::Read);
            tokio::time::sleep(Duration::from_secs(1)).await;
        });
        assert_eq!(next(&mut keys).await, (News::Here, 3_600));
    }
}
