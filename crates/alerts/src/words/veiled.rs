//! What an alert says where strangers may read it: which it is, of what, how bad, and what kind of thing to do. No amount,
//! price, share or number of vaults; whoever may see those looks into the window.

use domain::Level;
use serde::{Deserialize, Serialize};

use super::{shortened, test_critical};
use crate::{Cause, Condition, Subject, platform};

/// A notification's words without amounts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Veiled {
    pub title: String,
    pub body: String,
}

const CLOSE: &str = "Close to liquidation. Repay or add collateral.";
const READ: &str = "Open VaultWatch to read it.";

impl Veiled {
    fn new(title: impl Into<String>, body: &str) -> Self {
        Self { title: title.into(), body: body.to_owned() }
    }
}

/// `ETH-017: critical` / `Close to liquidation. Repay or add collateral.` `name` is the vault's, where it is about one.
#[must_use]
pub fn veiled(condition: &Condition, severity: Level, name: &str) -> Veiled {
    let level = severity.word().to_lowercase();
    let name = match &condition.vault {
        Some(vault) if name.is_empty() => shortened(vault.as_str(), 40),
        Some(_) => shortened(name, 40),
        None => "Platform".to_owned(),
    };
    match &condition.subject {
        Subject::Solvency => {
            let body = match severity {
                Level::Critical | Level::High => CLOSE,
                Level::Medium | Level::Low => "Closer to liquidation than it was.",
            };
            Veiled::new(format!("{name}: {level}"), body)
        }
        Subject::Liquidation => Veiled::new(format!("{name} liquidated"), "Review the remainder."),
        Subject::Category(category) => {
            let about = platform::about(Some(*category));
            Veiled::new(format!("{name}: {about}, {level}"), READ)
        }
        Subject::Type(_) => {
            Veiled::new(format!("{name}: {}, {level}", platform::about(None)), READ)
        }
        Subject::Feed => Veiled::new(
            format!("No data, {level}"),
            "Nothing is watched. Check the lender directly.",
        ),
        Subject::Settings => {
            Veiled::new(format!("The settings, {level}"), "Open VaultWatch to see what is wrong.")
        }
        Subject::Stale => {
            Veiled::new(format!("{name}: no news, {level}"), "The feed is up. Check the lender.")
        }
        Subject::Rule(rule) => {
            let body = "Open VaultWatch for its figures.";
            Veiled::new(format!("{name}: rule {rule}, {level}"), body)
        }
        Subject::Incident(cause) => {
            let vaults = match cause {
                Cause::Token(token) => format!("Vaults with {}", shortened(token, 20)),
                Cause::Chain(chain) => format!("Vaults on {}", chain.name()),
            };
            Veiled::new(format!("{vaults}: {level}"), "Close to liquidation. Open triage.")
        }
        Subject::Notice => Veiled::new(format!("A notice, {level}"), READ),
        Subject::Away => {
            let body = match severity {
                Level::Critical | Level::High => "There is something to look at. Open triage.",
                Level::Medium | Level::Low => "Nothing critical.",
            };
            Veiled::new("While away", body)
        }
        Subject::Test => {
            let (title, body) = test_critical();
            Veiled { title, body }
        }
    }
}

/// `Several alerts, the worst critical` / `Open triage.`
#[must_use]
pub(crate) fn veiled_summary(worst: Level) -> Veiled {
    let worst = worst.word().to_lowercase();
    Veiled::new(format!("Several alerts, the worst {worst}"), "Open triage.")
}

#[cfg(test)]
mod tests {
    use domain::platform_alert::Category;
    use domain::{ChainId, VaultId};

    use super::*;
    use crate::RuleId;

    /// Of a vault without digits in its name: whatever digit there is comes from elsewhere.
    #[track_caller]
    fn check(subject: Subject, severity: Level, title: &str, body: &str) {
        let of_vault = matches!(
            subject,
            Subject::Solvency | Subject::Liquidation | Subject::Stale | Subject::Category(_)
        );
        let vault = of_vault.then(|| VaultId::new("ETH-A").unwrap());
        let said = veiled(&Condition { vault, subject }, severity, "");
        assert_eq!((said.title.as_str(), said.body.as_str()), (title, body));
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
        assert_eq!(veiled_summary(Critical).title, "Several alerts, the worst critical");
    }

    #[test]
    fn a_vault_is_called_by_its_name_where_it_has_one() {
        let condition = Condition::solvency(VaultId::new("0x12").unwrap());
        assert_eq!(veiled(&condition, Level::Critical, "Treasury").title, "Treasury: critical");
        assert_eq!(veiled(&condition, Level::Critical, "").title, "0x12: critical");
    }
}
