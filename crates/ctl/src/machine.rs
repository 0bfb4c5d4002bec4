//! What the machine and the session tell, passed on.

use realtime::Handle;
use session::{Event, Options};

/// Passes it on for as long as it is polled.
pub(crate) async fn follow(tell: impl Fn(Event)) {
    let mut events = session::watch(Options::from_env());
    while let Some(event) = events.next().await {
        tell(event);
    }
    std::future::pending::<()>().await;
}

/// Passes on to a connection what concerns one, for as long as it is polled.
pub(crate) async fn guide(connection: &Handle) {
    // One that cannot be told has ended, or is busy with a flood of orders.
    let tell = |event| match event {
        Event::Awake => drop(connection.wake()),
        Event::Network(news) => drop(connection.network(network(news))),
        Event::Asleep | Event::Screen(_) => {}
    };
    follow(tell).await;
}

/// What it means to a connection.
pub(crate) fn network(network: session::Network) -> realtime::Network {
    match network {
        session::Network::Up => realtime::Network::Up,
        session::Network::Down => realtime::Network::Down,
    }
}
