//! What the machine and the session tell, passed on to whoever goes by it.

use monitor::MonitorHandle;
use realtime::Network;
use session::{Event, Options};

use crate::notify::Veil;
use crate::watch::Watches;

/// Passes it on until the program ends.
pub(crate) async fn follow(watches: Watches, veil: Veil) {
    let mut events = session::watch(Options::from_env());
    while let Some(event) = events.next().await {
        match event {
            Event::Asleep => watches.each(MonitorHandle::asleep),
            Event::Awake => watches.each(MonitorHandle::awake),
            Event::Network(session::Network::Up) => watches.network(Network::Up),
            Event::Network(session::Network::Down) => watches.network(Network::Down),
            Event::Screen(screen) => veil.screen_is(screen.is_locked()),
        }
    }
}
