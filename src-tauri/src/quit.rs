use tokio::sync::oneshot;

use crate::host::Host;
use crate::tray::Tray;
use crate::watch::Watches;

/// As a failure: what starts the application with the session is to start it again, should there be a session after all.
const SESSION_OVER: u8 = 1;

/// Waits until somebody wants the application to end, by the tray's menu, `--quit` or a signal, or the session is over,
/// and ends it.
pub(crate) async fn on_request(
    host: Host,
    (watches, tray): (Watches, Tray),
    asked: oneshot::Receiver<()>,
) {
    let code = tokio::select! {
        Ok(()) = asked => {
            tracing::info!("quitting, as asked");
            0
        }
        signal = signal() => {
            tracing::info!(signal, "quitting");
            0
        }
        () = host.session_over() => {
            tracing::warn!("the session's bus is gone: quitting with the session");
            SESSION_OVER
        }
    };
    host.leave();
    watches.end().await;
    tray.leave().await;
    host.exit(code);
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
