use super::Direction;
use crate::words::overview_columns as say;

/// A column of the overview's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Column {
    Level,
    Vault,
    Room,
    Health,
    Ltv,
    LiquidationPrice,
    Debt,
    Cure,
    Trend,
    Chain,
    Age,
}

impl Column {
    /// In the order that the table has at first.
    pub(crate) const ALL: [Self; 11] = [
        Self::Level,
        Self::Vault,
        Self::Room,
        Self::Health,
        Self::Ltv,
        Self::LiquidationPrice,
        Self::Debt,
        Self::Cure,
        Self::Trend,
        Self::Chain,
        Self::Age,
    ];

    /// In style sheets, preferences and tests.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::Vault => "vault",
            Self::Room => "room",
            Self::Health => "hf",
            Self::Ltv => "ltv",
            Self::LiquidationPrice => "price",
            Self::Debt => "debt",
            Self::Cure => "cure",
            Self::Trend => "trend",
            Self::Chain => "chain",
            Self::Age => "age",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }

    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Level => say::level(),
            Self::Vault => say::vault(),
            Self::Room => say::room(),
            Self::Health => say::hf(),
            Self::Ltv => say::ltv(),
            Self::LiquidationPrice => say::price(),
            Self::Debt => say::debt(),
            Self::Cure => say::cure(),
            Self::Trend => say::trend(),
            Self::Chain => say::chain(),
            Self::Age => say::age(),
        }
    }

    /// A row without these tells nothing.
    pub(crate) fn can_hide(self) -> bool {
        !matches!(self, Self::Level | Self::Vault | Self::Room)
    }

    /// The others say which vault a row is about, and stand at its beginning.
    pub(crate) fn can_move(self) -> bool {
        !matches!(self, Self::Level | Self::Vault)
    }

    /// The direction that puts first what is most worth seeing.
    pub(super) fn natural(self) -> Direction {
        match self {
            Self::Level
            | Self::Vault
            | Self::Room
            | Self::Health
            | Self::LiquidationPrice
            | Self::Trend
            | Self::Chain => Direction::Ascending,
            Self::Ltv | Self::Debt | Self::Cure | Self::Age => Direction::Descending,
        }
    }
}
