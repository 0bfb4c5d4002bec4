//! What the machine and the session tell, passed on to whoever goes by it.

use monitor::MonitorHandle;
use realtime::Network;
use session::{Event, Options};

use crate::notify::Veil;

/// Passes it on until the program ends.
pub(crate) async fn follow(monitor: MonitorHandle, veil: Veil) {
    let mut events = session::watch(Options::from_env());
    while let Some(event) = events.next().await {
        match event {
            Event::Asleep => monitor.asleep(),
            Event::Awake => monitor.awake(),
            Event::Network(session::Network::Up) => monitor.network(Network::Up),
            Event::Network(session::Network::Down) => monitor.network(Network::Down),
            Event::Screen(screen) => veil.screen_is(screen.is_locked()),
        }
    }
}
