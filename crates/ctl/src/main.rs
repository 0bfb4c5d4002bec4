//! `vaultwatchctl`: VaultWatch without a window. Links no GUI library, so it runs over ssh.

mod autostart;
mod channels;
mod check;
mod config;
mod duration;
mod export;
mod follow;
mod kept;
mod keys;
mod machine;
mod notify;
mod outbox;
mod plugins;
mod printer;
mod record;
mod rules;
mod send;
mod source;
mod watch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Watch credit vaults, and check the connection to their feed, from the command line.
#[derive(Parser)]
#[command(name = "vaultwatchctl", version)]
struct Cli {
    /// What is logged to standard error, as a tracing filter
    #[arg(
        long,
        global = true,
        env = "VAULTWATCH_LOG",
        default_value = "warn",
        value_name = "FILTER"
    )]
    log: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print what happens: connection, vaults, markets, alerts
    Watch(watch::WatchArgs),
    /// Follow one stream alone: a vault, the alerts, a chain's market, the platform's status
    Follow(follow::FollowArgs),
    /// Write down what comes in, to be played again by `vaultwatch-gateway --demo=FILE`
    Record(record::RecordArgs),
    /// Publish a message, or many from a file, and wait for the server's acknowledgement
    Send(send::SendArgs),
    /// Test configuration and connection, and say what is wrong
    Check(check::CheckArgs),
    /// Say which settings count, where they come from, and what is wrong with their file
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Write what became of alerts, or figures over time, as CSV or JSON
    #[command(subcommand)]
    Export(export::ExportCommand),
    /// See to messages that wait to be sent, or that a server refused
    #[command(subcommand)]
    Outbox(outbox::OutboxCommand),
    /// List plugins, try one on recorded messages, install the examples
    Plugins(plugins::PluginsArgs),
    /// Who is called when nobody looks: list, try, keep their secrets
    Channels(channels::ChannelsArgs),
    /// Check, list and explain the rules of the configuration, and play them over the past
    Rules(rules::RulesArgs),
    /// Keys of end-to-end encryption, in the operating system's keychain
    Keys(keys::KeysArgs),
    /// Start the app with the session, in the tray
    Autostart(autostart::AutostartArgs),
}

/// How a command ended, as the exit code tells it.
pub(crate) enum End {
    /// 0: ended as asked.
    AsAsked,
    /// 1: a check found something wrong.
    Wrong,
    /// 3: the connection failed for good.
    ConnectionFailed,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_new(&cli.log);
    let filter = filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    // One thread: the feed's decoding is the work, and handing it between threads would cost more than it wins.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let end = runtime.map_err(anyhow::Error::from).and_then(|runtime| {
        runtime.block_on(async {
            match cli.command {
                Command::Watch(args) => watch::run(args).await,
                Command::Follow(args) => follow::run(args).await,
                Command::Record(args) => record::run(args).await,
                Command::Send(args) => send::run(args).await,
                Command::Check(args) => check::run(args).await,
                Command::Config(command) => config::run(&command),
                Command::Export(command) => export::run(command),
                Command::Outbox(command) => outbox::run(command).await,
                Command::Plugins(args) => plugins::run(&args),
                Command::Channels(args) => channels::run(args).await,
                Command::Rules(args) => rules::run(args).await,
                Command::Keys(args) => keys::run(args).await,
                Command::Autostart(args) => autostart::run(args),
            }
        })
    });
    match end {
        Ok(End::AsAsked) => ExitCode::SUCCESS,
        Ok(End::Wrong) => ExitCode::from(1),
        Ok(End::ConnectionFailed) => ExitCode::from(3),
        // Bad usage or configuration.
        Err(error) => {
            complain(&error);
            ExitCode::from(2)
        }
    }
}

/// An error with its causes, on standard error.
#[expect(clippy::print_stderr, reason = "a command-line program speaks to its terminal")]
pub(crate) fn complain(error: &anyhow::Error) {
    eprintln!("vaultwatchctl: {error:#}");
}

/// A remark for the person, on standard error, so that standard output stays machine-readable.
#[expect(clippy::print_stderr, reason = "a command-line program speaks to its terminal")]
pub(crate) fn remark(text: &str) {
    eprintln!("{text}");
}
