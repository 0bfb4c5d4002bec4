//! What an alert says where strangers may read it: which it is, of what, how bad, and what kind of thing to do. No amount,
//! price, share or number of vaults; whoever may see those looks into the window.

use domain::{Language, Level};
use serde::{Deserialize, Serialize};

use super::{about, level, sentences, shortened, test_critical};
use crate::say::{common, feed, vault, veiled as say};
use crate::{Cause, Condition, Subject};

/// A notification's words without amounts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Veiled {
    pub title: String,
    pub body: String,
}

impl Veiled {
    fn new(title: impl Into<String>, body: impl Into<String>) -> Self {
        Self { title: title.into(), body: body.into() }
    }
}

/// `ETH-017: critical` / `Close to liquidation. Repay or add collateral.` `name` is the vault's, where it is about one.
#[must_use]
pub fn veiled(language: Language, condition: &Condition, severity: Level, name: &str) -> Veiled {
    let level = level(language, severity);
    let name = match &condition.vault {
        Some(vault) if name.is_empty() => shortened(vault.as_str(), 40),
        Some(_) => shortened(name, 40),
        None => common::platform(language).to_owned(),
    };
    let of = |what: &str| say::is(language, &name, what, level);
    match &condition.subject {
        Subject::Solvency => {
            let body = match severity {
                Level::Critical | Level::High => say::close(language),
                Level::Medium | Level::Low => say::closer(language),
            };
            Veiled::new(format!("{name}: {level}"), body)
        }
        Subject::Liquidation => {
            Veiled::new(common::liquidated(language, &name), vault::review(language))
        }
        Subject::Category(category) => {
            Veiled::new(of(about(language, Some(*category))), say::read(language))
        }
        Subject::Type(_) => Veiled::new(of(about(language, None)), say::read(language)),
        Subject::Feed => {
            let body = sentences([feed::nothing_watched(language), feed::check_directly(language)]);
            Veiled::new(say::no_data(language, level), body)
        }
        Subject::Settings => {
            Veiled::new(say::settings(language, level), say::settings_open(language))
        }
        Subject::Stale => Veiled::new(of(say::no_news(language)), feed::feed_up(language)),
        Subject::Rule(rule) => {
            Veiled::new(of(&say::rule(language, rule.as_str())), say::figures(language))
        }
        Subject::Incident(cause) => {
            let title = match cause {
                Cause::Token(token) => say::with(language, &shortened(token, 20), level),
                Cause::Chain(chain) => say::on(language, &chain.name(), level),
            };
            let body = sentences([say::close_many(language), common::open_triage(language)]);
            Veiled::new(title, body)
        }
        Subject::Notice => Veiled::new(say::notice(language, level), say::read(language)),
        Subject::Away => {
            let body = match severity {
                Level::Critical | Level::High => {
                    sentences([say::look(language), common::open_triage(language)])
                }
                Level::Medium | Level::Low => say::nothing_critical(language).to_owned(),
            };
            Veiled::new(crate::say::late::away(language), body)
        }
        Subject::Test => {
            let (title, body) = test_critical(language);
            Veiled { title, body }
        }
    }
}

/// `Several alerts, the worst critical` / `Open triage.`
#[must_use]
pub(crate) fn veiled_summary(language: Language, worst: Level) -> Veiled {
    let title = say::several(language, level(language, worst));
    Veiled::new(title, common::open_triage(language))
}

#[cfg(test)]
mod tests {
    use domain::platform_alert::Category;
    use domain::{ChainId, VaultId};

    use super::*;
    use crate::RuleId;

    const CLOSE: &str = "Close to liquidation. Repay or add collateral.";
    const READ: &str = "Open VaultWatch to read it.";

    /// Of a vault without digits in its name: whatever digit there is comes from elsewhere.
    #[track_caller]
    fn check(subject: Subject, severity: Level, title: &str, body: &str) {
        let of_vault = matches!(
            subject,
            Subject::Solvency | Subject::Liquidation | Subject::Stale | Subject::Category(_)
        );
        let vault = of_vault.then(|| VaultId::new("ETH-A").unwrap());
        let said = veiled(Language::English, &Condition { vault, subject }, severity, "");
        assert_eq!((said.title.as_str(), said.body.as_str()), (title, body));
    }

    #[test]
    fn no_alert_says_in_german_what_it_says_in_english() {
        let subjects = [
            Subject::Solvency,
            Subject::Liquidation,
            Subject::Category(Category::MarketRisk),
            Subject::Type(None),
            Subject::Feed,
            Subject::Settings,
            Subject::Stale,
            Subject::Rule(RuleId::new("depeg").unwrap()),
            Subject::Incident(Cause::Token("WETH".into())),
            Subject::Incident(Cause::Chain(ChainId(1))),
            Subject::Notice,
            Subject::Away,
            Subject::Test,
        ];
        for subject in subjects {
            let condition = Condition { vault: VaultId::new("ETH-A").ok(), subject };
            for severity in Level::ALL {
                let [english, german] =
                    Language::ALL.map(|language| veiled(language, &condition, severity, ""));
                assert_ne!(english.title, german.title);
                assert_ne!(english.body, german.body);
                let said = format!("{} {}", german.title, german.body);
                assert!(!said.contains(|c: char| c.is_ascii_digit() || "$%".contains(c)), "{said}");
            }
        }
        let condition = Condition::solvency(VaultId::new("ETH-A").unwrap());
        let said = veiled(Language::German, &condition, Level::Critical, "Kasse");
        assert_eq!(said.title, "Kasse: kritisch");
        assert_eq!(said.body, "Nah an der Liquidation. Zurückzahlen oder Sicherheiten hinzufügen.");
        let several = veiled_summary(Language::German, Level::High);
        assert_eq!(several.title, "Mehrere Alarme, der schlimmste hoch");
    }

    #[test]
    fn each_alert_has_words_without_amounts() {
        use Level::{Critical, High, Low, Medium};
        check(Subject::Solvency, Critical, "ETH-A: critical", CLOSE);
        check(Subject::Solvency, High, "ETH-A: high", CLOSE);
        check(Subject::Solvency, Medium, "ETH-A: medium", "Closer to liquidation than it was.");
        check(Subject::Liquidation, Critical, "ETH-A liquidated", "Review the remainder.");
        check(Subject::Category(Category::MarketRisk), High, "ETH-A: market risk, high", READ);
        check(Subject::Type(None), Critical, "Platform: risk alert, critical", READ);
        check(
            Subject::Feed,
            Critical,
            "No data, critical",
            "Nothing is watched. Check the lender directly.",
        );
        check(Subject::Stale, High, "ETH-A: no news, high", "The feed is up. Check the lender.");
        check(
            Subject::Rule(RuleId::new("depeg").unwrap()),
            High,
            "Platform: rule depeg, high",
            "Open VaultWatch for its figures.",
        );
        let incident = |cause| Subject::Incident(cause);
        let triage = "Close to liquidation. Open triage.";
        check(
            incident(Cause::Token("WETH".into())),
            Critical,
            "Vaults with WETH: critical",
            triage,
        );
        check(incident(Cause::Chain(ChainId(1))), Critical, "Vaults on Ethereum: critical", triage);
        check(Subject::Notice, Critical, "A notice, critical", READ);
        check(Subject::Away, Low, "While away", "Nothing critical.");
        check(Subject::Away, Critical, "While away", "There is something to look at. Open triage.");
        assert_eq!(
            veiled_summary(Language::English, Critical).title,
            "Several alerts, the worst critical"
        );
    }

    #[test]
    fn a_vault_is_called_by_its_name_where_it_has_one() {
        let condition = Condition::solvency(VaultId::new("0x12").unwrap());
        let title = |name| veiled(Language::English, &condition, Level::Critical, name).title;
        assert_eq!(title("Treasury"), "Treasury: critical");
        assert_eq!(title(""), "0x12: critical");
    }
}
