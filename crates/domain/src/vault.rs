use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wire::UnixMillis;

use crate::moment::Moment;
use crate::patch::Patch;
use crate::units::{ChainId, HealthFactor, Percent, Usd, VaultId};
use crate::{Amount, Level};

/// The last known state of one vault. What was never told is `None`, and shown as unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vault {
    pub id: VaultId,
    pub agent_id: Option<SmolStr>,
    pub name: Option<SmolStr>,
    pub chain_id: Option<ChainId>,
    pub status: Option<VaultStatus>,
    pub collateral: Option<Vec<Holding>>,
    pub debt: Option<Vec<Holding>>,
    pub ltv: Option<Reported<Percent>>,
    pub max_ltv: Option<Percent>,
    pub liquidation_threshold: Option<Percent>,
    pub health_factor: Option<Reported<HealthFactor>>,
    pub liquidation_protection: Option<Box<LiquidationProtection>>,
    pub risk_level: Option<Reported<Level>>,
    pub created_at: Option<UnixMillis>,
    pub updated_at: Option<UnixMillis>,
    pub last_risk_check: Option<UnixMillis>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum VaultStatus {
    Active,
    Liquidated,
    Closed,
    Suspended,
}

/// A figure the platform derived from others, and whether it still belongs to what we know of those. A partial
/// update may bring a new debt without a new LTV: then the old LTV is outdated, not wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reported<T> {
    Current(T),
    Outdated(T),
}

impl<T: Copy> Reported<T> {
    #[must_use]
    pub fn current(self) -> Option<T> {
        match self {
            Self::Current(value) => Some(value),
            Self::Outdated(_) => None,
        }
    }

    #[must_use]
    pub fn value(self) -> T {
        match self {
            Self::Current(value) | Self::Outdated(value) => value,
        }
    }

    /// Another figure, as current as this one.
    #[must_use]
    pub fn map<U>(self, of: impl FnOnce(T) -> U) -> Reported<U> {
        match self {
            Self::Current(value) => Reported::Current(of(value)),
            Self::Outdated(value) => Reported::Outdated(of(value)),
        }
    }
}

/// A quantity of one token, as collateral or as debt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holding {
    pub token: SmolStr,
    pub amount: Option<Amount>,
    #[serde(rename = "valueUSD")]
    pub value: Option<Usd>,
    pub last_updated: Option<UnixMillis>,
}

impl Holding {
    /// The price of one token that amount and value imply.
    #[must_use]
    pub fn price(&self) -> Option<Usd> {
        let amount = self.amount.as_ref()?.value();
        self.value?.0.checked_div(amount).map(Usd)
    }
}

/// The platform's own guard on the vault. `threshold` in percent, `cooldown` in the platform's unit, as given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiquidationProtection {
    #[serde(default)]
    pub enabled: bool,
    #[serde(default)]
    pub threshold: Option<Percent>,
    #[serde(default)]
    pub cooldown: Option<Amount>,
}

/// One `vault_update`: any part of a vault.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VaultPatch {
    pub id: Option<VaultId>,
    pub vault_id: Option<VaultId>,
    /// `full:true`: this is everything, fields that are missing are not known any more.
    pub full: Option<bool>,
    pub agent_id: Patch<SmolStr>,
    pub name: Patch<SmolStr>,
    pub chain_id: Patch<ChainId>,
    pub status: Patch<VaultStatus>,
    // Boxed, because most updates bring figures only and a patch is moved several times on its way.
    pub collateral: Patch<Box<HoldingsPatch>>,
    pub debt: Patch<Box<HoldingsPatch>>,
    pub ltv: Patch<Percent>,
    #[serde(rename = "maxLTV")]
    pub max_ltv: Patch<Percent>,
    pub liquidation_threshold: Patch<Percent>,
    pub health_factor: Patch<HealthFactor>,
    pub liquidation_protection: Patch<Box<LiquidationProtection>>,
    pub risk_level: Patch<Level>,
    pub created_at: Patch<Moment>,
    pub updated_at: Patch<Moment>,
    pub last_risk_check: Patch<Moment>,
}

/// Collateral or debt in an update: one object, or a list of them.
#[derive(Clone, Debug)]
pub enum HoldingsPatch {
    One(HoldingPatch),
    Many(Vec<HoldingPatch>),
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HoldingPatch {
    pub token: Option<SmolStr>,
    pub amount: Patch<Amount>,
    #[serde(rename = "valueUSD")]
    pub value: Patch<Usd>,
    pub last_updated: Patch<Moment>,
}

impl HoldingPatch {
    fn apply(self, to: &mut Holding) {
        if let Some(token) = self.token {
            to.token = token;
        }
        self.amount.apply(&mut to.amount);
        self.value.apply(&mut to.value);
        millis(self.last_updated).apply(&mut to.last_updated);
    }

    fn into_holding(self) -> Holding {
        let mut holding = Holding::default();
        self.apply(&mut holding);
        holding
    }
}

impl HoldingsPatch {
    /// A list replaces what was known. A single object is merged into the one holding of that token, so that
    /// `{"collateral":{"valueUSD":…}}` keeps the amount.
    fn apply(self, to: &mut Option<Vec<Holding>>) {
        let holdings = match self {
            Self::Many(list) => list.into_iter().map(HoldingPatch::into_holding).collect(),
            Self::One(patch) => match to.as_deref_mut() {
                Some([only]) if patch.token.as_ref().is_none_or(|t| *t == only.token) => {
                    return patch.apply(only);
                }
                _ => vec![patch.into_holding()],
            },
        };
        *to = Some(holdings);
    }
}

impl<'de> Deserialize<'de> for HoldingsPatch {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> serde::de::Visitor<'de> for OneOrMany {
            type Value = HoldingsPatch;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a holding {token, amount, valueUSD} or a list of them")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                map: A,
            ) -> Result<HoldingsPatch, A::Error> {
                HoldingPatch::deserialize(serde::de::value::MapAccessDeserializer::new(map))
                    .map(HoldingsPatch::One)
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut seq: A,
            ) -> Result<HoldingsPatch, A::Error> {
                let mut list = Vec::new();
                while let Some(holding) = seq.next_element()? {
                    if list.len() == Vault::HOLDINGS_LIMIT {
                        return Err(serde::de::Error::custom(format_args!(
                            "holds more than {} entries",
                            Vault::HOLDINGS_LIMIT
                        )));
                    }
                    list.push(holding);
                }
                Ok(HoldingsPatch::Many(list))
            }
        }
        from.deserialize_any(OneOrMany)
    }
}

impl Vault {
    /// Most entries in a list of collateral or debt; no lending protocol allows as many.
    pub const HOLDINGS_LIMIT: usize = 256;

    /// A vault of which nothing is known but its name.
    #[must_use]
    pub fn unknown(id: VaultId) -> Self {
        Self {
            id,
            agent_id: None,
            name: None,
            chain_id: None,
            status: None,
            collateral: None,
            debt: None,
            ltv: None,
            max_ltv: None,
            liquidation_threshold: None,
            health_factor: None,
            liquidation_protection: None,
            risk_level: None,
            created_at: None,
            updated_at: None,
            last_risk_check: None,
        }
    }

    /// Applies an update. The caller has checked that it is about this vault.
    // Inlined, so that the parts are taken from where they lie: a patch is too large to be moved for every message.
    #[inline]
    pub fn apply(&mut self, patch: VaultPatch) {
        if patch.full == Some(true) {
            *self = Self::unknown(self.id.clone());
        }
        let values_changed = patch.collateral.speaks() || patch.debt.speaks();
        let solvency_changed = values_changed || patch.ltv.speaks();
        report(patch.ltv, values_changed, &mut self.ltv);
        report(patch.health_factor, solvency_changed, &mut self.health_factor);
        report(patch.risk_level, solvency_changed, &mut self.risk_level);

        patch.agent_id.apply(&mut self.agent_id);
        patch.name.apply(&mut self.name);
        patch.chain_id.apply(&mut self.chain_id);
        patch.status.apply(&mut self.status);
        apply_holdings(patch.collateral, &mut self.collateral);
        apply_holdings(patch.debt, &mut self.debt);
        patch.max_ltv.apply(&mut self.max_ltv);
        patch.liquidation_threshold.apply(&mut self.liquidation_threshold);
        patch.liquidation_protection.apply(&mut self.liquidation_protection);
        millis(patch.created_at).apply(&mut self.created_at);
        millis(patch.updated_at).apply(&mut self.updated_at);
        millis(patch.last_risk_check).apply(&mut self.last_risk_check);
    }

    /// The name to show: the platform's, or the id.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(self.id.as_str())
    }

    /// Total value of the collateral; `None` unless every holding's value is known.
    #[must_use]
    pub fn collateral_value(&self) -> Option<Usd> {
        total(self.collateral.as_deref()?)
    }

    /// Total value of the debt; `None` unless every holding's value is known.
    #[must_use]
    pub fn debt_value(&self) -> Option<Usd> {
        total(self.debt.as_deref()?)
    }
}

/// A reported figure is replaced when it is sent, and outdated when what it was derived from changed without it.
fn report<T: Copy>(patch: Patch<T>, sources_changed: bool, to: &mut Option<Reported<T>>) {
    match patch {
        Patch::Set(value) => *to = Some(Reported::Current(value)),
        Patch::Clear => *to = None,
        Patch::Keep if sources_changed => *to = to.map(|r| Reported::Outdated(r.value())),
        Patch::Keep => {}
    }
}

fn apply_holdings(patch: Patch<Box<HoldingsPatch>>, to: &mut Option<Vec<Holding>>) {
    match patch {
        Patch::Keep => {}
        Patch::Clear => *to = None,
        Patch::Set(holdings) => holdings.apply(to),
    }
}

fn millis(patch: Patch<Moment>) -> Patch<UnixMillis> {
    match patch {
        Patch::Keep => Patch::Keep,
        Patch::Clear => Patch::Clear,
        Patch::Set(moment) => Patch::Set(moment.0),
    }
}

fn total(holdings: &[Holding]) -> Option<Usd> {
    holdings
        .iter()
        .try_fold(Decimal::ZERO, |sum, holding| sum.checked_add(holding.value?.0))
        .map(Usd)
}
