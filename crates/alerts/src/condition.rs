use std::fmt;
use std::str::FromStr;

use domain::VaultId;
use domain::platform_alert::{AlertType, Category, PlatformAlert};

/// What an alert is about. At most one alert is open per condition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Condition {
    /// `None`: the platform as a whole, or the feed.
    pub vault: Option<VaultId>,
    pub subject: Subject,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// How far the vault is from liquidation, in whatever figure it is told.
    Solvency,
    /// That it was, or is being, liquidated.
    Liquidation,
    /// Any other category of the platform's alerts.
    Category(Category),
    /// The platform's alerts that bear no category.
    Type(Option<AlertType>),
    /// No data arrive.
    Feed,
    /// Something told once, by a plugin or the program itself: it holds for nobody knows how long.
    Notice,
}

impl Condition {
    #[must_use]
    pub fn solvency(vault: VaultId) -> Self {
        Self { vault: Some(vault), subject: Subject::Solvency }
    }

    #[must_use]
    pub fn liquidation(vault: VaultId) -> Self {
        Self { vault: Some(vault), subject: Subject::Liquidation }
    }

    #[must_use]
    pub fn feed() -> Self {
        Self { vault: None, subject: Subject::Feed }
    }

    #[must_use]
    pub fn notice() -> Self {
        Self { vault: None, subject: Subject::Notice }
    }

    /// The condition a platform alert belongs to. Its id is random on many platforms and says nothing.
    #[must_use]
    pub fn of(alert: &PlatformAlert) -> Self {
        let subject = match (alert.category, &alert.vault_id) {
            (Some(Category::Ltv | Category::HealthFactor), Some(_)) => Subject::Solvency,
            (Some(Category::Liquidation), Some(_)) => Subject::Liquidation,
            (Some(category), _) => Subject::Category(category),
            (None, _) => Subject::Type(alert.ty),
        };
        Self { vault: alert.vault_id.clone(), subject }
    }
}

/// The subjects by the name under which they are stored.
const NAMES: [(Subject, &str); 14] = [
    (Subject::Solvency, "solvency"),
    (Subject::Liquidation, "liquidation"),
    (Subject::Feed, "feed"),
    (Subject::Notice, "notice"),
    (Subject::Category(Category::Ltv), "ltv"),
    (Subject::Category(Category::HealthFactor), "health_factor"),
    (Subject::Category(Category::MarketRisk), "market_risk"),
    (Subject::Category(Category::Liquidation), "liquidations"),
    (Subject::Category(Category::Performance), "performance"),
    (Subject::Category(Category::System), "system"),
    (Subject::Type(None), "alert"),
    (Subject::Type(Some(AlertType::Warning)), "type_warning"),
    (Subject::Type(Some(AlertType::Alert)), "type_alert"),
    (Subject::Type(Some(AlertType::Critical)), "type_critical"),
];

/// `solvency ETH-001`, `feed`: how a condition is stored.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(subject, _)| *subject == self.subject);
        f.write_str(name.expect("every subject has a name").1)?;
        self.vault.as_ref().map_or(Ok(()), |vault| write!(f, " {vault}"))
    }
}

/// The text names no condition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a condition")]
pub struct ParseConditionError(String);

impl FromStr for Condition {
    type Err = ParseConditionError;

    fn from_str(text: &str) -> Result<Self, ParseConditionError> {
        let wrong = || ParseConditionError(text.to_owned());
        let (name, vault) = match text.split_once(' ') {
            Some((name, vault)) => (name, Some(VaultId::new(vault).map_err(|_| wrong())?)),
            None => (text, None),
        };
        let (subject, _) = NAMES.iter().find(|(_, known)| *known == name).ok_or_else(wrong)?;
        Ok(Self { vault, subject: *subject })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_is_read_back_as_it_was_stored() {
        for (subject, _) in NAMES {
            for vault in [None, Some(VaultId::new("a vault").unwrap())] {
                let condition = Condition { vault, subject };
                assert_eq!(condition.to_string().parse(), Ok(condition));
            }
        }
        assert!("nonsense".parse::<Condition>().is_err());
    }
}
