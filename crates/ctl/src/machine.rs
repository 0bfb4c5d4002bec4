//! What the machine and the session tell, passed on.

use session::{Event, Options};

/// Passes it on for as long as it is polled.
pub(crate) async fn follow(tell: impl Fn(Event)) {
    let mut events = session::watch(Options::from_env());
    while let Some(event) = events.next().await {
        tell(event);
    }
    std::future::pending::<()>().await;
}

/// What it means to a connection.
pub(crate) fn network(network: session::Network) -> realtime::Network {
    match network {
        session::Network::Up => realtime::Network::Up,
        session::Network::Down => realtime::Network::Down,
    }
}
