//! `channels`: who is called when nobody looks, and whether that works.

use std::io::{BufRead, IsTerminal, Read, Write, stdin, stdout};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, ensure};
use channels::{Clock, Kind, Page, Secret, SecretStore, Settings};
use monitor::ChannelSecrets;
use monitor::config::{self, FeedArgs};

use crate::End;

const AGENT: &str = concat!("vaultwatchctl/", env!("CARGO_PKG_VERSION"));
/// More than any secret is long; a file that is larger was named by mistake.
const LONGEST: u64 = 4_096;
/// As in the configuration.
const DEAD_MAN: &str = "dead_man";

#[derive(clap::Args)]
pub(crate) struct ChannelsArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Show the channels of `config.toml`, and whether their secrets are there
    List {
        #[command(flatten)]
        feed: Box<FeedArgs>,
    },
    /// Send a test by one channel: webhook, ntfy or dead_man
    Test {
        /// The channel's name
        name: String,
        #[command(flatten)]
        feed: Box<FeedArgs>,
    },
    /// Keep a channel's secret in the operating system's keychain: from standard input or a file
    Secret {
        /// The channel's name: webhook or ntfy
        name: Kind,
        /// Make one, and print it for the receiver to check signatures by
        #[arg(long, conflicts_with = "file")]
        generate: bool,
        /// Read it from this file instead of from standard input
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

pub(crate) async fn run(args: ChannelsArgs) -> anyhow::Result<End> {
    match args.command {
        Command::List { feed } => list(&config::channels::of(&feed)?).await,
        Command::Test { name, feed } => {
            let profile = feed.profile.as_deref().unwrap_or("default");
            test(&config::channels::of(&feed)?, &name, profile).await
        }
        Command::Secret { name, generate, file } => keep(name, generate, file).await,
    }
}

async fn list(settings: &Settings) -> anyhow::Result<End> {
    let secrets = ChannelSecrets::default();
    for kind in settings.kinds() {
        let target = settings.target(kind).unwrap_or_default();
        let given = match kind {
            Kind::Webhook => settings.webhook.as_ref().is_some_and(|hook| hook.secret.is_some()),
            Kind::Ntfy => settings.ntfy.as_ref().is_some_and(|ntfy| ntfy.ntfy.token.is_some()),
        };
        let secret = match given {
            true => "secret by environment or file".to_owned(),
            false => match secrets.read(kind).await {
                Ok(Some(_)) => "secret in the keychain".to_owned(),
                Ok(None) if kind == Kind::Ntfy => "no token".to_owned(),
                Ok(None) => format!("no secret: `vaultwatchctl channels secret {kind} --generate`"),
                Err(error) => error.to_string(),
            },
        };
        print(&format!("{kind:9} {target}  {secret}"))?;
    }
    if let Some(target) = settings.dead_man_target() {
        print(&format!("{DEAD_MAN:9} {target}"))?;
    }
    if settings.is_empty() {
        crate::remark("no channels are configured: see [channels] in docs/notifications.md");
    }
    Ok(End::AsAsked)
}

async fn test(settings: &Settings, name: &str, profile: &str) -> anyhow::Result<End> {
    let caller = settings.caller(AGENT)?;
    if name == DEAD_MAN {
        let dead_man = settings.dead_man.as_ref().context("no dead_man is configured")?;
        return Ok(ended(name, caller.call(dead_man.request()).await.map_err(|e| e.to_string())));
    }
    let kind: Kind = name.parse().context("there is dead_man, too")?;
    ensure!(settings.kinds().contains(&kind), "no {kind} is configured");
    let (page, now) = (Page::test(profile, Clock::wall()), Clock::wall());
    let sent = settings.send(kind, &page, &caller, &ChannelSecrets::default(), now).await;
    Ok(ended(name, sent.map_err(|error| error.to_string())))
}

/// Whether the test was taken, told to the person and by the exit code.
fn ended(name: &str, sent: Result<(), String>) -> End {
    match sent {
        Ok(()) => {
            crate::remark(&format!("{name}: the test was taken"));
            End::AsAsked
        }
        Err(error) => {
            crate::remark(&format!("{name}: nobody was reached: {error}"));
            End::Wrong
        }
    }
}

async fn keep(kind: Kind, generate: bool, file: Option<PathBuf>) -> anyhow::Result<End> {
    let secret = match (generate, file) {
        (true, _) => Secret::new(&made()?)?,
        (false, Some(path)) => {
            let at = || path.display().to_string();
            let mut text = String::new();
            let file = std::fs::File::open(&path).with_context(at)?;
            file.take(LONGEST).read_to_string(&mut text).with_context(at)?;
            Secret::new(&text)?
        }
        (false, None) => {
            if stdin().is_terminal() {
                crate::remark("the secret, then Enter (it is shown as you type):");
            }
            let mut text = String::new();
            stdin().lock().take(LONGEST).read_line(&mut text).context("standard input")?;
            Secret::new(&text)?
        }
    };
    let least = Secret::LEAST_BYTES;
    ensure!(
        kind != Kind::Webhook || secret.expose().len() >= least,
        "a webhook's secret has {least} bytes at least; --generate makes one"
    );
    let secrets = ChannelSecrets::in_keychain(Arc::new(keychain::SystemKeychain));
    secrets.keep(kind, &secret).await?;
    if generate {
        print(secret.expose())?;
    }
    crate::remark(&format!("the secret of {kind} is in the keychain"));
    Ok(End::AsAsked)
}

/// 32 random bytes as base64.
fn made() -> anyhow::Result<String> {
    let key = realtime::encryption::Key::generate(&keychain::OsEntropy)?;
    Ok(key.expose_base64().to_string())
}

fn print(line: &str) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).context("standard output")
}
