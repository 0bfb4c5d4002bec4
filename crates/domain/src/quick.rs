//! Vault updates read without the general decoder.
//!
//! Nearly every message of a feed is one, and nearly every one is a flat object of plain figures. Whatever is not (an
//! escape in a name, a field given twice, a figure in scientific notation, anything wrong) is left to `serde`, whose
//! word counts and whose errors name the field. So nothing may be accepted here that is refused there, or read
//! differently; the tests hold the two against each other.

use std::str::FromStr;

use rust_decimal::Decimal;
use smol_str::SmolStr;
use wire::scan::{self, Figure, Raw, Unusual};

use crate::moment::Moment;
use crate::patch::Patch;
use crate::units::{ChainId, HealthFactor, Percent, Usd, VaultId, short, short_parts};
use crate::vault::{HoldingPatch, HoldingsPatch, VaultPatch, VaultStatus};
use crate::{Amount, Level};

/// A value that is common enough to be read here.
trait Quick: Sized {
    fn quick(raw: Raw<'_>) -> Option<Self>;
}

// Boxed from the start: it is moved several times on its way.
pub(crate) fn vault_patch(json: &[u8]) -> Result<Box<VaultPatch>, Unusual> {
    let mut patch = Box::<VaultPatch>::default();
    scan::fields(json, |key, raw| match key {
        b"ltv" => set(&mut patch.ltv, raw),
        b"maxLTV" => set(&mut patch.max_ltv, raw),
        b"liquidationThreshold" => set(&mut patch.liquidation_threshold, raw),
        b"healthFactor" => set(&mut patch.health_factor, raw),
        b"status" => set(&mut patch.status, raw),
        b"riskLevel" => set(&mut patch.risk_level, raw),
        b"collateral" => set(&mut patch.collateral, raw),
        b"debt" => set(&mut patch.debt, raw),
        b"id" => tell(&mut patch.id, raw),
        b"vaultId" => tell(&mut patch.vault_id, raw),
        b"full" => tell(&mut patch.full, raw),
        b"agentId" => set(&mut patch.agent_id, raw),
        b"name" => set(&mut patch.name, raw),
        b"chainId" => set(&mut patch.chain_id, raw),
        b"createdAt" => set(&mut patch.created_at, raw),
        b"updatedAt" => set(&mut patch.updated_at, raw),
        b"lastRiskCheck" => set(&mut patch.last_risk_check, raw),
        // So rare that it is not worth a second reader.
        b"liquidationProtection" => Err(Unusual),
        _ => Ok(()),
    })?;
    Ok(patch)
}

/// A field of which `null` says that it is not known any more. Twice is an error, which others word.
#[inline]
fn set<T: Quick>(to: &mut Patch<T>, raw: Raw<'_>) -> Result<(), Unusual> {
    if to.speaks() {
        return Err(Unusual);
    }
    *to = match T::quick(raw) {
        Some(value) => Patch::Set(value),
        None if raw.json() == b"null" => Patch::Clear,
        None => return Err(Unusual),
    };
    Ok(())
}

#[inline]
fn tell<T: Quick>(to: &mut Option<T>, raw: Raw<'_>) -> Result<(), Unusual> {
    match to.replace(T::quick(raw).ok_or(Unusual)?) {
        None => Ok(()),
        Some(_) => Err(Unusual),
    }
}

/// The text of a figure, which may be sent as a string.
fn figure(raw: Raw<'_>) -> Option<&str> {
    match raw.json().first() {
        Some(b'0'..=b'9') => str::from_utf8(raw.json()).ok(),
        _ => raw.text(),
    }
}

// Inlined, so that the figure is built where it is to lie: moved once, it would cost more than it took to read.
#[inline(always)]
fn decimal(raw: Raw<'_>) -> Option<Decimal> {
    let Figure { mantissa, scale } = match raw.figure() {
        Some(figure) => figure,
        None => quoted(raw)?,
    };
    Some(short(mantissa, scale))
}

#[inline(never)]
fn quoted(raw: Raw<'_>) -> Option<Figure> {
    let (mantissa, scale) = short_parts(raw.text()?.as_bytes())?;
    Some(Figure { mantissa, scale })
}

impl Quick for Percent {
    #[inline(always)]
    fn quick(raw: Raw<'_>) -> Option<Self> {
        decimal(raw).map(Self)
    }
}

impl Quick for HealthFactor {
    #[inline(always)]
    fn quick(raw: Raw<'_>) -> Option<Self> {
        decimal(raw).map(Self)
    }
}

impl Quick for Usd {
    #[inline(always)]
    fn quick(raw: Raw<'_>) -> Option<Self> {
        decimal(raw).map(Self)
    }
}

impl Quick for Amount {
    fn quick(raw: Raw<'_>) -> Option<Self> {
        Self::parse(figure(raw)?).ok()
    }
}

impl Quick for ChainId {
    fn quick(raw: Raw<'_>) -> Option<Self> {
        Self::from_str(figure(raw)?).ok()
    }
}

impl Quick for Moment {
    fn quick(raw: Raw<'_>) -> Option<Self> {
        Self::parse(figure(raw)?)
    }
}

impl Quick for SmolStr {
    fn quick(raw: Raw<'_>) -> Option<Self> {
        raw.text().map(Self::new)
    }
}

impl Quick for VaultId {
    fn quick(raw: Raw<'_>) -> Option<Self> {
        Self::new(raw.text()?).ok()
    }
}

impl Quick for bool {
    fn quick(raw: Raw<'_>) -> Option<Self> {
        match raw.json() {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        }
    }
}

impl Quick for VaultStatus {
    #[inline]
    fn quick(raw: Raw<'_>) -> Option<Self> {
        Some(match raw.json() {
            br#""ACTIVE""# => Self::Active,
            br#""LIQUIDATED""# => Self::Liquidated,
            br#""CLOSED""# => Self::Closed,
            br#""SUSPENDED""# => Self::Suspended,
            _ => return None,
        })
    }
}

impl Quick for Level {
    fn quick(raw: Raw<'_>) -> Option<Self> {
        Some(match raw.json() {
            br#""LOW""# => Self::Low,
            br#""MEDIUM""# => Self::Medium,
            br#""HIGH""# => Self::High,
            br#""CRITICAL""# => Self::Critical,
            _ => return None,
        })
    }
}

impl Quick for Box<HoldingsPatch> {
    fn quick(raw: Raw<'_>) -> Option<Self> {
        let holdings = match raw.json().first() {
            Some(b'{') => HoldingsPatch::One(holding(raw.json()).ok()?),
            Some(b'[') => serde_json::from_slice(raw.json()).ok()?,
            _ => return None,
        };
        Some(Self::new(holdings))
    }
}

fn holding(json: &[u8]) -> Result<HoldingPatch, Unusual> {
    let mut patch = HoldingPatch::default();
    scan::fields(json, |key, raw| match key {
        b"token" => tell(&mut patch.token, raw),
        b"amount" => set(&mut patch.amount, raw),
        b"valueUSD" => set(&mut patch.value, raw),
        b"lastUpdated" => set(&mut patch.last_updated, raw),
        _ => Ok(()),
    })?;
    Ok(patch)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is taken here, `serde` takes too and reads the same.
    #[track_caller]
    fn agree(json: &str) {
        let Ok(quick) = vault_patch(json.as_bytes()) else { return };
        let general: Box<VaultPatch> = match serde_json::from_str(json) {
            Ok(patch) => patch,
            Err(error) => panic!("{json} is refused: {error}"),
        };
        assert_eq!(format!("{quick:?}"), format!("{general:?}"), "{json}");
    }

    #[test]
    fn ordinary_updates_are_read_here() {
        for json in [
            "{}",
            r#"{"ltv":75.10,"maxLTV":80,"liquidationThreshold":"82.5","healthFactor":1.098,"status":"ACTIVE"}"#,
            r#"{"ltv":null,"vaultId":"A","full":true,"riskLevel":"HIGH","chainId":"137","name":"Größe"}"#,
            r#"{"collateral":{"token":"ETH","amount":1.5,"valueUSD":3000},"debt":[{"token":"DAI"}]}"#,
            r#"{"updatedAt":"2025-11-22T08:26:40Z","createdAt":1763800000000,"new":{"x":[1]}}"#,
        ] {
            assert!(vault_patch(json.as_bytes()).is_ok(), "{json}");
            agree(json);
        }
    }

    #[test]
    fn whatever_is_unusual_is_left_to_serde() {
        for json in [
            "[]",
            r#"{"ltv":-1}"#,
            r#"{"ltv":1e1}"#,
            r#"{"ltv":true}"#,
            r#"{"ltv":1,"ltv":2}"#,
            r#"{"ltv":null,"ltv":2}"#,
            r#"{"id":null}"#,
            r#"{"vaultId":"A","vaultId":"A"}"#,
            r#"{"name":"a\"b"}"#,
            r#"{"status":"active"}"#,
            r#"{"collateral":{"amount":-1}}"#,
            r#"{"liquidationProtection":{"enabled":true}}"#,
        ] {
            assert_eq!(vault_patch(json.as_bytes()).err(), Some(Unusual), "{json}");
        }
    }

    fn value() -> impl Strategy<Value = String> {
        let figure = "-?(0|[1-9][0-9]{0,22})(\\.[0-9]{1,22})?([eE][+-]?[0-9]{1,2})?";
        let leaf = prop_oneof![
            4 => figure,
            2 => "\"[0-9]{0,19}\\.?[0-9]{0,19}\"",
            1 => "\"(ACTIVE|CLOSED|SUSPENDED|LIQUIDATED|LOW|MEDIUM|HIGH|CRITICAL|A|\\+5|-0|2025-11-22T08:26:40Z)\"",
            1 => "\"([a-zé]|\\\\n|\\\\u00e9){0,40}\"",
            1 => "(true|false|null)",
        ];
        let holding = prop::collection::vec(
            (
                prop_oneof![
                    Just("token"),
                    Just("amount"),
                    Just("valueUSD"),
                    Just("lastUpdated"),
                    Just("x")
                ],
                prop_oneof![leaf.clone(), Just("{}".to_owned())],
            ),
            0..5,
        )
        .prop_map(object);
        prop_oneof![
            6 => leaf,
            2 => holding.clone(),
            1 => prop::collection::vec(holding, 0..3).prop_map(|list| format!("[{}]", list.join(","))),
        ]
    }

    fn object(fields: Vec<(&'static str, String)>) -> String {
        let fields: Vec<_> =
            fields.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
        format!("{{{}}}", fields.join(", "))
    }

    fn update() -> impl Strategy<Value = String> {
        let key = prop::sample::select(vec![
            "id",
            "vaultId",
            "full",
            "agentId",
            "name",
            "chainId",
            "status",
            "collateral",
            "debt",
            "ltv",
            "maxLTV",
            "liquidationThreshold",
            "healthFactor",
            "liquidationProtection",
            "riskLevel",
            "createdAt",
            "updatedAt",
            "lastRiskCheck",
            "x",
            "\\u006ctv",
        ]);
        prop::collection::vec((key, value()), 0..7).prop_map(object)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn both_readers_agree_on_anything(json in update()) {
            agree(&json);
        }

        #[test]
        fn both_readers_agree_on_what_was_damaged(
            json in update(),
            damage in prop::collection::vec((any::<prop::sample::Index>(), "[\"\\\\{}\\[\\],:0-9eE.+\\-tfn \t\x01]?"), 1..4),
        ) {
            let mut json: Vec<char> = json.chars().collect();
            for (at, with) in damage {
                let at = at.index(json.len());
                json.splice(at..=at, with.chars());
                if json.is_empty() { break; }
            }
            agree(&json.into_iter().collect::<String>());
        }
    }
}
