//! The past as the app stored it, for a dry run.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use alerts::rule::DryRun;
use domain::market::Market;
use domain::sample::Figure;
use domain::vault::{Holding, Reported};
use domain::{Amount, ChainId, HealthFactor, Percent, UnixMillis, Usd, Vault};
use rust_decimal::Decimal;
use store::{HistoryPoint, HistoryReader, SeriesKey, StoreError};

/// Points that are in memory at once; each takes some hundred bytes.
const POINTS: u64 = 250_000;
/// A shorter part of the past is not read at once: of each block, which is an hour, the whole is decoded.
const SHORTEST: Duration = Duration::from_secs(10 * 60);

/// What a figure did within one step; where all of them stood still, they are played once, when it began.
#[derive(Clone, Copy)]
enum Part {
    Best,
    Worst,
    Last,
}

/// Plays the stored figures of the series that are `wanted` in the order of their times, until `stopped`. What the
/// history does not have of a vault, `know` puts in. Returns how many parts of the history could not be read.
///
/// # Errors
/// Those of [`HistoryReader::series`].
pub fn play(
    reader: &HistoryReader,
    range: Range<UnixMillis>,
    wanted: impl Fn(&SeriesKey) -> bool,
    know: impl Fn(&mut Vault),
    stopped: impl Fn() -> bool,
    run: &mut DryRun,
) -> Result<u64, StoreError> {
    let mut keys = reader.series()?;
    keys.retain(wanted);
    let minutes = POINTS / u64::try_from(keys.len()).unwrap_or(POINTS).max(1);
    let length = Duration::from_secs(minutes * 60).max(SHORTEST);
    let mut markets: BTreeMap<ChainId, Market> = BTreeMap::new();
    let mut unreadable = 0;
    let mut from = range.start;
    while from < range.end && !stopped() {
        let to = from.plus(length).min(range.end);
        let mut points: Vec<(UnixMillis, u32, HistoryPoint)> = Vec::new();
        for (key, index) in keys.iter().zip(0..) {
            for point in reader.samples(key, from..to)? {
                match point {
                    // The part before has had what reaches into this one.
                    Ok(point) if point.at < from && from > range.start => {}
                    Ok(point) => points.push((point.at, index, point)),
                    Err(_) => unreadable += 1,
                }
            }
        }
        // Of one step, a market's part before the vaults': keys are few, points are not.
        points.sort_by_key(|(at, index, _)| (*at, *index));
        for group in points.chunk_by(|(a, ..), (b, ..)| a == b) {
            moment(group, &keys, &mut markets, &know, run);
        }
        from = to;
    }
    Ok(unreadable)
}

/// All points of one time.
fn moment(
    group: &[(UnixMillis, u32, HistoryPoint)],
    keys: &[SeriesKey],
    markets: &mut BTreeMap<ChainId, Market>,
    know: &impl Fn(&mut Vault),
    run: &mut DryRun,
) {
    let step = group.iter().map(|(.., point)| point.step).min().unwrap_or_default();
    for (part, third) in [(Part::Best, 0), (Part::Worst, 1), (Part::Last, 2)] {
        let at = group[0].0.plus(step / 3 * third);
        for (_, index, point) in group {
            if matches!(part, Part::Worst | Part::Last) && stands_still(point) {
                continue;
            }
            match &keys[*index as usize] {
                SeriesKey::Vault(id) => run.update(at, id, |vault| {
                    know(vault);
                    set(vault, point, part);
                }),
                SeriesKey::Price { chain, token } => {
                    let Some(price) = value(point, Figure::Price, part, false) else { continue };
                    let market = markets.entry(*chain).or_insert_with(|| Market::unknown(*chain));
                    market.price_feeds.insert(token.clone(), Usd(price));
                    run.market(at, market);
                }
            }
        }
    }
}

/// Puts in what the feed tells of a vault and the history does not have: its chain, and what its collateral is.
pub fn recall(vault: &mut Vault, known: &Vault) {
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
