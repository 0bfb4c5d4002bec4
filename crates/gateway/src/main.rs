//! `vaultwatch-gateway`: the gateway as a program of its own.

mod cli;
mod log_arguments;

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use gateway::{DemoOptions, Gateway, LogOptions, Rate, Scenario, Source};
use tokio::time::timeout;
use tracing::info;
use tracing_subscriber::filter::{EnvFilter, LevelFilter};

use self::cli::{AccessArguments, Command, LimitArguments, Stop};
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
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:3001")]
    listen: SocketAddr,

    /// Play a simulated market: vaults on three chains, prices, owners, alerts.
    ///
    /// calm: a first critical vault within a minute. stormy: stress and jumps, within 20 seconds. crash: the market
    /// falls by a fifth right away, vaults are liquidated.
    #[arg(
        long,
        value_name = "SCENARIO",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "calm",
        value_parser = PossibleValuesParser::new(Scenario::ALL.map(Scenario::name))
            .try_map(|name| name.parse::<Scenario>()),
    )]
    demo: Option<Scenario>,

    /// Vault updates per second of the demo, 1 to 50000 [default: 20 calm, 40 stormy, 60 crash].
    #[arg(long, value_name = "N", requires = "demo")]
    rate: Option<Rate>,

    /// Vaults of the demo, 1 to 65535.
    #[arg(long, value_name = "N", requires = "demo", default_value_t = DemoOptions::DEFAULT_VAULTS)]
    vaults: NonZeroU16,

    /// The demo's seed: the same one plays the same market.
    #[arg(long, value_name = "N", requires = "demo", default_value_t = 1)]
    seed: u64,

    #[command(flatten)]
    access: AccessArguments,

    #[command(flatten)]
    limits: LimitArguments,

    #[command(flatten)]
    log: LogArguments,

    /// How much to say on standard error: off, error, warn, info, debug or trace.
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log_level: LevelFilter,
}

impl Arguments {
    fn source(&self) -> Source {
        let Some(scenario) = self.demo else { return Source::Relay };
        let (seed, vaults, rate) = (self.seed, self.vaults, self.rate);
        Source::Demo(DemoOptions { scenario, seed, vaults, rate })
    }
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
        .init();
    let done = match arguments.command.take() {
        Some(Command::Token(command)) => command.run(),
        None => run(&arguments),
    };
    match done {
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
    let access = arguments.access.access()?;
    let source = arguments.source();
    match &source {
        Source::Demo(demo) => info!(
            scenario = %demo.scenario,
            vaults = demo.vaults,
            updates_per_second = demo.effective_rate().per_second(),
            seed = demo.seed,
            "playing the demo market"
        ),
        Source::Relay => info!("handing on what clients publish"),
    }
    let log = LogOptions::from(&arguments.log);
    info!("the log is {}", log.broker);
    let limits = arguments.limits.limits();
    let gateway = Gateway::bind_on(arguments.listen, access, source, limits, log).await?;
    info!("listening on {}", gateway.url());
    let signal = stop.wait().await;
    info!("{signal}: closing {} clients", gateway.stats().clients);
    if timeout(SHUTDOWN, gateway.shutdown()).await.is_err() {
        tracing::warn!("some clients did not let go in time");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::error::ErrorKind;

    use super::*;

    fn check(arguments: &[&str], expected: Source) {
        let arguments = std::iter::once("vaultwatch-gateway").chain(arguments.iter().copied());
        assert_eq!(Arguments::try_parse_from(arguments).unwrap().source(), expected);
    }

    #[test]
    fn the_demo_is_chosen_with_and_without_a_scenario() {
        check(&[], Source::Relay);
        check(&["--demo"], Source::Demo(DemoOptions::default()));
        let scenario = Scenario::Crash;
        check(&["--demo=crash"], Source::Demo(DemoOptions { scenario, ..DemoOptions::default() }));
        let (seed, vaults) = (9, NonZeroU16::new(7).unwrap());
        let rate = Some(Rate::new(50_000).unwrap());
        let options = DemoOptions { scenario: Scenario::Calm, seed, vaults, rate };
        check(
            &["--demo", "--seed", "9", "--vaults", "7", "--rate", "50000"],
            Source::Demo(options),
        );
    }

    #[test]
    fn options_are_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn nonsense_is_refused() {
        for (arguments, kind) in [
            (["--demo=sunny", "--seed=1"], ErrorKind::InvalidValue),
            (["--demo", "--rate=50001"], ErrorKind::ValueValidation),
            (["--rate=5", "--seed=1"], ErrorKind::MissingRequiredArgument),
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
