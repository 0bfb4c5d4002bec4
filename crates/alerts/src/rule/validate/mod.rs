//! From options as they were written to a rule that makes sense, or to everything that is wrong with them.

mod ladder;
mod metric;
mod scope;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::Level;
use smol_str::SmolStr;

use super::definition::{NoData, Rule};
use super::fault::{Fault, RuleError};
use super::options::{Entry, RuleOptions};
use super::schedule::Schedule;
use super::scope::Pattern;
use super::time;

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
    let metric = metric::metric(options, &mut faults);
    let change = metric.as_ref().and_then(|metric| metric::change(options, metric, &mut faults));
    let ladder =
        metric.as_ref().and_then(|metric| ladder::ladder(options, metric, change, &mut faults));
    let recovery = options
        .recovery
        .as_ref()
        .and_then(|text| faults.take("recovery", limited(text, HOLD_LIMIT, "24 h")));
    let no_data = no_data(options, &mut faults);
    let scope = scope::scope(&options.scope, metric.as_ref(), labels, &mut faults);
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
