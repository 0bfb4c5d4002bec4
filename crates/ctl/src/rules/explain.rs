use std::collections::HashMap;
use std::time::Duration;

use anyhow::Context;
use domain::payload::Payload;
use domain::vault::Holding;
use domain::{ChainId, Vault, VaultId};
use monitor::config::FeedArgs;
use realtime::{Inbound, Topic};
use serde_json::json;

use super::line;
use crate::End;
use crate::source::Source;

/// How long the feed is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(clap::Args)]
pub(super) struct ExplainArgs {
    /// The vault's id
    vault: String,
    #[command(flatten)]
    feed: FeedArgs,
    /// Suppose that the vault is on this chain, instead of asking the feed
    #[arg(long, value_name = "CHAIN")]
    chain: Option<u64>,
    /// Suppose that this is its collateral, instead of asking the feed; repeatable
    #[arg(long = "token", value_name = "TOKEN")]
    tokens: Vec<String>,
    /// Do not ask the feed what the vault is
    #[arg(long)]
    offline: bool,
    /// As one JSON object
    #[arg(long)]
    json: bool,
    /// Take the token from this environment variable
    #[arg(long, value_name = "VAR")]
    token_env: Option<String>,
}

pub(super) async fn run(args: ExplainArgs) -> anyhow::Result<End> {
    let id = VaultId::new(&args.vault).context("the vault's id")?;
    let rules = args.feed.resolve()?.rules;
    let supposed = args.chain.is_some() || !args.tokens.is_empty();
    let mut vault = if args.offline || supposed {
        Vault::unknown(id.clone())
    } else {
        let topics = vec![format!("vault_update_{id}").parse::<Topic>().context("the vault's id")?];
        let mut known = ask(&args.feed, args.token_env.as_deref(), topics, Some(&id)).await?;
        known.remove(&id).unwrap_or_else(|| {
            crate::remark(&format!(
                "The feed does not tell of {id}. Of its chain and collateral nothing is known; --chain and --token suppose some."
            ));
            Vault::unknown(id.clone())
        })
    };
    suppose(&mut vault, args.chain, &args.tokens);
    let explained = rules.explain(&vault);
    if args.json {
        let settings = explained.settings.iter();
        let settings =
            settings.map(|s| json!({"name": s.name, "value": s.value, "ms": s.time.map(|t| t.as_millis() as u64), "from": s.from}));
        let rules = explained.rules.iter().map(|(name, verdict)| {
            json!({"rule": name, "applies": verdict.applies(), "why": verdict.to_string()})
        });
        line(
            &json!({
                "vault": explained.vault,
                "policy": settings.collect::<Vec<_>>(),
                "rules": rules.collect::<Vec<_>>(),
            })
            .to_string(),
        )?;
        return Ok(End::AsAsked);
    }
    line(&format!("{} {}", explained.vault, known_of(&vault)))?;
    line("policy")?;
    for setting in &explained.settings {
        line(&format!("  {setting}"))?;
    }
    line("rules")?;
    if explained.rules.is_empty() {
        line("  none are configured")?;
    }
    for (name, verdict) in &explained.rules {
        line(&format!("  {name:<24} {verdict}"))?;
    }
    Ok(End::AsAsked)
}

fn known_of(vault: &Vault) -> String {
    let chain =
        vault.chain_id.map_or("chain unknown".to_owned(), |chain| format!("chain {}", chain.0));
    let tokens: Vec<_> = vault.collateral.iter().flatten().map(|h| h.token.as_str()).collect();
    let tokens = if tokens.is_empty() { "unknown".to_owned() } else { tokens.join(", ") };
    format!("({chain}, collateral {tokens})")
}

/// Puts in what was named on the command line.
pub(super) fn suppose(vault: &mut Vault, chain: Option<u64>, tokens: &[String]) {
    if let Some(chain) = chain {
        vault.chain_id = Some(ChainId(chain));
    }
    if !tokens.is_empty() {
        let holding =
            |token: &String| Holding { token: token.as_str().into(), ..Holding::default() };
        vault.collateral = Some(tokens.iter().map(holding).collect());
    }
}

/// What the feed tells of vaults at the start: until its snapshot ends, the one that is asked for came, or nothing came for
/// ten seconds.
pub(super) async fn ask(
    feed: &FeedArgs,
    token_env: Option<&str>,
    topics: Vec<Topic>,
    only: Option<&VaultId>,
) -> anyhow::Result<HashMap<VaultId, Vault>> {
    let source = Source::open(feed, token_env).await?;
    source.keys_arrived().await?;
    let mut options = source.connection.clone();
    options.topics = topics;
    let (connection, mut messages) = source.builder(options.validate()?).open();
    connection.connect()?;
    let mut known: HashMap<VaultId, Vault> = HashMap::new();
    let until = tokio::time::Instant::now() + PATIENCE;
    'asked: while let Ok(Some(delivery)) = tokio::time::timeout_at(until, messages.recv()).await {
        for inbound in delivery.messages {
            match inbound {
                Inbound::Message(message) => {
                    let Ok(Payload::Vault(id, patch)) = Payload::of(&message) else { continue };
                    let found = only == Some(&id);
                    known.entry(id.clone()).or_insert_with(|| Vault::unknown(id)).apply(*patch);
                    if found {
                        break 'asked;
                    }
                }
                Inbound::SnapshotEnd(_) => break 'asked,
                Inbound::Invalid(_) => {}
            }
        }
    }
    connection.disconnect().await;
    Ok(known)
}
