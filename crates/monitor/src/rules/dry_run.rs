use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use alerts::rule::{DryRun, Metric, Report, RuleBook};
use domain::rules::{LevelOptions, Number, RuleOptions, RulesEdit, RulesOptions, ScopeOptions};
use domain::solvency::Solvency;
use domain::view::{DryRunAnswer, DryRunOf, DryRunQuery, DryRunView};
use domain::{Level, Vault, VaultId, Yardstick};
use smol_str::SmolStr;
use store::{HistoryReader, SeriesKey};

use super::{RuleDesk, RulesError, off_thread};
use crate::past;

/// The name under which the built-in ladder is played: no rule of a file is called that.
const BUILT_IN: &str = "built-in.room-to-liquidation.of-this-vault";

/// Counts the runs: only the last one goes on.
#[derive(Debug, Default)]
pub(super) struct Runs(Arc<AtomicU64>);

impl Runs {
    /// Whether another one has begun since.
    fn begin(&self) -> impl Fn() -> bool + Send + use<> {
        let mine = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        let runs = Arc::clone(&self.0);
        move || runs.load(Ordering::Relaxed) != mine
    }
}

pub(super) async fn run(
    desk: &RuleDesk,
    options: RulesOptions,
    known: HashMap<VaultId, Vault>,
    query: DryRunQuery,
) -> Result<DryRunAnswer, RulesError> {
    let (at, mut rule) = match query.what {
        DryRunOf::Rule { at, rule } => (at, *rule),
        DryRunOf::BuiltIn(vault) => (None, ladder(&vault, known.get(&vault))),
    };
    // What is tried out is tried out before it is switched on.
    rule.enabled = None;
    let name = rule.name.clone();
    let edit = RulesEdit::PutRule { at, rule: Box::new(rule) };
    let options = edit.applied(&options).ok_or(RulesError::Gone)?;
    let book = match desk.book(&options) {
        Ok(book) => book.only(&name),
        Err(faults) => return Ok(DryRunAnswer::Faulty(faults)),
    };
    let stopped = desk.runs.begin();
    let path = desk.place.history.clone();
    let hours = query.hours.clamp(1, DryRunQuery::HOURS_LIMIT);
    let back = Duration::from_secs(u64::from(hours) * 3_600);
    let now = desk.monitor.now().await.ok_or(RulesError::Ended)?;
    let language = desk.monitor.language().await.ok_or(RulesError::Ended)?;
    let played = off_thread(move || -> Result<DryRunView, RulesError> {
        let range = now.minus(back)..now;
        // Before the first minute has been written there is no file yet.
        if !path.exists() {
            return Ok(Report::default().view(range.start, now));
        }
        let reader = HistoryReader::open(&path)?;
        let wanted = |key: &SeriesKey| looks_at(&book, &known, key);
        let know = |vault: &mut Vault| {
            if let Some(known) = known.get(&vault.id) {
                past::recall(vault, known);
            }
        };
        let mut run = DryRun::new(book.clone()).speaking(language);
        past::play(&reader, range.clone(), wanted, know, stopped, &mut run)?;
        Ok(run.finish(now).view(range.start, now))
    });
    Ok(DryRunAnswer::Report(played.await??))
}

/// Whether a figure is worth reading: the others could raise nothing.
fn looks_at(book: &RuleBook, known: &HashMap<VaultId, Vault>, key: &SeriesKey) -> bool {
    let mut rules = book.rules().iter();
    match key {
        SeriesKey::Vault(id) => rules.any(|rule| {
            let covered = known.get(id).is_none_or(|vault| rule.scope().covers(vault).is_ok());
            matches!(rule.metric(), Metric::Vault(_)) && covered
        }),
        SeriesKey::Price { chain, .. } => rules.any(|rule| {
            matches!(rule.metric(), Metric::Market(_)) && rule.scope().covers_chain(Some(*chain))
        }),
    }
}

/// The ladder that watches this vault by itself, as a rule.
fn ladder(vault: &VaultId, known: Option<&Vault>) -> RuleOptions {
    let measure = known.and_then(|vault| Solvency::of(vault).measure);
    let yardstick = measure.map_or(Yardstick::Room, domain::Measure::yardstick);
    let (metric, when) = match yardstick {
        Yardstick::Room | Yardstick::CorrelatedRoom => ("room", "below"),
        Yardstick::Ltv => ("ltv", "above"),
        Yardstick::HealthFactor => ("health_factor", "below"),
    };
    let levels = [("medium", Level::Medium), ("high", Level::High), ("critical", Level::Critical)];
    let levels = levels.into_iter().filter_map(|(name, level)| {
        let enter = Number::new(&yardstick.threshold(level)?.to_string());
        let exit = yardstick.exit(level).map(|exit| Number::new(&exit.to_string()));
        Some((SmolStr::new(name), LevelOptions { enter, exit, hold: None }))
    });
    RuleOptions {
        name: BUILT_IN.into(),
        metric: metric.into(),
        when: Some(when.into()),
        levels: levels.collect(),
        scope: ScopeOptions { vaults: vec![vault.as_str().into()], ..ScopeOptions::default() },
        ..RuleOptions::default()
    }
}
