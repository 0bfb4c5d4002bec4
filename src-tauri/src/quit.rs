use tauri::AppHandle;
use tokio::sync::oneshot;

use crate::tray::Tray;
use crate::watch::Watches;

/// What is to be ended in order.
pub(crate) struct Running {
    pub(crate) watches: Watches,
    pub(crate) tray: Tray,
}

/// Waits until somebody wants the application to end, by the tray's menu, `--quit` or a signal, and ends it.
pub(crate) async fn on_request(app: AppHandle, running: Running, asked: oneshot::Receiver<()>) {
    tokio::select! {
        Ok(()) = asked => tracing::info!("quitting, as asked"),
        signal = signal() => tracing::info!(signal, "quitting"),
    }
    let Running { watches, tray } = running;
    watches.end().await;
    tray.leave().await;
    app.exit(0);
}

/// The name of the signal that wants us to end.
#[cfg(unix)]
async fn signal() -> &'static str {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind, name| async move {
        match signal(kind) {
            Ok(mut signals) => {
                signals.recv().await;
                name
            }
            Err(error) => {
                tracing::warn!(%error, name, "cannot listen for the signal");
                std::future::pending().await
            }
        }
    };
    tokio::select! {
        name = listen(SignalKind::terminate(), "SIGTERM") => name,
        name = listen(SignalKind::interrupt(), "SIGINT") => name,
        // The terminal it was started from was closed.
        name = listen(SignalKind::hangup(), "SIGHUP") => name,
    }
}

#[cfg(not(unix))]
async fn signal() -> &'static str {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "cannot listen for ctrl-c");
        std::future::pending::<()>().await;
    }
    "ctrl-c"
}
