//! The words of a rule's alert: the figure first, then what the rule says, then the vault as ever.

use std::fmt::Write;

use domain::solvency::Solvency;
use domain::view::EvidenceView;
use domain::{ChainId, Level, Usd, Vault, text};
use rust_decimal::{Decimal, RoundingStrategy};

use super::definition::Rule;
use super::ladder::When;
use super::memory::RuleCourse;
use super::metric::{MarketMetric, Metric, STATUSES, Unit, VaultMetric};
use super::time;
use super::window::ChangeIn;
use crate::evidence;
use crate::words::{self, shortened};

/// What an alert is about.
#[derive(Clone, Copy)]
pub(super) enum About<'a> {
    Vault(&'a Vault),
    Chain(ChainId),
    Platform,
}

/// `ETH-017: LTV 82.3 %` / `was 78.1 %. Above 80 % is high. WETH $1,936, liquidates $1,783. …`
pub(super) fn raised(
    rule: &Rule,
    about: About<'_>,
    level: Level,
    course: &RuleCourse,
) -> (String, String) {
    if let Some(title) = state(rule, about, course, " is ", " is ") {
        return (title, body(rule, about, level));
    }
    let mut title = subject(rule, about);
    title.push_str(&course.now.map_or_else(|| "no data".to_owned(), |now| figure(rule, now)));
    if let About::Chain(chain) = about {
        let _ = write!(title, " on {}", chain.name());
    }
    (title, body(rule, about, level))
}

/// `ETH-017: LTV 91.0 %, was 82.3 %`, the body as in [`raised`].
pub(super) fn worse(
    rule: &Rule,
    about: About<'_>,
    level: Level,
    course: &RuleCourse,
) -> (String, String) {
    let (mut title, body) = raised(rule, about, level, course);
    if let (Some(first), Some(now)) = (course.first, course.now)
        && first != now
    {
        let _ = write!(title, ", was {}", figure(rule, first));
    }
    (title, body)
}

/// `ETH-017 recovered: LTV 76.0 %` / `High for 14 min, worst 82.3 %. Nothing to do.`
pub(super) fn recovered(
    rule: &Rule,
    about: About<'_>,
    level: Level,
    lasted: std::time::Duration,
    course: &RuleCourse,
) -> (String, String) {
    let title = state(rule, about, course, " is ", " is no longer ").unwrap_or_else(|| {
        let mut title = match about {
            About::Vault(vault) => format!("{} recovered: ", shortened(vault.label(), 40)),
            About::Chain(_) | About::Platform => "Recovered: ".to_owned(),
        };
        title.push_str(&quantity(rule));
        title.push_str(&course.now.map_or_else(|| "no data".to_owned(), |now| figure(rule, now)));
        if let About::Chain(chain) = about {
            let _ = write!(title, " on {}", chain.name());
        }
        title
    });
    let mut body = format!("Rule {}: {level} for {}", rule.name(), words::span(lasted));
    let flag = rule.metric().unit() == Unit::Flag;
    if let Some(worst) = course.worst.filter(|_| !flag) {
        let _ = write!(body, ", worst {}", figure(rule, worst));
    }
    body.push_str(". Nothing to do.");
    (title, body)
}

/// The rule is not there any more, or no longer about this.
pub(super) fn withdrawn(rule: &str, what: &str) -> (String, String) {
    (format!("{what}: rule {rule} no longer applies"), "Its alert is closed.".to_owned())
}

/// Of a field that is, or is not, one of some words: `ETH-017 is suspended`, `Platform: mode is degraded`.
fn state(
    rule: &Rule,
    about: About<'_>,
    course: &RuleCourse,
    is: &str,
    otherwise: &str,
) -> Option<String> {
    match (rule.metric(), about) {
        (Metric::Vault(VaultMetric::Status(statuses)), About::Vault(vault)) => {
            let status = vault.status?;
            let (_, word) = STATUSES.iter().find(|(known, _)| *known == status)?;
            let again = if statuses.contains(status) { "" } else { " again" };
            let name = shortened(vault.label(), 40);
            Some(format!("{name} is {}{again}", word.to_lowercase()))
        }
        (Metric::Status(field), _) if !field.is.is_empty() => {
            let holds = course.now.is_some_and(|now| !now.is_zero());
            let verb = if holds { is } else { otherwise };
            Some(format!("Platform: {}{verb}{}", field.name, field.is.join(" or ")))
        }
        _ => None,
    }
}

fn subject(rule: &Rule, about: About<'_>) -> String {
    match about {
        About::Vault(vault) => format!("{}: {}", shortened(vault.label(), 40), quantity(rule)),
        About::Chain(_) => quantity(rule),
        About::Platform => format!("Platform: {}", quantity(rule)),
    }
}

/// What is measured, with a blank behind it.
fn quantity(rule: &Rule) -> String {
    match rule.metric() {
        Metric::Market(MarketMetric::Price(token)) => format!("{token} "),
        metric => format!("{metric} "),
    }
}

/// `LTV from 80 % is high`, `WETH down to −10 % in 30 min is critical`.
pub(super) fn sentence(rule: &Rule, level: Level) -> String {
    let level_word = level.word().to_lowercase();
    let mut sentence = String::new();
    match (rule.metric().unit(), rule.ladder().step(level)) {
        (Unit::Flag, _) | (_, None) => {
            let _ = write!(sentence, "{} is {level_word}", rule.metric());
        }
        (_, Some(step)) => {
            let side = match rule.ladder().when() {
                When::Above => "from",
                When::Below => "down to",
            };
            let enter = figure(rule, step.enter);
            let _ = write!(sentence, "{} {side} {enter} is {level_word}", rule.metric());
        }
    }
    sentence
}

/// The values the alert stands on: the rule's own figure, and the vault's.
pub(super) fn evidence(
    rule: &Rule,
    about: About<'_>,
    level: Level,
    course: &RuleCourse,
) -> Box<EvidenceView> {
    let mut evidence = match about {
        About::Vault(vault) => evidence::of_solvency(vault, &Solvency::of(vault), None, level),
        About::Chain(_) | About::Platform => Box::new(EvidenceView {
            rule: String::new(),
            threshold: None,
            previous: None,
            current: None,
            figures: Vec::new(),
            liquidation_price: None,
            cure: None,
            last_known: false,
        }),
    };
    let flag = rule.metric().unit() == Unit::Flag;
    let told = |value: Option<Decimal>| value.filter(|_| !flag).map(|value| figure(rule, value));
    evidence.rule = rule.name().to_owned();
    evidence.threshold = Some(sentence(rule, level)).filter(|_| !flag);
    evidence.current = told(course.now);
    evidence.previous =
        told(course.before).filter(|before| Some(before) != evidence.current.as_ref());
    evidence
}

fn body(rule: &Rule, about: About<'_>, level: Level) -> String {
    let mut body = format!("Rule {}: {}. ", rule.name(), sentence(rule, level));
    if let Some(note) = rule.note() {
        body.push_str(&shortened(note, 400));
        body.push(' ');
    }
    match about {
        About::Vault(vault) => body.push_str(&words::figures(vault, &Solvency::of(vault), None)),
        About::Chain(_) | About::Platform => {}
    }
    body.trim_end().to_owned()
}

/// A value of the rule's quantity, with its unit.
pub(super) fn figure(rule: &Rule, value: Decimal) -> String {
    let unit = rule.metric().unit();
    let Some(change) = rule.change() else { return in_unit(unit, value) };
    let sign = if value.is_sign_negative() && !value.is_zero() { "−" } else { "+" };
    let size = value.abs();
    let size = match (change.kind, unit) {
        (ChangeIn::Percent, _) => in_unit(Unit::Percent, size),
        (ChangeIn::Absolute, Unit::Percent) => in_unit(Unit::Points, size),
        (ChangeIn::Absolute, unit) => in_unit(unit, size),
    };
    format!("{sign}{size} in {}", time::words(change.over))
}

fn in_unit(unit: Unit, value: Decimal) -> String {
    let short = |value: Decimal, places: u32| {
        let rounded = value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
        text::group(&rounded.normalize().to_string())
    };
    match unit {
        Unit::Percent => format!("{} %", short(value, 2)),
        Unit::Points => format!("{} points", short(value, 2)),
        Unit::Factor if value == Decimal::MAX => "∞".to_owned(),
        Unit::Factor => short(value, 3),
        Unit::Usd => format!("${}", text::price(Usd(value))),
        Unit::Seconds => {
            let seconds = value.trunc().to_string().parse().unwrap_or(u64::MAX);
            words::span(std::time::Duration::from_secs(seconds))
        }
        Unit::Flag => if value.is_zero() { "no" } else { "yes" }.to_owned(),
        Unit::Plain => short(value, 4),
    }
}
