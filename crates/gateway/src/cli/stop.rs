/// The signals that ask a program to end.
#[cfg(unix)]
pub(crate) struct Stop {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
    on_terminal: bool,
}

#[cfg(unix)]
impl Stop {
    pub(crate) fn new() -> std::io::Result<Self> {
        use std::io::IsTerminal;
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            on_terminal: std::io::stderr().is_terminal(),
        })
    }

    pub(crate) async fn wait(mut self) -> &'static str {
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => return "interrupted",
                _ = self.terminate.recv() => return "terminated",
                _ = self.hangup.recv() => {
                    if self.on_terminal {
                        return "the terminal is gone";
                    }
                    // To a service it means "read your files again", and nobody expects to end it that way.
                    tracing::info!(
                        "there is nothing to reload: tokens, keys, certificates and --alerts are read again \
                         within two seconds after they have changed; other options take a restart"
                    );
                }
            }
        }
    }
}

#[cfg(not(unix))]
pub(crate) struct Stop;

#[cfg(not(unix))]
impl Stop {
    pub(crate) fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    pub(crate) async fn wait(self) -> &'static str {
        // Without a handler the interrupt ends the process by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        "interrupted"
    }
}
