//! The past as the app stored it.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::Duration;

use alerts::rule::DryRun;
use anyhow::Context;
use domain::market::Market;
use domain::sample::Figure;
use domain::vault::{Holding, Reported};
use domain::{Amount, ChainId, HealthFactor, Percent, UnixMillis, Usd, Vault, VaultId};
use monitor::config::FeedArgs;
use rust_decimal::Decimal;
use store::{History, HistoryPoint, HistoryReader, SeriesKey};

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

/// What a figure did within one step; where all of them stood still, they are played once, when it began.
#[derive(Clone, Copy)]
enum Part {
    Best,
    Worst,
    Last,
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
    let range = now.minus(args.since)..now;
    let wanted: Vec<VaultId> = args
        .vaults
        .iter()
        .map(|id| VaultId::new(id).context("the vault's id"))
        .collect::<Result<_, _>>()?;
    let facts = facts(args, feed).await?;
    let mut points: Vec<(UnixMillis, u32, HistoryPoint)> = Vec::new();
    let mut keys = Vec::new();
    let mut unreadable = 0_u64;
    for key in reader.series()? {
        if let SeriesKey::Vault(id) = &key
            && !wanted.is_empty()
            && !wanted.contains(id)
        {
            continue;
        }
        let index = u32::try_from(keys.len()).context("too many series")?;
        for point in reader.samples(&key, range.clone())? {
            match point {
                Ok(point) => points.push((point.at, index, point)),
                Err(_) => unreadable += 1,
            }
        }
        keys.push(key);
    }
    if unreadable > 0 {
        crate::remark(&format!("{unreadable} parts of the history could not be read."));
    }
    // Of one step, a market's part before the vaults': keys are few, points are not.
    points.sort_by_key(|(at, index, _)| (*at, *index));
    let mut markets: BTreeMap<ChainId, Market> = BTreeMap::new();
    for group in points.chunk_by(|(a, ..), (b, ..)| a == b) {
        let step = group.iter().map(|(.., point)| point.step).min().unwrap_or_default();
        for (part, third) in [(Part::Best, 0), (Part::Worst, 1), (Part::Last, 2)] {
            let at = group[0].0.plus(step / 3 * third);
            for (_, index, point) in group {
                if matches!(part, Part::Worst | Part::Last) && stands_still(point) {
                    continue;
                }
                match &keys[*index as usize] {
                    SeriesKey::Vault(id) => {
                        let known = facts.get(id);
                        run.update(at, id, |vault| {
                            know(vault, known);
                            suppose(vault, args.chain, &args.tokens);
                            set(vault, point, part);
                        });
                    }
                    SeriesKey::Price { chain, token } => {
                        let Some(price) = value(point, Figure::Price, part, false) else {
                            continue;
                        };
                        let market =
                            markets.entry(*chain).or_insert_with(|| Market::unknown(*chain));
                        market.price_feeds.insert(token.clone(), Usd(price));
                        run.market(at, market);
                    }
                }
            }
        }
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

fn know(vault: &mut Vault, known: Option<&Vault>) {
    let Some(known) = known else { return };
    vault.chain_id = known.chain_id;
    vault.name.clone_from(&known.name);
    vault.max_ltv = known.max_ltv;
    if vault.collateral.is_none() {
        vault.collateral.clone_from(&known.collateral);
    }
}

/// Nothing moved within the step.
fn stands_still(point: &HistoryPoint) -> bool {
    let moved = |figure: &Figure| point.get(*figure).is_some_and(|spread| spread.min != spread.max);
    !Figure::ALL.iter().any(moved)
}

fn value(
    point: &HistoryPoint,
    figure: Figure,
    part: Part,
    rises_with_risk: bool,
) -> Option<Decimal> {
    let spread = point.get(figure)?;
    Some(match (part, rises_with_risk) {
        (Part::Last, _) => spread.last,
        (Part::Best, true) | (Part::Worst, false) => spread.min,
        (Part::Best, false) | (Part::Worst, true) => spread.max,
    })
}

/// Makes the vault what it was.
fn set(vault: &mut Vault, point: &HistoryPoint, part: Part) {
    let get = |figure, rises| value(point, figure, part, rises);
    if let Some(ltv) = get(Figure::Ltv, true) {
        vault.ltv = Some(Reported::Current(Percent(ltv)));
    }
    if let Some(limit) = get(Figure::Limit, false) {
        vault.liquidation_threshold = Some(Percent(limit));
    }
    if let Some(hf) = get(Figure::Health, false) {
        vault.health_factor = Some(Reported::Current(HealthFactor(hf)));
    }
    let price = get(Figure::Price, false);
    if let Some(value) = get(Figure::Collateral, false) {
        let mut tokens = vault.collateral.take().unwrap_or_default();
        tokens.truncate(1);
        let mut only = tokens.pop().unwrap_or_default();
        only.value = Some(Usd(value));
        only.amount = price.and_then(|price| value.checked_div(price)).map(Amount::from);
        vault.collateral = Some(vec![only]);
    }
    if let Some(value) = get(Figure::Debt, true) {
        vault.debt = Some(vec![Holding { value: Some(Usd(value)), ..Holding::default() }]);
    }
}
