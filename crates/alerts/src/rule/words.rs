//! The words of a rule's alert: the figure first, then what the rule says, then the vault as ever.

use std::fmt::Write;
use std::time::Duration;

use domain::solvency::Solvency;
use domain::view::EvidenceView;
use domain::{ChainId, HealthFactor, Level, Percent, Usd, Vault, text};
use rust_decimal::Decimal;

use super::definition::Rule;
use super::ladder::When;
use super::memory::RuleCourse;
use super::metric::{MarketMetric, Metric, STATUSES, Unit, VaultMetric};
use super::time;
use super::window::ChangeIn;
use crate::evidence;
use crate::quiet::span;
use crate::words::{self, shortened};

/// What an alert is about.
#[derive(Clone, Copy)]
pub(super) enum About<'a> {
    Vault(&'a Vault),
    Chain(ChainId),
    Platform,
}

/// Everything an alert's words are made of.
pub(super) struct Words<'a> {
    pub(super) rule: &'a Rule,
    pub(super) about: About<'a>,
    /// Of the vault, where it is about one.
    pub(super) solvency: Option<&'a Solvency>,
    pub(super) level: Level,
    pub(super) course: &'a RuleCourse,
}

impl Words<'_> {
    /// `ETH-017: LTV 82.3 %` / `Rule ltv-high: LTV from 80 % is high. WETH $1,936, liquidates $1,783. …`
    pub(super) fn raised(&self) -> (String, String) {
        let title = self.state(" is ").unwrap_or_else(|| {
            let about = match self.about {
                About::Vault(vault) => format!("{}: ", shortened(vault.label(), 40)),
                About::Chain(_) => String::new(),
                About::Platform => "Platform: ".to_owned(),
            };
            about + &self.figure_now()
        });
        (title, self.body())
    }

    /// `ETH-017: LTV 91.0 %, was 82.3 %`, the body as in [`Words::raised`].
    pub(super) fn worse(&self) -> (String, String) {
        let (mut title, body) = self.raised();
        if let (Some(first), Some(now)) = (self.course.first, self.course.now)
            && first != now
        {
            let _ = write!(title, ", was {}", figure(self.rule, first));
        }
        (title, body)
    }

    /// `ETH-017 recovered: LTV 76.0 %` / `Rule ltv-high: High for 14 min, worst 82.3 %. Nothing to do.`
    pub(super) fn recovered(&self, lasted: Duration) -> (String, String) {
        let title = self.state(" is no longer ").unwrap_or_else(|| {
            let about = match self.about {
                About::Vault(vault) => format!("{} recovered: ", shortened(vault.label(), 40)),
                About::Chain(_) | About::Platform => "Recovered: ".to_owned(),
            };
            about + &self.figure_now()
        });
        let (name, level, lasted) = (self.rule.name(), self.level, span(lasted));
        let mut body = format!("Rule {name}: {level} for {lasted}");
        if let Some(worst) = self.course.worst.filter(|_| !self.is_flag()) {
            let _ = write!(body, ", worst {}", figure(self.rule, worst));
        }
        body.push_str(". Nothing to do.");
        (title, body)
    }

    /// The values the alert stands on: the rule's own figure, and the vault's.
    pub(super) fn evidence(&self) -> Box<EvidenceView> {
        let mut evidence = match (self.about, self.solvency) {
            (About::Vault(vault), Some(solvency)) => {
                evidence::of_solvency(vault, solvency, None, self.level)
            }
            _ => Box::new(EvidenceView {
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
        let told = |value: Option<Decimal>| {
            value.filter(|_| !self.is_flag()).map(|value| figure(self.rule, value))
        };
        evidence.rule = self.rule.name().to_owned();
        evidence.threshold = Some(self.sentence()).filter(|_| !self.is_flag());
        evidence.current = told(self.course.now);
        let before = told(self.course.before);
        evidence.previous = before.filter(|before| Some(before) != evidence.current.as_ref());
        evidence
    }

    fn is_flag(&self) -> bool {
        self.rule.metric().unit() == Unit::Flag
    }

    /// `LTV 82.3 %`, `WETH $1,936 on Ethereum`.
    fn figure_now(&self) -> String {
        let now = self.course.now.map(|now| figure(self.rule, now));
        let now = now.unwrap_or_else(|| "no data".to_owned());
        let chain = match self.about {
            About::Chain(chain) => format!(" on {}", chain.name()),
            About::Vault(_) | About::Platform => String::new(),
        };
        format!("{} {now}{chain}", self.rule.metric())
    }

    /// Of a field that is, or is not, one of some words: `ETH-017 is suspended`, `Platform: mode is degraded`.
    fn state(&self, otherwise: &str) -> Option<String> {
        match (self.rule.metric(), self.about) {
            (Metric::Vault(VaultMetric::Status(statuses)), About::Vault(vault)) => {
                let status = vault.status?;
                let (_, word) = STATUSES.iter().find(|(known, _)| *known == status)?;
                let again = if statuses.contains(status) { "" } else { " again" };
                let name = shortened(vault.label(), 40);
                Some(format!("{name} is {}{again}", word.to_lowercase()))
            }
            (Metric::Status(field), _) if !field.is.is_empty() => {
                let holds = self.course.now.is_some_and(|now| !now.is_zero());
                let verb = if holds { " is " } else { otherwise };
                Some(format!("Platform: {}{verb}{}", field.name, field.is.join(" or ")))
            }
            _ => None,
        }
    }

    /// `LTV from 80 % is high`, `WETH down to −10 % in 30 min is critical`.
    fn sentence(&self) -> String {
        let (rule, level) = (self.rule, self.level.word().to_lowercase());
        match rule.ladder().step(self.level) {
            Some(step) if !self.is_flag() => {
                let side = match rule.ladder().when() {
                    When::Above => "from",
                    When::Below => "down to",
                };
                let enter = threshold(rule, step.enter);
                format!("{} {side} {enter} is {level}", rule.metric())
            }
            _ => format!("{} is {level}", rule.metric()),
        }
    }

    fn body(&self) -> String {
        let mut body = format!("Rule {}: {}. ", self.rule.name(), self.sentence());
        if let Some(note) = self.rule.note() {
            body.push_str(&shortened(note, 400));
            body.push(' ');
        }
        if let (About::Vault(vault), Some(solvency)) = (self.about, self.solvency) {
            body.push_str(&words::figures(vault, solvency, None));
        }
        body.trim_end().to_owned()
    }
}

/// The rule is not there any more, or no longer about this.
pub(super) fn withdrawn(rule: &str, what: &str) -> (String, String) {
    (format!("{what}: rule {rule} no longer applies"), "Its alert is closed.".to_owned())
}

/// A value of the rule's quantity, with its unit: as the other words of the vault have it.
pub(super) fn figure(rule: &Rule, value: Decimal) -> String {
    written(rule, value, measured)
}

/// A threshold of the rule: as it was set.
fn threshold(rule: &Rule, value: Decimal) -> String {
    written(rule, value, as_set)
}

fn written(rule: &Rule, value: Decimal, in_unit: fn(&Metric, Unit, Decimal) -> String) -> String {
    let (metric, unit) = (rule.metric(), rule.metric().unit());
    let Some(change) = rule.change() else { return in_unit(metric, unit, value) };
    let sign = if value.is_sign_negative() && !value.is_zero() { "−" } else { "+" };
    let size = value.abs();
    let size = match (change.kind, unit) {
        (ChangeIn::Percent, _) => in_unit(metric, Unit::Percent, size),
        (ChangeIn::Absolute, Unit::Percent) => in_unit(metric, Unit::Points, size),
        (ChangeIn::Absolute, unit) => in_unit(metric, unit, size),
    };
    format!("{sign}{size} in {}", time::words(change.over))
}

fn measured(metric: &Metric, unit: Unit, value: Decimal) -> String {
    match unit {
        Unit::Percent => format!("{} %", percent(metric, value)),
        Unit::Points => format!("{} points", percent(metric, value)),
        Unit::Factor if value == Decimal::MAX => "∞".to_owned(),
        Unit::Factor => text::health_factor(HealthFactor(value)),
        Unit::Usd => format!("${}", text::price(Usd(value))),
        Unit::Seconds => seconds(value),
        Unit::Flag => flag(value),
        Unit::Plain => text::setting(value.round_dp(4)),
    }
}

fn as_set(_metric: &Metric, unit: Unit, value: Decimal) -> String {
    match unit {
        Unit::Percent => format!("{} %", text::setting(value)),
        Unit::Points => format!("{} points", text::setting(value)),
        Unit::Factor | Unit::Plain => text::setting(value),
        Unit::Usd => format!("${}", text::setting(value)),
        Unit::Seconds => seconds(value),
        Unit::Flag => flag(value),
    }
}

fn percent(metric: &Metric, value: Decimal) -> String {
    let value = Percent(value);
    match metric {
        Metric::Vault(VaultMetric::Room | VaultMetric::Drop) => text::room(value),
        // Of a peg, tenths of a percent are not enough.
        Metric::Vault(VaultMetric::Depeg) | Metric::Market(MarketMetric::Depeg(_)) => {
            text::fine_percent(value)
        }
        _ => text::percent(value),
    }
}

fn seconds(value: Decimal) -> String {
    let seconds = value.trunc().to_string().parse().unwrap_or(u64::MAX);
    span(Duration::from_secs(seconds))
}

fn flag(value: Decimal) -> String {
    if value.is_zero() { "no" } else { "yes" }.to_owned()
}
