use std::time::Duration;

use domain::Level;
use rust_decimal::Decimal;

use super::{Faults, HOLD_LIMIT, key_of, level, limited};
use crate::rule::fault::Fault;
use crate::rule::ladder::{Ladder, Step, When};
use crate::rule::metric::{Metric, Unit};
use crate::rule::options::{LevelOptions, Number, RuleOptions};
use crate::rule::window::Change;
use crate::rule::{figure, time};

pub(super) fn ladder(
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

/// A threshold: a decimal, or for ages a time.
fn value(number: &Number, metric: &Metric) -> Result<Decimal, Fault> {
    if metric.unit() == Unit::Seconds {
        let time = time::parse(&number.0)?;
        let millis = i64::try_from(time.as_millis()).map_err(|_| Fault::NotATime)?;
        return Ok(Decimal::new(millis, 3).normalize());
    }
    figure::number(&number.0).ok_or(Fault::NotANumber)
}
