use std::collections::BTreeMap;
use std::fmt::Debug;

use domain::level::Measure;
use domain::patch::Patch;
use domain::payload::Payload;
use domain::platform_alert::{AlertType, Category, PlatformAlert};
use domain::vault::{VaultPatch, VaultStatus};
use domain::{Kind, Level, Vault, VaultId, solvency};
use serde_json::value::RawValue;
use wire::Message;

use crate::json;

/// What no plugin may hide or bend.
pub trait Protection: Debug + Send + Sync {
    /// Whether the message must reach the application.
    fn must_pass(&self, message: &Message) -> bool;

    /// Whether a plugin may put `after` in the place of `before`.
    ///
    /// # Errors
    /// Why not, for the author.
    fn may_replace(&self, before: &Message, after: &Message) -> Result<(), String>;
}

/// What it means for credit vaults.
///
/// **Must pass**: a `risk_alert` that is not resolved and has severity `CRITICAL`, type `CRITICAL` or category
/// `LIQUIDATION`; a vault update that shows a vault as critical or liquidated, *and every one that might*: a part of a
/// vault (`{"ltv":76}`) cannot be judged without the rest, which plugins do not have. Only an update that brings both
/// its figures and its `liquidationThreshold`, and is not critical by them, one that says nothing of solvency, or one
/// that tells of a closed vault may be dropped. So may a resolution: the alert then stays open. What is not valid or
/// encrypted cannot be judged and passes.
///
/// **May be changed**: everything but what levels and alerts are made of. Type, id and time of a message stay. Of a
/// vault update, everything that solvency is judged by and the vault's id; of a `risk_alert` that must pass,
/// everything that VaultWatch reads; of any other one, all but what it is about and whether it is over; an
/// `alert_state` altogether. Market data keep their chain. A custom message may become another custom message. What
/// was valid stays valid.
#[derive(Clone, Copy, Debug, Default)]
pub struct VaultProtection;

/// What solvency is judged by, and whose it is.
const OF_VAULT: &[&str] = &[
    "id",
    "vaultId",
    "full",
    "chainId",
    "status",
    "collateral",
    "debt",
    "ltv",
    "maxLTV",
    "liquidationThreshold",
    "healthFactor",
    "riskLevel",
    "liquidationProtection",
    "enc",
];
const OF_MARKET: &[&str] = &["chainId", "full", "enc"];
/// What an alert is about, and whether it is over.
const OF_ALERT: &[&str] = &["id", "vaultId", "type", "category", "acknowledged", "resolved", "enc"];
const OF_CRITICAL_ALERT: &[&str] = &[
    "id",
    "vaultId",
    "type",
    "category",
    "acknowledged",
    "resolved",
    "enc",
    "severity",
    "title",
    "message",
    "metadata",
    "escalationLevel",
    "autoEscalation",
    "relatedAlerts",
];

impl Protection for VaultProtection {
    fn must_pass(&self, message: &Message) -> bool {
        match Payload::of(message) {
            Ok(Payload::Vault(id, patch)) => vault_must_pass(id, *patch, message),
            Ok(Payload::Alert(alert)) => alert_must_pass(&alert),
            Ok(_) => false,
            Err(_) => matches!(Kind::of(message.ty()), Kind::VaultUpdate(_) | Kind::RiskAlert),
        }
    }

    fn may_replace(&self, before: &Message, after: &Message) -> Result<(), String> {
        if before.id() != after.id() || before.timestamp != after.timestamp {
            return Err("id and timestamp of a message must stay".to_owned());
        }
        let kind = Kind::of(before.ty());
        if before.ty() != after.ty()
            && !(kind == Kind::Custom && crate::acts::may_be_emitted(after.ty()))
        {
            return Err(format!("`{}` must not become `{}`", before.ty(), after.ty()));
        }
        let was_valid = Payload::of(before).is_ok();
        if let Err(invalid) = Payload::of(after) {
            return Err(format!("would not be valid: {invalid}"));
        }
        let kept = match kind {
            Kind::VaultUpdate(_) => OF_VAULT,
            Kind::MarketData(_) => OF_MARKET,
            Kind::RiskAlert if self.must_pass(before) => OF_CRITICAL_ALERT,
            Kind::RiskAlert => OF_ALERT,
            Kind::AlertState => return Err("what somebody did must stay as it is".to_owned()),
            Kind::SystemStatus | Kind::Custom => return Ok(()),
        };
        if !was_valid {
            // To repair it would be to make up what it said.
            return Err("a message that is not valid must stay as it is".to_owned());
        }
        let (before, after) = (fields(before), fields(after));
        match kept.iter().find(|name| before.get(**name) != after.get(**name)) {
            Some(name) => Err(format!("`{name}` must stay as it is")),
            None => Ok(()),
        }
    }
}

/// The fields of `data` in one spelling.
fn fields(message: &Message) -> BTreeMap<String, String> {
    let raw: BTreeMap<String, Box<RawValue>> = message.decode().unwrap_or_default();
    let spelled = |raw: Box<RawValue>| {
        let value = json::read(raw.get()).and_then(|value| json::write(&value, usize::MAX).ok());
        value.map_or_else(|| raw.get().to_owned(), |value| value.get().to_owned())
    };
    raw.into_iter().map(|(name, raw)| (name, spelled(raw))).collect()
}

fn alert_must_pass(alert: &PlatformAlert) -> bool {
    alert.resolved != Some(true)
        && (alert.effective_severity() == Level::Critical
            || alert.ty == Some(AlertType::Critical)
            || alert.category == Some(Category::Liquidation))
}

fn vault_must_pass(id: VaultId, patch: VaultPatch, message: &Message) -> bool {
    match patch.status {
        Patch::Set(VaultStatus::Liquidated) => return true,
        Patch::Set(VaultStatus::Closed) => return false,
        _ => {}
    }
    if fields(message).contains_key("enc") {
        return true;
    }
    let says_nothing = !(patch.status.speaks()
        || patch.collateral.speaks()
        || patch.debt.speaks()
        || patch.ltv.speaks()
        || patch.max_ltv.speaks()
        || patch.liquidation_threshold.speaks()
        || patch.health_factor.speaks()
        || patch.risk_level.speaks());
    if says_nothing {
        return false;
    }
    let told_all = patch.full == Some(true);
    let mut vault = Vault::unknown(id);
    vault.apply(patch);
    let limit = vault.liquidation_threshold.is_some_and(|limit| limit != domain::Percent::ZERO);
    let measure = solvency::measure(&vault);
    let judged = match measure {
        // By its own figures and limit, whatever else is known of the vault.
        Some(Measure::Room(_) | Measure::CorrelatedRoom(_)) => {
            vault.ltv.is_some() && limit || told_all
        }
        Some(Measure::Ltv(_) | Measure::HealthFactor(_)) | None => told_all,
    };
    !judged || solvency::level(&vault, measure) == Some(Level::Critical)
}
