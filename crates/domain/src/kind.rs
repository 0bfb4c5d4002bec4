use crate::{ChainId, VaultId};

/// What a message's `type` says it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// State of one vault, with the text of a valid [`VaultId`]; `None` when the id is in `data` (`vault_update`).
    VaultUpdate(Option<&'a str>),
    /// State of one chain's market; `None` when the chain is in `data`.
    MarketData(Option<ChainId>),
    /// State of the platform.
    SystemStatus,
    /// An event: the platform's own alert.
    RiskAlert,
    /// An event: what somebody did about an alert.
    AlertState,
    /// Any other type: handed on by name, never an error.
    Custom,
}

impl<'a> Kind<'a> {
    /// Classifies a type. A `vault_update_` or `market_data_` whose tail is no id is a custom type.
    #[must_use]
    pub fn of(ty: &'a str) -> Self {
        if let Some(id) = ty.strip_prefix("vault_update_") {
            return VaultId::check(id).map_or(Self::Custom, |()| Self::VaultUpdate(Some(id)));
        }
        if let Some(chain) = ty.strip_prefix("market_data_") {
            return chain.parse().map_or(Self::Custom, |chain| Self::MarketData(Some(chain)));
        }
        match ty {
            "vault_update" => Self::VaultUpdate(None),
            "market_data" => Self::MarketData(None),
            "system_status" => Self::SystemStatus,
            "risk_alert" => Self::RiskAlert,
            "alert_state" => Self::AlertState,
            _ => Self::Custom,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_apart() {
        assert_eq!(Kind::of("vault_update_A"), Kind::VaultUpdate(Some("A")));
        assert_eq!(Kind::of("vault_update"), Kind::VaultUpdate(None));
        assert_eq!(Kind::of("vault_update_"), Kind::Custom);
        assert_eq!(Kind::of("market_data_137"), Kind::MarketData(Some(ChainId(137))));
        assert_eq!(Kind::of("market_data_eth"), Kind::Custom);
        assert_eq!(Kind::of("risk_alert"), Kind::RiskAlert);
        assert_eq!(Kind::of("heartbeatx"), Kind::Custom);
    }
}
