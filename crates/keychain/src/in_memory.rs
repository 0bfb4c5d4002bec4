use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use tokio::sync::Notify;
use zeroize::Zeroizing;

use crate::{Keychain, KeychainError, RingName};

/// A keychain for tests, which can be taken away and given back.
#[derive(Debug, Default)]
pub struct InMemory {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    entries: HashMap<RingName, Zeroizing<Vec<u8>>>,
    trouble: Option<KeychainError>,
}

impl InMemory {
    /// From now on every call fails like this; `None` ends that, and whoever waits for a change is told.
    pub fn set_trouble(&self, trouble: Option<KeychainError>) {
        self.state().trouble = trouble;
        self.changed.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn trouble(&self) -> Result<(), KeychainError> {
        self.trouble.clone().map_or(Ok(()), Err)
    }
}

impl Keychain for InMemory {
    fn read(&self, name: &RingName) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        let state = self.state();
        state.trouble()?;
        Ok(state.entries.get(name).cloned())
    }

    fn write(&self, name: &RingName, secret: &[u8]) -> Result<(), KeychainError> {
        let mut state = self.state();
        state.trouble()?;
        state.entries.insert(name.clone(), Zeroizing::new(secret.to_vec()));
        drop(state);
        self.changed.notify_waiters();
        Ok(())
    }

    fn remove(&self, name: &RingName) -> Result<(), KeychainError> {
        let mut state = self.state();
        state.trouble()?;
        state.entries.remove(name);
        drop(state);
        self.changed.notify_waiters();
        Ok(())
    }

    fn changed(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.changed.notified())
    }
}
