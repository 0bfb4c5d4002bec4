use std::time::Duration;

use gateway::EmbeddedGateway;
use monitor::MonitorHandle;
use tauri::AppHandle;
use tokio::sync::oneshot;

use crate::call_out::CallOuts;
use crate::tray::Tray;

/// The watch has this long to close its connection and to write what is unwritten.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is to be ended in order.
pub(crate) struct Running {
    pub(crate) monitor: MonitorHandle,
    pub(crate) call_outs: CallOuts,
    pub(crate) tray: Tray,
    pub(crate) demo: Option<EmbeddedGateway>,
}

/// Waits until somebody wants the application to end, by the tray's menu, `--quit` or a signal, and ends it.
pub(crate) async fn on_request(app: AppHandle, running: Running, asked: oneshot::Receiver<()>) {
    tokio::select! {
        Ok(()) = asked => tracing::info!("quitting, as asked"),
        signal = signal() => tracing::info!(signal, "quitting"),
    }
    let Running { monitor, call_outs, tray, demo } = running;
    if tokio::time::timeout(PATIENCE, monitor.shutdown()).await.is_err() {
        tracing::error!("the watch did not end within {PATIENCE:?}; quitting all the same");
    }
    if tokio::time::timeout(PATIENCE, call_outs.kept()).await.is_err() {
        tracing::error!("whom to call was not written within {PATIENCE:?}; quitting all the same");
    }
    tray.leave().await;
    // Its only client is gone.
    drop(demo);
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
