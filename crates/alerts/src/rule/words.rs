//! The words of a rule's alert: the figure first, then what the rule says, then the vault as ever.

use std::borrow::Cow;
use std::time::Duration;

use domain::solvency::Solvency;
use domain::vault::VaultStatus;
use domain::view::EvidenceView;
use domain::{ChainId, HealthFactor, Language, Level, Percent, Usd, Vault, text};
use rust_decimal::Decimal;

use super::definition::Rule;
use super::ladder::When;
use super::memory::RuleCourse;
use super::metric::{MarketMetric, Metric, Unit, VaultMetric};
use super::time;
use super::window::ChangeIn;
use crate::evidence;
use crate::say::{common, rule as say};
use crate::words::{self, capital, lasted, sentences, shortened, span};

/// What an alert is about.
#[derive(Clone, Copy)]
pub(super) enum About<'a> {
    Vault(&'a Vault),
    Chain(ChainId),
    Platform,
}

/// Everything an alert's words are made of.
pub(super) struct Words<'a> {
    pub(super) language: Language,
    pub(super) rule: &'a Rule,
    pub(super) about: About<'a>,
    /// Of the vault, where it is about one.
    pub(super) solvency: Option<&'a Solvency>,
    pub(super) level: Level,
    pub(super) course: &'a RuleCourse,
}

/// Whether a field's word that no longer holds is told as such.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Told,
    Untold,
}

impl Words<'_> {
    /// `ETH-017: LTV 82.3 %` / `Rule ltv-high: LTV from 80 % is high. WETH $1,936, liquidates $1,783. …`
    pub(super) fn raised(&self) -> (String, String) {
        let title = self.state(Ending::Untold).unwrap_or_else(|| {
            let figure = self.figure_now();
            match self.about {
                About::Vault(vault) => {
                    say::about(self.language, &shortened(vault.label(), 40), &figure)
                }
                About::Chain(_) => figure,
                About::Platform => {
                    say::about(self.language, common::platform(self.language), &figure)
                }
            }
        });
        (title, self.body())
    }

    /// `ETH-017: LTV 91.0 %, was 82.3 %`, the body as in [`Words::raised`].
    pub(super) fn worse(&self) -> (String, String) {
        let (mut title, body) = self.raised();
        if let (Some(first), Some(now)) = (self.course.first, self.course.now)
            && first != now
        {
            title = say::now_was(self.language, &title, &self.figure(first));
        }
        (title, body)
    }

    /// `ETH-017 recovered: LTV 76.0 %` / `Rule ltv-high: High for 14 min, worst 82.3 %. Nothing to do.`
    pub(super) fn recovered(&self, time: Duration) -> (String, String) {
        let title = self.state(Ending::Told).unwrap_or_else(|| {
            let figure = self.figure_now();
            match self.about {
                About::Vault(vault) => {
                    say::recovered(self.language, &shortened(vault.label(), 40), &figure)
                }
                About::Chain(_) | About::Platform => say::recovered_plain(self.language, &figure),
            }
        });
        let lasted = capital(&lasted(self.language, self.level, time));
        let name = self.rule.name();
        let over = match self.course.worst.filter(|_| !self.is_flag()) {
            Some(worst) => say::is_over_worst(self.language, name, &lasted, &self.figure(worst)),
            None => say::is_over(self.language, name, &lasted),
        };
        (title, sentences([&over, common::nothing_to_do(self.language)]))
    }

    /// The values the alert stands on: the rule's own figure, and the vault's.
    pub(super) fn evidence(&self) -> Box<EvidenceView> {
        let mut evidence = match (self.about, self.solvency) {
            (About::Vault(vault), Some(solvency)) => {
                evidence::of_solvency(self.language, vault, solvency, None, self.level)
            }
            _ => Box::default(),
        };
        let told = |value: Option<Decimal>| {
            value.filter(|_| !self.is_flag()).map(|value| self.figure(value))
        };
        evidence.rule = self.rule.name().to_owned();
        evidence.built_in = false;
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
        let now = match self.course.now {
            Some(now) => Cow::Owned(self.figure(now)),
            None => say::no_data(self.language).into(),
        };
        let figure = format!("{} {now}", metric(self.language, self.rule.metric()));
        match self.about {
            About::Chain(chain) => say::on_chain(self.language, &figure, &chain.name()),
            About::Vault(_) | About::Platform => figure,
        }
    }

    /// Of a field that is, or is not, one of some words: `ETH-017 is suspended`, `Platform: mode is degraded`.
    fn state(&self, ending: Ending) -> Option<String> {
        let language = self.language;
        match (self.rule.metric(), self.about) {
            (Metric::Vault(VaultMetric::Status(statuses)), About::Vault(vault)) => {
                let status = vault.status?;
                let (name, word) = (shortened(vault.label(), 40), status_word(language, status));
                Some(if statuses.contains(status) {
                    say::status(language, &name, word)
                } else {
                    say::status_again(language, &name, word)
                })
            }
            (Metric::Status(field), _) if !field.is.is_empty() => {
                let holds = self.course.now.is_some_and(|now| !now.is_zero());
                let words = field.is.join(say::or(language));
                Some(if holds || ending == Ending::Untold {
                    say::field(language, &field.name, &words)
                } else {
                    say::field_no_longer(language, &field.name, &words)
                })
            }
            _ => None,
        }
    }

    /// `LTV from 80 % is high`, `WETH down to −10 % in 30 min is critical`.
    fn sentence(&self) -> String {
        let (rule, language) = (self.rule, self.language);
        let level = words::level(language, self.level);
        let metric = metric(language, rule.metric());
        match rule.ladder().step(self.level) {
            Some(step) if !self.is_flag() => {
                let enter = self.written(step.enter, as_set);
                match rule.ladder().when() {
                    When::Above => say::from(language, &metric, &enter, level),
                    When::Below => say::down_to(language, &metric, &enter, level),
                }
            }
            _ => say::is_level(language, &metric, level),
        }
    }

    fn body(&self) -> String {
        let told = say::told(self.language, self.rule.name(), &self.sentence());
        let note = self.rule.note().map(|note| shortened(note, 400)).unwrap_or_default();
        let figures = match (self.about, self.solvency) {
            (About::Vault(vault), Some(solvency)) => {
                words::figures(self.language, vault, solvency, None)
            }
            _ => String::new(),
        };
        sentences([&told, &note, &figures]).trim_end().to_owned()
    }

    /// A value of the rule's quantity, with its unit: as the other words of the vault have it.
    fn figure(&self, value: Decimal) -> String {
        self.written(value, measured)
    }

    fn written(
        &self,
        value: Decimal,
        in_unit: fn(Language, &Metric, Unit, Decimal) -> String,
    ) -> String {
        let (metric, unit) = (self.rule.metric(), self.rule.metric().unit());
        let in_unit = |unit, value| in_unit(self.language, metric, unit, value);
        let Some(change) = self.rule.change() else { return in_unit(unit, value) };
        let sign = if value.is_sign_negative() && !value.is_zero() { "−" } else { "+" };
        let size = value.abs();
        let size = match (change.kind, unit) {
            (ChangeIn::Percent, _) => in_unit(Unit::Percent, size),
            (ChangeIn::Absolute, Unit::Percent) => in_unit(Unit::Points, size),
            (ChangeIn::Absolute, unit) => in_unit(unit, size),
        };
        say::change(self.language, &format!("{sign}{size}"), &time::words(change.over))
    }
}

/// The rule is not there any more, or no longer about this; `what`: the vault, where it is about one.
pub(super) fn withdrawn(language: Language, rule: &str, what: Option<&str>) -> (String, String) {
    let what = what.unwrap_or(say::withdrawn_alert(language));
    (say::withdrawn(language, what, rule), say::withdrawn_message(language).to_owned())
}

/// What a rule looks at, as in a sentence: `room to liquidation`.
pub(super) fn metric(language: Language, metric: &Metric) -> String {
    let plain = match metric {
        Metric::Vault(metric) => match metric {
            VaultMetric::Ltv => say::ltv(language),
            VaultMetric::LtvOfLimit => say::ltv_of_limit(language),
            VaultMetric::HealthFactor => say::health_factor(language),
            VaultMetric::Drop => say::drop(language),
            VaultMetric::Room => say::room(language),
            VaultMetric::Utilization => say::utilization(language),
            VaultMetric::Price => say::price(language),
            VaultMetric::Collateral => say::collateral(language),
            VaultMetric::Debt => say::debt(language),
            VaultMetric::Depeg => say::depeg(language),
            VaultMetric::Age => say::age(language),
            VaultMetric::Status(_) => say::vault_status(language),
        },
        Metric::Market(metric) => match metric {
            MarketMetric::Price(token) => token.as_str(),
            MarketMetric::Depeg(token) => return say::token_depeg(language, token),
            MarketMetric::Utilization(token) => return say::token_utilization(language, token),
            MarketMetric::Volatility => say::volatility(language),
            MarketMetric::GasPrice => say::gas_price(language),
            MarketMetric::Age => say::market_age(language),
        },
        Metric::Status(field) => field.name.as_str(),
    };
    plain.to_owned()
}

fn status_word(language: Language, status: VaultStatus) -> &'static str {
    match status {
        VaultStatus::Active => say::active(language),
        VaultStatus::Liquidated => say::liquidated(language),
        VaultStatus::Closed => say::closed(language),
        VaultStatus::Suspended => say::suspended(language),
    }
}

fn measured(language: Language, metric: &Metric, unit: Unit, value: Decimal) -> String {
    let percent = |value| language.figure(percent(metric, value));
    match unit {
        Unit::Percent => format!("{} %", percent(value)),
        Unit::Points => say::points(language, &percent(value)),
        Unit::Factor if value == Decimal::MAX => "∞".to_owned(),
        Unit::Factor => language.figure(text::health_factor(HealthFactor(value))),
        Unit::Usd => format!("${}", language.figure(text::price(Usd(value)))),
        Unit::Seconds => seconds(language, value),
        Unit::Flag => flag(language, value),
        Unit::Plain => language.figure(text::setting(value.round_dp(4))),
    }
}

/// A threshold of the rule: as it was set.
fn as_set(language: Language, _metric: &Metric, unit: Unit, value: Decimal) -> String {
    let set = || language.figure(text::setting(value));
    match unit {
        Unit::Percent => format!("{} %", set()),
        Unit::Points => say::points(language, &set()),
        Unit::Factor | Unit::Plain => set(),
        Unit::Usd => format!("${}", set()),
        Unit::Seconds => seconds(language, value),
        Unit::Flag => flag(language, value),
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

fn seconds(language: Language, value: Decimal) -> String {
    let seconds = value.trunc().to_string().parse().unwrap_or(u64::MAX);
    span(language, Duration::from_secs(seconds))
}

fn flag(language: Language, value: Decimal) -> String {
    if value.is_zero() { say::no(language) } else { say::yes(language) }.to_owned()
}
