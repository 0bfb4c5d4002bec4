use std::hash::Hash;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use foldhash::{HashMap, HashMapExt};
use smol_str::SmolStr;

use super::allowance::Allowance;
use super::limits::Limits;
use super::peer::Peer;

/// Who is here: how many connections each tenant and each address has, and what they may still send.
#[derive(Debug)]
pub(super) struct Occupancy {
    tenants: Parties<SmolStr>,
    addresses: Parties<Peer>,
}

#[derive(Debug)]
struct Parties<K> {
    inner: Mutex<Inner<K>>,
    connections: usize,
    messages: u32,
    bytes: u32,
    room: usize,
}

#[derive(Debug)]
struct Inner<K> {
    parties: HashMap<K, Arc<Party>>,
    /// With so many of them it is time to forget who has left.
    sweep_at: usize,
}

/// All connections of one tenant, or of one address.
#[derive(Debug)]
pub(super) struct Party {
    connections: AtomicUsize,
    most: usize,
    pub(super) allowance: Allowance,
    /// Bytes of bodies that are on their way, and how many may be.
    held: AtomicUsize,
    room: usize,
    /// How far the sessions have come, to see how late they are.
    positions: Mutex<Vec<Weak<AtomicU64>>>,
}

/// A connection among those of its party, until it is dropped.
#[derive(Debug)]
pub(super) struct Presence(Arc<Party>);

/// What its party has on the way, until it is dropped.
#[derive(Debug)]
pub(super) struct Held {
    party: Arc<Party>,
    bytes: usize,
}

const SWEEP: usize = 1_024;

impl Occupancy {
    pub(super) fn new(limits: &Limits) -> Self {
        // As much as may be sent in a second, and one body in any case.
        let room = |bytes: u32| limits.publish_body.max(bytes as usize);
        let tenants = Parties::new(
            limits.tenant_connections,
            limits.tenant_messages,
            limits.tenant_bytes,
            room(limits.tenant_bytes),
        );
        let addresses = Parties::new(
            limits.address_connections,
            limits.address_messages,
            limits.address_bytes,
            room(limits.address_bytes),
        );
        Self { tenants, addresses }
    }

    pub(super) fn tenant(&self, name: &SmolStr) -> Arc<Party> {
        self.tenants.party(name)
    }

    pub(super) fn address(&self, peer: Peer) -> Arc<Party> {
        self.addresses.party(&peer)
    }
}

impl<K: Clone + Eq + Hash> Parties<K> {
    fn new(connections: usize, messages: u32, bytes: u32, room: usize) -> Self {
        let inner = Mutex::new(Inner { parties: HashMap::new(), sweep_at: SWEEP });
        Self { inner, connections, messages, bytes, room }
    }

    fn party(&self, key: &K) -> Arc<Party> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(party) = inner.parties.get(key) {
            return Arc::clone(party);
        }
        if inner.parties.len() >= inner.sweep_at {
            let now = Instant::now();
            // Forgetting one whose allowance is used up would give it a new one.
            let in_use = |party: &Arc<Party>| Arc::strong_count(party) > 1;
            inner.parties.retain(|_, party| in_use(party) || !party.allowance.is_full(now));
            inner.sweep_at = SWEEP.max(2 * inner.parties.len());
        }
        let party = Arc::new(Party {
            connections: AtomicUsize::new(0),
            most: self.connections,
            allowance: Allowance::new(self.messages, self.bytes),
            held: AtomicUsize::new(0),
            room: self.room,
            positions: Mutex::default(),
        });
        inner.parties.insert(key.clone(), Arc::clone(&party));
        party
    }
}

impl Party {
    /// One connection more, unless there are as many as there may be.
    pub(super) fn enter(self: &Arc<Self>) -> Option<Presence> {
        let more = |count| (count < self.most).then_some(count + 1);
        let entered = self.connections.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        entered.ok().map(|_| Presence(Arc::clone(self)))
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// A body that is on its way, of which nothing has come yet.
    pub(super) fn hold(self: &Arc<Self>) -> Held {
        Held { party: Arc::clone(self), bytes: 0 }
    }

    /// Watches how far a session has come, for as long as somebody else holds the position.
    pub(super) fn watch(&self, position: &Arc<AtomicU64>) {
        let mut positions = self.positions();
        if positions.len() == positions.capacity() {
            positions.retain(|position| position.strong_count() > 0);
        }
        positions.push(Arc::downgrade(position));
    }

    /// Of all sessions together, how many messages before `head` they still have to come to.
    pub(super) fn lag(&self, head: u64) -> u64 {
        let positions = self.positions();
        let positions = positions.iter().filter_map(Weak::upgrade);
        positions.map(|position| head.saturating_sub(position.load(Ordering::Relaxed))).sum()
    }

    fn positions(&self) -> MutexGuard<'_, Vec<Weak<AtomicU64>>> {
        self.positions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Presence {
    pub(super) fn party(&self) -> &Arc<Party> {
        &self.0
    }
}

impl Held {
    /// So much more of it has come. False if there is no room for that.
    pub(super) fn grow(&mut self, bytes: usize) -> bool {
        let Party { held, room, .. } = &*self.party;
        let more = |all: usize| all.checked_add(bytes).filter(|all| all <= room);
        let grown = held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok();
        if grown {
            self.bytes += bytes;
        }
        grown
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.party.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn peer(n: u32) -> Peer {
        Peer::from(IpAddr::from(n.to_be_bytes()))
    }

    #[test]
    fn places_are_taken_and_given_back() {
        let limits = Limits { address_connections: 2, ..Limits::default() };
        let occupancy = Occupancy::new(&limits);
        let enter = |n| occupancy.address(peer(n)).enter();
        let (first, second) = (enter(1).unwrap(), enter(1));
        assert!(second.is_some() && enter(1).is_none() && enter(2).is_some());
        drop(first);
        assert!(enter(1).is_some());
    }

    #[test]
    fn what_is_on_its_way_takes_room_until_it_has_arrived() {
        let limits = Limits { publish_body: 100, tenant_bytes: 1, ..Limits::default() };
        let party = Occupancy::new(&limits).tenant(&"t".into());
        let (mut one, mut other) = (party.hold(), party.hold());
        assert!(one.grow(60) && !other.grow(41) && other.grow(40) && !one.grow(1));
        drop(one);
        assert!(other.grow(60) && !other.grow(1));
        assert!(!other.grow(usize::MAX));
    }

    #[test]
    fn who_has_left_is_forgotten_but_not_what_was_used_up() {
        let limits = Limits { address_messages: 1, ..Limits::default() };
        let occupancy = Occupancy::new(&limits);
        let spent = occupancy.address(peer(0));
        super::super::allowance::spend(&[&spent.allowance], 100, 1, Instant::now()).unwrap();
        drop(spent);
        let _here = occupancy.address(peer(1)).enter().unwrap();
        for n in 2..10_000 {
            drop(occupancy.address(peer(n)));
        }
        assert!(occupancy.addresses.inner.lock().unwrap().parties.len() <= 2 * SWEEP);
        assert!(occupancy.address(peer(0)).allowance.wait(Instant::now()).is_some());
        assert_eq!(occupancy.address(peer(1)).connections(), 1);
    }

    #[test]
    fn sessions_are_late_together() {
        let party = Occupancy::new(&Limits::default()).tenant(&"t".into());
        let (a, b) = (Arc::new(AtomicU64::new(7)), Arc::new(AtomicU64::new(10)));
        party.watch(&a);
        party.watch(&b);
        assert_eq!(party.lag(10), 3);
        drop(a);
        assert_eq!(party.lag(12), 2);
    }
}
