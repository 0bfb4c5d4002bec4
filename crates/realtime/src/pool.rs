use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError, Weak};

use crate::stream::HubInner;
use crate::{Builder, Hub, Network};

/// Connections by what they lead to: whoever asks for the same addresses under the same profile, as the same tenant and
/// with the same token gets the same one. It is there for as long as somebody holds it. Profiles share nothing.
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use realtime::{Builder, Options, Pool};
///
/// let pool = Pool::new();
/// let builder = || Options::new("wss://feed.example/ws").validate().map(Builder::new);
/// let first = pool.hub("desk-a", builder()?);
/// let second = pool.hub("desk-a", builder()?);
/// let other = pool.hub("desk-b", builder()?);
/// assert_eq!(pool.connections(), 2);
/// drop((first, second));
/// assert_eq!(pool.connections(), 1);
/// # drop(other);
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct Pool {
    hubs: Mutex<HashMap<Key, Weak<HubInner>>>,
}

/// What makes two connections the same.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    profile: String,
    /// With their queries.
    endpoints: Vec<String>,
    tenant: Option<String>,
    token: Option<String>,
}

impl Pool {
    /// Without connections.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The connection of a profile: the one there is, or a new one. When there is one, the builder's other parts
    /// (its stages, say) are not looked at.
    ///
    /// # Panics
    /// As [`Builder::open`].
    #[must_use]
    pub fn hub(&self, profile: &str, builder: Builder) -> Hub {
        let endpoints = builder.options.endpoints().iter();
        let key = Key {
            profile: profile.to_owned(),
            endpoints: endpoints.map(|endpoint| endpoint.request_target().to_owned()).collect(),
            tenant: builder.options.values().tenant.as_deref().map(str::to_owned),
            token: builder.options.values().token.as_ref().map(|token| token.expose().to_owned()),
        };
        let mut hubs = self.hubs();
        // Those nobody holds any more go now: there are never more of them than were in use at once.
        hubs.retain(|_, hub| hub.strong_count() > 0);
        if let Some(hub) = hubs.get(&key).and_then(Hub::upgrade) {
            return hub;
        }
        let hub = Hub::new(builder);
        hubs.insert(key, hub.downgrade());
        hub
    }

    /// Connections that somebody holds now.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.hubs().values().filter(|hub| hub.strong_count() > 0).count()
    }

    /// Passes on to all of them that the machine has woken up: [`Handle::wake`](crate::Handle::wake).
    pub fn wake(&self) {
        // One that cannot be told has ended, or is busy with a flood of its owner's.
        self.each(|hub| drop(hub.handle().wake()));
    }

    /// Passes on to all of them what the operating system says of the network:
    /// [`Handle::network`](crate::Handle::network). One that comes later does not know.
    pub fn network(&self, network: Network) {
        self.each(|hub| drop(hub.handle().network(network)));
    }

    fn each(&self, tell: impl Fn(&Hub)) {
        let hubs: Vec<_> = self.hubs().values().filter_map(Hub::upgrade).collect();
        // Not under the lock: the last holder of one may let go meanwhile.
        hubs.iter().for_each(tell);
    }

    fn hubs(&self) -> MutexGuard<'_, HashMap<Key, Weak<HubInner>>> {
        // Whoever panicked with the lock held, for want of a runtime, has inserted nothing.
        self.hubs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("connections", &self.connections()).finish()
    }
}
