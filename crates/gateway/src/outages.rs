use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tracing::warn;

use crate::script::Outage;
use crate::server::{Front, listen};

/// Between two attempts to have the port again.
const PAUSE: Duration = Duration::from_millis(200);

/// Listens until shutdown, and goes away in between when a scenario says so. The log stays: whoever comes back resumes.
pub(crate) async fn listen_through(
    listener: TcpListener,
    address: SocketAddr,
    front: Front,
    mut ordered: mpsc::Receiver<Outage>,
) {
    let shutdown = front.shutdown.clone();
    let mut listener = Some(listener);
    loop {
        let Some(bound) = listener.take() else {
            listener = bind(address).await;
            if shutdown.is_cancelled() {
                return;
            }
            continue;
        };
        // One stretch between two restarts.
        let going = shutdown.child_token();
        let stretch = front.stretch(going.clone());
        let listening = front.tasks.spawn(listen(bound, Arc::new(stretch)));
        let down = loop {
            let outage = tokio::select! {
                () = shutdown.cancelled() => return,
                outage = ordered.recv() => outage,
            };
            match outage {
                Some(Outage::Disconnect) => front.cut.notify_waiters(),
                Some(Outage::Restart { down }) => break down,
                // No scenario is played, or it is over: it stays as it is.
                None => return,
            }
        };
        going.cancel();
        // It holds the port until then; that it was cancelled is no failure.
        let _ = listening.await;
        let _ = shutdown.run_until_cancelled(tokio::time::sleep(down)).await;
    }
}

async fn bind(address: SocketAddr) -> Option<TcpListener> {
    match TcpListener::bind(address).await {
        Ok(listener) => Some(listener),
        Err(error) => {
            warn!(%error, %address, "cannot listen again yet");
            tokio::time::sleep(PAUSE).await;
            None
        }
    }
}
