//! Whether there is a network, from what NetworkManager and the kernel say: pure.
//!
//! To believe in a network that is not there costs a few attempts in vain. To believe that there is none, where there
//! is, leaves somebody unguarded. So each doubt is decided for the network.

use super::routes::{Reach, Routes};
use crate::{Network, Trust};

/// NetworkManager's word, made of its global state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manager {
    /// `CONNECTED_LOCAL` (50), `_SITE` (60) and `_GLOBAL` (70): without a way into the internet, a server in the same
    /// building may well be reached.
    Connected,
    /// `ASLEEP` (10), networking is switched off or the machine goes to sleep, `DISCONNECTED` (20), `DISCONNECTING`
    /// (30).
    Disconnected,
    /// `CONNECTING` (40) ends in one of the others; `UNKNOWN` (0), and whatever comes with later versions, says nothing.
    Undecided,
}

impl Manager {
    /// Of `NMState`.
    pub(super) fn of(state: u32) -> Self {
        match state {
            50 | 60 | 70 => Self::Connected,
            10 | 20 | 30 => Self::Disconnected,
            _ => Self::Undecided,
        }
    }
}

/// What is known of the network.
#[derive(Debug)]
pub(super) struct Sense {
    trust: Trust,
    /// `None`: it does not run.
    manager: Option<Manager>,
    primary: Option<String>,
    /// `None`: the kernel does not tell.
    routes: Option<Routes>,
    network: Network,
}

impl Sense {
    pub(super) fn new(trust: Trust) -> Self {
        Self { trust, manager: None, primary: None, routes: None, network: Network::Up }
    }

    pub(super) fn manager_is(&mut self, manager: Option<Manager>) -> Option<Network> {
        let before = std::mem::replace(&mut self.manager, manager);
        // Through a state in between it came back to what it was: over another network, perhaps.
        let anew = before == Some(Manager::Undecided) && manager == Some(Manager::Connected);
        self.changed(anew)
    }

    /// The path is `/` while there is none.
    pub(super) fn primary_is(&mut self, path: String) -> Option<Network> {
        let gone = path == "/";
        let before = self.primary.replace(path);
        let anew = before.is_some() && before != self.primary && !gone;
        self.changed(anew)
    }

    pub(super) fn routes_are(&mut self, routes: Routes) -> Option<Network> {
        let before = self.routes.replace(routes);
        let now = self.routes.as_ref();
        let anew = before.is_some_and(|before| {
            now.is_some_and(|now| now.reach == Reach::Anywhere && now.ways_out != before.ways_out)
        });
        // Where NetworkManager alone is believed, the kernel is not asked.
        self.changed(anew && self.trust == Trust::Auto)
    }

    fn changed(&mut self, anew: bool) -> Option<Network> {
        let network = self.judged()?;
        let before = std::mem::replace(&mut self.network, network);
        (before != network || (anew && network == Network::Up)).then_some(network)
    }

    /// `None`: as it was.
    fn judged(&self) -> Option<Network> {
        let reach = self.routes.as_ref().map(|routes| routes.reach);
        match (self.trust, self.manager, reach) {
            (Trust::Nobody, ..) => None,
            (_, Some(Manager::Connected), _) => Some(Network::Up),
            // A network that is not NetworkManager's own, such as one of `/etc/network/interfaces`, is none to it.
            (Trust::Auto, Some(_), Some(Reach::Anywhere)) => Some(Network::Up),
            (_, Some(Manager::Undecided), _) => None,
            (_, Some(Manager::Disconnected), _) => Some(Network::Down),
            (Trust::Auto, None, Some(Reach::Nowhere)) => Some(Network::Down),
            (_, None, _) => Some(Network::Up),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(reach: Reach, ways_out: &[&str]) -> Routes {
        Routes { reach, ways_out: ways_out.iter().map(ToString::to_string).collect() }
    }

    /// What is made of NetworkManager's states, one after the other, where the kernel has no way out.
    #[track_caller]
    fn check(states: &[u32], expected: &[Network]) {
        let mut sense = Sense::new(Trust::Auto);
        assert_eq!(sense.routes_are(routes(Reach::Nearby, &[])), None);
        let told = states.iter().filter_map(|state| sense.manager_is(Some(Manager::of(*state))));
        assert_eq!(told.collect::<Vec<_>>(), expected, "{states:?}");
    }

    #[test]
    fn each_state_of_networkmanager_has_a_meaning() {
        use Network::{Down, Up};
        for (states, expected) in [
            (&[70][..], &[][..]),
            (&[20], &[Down]),
            (&[10], &[Down]),
            (&[70, 30, 20], &[Down]),
            (&[20, 40, 50], &[Down, Up]),
            (&[20, 40, 60], &[Down, Up]),
            (&[20, 40, 70], &[Down, Up]),
            // Being connected more or less is no change.
            (&[70, 60, 50, 70], &[]),
            // Neither is not knowing; that it came back is one.
            (&[70, 40], &[]),
            (&[70, 0], &[]),
            (&[70, 40, 70], &[Up]),
            (&[20, 40, 20], &[Down]),
            (&[20, 0, 90], &[Down]),
            (&[10, 20, 10], &[Down]),
        ] {
            check(states, expected);
        }
    }

    #[test]
    fn another_primary_connection_is_another_network() {
        let mut sense = Sense::new(Trust::Auto);
        sense.manager_is(Some(Manager::Connected));
        let mut told = |path: &str| sense.primary_is(path.to_owned());
        assert_eq!(told("/a/1"), None, "the first is no change");
        assert_eq!(told("/a/1"), None);
        assert_eq!(told("/a/2"), Some(Network::Up));
        assert_eq!(told("/"), None, "the state tells what that means");
        assert_eq!(told("/a/2"), Some(Network::Up));
    }

    #[test]
    fn networkmanager_is_not_believed_where_the_kernel_has_a_way_out() {
        let mut sense = Sense::new(Trust::Auto);
        assert_eq!(sense.routes_are(routes(Reach::Anywhere, &["eth0"])), None);
        assert_eq!(sense.manager_is(Some(Manager::Disconnected)), None, "eth0 is not its own");
        assert_eq!(sense.routes_are(routes(Reach::Nearby, &[])), Some(Network::Down));
        assert_eq!(sense.routes_are(routes(Reach::Anywhere, &["eth0"])), Some(Network::Up));
        // It tries for ever to get into a wireless network.
        assert_eq!(sense.manager_is(Some(Manager::Undecided)), None);
        assert_eq!(sense.routes_are(routes(Reach::Nowhere, &[])), None);
        assert_eq!(sense.manager_is(Some(Manager::Disconnected)), Some(Network::Down));
        assert_eq!(sense.manager_is(Some(Manager::Undecided)), None);
        assert_eq!(sense.routes_are(routes(Reach::Anywhere, &["eth0"])), Some(Network::Up));
        // Unless somebody wants it.
        let mut sense = Sense::new(Trust::NetworkManager);
        sense.routes_are(routes(Reach::Anywhere, &["wg0"]));
        assert_eq!(sense.manager_is(Some(Manager::Disconnected)), Some(Network::Down));
        assert_eq!(sense.routes_are(routes(Reach::Anywhere, &["wg1"])), None);
        assert_eq!(sense.manager_is(None), Some(Network::Up), "it has gone, and nobody knows");
        assert_eq!(sense.routes_are(routes(Reach::Nowhere, &[])), None);
    }

    #[test]
    fn without_networkmanager_the_kernel_tells() {
        let mut sense = Sense::new(Trust::Auto);
        assert_eq!(sense.manager_is(None), None);
        assert_eq!(sense.routes_are(routes(Reach::Anywhere, &["eth0 a"])), None);
        assert_eq!(sense.routes_are(routes(Reach::Anywhere, &["eth0 a"])), None);
        assert_eq!(sense.routes_are(routes(Reach::Anywhere, &["eth0 b"])), Some(Network::Up));
        // A server in the same building.
        assert_eq!(sense.routes_are(routes(Reach::Nearby, &[])), None);
        assert_eq!(sense.routes_are(routes(Reach::Nowhere, &[])), Some(Network::Down));
        assert_eq!(sense.routes_are(routes(Reach::Nearby, &[])), Some(Network::Up));
        // It comes, and goes.
        assert_eq!(sense.manager_is(Some(Manager::Disconnected)), Some(Network::Down));
        assert_eq!(sense.manager_is(None), Some(Network::Up));
    }

    #[test]
    fn where_nobody_is_believed_nothing_is_told() {
        let mut sense = Sense::new(Trust::Nobody);
        assert_eq!(sense.manager_is(Some(Manager::Disconnected)), None);
        assert_eq!(sense.routes_are(routes(Reach::Nowhere, &[])), None);
    }
}
