//! The past as the app stored it.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use alerts::rule::DryRun;
use anyhow::Context;
use domain::{UnixMillis, Vault, VaultId};
use monitor::config::FeedArgs;
use monitor::past;
use store::{History, HistoryReader, SeriesKey};

use super::explain::{ask, suppose};

/// Which part of the stored history is played.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct PastArgs {
    /// Begin so long ago: 36h, 7d
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = days)]
    pub(super) since: Duration,
    /// Only this vault; repeatable
    #[arg(long = "vault", value_name = "VAULT")]
    pub(super) vaults: Vec<String>,
    /// Do not ask the feed on which chain the vaults are and what their collateral is
    #[arg(long)]
    pub(super) offline: bool,
    /// Suppose that the vaults are on this chain
    #[arg(long, value_name = "CHAIN")]
    pub(super) chain: Option<u64>,
    /// Suppose that this is the vaults' collateral; repeatable
    #[arg(long = "token", value_name = "TOKEN")]
    pub(super) tokens: Vec<String>,
    /// Take the token of the connection from this environment variable
    #[arg(long, value_name = "VAR")]
    pub(super) token_env: Option<String>,
}

fn days(text: &str) -> Result<Duration, String> {
    match text.strip_suffix('d').map(str::parse::<u64>) {
        Some(Ok(days)) if days <= 10_000 => Ok(Duration::from_secs(days * 86_400)),
        Some(_) => Err("give a number of days, as in 7d".to_owned()),
        None => crate::duration::parse(text),
    }
}

/// Plays the stored figures of all vaults and markets in the order of their times; returns the present.
pub(super) async fn play(
    args: &PastArgs,
    feed: &FeedArgs,
    store_path: &Path,
    run: &mut DryRun,
) -> anyhow::Result<UnixMillis> {
    let path = History::path_beside(store_path);
    let reader = HistoryReader::open(&path).with_context(|| path.display().to_string())?;
    let now = UnixMillis(jiff::Timestamp::now().as_millisecond());
    let chosen: Vec<VaultId> = args
        .vaults
        .iter()
        .map(|id| VaultId::new(id).context("the vault's id"))
        .collect::<Result<_, _>>()?;
    let facts = facts(args, feed).await?;
    let wanted = |key: &SeriesKey| match key {
        SeriesKey::Vault(id) => chosen.is_empty() || chosen.contains(id),
        SeriesKey::Price { .. } => true,
    };
    let know = |vault: &mut Vault| {
        if let Some(known) = facts.get(&vault.id) {
            past::recall(vault, known);
        }
        suppose(vault, args.chain, &args.tokens);
    };
    let unreadable = past::play(&reader, now.minus(args.since)..now, wanted, know, || false, run)?;
    if unreadable > 0 {
        crate::remark(&format!("{unreadable} parts of the history could not be read."));
    }
    Ok(now)
}

/// What the feed tells of the vaults' chains and collateral, which the history does not have.
async fn facts(args: &PastArgs, feed: &FeedArgs) -> anyhow::Result<HashMap<VaultId, Vault>> {
    if args.offline || args.chain.is_some() || !args.tokens.is_empty() {
        return Ok(HashMap::new());
    }
    let topics = vec!["vault_update_*".parse().context("a topic")?];
    match ask(feed, args.token_env.as_deref(), topics, None).await {
        Ok(facts) => Ok(facts),
        Err(error) => {
            crate::remark(&format!(
                "The feed cannot be asked for the vaults' chains and collateral ({error:#}): rules that are for some of them are not played."
            ));
            Ok(HashMap::new())
        }
    }
}
