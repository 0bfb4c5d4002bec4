//! The task that asks, and what comes out of it.

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::telling::Telling;
use crate::{Event, Options};

/// Events that wait for their reader. It is told of a few in an hour.
const WAITING: usize = 64;

/// What happens to the machine and the session from now on. The task behind it ends when this is dropped.
#[derive(Debug)]
pub struct Events {
    receiver: mpsc::Receiver<Event>,
}

impl Events {
    /// The next one. Without anybody to ask there never is one. `None` when the runtime ends. Cancel safe.
    pub async fn next(&mut self) -> Option<Event> {
        self.receiver.recv().await
    }
}

/// Begins to listen, on the current Tokio runtime.
///
/// # Panics
/// Outside of a Tokio runtime with time and I/O enabled.
#[must_use]
pub fn watch(options: Options) -> Events {
    let (events, receiver) = mpsc::channel(WAITING);
    tokio::spawn(run(options, events));
    Events { receiver }
}

async fn run(options: Options, events: mpsc::Sender<Event>) {
    let (reports, mut inbox) = mpsc::channel(WAITING);
    #[cfg(target_os = "linux")]
    let sources = crate::linux::ask(options, reports);
    #[cfg(not(target_os = "linux"))]
    let sources = crate::portable::ask(options, reports);
    tokio::pin!(sources);
    let mut asking = true;
    let mut telling = Telling::default();
    loop {
        let event = tokio::select! {
            () = events.closed() => return,
            () = &mut sources, if asking => {
                asking = false;
                None
            }
            Some(report) = inbox.recv() => {
                tracing::debug!(?report, "found");
                telling.hear(report, Instant::now())
            }
            () = at(telling.due()) => telling.settled(Instant::now()),
        };
        if let Some(event) = event {
            tracing::info!(?event, "the machine tells");
            if events.send(event).await.is_err() {
                return;
            }
        }
    }
}

async fn at(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}
