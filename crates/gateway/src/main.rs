//! `vaultwatch-gateway`: the gateway as a program of its own.

mod cli;
mod log_arguments;

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use gateway::{Alerts, Gateway, LogOptions};
use tokio::time::timeout;
use tracing::info;
use tracing_subscriber::filter::{EnvFilter, LevelFilter};

use self::cli::{
    AccessArguments, Command, DemoArguments, LimitArguments, Stop, allow_open_files, announce,
    supervisor, warn_of_open_secrets,
};
use self::log_arguments::LogArguments;

/// Hands VaultWatch messages from publishers to watchers, over WebSocket.
///
/// Every message a client sends goes to all the others; a client that joins late first gets the last state of every
/// vault, market and system status. With --demo a simulated market publishes, too.
#[derive(Debug, Parser)]
#[command(name = "vaultwatch-gateway", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,

    /// Address and port to listen on; port 0 takes a free one.
    ///
    /// Other addresses than those of loopback take --tokens and TLS, or --insecure-listen behind a proxy that does TLS.
    /// Clients connect to ws://ADDRESS/ws, with TLS to wss://ADDRESS/ws.
    #[arg(
        long,
        value_name = "ADDRESS:PORT",
        default_value = "127.0.0.1:3001",
        value_parser = address
    )]
    listen: SocketAddr,

    #[command(flatten)]
    demo: DemoArguments,

    #[command(flatten)]
    access: AccessArguments,

    #[command(flatten)]
    limits: LimitArguments,

    #[command(flatten)]
    log: LogArguments,

    /// Call somebody when no client acknowledges a critical alert in time, as this TOML file says.
    ///
    /// Changes of the file are taken over within two seconds; a broken one leaves in force what was.
    #[arg(long, value_name = "FILE")]
    alerts: Option<PathBuf>,

    /// How much to say on standard error: off, error, warn, info, debug or trace.
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log_level: LevelFilter,
}

/// Supervisors kill after ten seconds. The gateway itself takes about four with clients that do not read.
const SHUTDOWN: Duration = Duration::from_secs(9);

fn main() -> ExitCode {
    let mut arguments = Arguments::parse();
    let level = arguments.log_level;
    // Whatever is asked for: below that it tells of logins and of every message.
    let nats = level.min(LevelFilter::WARN);
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(format!("{level},async_nats={nats}")))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        // It would say so on standard error, which panics when nobody reads that any more.
        .log_internal_errors(false)
        .init();
    let done = match arguments.command.take() {
        Some(Command::Token(command)) => command.run(),
        None => run(&arguments),
    };
    match done.map_err(anyhow::Error::downcast::<clap::Error>) {
        Ok(()) => ExitCode::SUCCESS,
        // Options that make no sense together, which only looking at what they name can tell.
        Err(Ok(usage)) => {
            let _ = usage.print();
            ExitCode::from(2)
        }
        Err(Err(error)) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| {
        "write it like 127.0.0.1:3001, or [::1]:3001: an address and a port; a name is not looked up"
    })
}

#[tokio::main]
async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    // Before anything listens: a signal that comes at once must not be missed.
    let stop = Stop::new().context("cannot listen for signals")?;
    let access = arguments.access.access()?;
    let source = arguments.demo.source()?;
    announce(&source);
    // A mistake in it is told before anybody is served.
    let alerts = arguments.alerts.as_deref().map(Alerts::open).transpose()?;
    let log = LogOptions::from(&arguments.log);
    warn_of_open_secrets(arguments.access.secrets().chain(arguments.log.secrets()));
    info!("the log is {}", log.broker);
    let limits = arguments.limits.limits();
    allow_open_files(limits.connections);
    let gateway = Gateway::bind_on(arguments.listen, access, source, limits, log).await?;
    if let Some(alerts) = &alerts {
        gateway.escalate(alerts)?;
        let tenants = alerts.tenants().collect::<Vec<_>>().join(", ");
        info!(tenants, "critical alerts that nobody acknowledges are escalated");
    }
    info!("listening on {}", gateway.url());
    supervisor::ready(&gateway.url());
    let signal = stop.wait().await;
    let clients = gateway.stats().clients;
    info!("{signal}: closing {clients} clients");
    supervisor::stopping(clients);
    if timeout(SHUTDOWN, gateway.shutdown()).await.is_err() {
        tracing::warn!("some clients did not let go in time");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::error::ErrorKind;

    use super::*;

    #[test]
    fn options_are_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn nonsense_is_refused() {
        for (arguments, kind) in [
            (["--demo", "--allow-origin=*"], ErrorKind::ValueValidation),
            (["--demo", "--listen=here"], ErrorKind::ValueValidation),
            (["--demo", "--insecure-listen"], ErrorKind::MissingRequiredArgument),
            (["--tokens=t", "--tls-cert=c"], ErrorKind::MissingRequiredArgument),
            (["--tls-key=k", "--tls-cert=c"], ErrorKind::MissingRequiredArgument),
            (["--tokens=t", "--jwt-issuer=i"], ErrorKind::MissingRequiredArgument),
            (["--demo", "--silence=0"], ErrorKind::ValueValidation),
            (["--demo", "--max-body=1KB"], ErrorKind::ValueValidation),
            (["--demo", "--broker=redis://x"], ErrorKind::ValueValidation),
            (["--demo", "--broker=sqlite:"], ErrorKind::ValueValidation),
            (["--demo", "--broker=nats://"], ErrorKind::ValueValidation),
            (["--demo", "--retain-state=9m"], ErrorKind::ValueValidation),
            (["--demo", "--replicas=0"], ErrorKind::ValueValidation),
        ] {
            let arguments = std::iter::once("vaultwatch-gateway").chain(arguments);
            assert_eq!(Arguments::try_parse_from(arguments).unwrap_err().kind(), kind);
        }
    }
}
