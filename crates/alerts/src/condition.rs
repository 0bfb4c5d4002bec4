use std::fmt;
use std::str::FromStr;

use domain::platform_alert::{AlertType, Category, PlatformAlert};
use domain::{ChainId, VaultId};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// What an alert is about. At most one alert is open per condition, but of notices any number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Condition {
    /// `None`: the platform as a whole, or the feed.
    pub vault: Option<VaultId>,
    pub subject: Subject,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
    /// The settings' file cannot be followed.
    Settings,
    /// No data of this vault arrive, though the feed is up.
    Stale,
    /// A rule that the user wrote.
    Rule(RuleId),
    /// Many alerts at once, of one cause.
    Incident(Cause),
    /// Something told once, by a plugin or the program itself: it holds for nobody knows how long.
    Notice,
    /// What happened while nobody was watching.
    Away,
    /// A critical alert that somebody asked for, to see whether it gets through.
    Test,
}

/// What many alerts may have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cause {
    /// A collateral token, by its symbol.
    Token(SmolStr),
    Chain(ChainId),
}

/// The name of a rule: 1..=128 bytes without blanks or control characters. A rule about several things is a rule for
/// each; their names end with a scope: `depeg@1/USDC`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RuleId(SmolStr);

/// The text names no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a rule is named by 1 to 128 characters without blanks, not by `{0}`")]
pub struct BadRuleId(String);

impl RuleId {
    /// Longest id, in bytes.
    pub const LIMIT: usize = 128;

    /// # Errors
    /// [`BadRuleId`] when it is empty, too long, or has a blank in it.
    pub fn new(id: &str) -> Result<Self, BadRuleId> {
        let blank = |c: char| c.is_whitespace() || c.is_control();
        if id.is_empty() || id.len() > Self::LIMIT || id.contains(blank) {
            return Err(BadRuleId(id.chars().take(Self::LIMIT).collect()));
        }
        Ok(Self(id.into()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The chain it is about: `1` of `depeg@1`.
    #[must_use]
    pub fn chain(&self) -> Option<ChainId> {
        let (_, scope) = self.0.split_once('@')?;
        scope.split('/').next()?.parse().ok()
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for RuleId {
    type Error = BadRuleId;

    fn try_from(text: String) -> Result<Self, BadRuleId> {
        Self::new(&text)
    }
}

impl From<RuleId> for String {
    fn from(id: RuleId) -> Self {
        id.0.into()
    }
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
    pub fn stale(vault: VaultId) -> Self {
        Self { vault: Some(vault), subject: Subject::Stale }
    }

    #[must_use]
    pub fn feed() -> Self {
        Self { vault: None, subject: Subject::Feed }
    }

    #[must_use]
    pub fn settings() -> Self {
        Self { vault: None, subject: Subject::Settings }
    }

    #[must_use]
    pub fn notice() -> Self {
        Self { vault: None, subject: Subject::Notice }
    }

    #[must_use]
    pub fn incident(cause: Cause) -> Self {
        Self { vault: None, subject: Subject::Incident(cause) }
    }

    /// The condition a platform alert belongs to. Its id is random on many platforms and says nothing.
    #[must_use]
    pub fn of(alert: &PlatformAlert) -> Self {
        let subject = Subject::of(alert.category, alert.vault_id.is_some(), alert.ty);
        Self { vault: alert.vault_id.clone(), subject }
    }

    /// Told once: it neither holds nor ends.
    #[must_use]
    pub fn is_notice(&self) -> bool {
        matches!(self.subject, Subject::Notice | Subject::Away)
    }
}

impl Subject {
    pub(crate) fn of(category: Option<Category>, of_vault: bool, ty: Option<AlertType>) -> Self {
        match category {
            Some(Category::Ltv | Category::HealthFactor) if of_vault => Self::Solvency,
            Some(Category::Liquidation) if of_vault => Self::Liquidation,
            Some(category) => Self::Category(category),
            None => Self::Type(ty),
        }
    }
}

/// The subjects by the name under which they are stored; rules and incidents have names of their own.
const NAMES: [(Subject, &str); 18] = [
    (Subject::Solvency, "solvency"),
    (Subject::Liquidation, "liquidation"),
    (Subject::Feed, "feed"),
    (Subject::Settings, "settings"),
    (Subject::Stale, "stale"),
    (Subject::Notice, "notice"),
    (Subject::Away, "away"),
    (Subject::Test, "test"),
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

const RULE: &str = "rule:";
const INCIDENT_TOKEN: &str = "incident token ";
const INCIDENT_CHAIN: &str = "incident chain ";

/// `solvency ETH-001`, `feed`, `rule:depeg`, `incident token WETH`: how a condition is stored.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.subject {
            Subject::Incident(Cause::Token(token)) => return write!(f, "{INCIDENT_TOKEN}{token}"),
            Subject::Incident(Cause::Chain(chain)) => {
                return write!(f, "{INCIDENT_CHAIN}{}", chain.0);
            }
            Subject::Rule(rule) => write!(f, "{RULE}{rule}")?,
            plain => {
                let name = NAMES.iter().find(|(subject, _)| subject == plain);
                f.write_str(name.expect("every plain subject has a name").1)?;
            }
        }
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
        if let Some(token) = text.strip_prefix(INCIDENT_TOKEN) {
            return Ok(Self::incident(Cause::Token(token.into())));
        }
        if let Some(chain) = text.strip_prefix(INCIDENT_CHAIN) {
            return Ok(Self::incident(Cause::Chain(chain.parse().map_err(|_| wrong())?)));
        }
        let (name, vault) = match text.split_once(' ') {
            Some((name, vault)) => (name, Some(VaultId::new(vault).map_err(|_| wrong())?)),
            None => (text, None),
        };
        let subject = match name.strip_prefix(RULE) {
            Some(rule) => Subject::Rule(RuleId::new(rule).map_err(|_| wrong())?),
            None => NAMES.iter().find(|(_, known)| *known == name).ok_or_else(wrong)?.0.clone(),
        };
        Ok(Self { vault, subject })
    }
}

impl TryFrom<String> for Condition {
    type Error = ParseConditionError;

    fn try_from(text: String) -> Result<Self, ParseConditionError> {
        text.parse()
    }
}

impl From<Condition> for String {
    fn from(condition: Condition) -> Self {
        condition.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_is_read_back_as_it_was_stored() {
        let rule = Subject::Rule(RuleId::new("depeg@1/USDC").unwrap());
        for subject in NAMES.into_iter().map(|(subject, _)| subject).chain([rule]) {
            for vault in [None, Some(VaultId::new("a vault").unwrap())] {
                let condition = Condition { vault, subject: subject.clone() };
                assert_eq!(condition.to_string().parse(), Ok(condition));
            }
        }
        for cause in [Cause::Token("a token".into()), Cause::Chain(ChainId(137))] {
            let condition = Condition::incident(cause);
            assert_eq!(condition.to_string().parse(), Ok(condition));
        }
        for nonsense in ["nonsense", "rule:", "incident chain x", "incident", ""] {
            assert!(nonsense.parse::<Condition>().is_err(), "{nonsense}");
        }
    }

    #[test]
    fn a_rule_is_named_by_a_word() {
        for bad in ["", "a rule", "a\tb", &"x".repeat(129)] {
            assert!(RuleId::new(bad).is_err(), "{bad}");
        }
        assert_eq!(RuleId::new("depeg").unwrap().to_string(), "depeg");
        assert_eq!(RuleId::new("depeg").unwrap().chain(), None);
        assert_eq!(RuleId::new("depeg@137").unwrap().chain(), Some(ChainId(137)));
    }
}
