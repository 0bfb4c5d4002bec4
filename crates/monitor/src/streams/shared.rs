use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use realtime::{RealTimeData, WeakRealTimeData};

/// Streams that somebody uses, by what they are about. It keeps none of them alive.
#[derive(Debug)]
pub(super) struct Shared<K, T>(Mutex<HashMap<K, WeakRealTimeData<T>>>);

impl<K, T> Default for Shared<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Clone + Eq + Hash, T: Send + Sync + 'static> Shared<K, T> {
    /// Another user of the stream there is, or the first one of a new stream.
    pub(super) fn of(&self, key: &K, make: impl FnOnce() -> RealTimeData<T>) -> RealTimeData<T> {
        // Whoever panicked with the lock held, for want of a runtime, has inserted nothing.
        let mut streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stream) = streams.get(key).and_then(WeakRealTimeData::upgrade) {
            return stream;
        }
        // Those nobody uses any more go now: there are never more of them than were in use at once.
        streams.retain(|_, stream| !stream.is_gone());
        let stream = make();
        streams.insert(key.clone(), stream.downgrade());
        stream
    }
}
