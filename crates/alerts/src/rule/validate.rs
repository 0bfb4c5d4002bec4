//! From options as they were written to a rule that makes sense, or to everything that is wrong with them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::{ChainId, Level};
use rust_decimal::Decimal;
use smol_str::SmolStr;

use super::definition::{NoData, Rule};
use super::fault::{Entry, Fault, RuleError};
use super::ladder::{Ladder, Step, When};
use super::metric::{
    MarketMetric, Metric, NAMES, STATUSES, StatusField, Statuses, Unit, VaultMetric,
};
use super::options::{LevelOptions, Number, RuleOptions, ScopeOptions};
use super::schedule::Schedule;
use super::scope::{Label, Pattern, Scope};
use super::window::{Change, ChangeIn};
use super::{figure, time};

/// Values are kept for so long.
const WINDOW_LIMIT: Duration = Duration::from_secs(24 * 3_600);
const WINDOW_LEAST: Duration = Duration::from_secs(10);
/// A rule that waits longer wakes nobody in time.
const HOLD_LIMIT: Duration = Duration::from_secs(24 * 3_600);
const LIST_LIMIT: usize = 1_000;
const TEXT_LIMIT: usize = 1_000;

pub(super) type Labels = BTreeMap<SmolStr, Arc<[Pattern]>>;

/// What is wrong so far.
pub(super) struct Faults {
    entry: Entry,
    name: Option<SmolStr>,
    found: Vec<RuleError>,
}

impl Faults {
    pub(super) fn of(entry: Entry, name: Option<SmolStr>) -> Self {
        Self { entry, name, found: Vec::new() }
    }

    pub(super) fn add(&mut self, field: impl Into<String>, fault: Fault) {
        let (entry, name) = (self.entry, self.name.clone());
        self.found.push(RuleError { entry, name, field: field.into(), fault });
    }

    /// The value, or a note of why there is none.
    pub(super) fn take<T>(&mut self, field: &str, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.add(field, fault)).ok()
    }

    pub(super) fn into_found(self) -> Vec<RuleError> {
        self.found
    }
}

pub(super) fn name_is_good(name: &str) -> bool {
    let plain = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.');
    (1..=64).contains(&name.len()) && name.bytes().all(plain)
}

pub(super) fn labels(options: &BTreeMap<SmolStr, Vec<SmolStr>>) -> (Labels, Vec<RuleError>) {
    let mut faults = Faults::of(Entry::Labels, None);
    let mut labels = Labels::new();
    if options.len() > LIST_LIMIT {
        faults.add("", Fault::TooMany { limit: LIST_LIMIT });
    }
    for (name, vaults) in options {
        if !name_is_good(name) {
            faults.add(name.as_str(), Fault::BadName);
        }
        if vaults.is_empty() {
            faults.add(name.as_str(), Fault::Empty);
        }
        labels.insert(name.clone(), patterns(vaults, name, &mut faults).into());
    }
    (labels, faults.into_found())
}

fn patterns(texts: &[SmolStr], field: &str, faults: &mut Faults) -> Vec<Pattern> {
    if texts.len() > LIST_LIMIT {
        faults.add(field, Fault::TooMany { limit: LIST_LIMIT });
    }
    let mut patterns = Vec::new();
    for (n, text) in texts.iter().enumerate() {
        match Pattern::new(text) {
            Some(pattern) => patterns.push(pattern),
            None => faults.add(format!("{field}.{n}"), Fault::BadVault),
        }
    }
    patterns
}

pub(super) fn rule(
    options: &RuleOptions,
    index: usize,
    labels: &Labels,
) -> Result<Rule, Vec<RuleError>> {
    let mut faults = Faults::of(Entry::Rule(index), Some(options.name.clone()));
    if !name_is_good(&options.name) {
        faults.add("name", Fault::BadName);
    }
    if options.note.as_ref().is_some_and(|note| note.len() > TEXT_LIMIT) {
        faults.add("note", Fault::TooLong { limit: "1000 bytes" });
    }
    let metric = metric(options, &mut faults);
    let change = metric.as_ref().and_then(|metric| change(options, metric, &mut faults));
    let ladder = metric.as_ref().and_then(|metric| ladder(options, metric, change, &mut faults));
    let recovery = options
        .recovery
        .as_ref()
        .and_then(|text| faults.take("recovery", limited(text, HOLD_LIMIT, "24 h")));
    let no_data = no_data(options, &mut faults);
    let scope = scope(&options.scope, metric.as_ref(), labels, &mut faults);
    let schedule = options.schedule.as_ref().and_then(|schedule| {
        let schedule = Schedule::of(schedule);
        schedule.map_err(|(field, fault)| faults.add(format!("schedule.{field}"), fault)).ok()
    });
    let (Some(metric), Some(ladder), true) = (metric, ladder, faults.found.is_empty()) else {
        return Err(faults.into_found());
    };
    Ok(Rule {
        name: options.name.clone(),
        note: options.note.clone(),
        enabled: options.enabled.unwrap_or(true),
        metric,
        change,
        ladder,
        recovery,
        no_data,
        scope,
        schedule,
    })
}

fn metric(options: &RuleOptions, faults: &mut Faults) -> Option<Metric> {
    use Metric::{Market, Status, Vault};
    let token = options.token.clone();
    if token.as_ref().is_some_and(|token| token.is_empty() || token.len() > 64) {
        faults.add("token", Fault::Empty);
        return None;
    }
    let on_vault = |metric| Vault(metric);
    let metric = match (options.metric.as_str(), &token) {
        ("price", Some(token)) => Market(MarketMetric::Price(token.clone())),
        ("depeg", Some(token)) => Market(MarketMetric::Depeg(token.clone())),
        ("utilization", Some(token)) => Market(MarketMetric::Utilization(token.clone())),
        ("ltv", _) => on_vault(VaultMetric::Ltv),
        ("ltv_of_limit", _) => on_vault(VaultMetric::LtvOfLimit),
        ("health_factor", _) => on_vault(VaultMetric::HealthFactor),
        ("drop", _) => on_vault(VaultMetric::Drop),
        ("room", _) => on_vault(VaultMetric::Room),
        ("utilization", None) => on_vault(VaultMetric::Utilization),
        ("collateral", _) => on_vault(VaultMetric::Collateral),
        ("debt", _) => on_vault(VaultMetric::Debt),
        ("price", None) => on_vault(VaultMetric::Price),
        ("depeg", None) => on_vault(VaultMetric::Depeg),
        ("data_age", _) => on_vault(VaultMetric::Age),
        ("vault_status", _) => on_vault(VaultMetric::Status(statuses(options, faults)?)),
        ("volatility", _) => Market(MarketMetric::Volatility),
        ("gas_price", _) => Market(MarketMetric::GasPrice),
        ("market_age", _) => Market(MarketMetric::Age),
        ("status", _) => Status(status_field(options, faults)?),
        (other, _) => {
            faults.add("metric", Fault::Unknown { given: other.into(), known: NAMES.join(", ") });
            return None;
        }
    };
    let takes_token = matches!(
        metric,
        Market(MarketMetric::Price(_) | MarketMetric::Depeg(_) | MarketMetric::Utilization(_))
    );
    if token.is_some() && !takes_token {
        let why =
            "only price, depeg and utilization are known of a token; scope.tokens chooses vaults";
        faults.add("token", Fault::NotHere { why });
    }
    if options.field.is_some() && !matches!(metric, Status(_)) {
        faults.add("field", Fault::NotHere { why: "only the metric status has fields" });
    }
    if options.is.is_some() && metric.unit() != Unit::Flag {
        faults
            .add("is", Fault::NotHere { why: "this metric is a number, judged by when and enter" });
    }
    Some(metric)
}

fn statuses(options: &RuleOptions, faults: &mut Faults) -> Option<Statuses> {
    let known = || STATUSES.map(|(_, name)| name).join(", ");
    let Some(names) = &options.is else {
        faults.add("is", Fault::Missing { why: "which statuses, as in is = [\"SUSPENDED\"]" });
        return None;
    };
    if names.is_empty() {
        faults.add("is", Fault::Empty);
    }
    let mut statuses = Statuses::default();
    for (n, name) in names.iter().enumerate() {
        match STATUSES.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)) {
            Some((status, _)) => statuses.insert(*status),
            None => {
                let fault = Fault::Unknown { given: name.clone(), known: known() };
                faults.add(format!("is.{n}"), fault);
            }
        }
    }
    Some(statuses)
}

fn status_field(options: &RuleOptions, faults: &mut Faults) -> Option<StatusField> {
    let is = options.is.clone().unwrap_or_default();
    if options.is.is_some() && is.is_empty() {
        faults.add("is", Fault::Empty);
    }
    match &options.field {
        Some(name) if !name.is_empty() && name.len() <= 128 => {
            Some(StatusField { name: name.clone(), is })
        }
        Some(_) => {
            faults.add("field", Fault::Empty);
            None
        }
        None => {
            let why = "which field of the platform's status, as in performanceMetrics.successRate";
            faults.add("field", Fault::Missing { why });
            None
        }
    }
}

fn change(options: &RuleOptions, metric: &Metric, faults: &mut Faults) -> Option<Change> {
    let kind = match options.change.as_deref() {
        None => {
            if options.over.is_some() {
                faults.add("over", Fault::NotHere { why: "a window belongs to a change" });
            }
            return None;
        }
        Some("percent") => ChangeIn::Percent,
        Some("absolute") => ChangeIn::Absolute,
        Some(other) => {
            let known = "percent, absolute".to_owned();
            faults.add("change", Fault::Unknown { given: other.into(), known });
            return None;
        }
    };
    if matches!(metric.unit(), Unit::Flag | Unit::Seconds) {
        faults.add("change", Fault::NotHere { why: "this metric has no rate of change" });
        return None;
    }
    let Some(over) = &options.over else {
        faults.add("over", Fault::Missing { why: "the window of the change, as in 30m" });
        return None;
    };
    let over = faults.take("over", time::parse(over))?;
    if over > WINDOW_LIMIT {
        faults.add("over", Fault::WindowTooLong { limit: "24 h" });
        return None;
    }
    if over < WINDOW_LEAST {
        faults.add("over", Fault::TooShort { least: "10 s" });
        return None;
    }
    Some(Change { kind, over })
}

fn ladder(
    options: &RuleOptions,
    metric: &Metric,
    change: Option<Change>,
    faults: &mut Faults,
) -> Option<Ladder> {
    let hold = match &options.hold {
        Some(text) => faults.take("for", limited(text, HOLD_LIMIT, "24 h")),
        None => None,
    };
    if metric.unit() == Unit::Flag {
        return flag_ladder(options, hold, faults);
    }
    let when = match options.when.as_deref() {
        Some("above") => When::Above,
        Some("below") => When::Below,
        Some(other) => {
            let known = "above, below".to_owned();
            faults.add("when", Fault::Unknown { given: other.into(), known });
            return None;
        }
        None => {
            faults.add("when", Fault::Missing { why: "above or below" });
            return None;
        }
    };
    let given = one_or_many(options, faults)?;
    let mut steps = Vec::new();
    for (level, prefix, options) in given {
        let number = |faults: &mut Faults, name: &str, number: &Number| {
            let field = format!("{prefix}{name}");
            let value = faults.take(&field, value(number, metric))?;
            let (fits, range) = metric.range();
            if change.is_none() && !fits(value) {
                faults.add(field, Fault::OutOfRange { given: value, range });
                return None;
            }
            Some(value)
        };
        let enter = number(faults, "enter", &options.enter);
        let exit = match &options.exit {
            Some(exit) => number(faults, "exit", exit),
            None => enter,
        };
        let hold = match &options.hold {
            Some(text) => faults.take(&format!("{prefix}for"), limited(text, HOLD_LIMIT, "24 h")),
            None => hold,
        };
        let (Some(enter), Some(exit)) = (enter, exit) else { continue };
        if !when.reaches(enter, exit) {
            faults.add(format!("{prefix}exit"), Fault::ExitOnWrongSide { enter, exit, when });
        }
        steps.push(Step { level, enter, exit, hold });
    }
    for pair in steps.windows(2) {
        let (before, given) = (pair[0], pair[1]);
        let level = key_of(given.level);
        let worse = when.reaches(given.enter, before.enter) && given.enter != before.enter;
        if !worse {
            let (given, before) = (given.enter, before.enter);
            let field = format!("levels.{level}.enter");
            faults.add(field, Fault::LevelsOutOfOrder { given, before, when });
        } else if !when.reaches(given.exit, before.exit) {
            let (given, before) = (given.exit, before.exit);
            let field = format!("levels.{level}.exit");
            faults.add(field, Fault::LevelsOutOfOrder { given, before, when });
        }
    }
    (!steps.is_empty()).then(|| Ladder::new(when, steps))
}

/// A field that is, or is not, one of some words: one level without thresholds.
fn flag_ladder(
    options: &RuleOptions,
    hold: Option<Duration>,
    faults: &mut Faults,
) -> Option<Ladder> {
    let why = "the rule holds while the field is one of those in `is`";
    let thresholds = [
        ("when", options.when.is_some()),
        ("enter", options.enter.is_some()),
        ("exit", options.exit.is_some()),
        ("levels", !options.levels.is_empty()),
    ];
    for (field, given) in thresholds {
        if given {
            faults.add(field, Fault::NotHere { why });
        }
    }
    let level = severity(options, faults)?;
    let step = Step { level, enter: Decimal::ONE, exit: Decimal::ONE, hold };
    Some(Ladder::new(When::Above, vec![step]))
}

fn severity(options: &RuleOptions, faults: &mut Faults) -> Option<Level> {
    match &options.severity {
        Some(text) => faults.take("severity", level(text)),
        None => {
            faults.add("severity", Fault::Missing { why: "medium, high or critical" });
            None
        }
    }
}

/// The levels in order, each with the path of its fields.
fn one_or_many(
    options: &RuleOptions,
    faults: &mut Faults,
) -> Option<Vec<(Level, String, LevelOptions)>> {
    if options.levels.is_empty() {
        let level = severity(options, faults);
        let Some(enter) = options.enter.clone() else {
            let why = "the value at which the alert is raised, or a table of levels";
            faults.add("enter", Fault::Missing { why });
            return None;
        };
        let exit = options.exit.clone();
        // Its `for` is the rule's.
        return Some(vec![(level?, String::new(), LevelOptions { enter, exit, hold: None })]);
    }
    let why = "the rule has levels, each with its own";
    let single = [
        ("enter", options.enter.is_some()),
        ("exit", options.exit.is_some()),
        ("severity", options.severity.is_some()),
    ];
    for (field, given) in single {
        if given {
            faults.add(field, Fault::NotHere { why });
        }
    }
    let mut levels = Vec::new();
    for (key, options) in &options.levels {
        if let Some(level) = faults.take(&format!("levels.{key}"), level(key)) {
            levels.push((level, format!("levels.{key}."), options.clone()));
        }
    }
    levels.sort_by_key(|(level, ..)| *level);
    Some(levels)
}

pub(super) fn level(text: &str) -> Result<Level, Fault> {
    match text {
        "medium" => Ok(Level::Medium),
        "high" => Ok(Level::High),
        "critical" => Ok(Level::Critical),
        other => {
            let known = "medium, high, critical".to_owned();
            Err(Fault::Unknown { given: other.into(), known })
        }
    }
}

pub(super) fn key_of(level: Level) -> &'static str {
    match level {
        Level::Low => "low",
        Level::Medium => "medium",
        Level::High => "high",
        Level::Critical => "critical",
    }
}

/// A threshold: a decimal, or for ages a time.
fn value(number: &Number, metric: &Metric) -> Result<Decimal, Fault> {
    if metric.unit() == Unit::Seconds {
        let time = time::parse(&number.0)?;
        let millis = i64::try_from(time.as_millis()).map_err(|_| Fault::NotATime)?;
        return Ok(Decimal::new(millis, 3).normalize());
    }
    figure::number(&number.0).ok_or(Fault::NotANumber)
}

pub(super) fn limited(text: &str, most: Duration, limit: &'static str) -> Result<Duration, Fault> {
    let time = time::parse(text)?;
    if time > most { Err(Fault::TooLong { limit }) } else { Ok(time) }
}

fn no_data(options: &RuleOptions, faults: &mut Faults) -> NoData {
    match options.no_data.as_deref() {
        None | Some("keep") => NoData::Keep,
        Some("ok") => NoData::Ok,
        Some("alert") => NoData::Alert,
        Some(other) => {
            let known = "keep, ok, alert".to_owned();
            faults.add("no_data", Fault::Unknown { given: other.into(), known });
            NoData::Keep
        }
    }
}

fn scope(
    options: &ScopeOptions,
    metric: Option<&Metric>,
    labels: &Labels,
    faults: &mut Faults,
) -> Scope {
    let about_vaults = [
        ("scope.tokens", !options.tokens.is_empty()),
        ("scope.labels", !options.labels.is_empty()),
        ("scope.vaults", !options.vaults.is_empty()),
    ];
    let unfit: &[(&str, bool)] = match metric {
        Some(Metric::Market(_)) => &about_vaults,
        Some(Metric::Status(_)) => {
            if !options.chains.is_empty() {
                let why = "the platform's status is of no chain";
                faults.add("scope.chains", Fault::NotHere { why });
            }
            &about_vaults
        }
        _ => &[],
    };
    for (field, given) in unfit {
        if *given {
            faults.add(*field, Fault::NotHere { why: "this metric is not about vaults" });
        }
    }
    for (n, name) in options.labels.iter().enumerate() {
        if !labels.contains_key(name) {
            faults.add(format!("scope.labels.{n}"), Fault::UnknownLabel);
        }
    }
    let known = |name: &SmolStr| {
        labels.get(name).map(|vaults| Label { name: name.clone(), vaults: Arc::clone(vaults) })
    };
    Scope {
        profiles: options.profiles.clone(),
        chains: options.chains.iter().map(|chain| ChainId(*chain)).collect(),
        tokens: options.tokens.clone(),
        labels: options.labels.iter().filter_map(known).collect(),
        vaults: patterns(&options.vaults, "scope.vaults", faults),
    }
}
