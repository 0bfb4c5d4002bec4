//! `vaultwatch-gateway`: the gateway as a program of its own.

mod cli {
    pub(crate) mod demo;
}

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use gateway::{Access, Alerts, Gateway, Origin};
use tracing::info;
use tracing_subscriber::filter::LevelFilter;

use crate::cli::demo::DemoArguments;

/// Hands VaultWatch messages from publishers to watchers, over WebSocket.
///
/// Every message a client sends goes to all the others; a client that joins late first gets the last state of every
/// vault, market and system status. With --demo a simulated market publishes, too.
#[derive(Debug, Parser)]
#[command(name = "vaultwatch-gateway", version)]
struct Arguments {
    /// Address and port to listen on; port 0 takes a free one.
    ///
    /// Loopback only: the gateway speaks plain text and asks nobody for a token. For other machines put a reverse
    /// proxy with TLS and access control in front of it. Clients connect to ws://ADDRESS/ws.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:3001")]
    listen: SocketAddr,

    #[command(flatten)]
    demo: DemoArguments,

    /// Let web pages of this origin connect, such as https://desk.example; may be given several times.
    ///
    /// All others are refused: a browser lets any page open a WebSocket to this machine.
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<Origin>,

    /// Call somebody when no client acknowledges a critical alert in time, as this TOML file says.
    #[arg(long, value_name = "FILE")]
    alerts: Option<PathBuf>,

    /// How much to say on standard error: off, error, warn, info, debug or trace.
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log_level: LevelFilter,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_max_level(arguments.log_level)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    // Before anything listens: a signal that comes at once must not be missed.
    let stop = Stop::new().context("cannot listen for signals")?;
    let access = Access::Open { allow_origins: arguments.allow_origin.clone() };
    let source = arguments.demo.source()?;
    cli::demo::announce(&source);
    // A mistake in it is told before anybody is served.
    let alerts = arguments.alerts.as_deref().map(Alerts::open).transpose()?;
    let gateway = Gateway::bind(arguments.listen, access, source).await?;
    if let Some(alerts) = &alerts {
        gateway.escalate(alerts)?;
        let tenants = alerts.tenants().collect::<Vec<_>>().join(", ");
        info!(tenants, "critical alerts that nobody acknowledges are escalated");
    }
    info!("listening on {}", gateway.url());
    let signal = stop.wait().await;
    info!("{signal}: closing {} clients", gateway.stats().clients);
    gateway.shutdown().await;
    Ok(())
}

/// The signals that ask a program to end.
#[cfg(unix)]
struct Stop {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Stop {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn wait(mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "interrupted",
            _ = self.terminate.recv() => "terminated",
        }
    }
}

#[cfg(not(unix))]
struct Stop;

#[cfg(not(unix))]
impl Stop {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn wait(self) -> &'static str {
        // Without a handler the interrupt ends the process by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        "interrupted"
    }
}
