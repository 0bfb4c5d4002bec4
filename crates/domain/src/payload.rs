//! From a message to a typed event, or to the name of the field that is wrong.

use serde::de::DeserializeOwned;
use wire::scan::Unusual;
use wire::{Invalid, InvalidKind, Message};

use crate::alert_state::AlertState;
use crate::kind::Kind;
use crate::market::MarketPatch;
use crate::platform_alert::PlatformAlert;
use crate::quick;
use crate::status::{SystemStatus, extra_fields};
use crate::units::{ChainId, VaultId};
use crate::vault::VaultPatch;

/// A message understood.
#[derive(Debug)]
pub enum Payload {
    Vault(VaultId, Box<VaultPatch>),
    Market(ChainId, Box<MarketPatch>),
    Status(Box<SystemStatus>, serde_json::Map<String, serde_json::Value>),
    Alert(Box<PlatformAlert>),
    /// Somebody's acknowledgement or snooze.
    AlertState(Box<AlertState>),
    Custom,
}

impl Payload {
    /// Decodes and validates the `data` of a message.
    ///
    /// # Errors
    /// [`InvalidKind::Payload`] with the field's path; nothing of such a message is applied.
    pub fn of(message: &Message) -> Result<Self, Invalid> {
        match Kind::of(message.ty()) {
            Kind::VaultUpdate(named) => {
                let patch = vault_patch(message)?;
                let told = patch.vault_id.as_ref().or(patch.id.as_ref());
                match (named, told) {
                    (Some(named), Some(told)) if named != told.as_str() => {
                        Err(contradicts(message, "vaultId"))
                    }
                    (Some(named), _) => Ok(Self::Vault(VaultId::checked(named), patch)),
                    (None, Some(told)) => Ok(Self::Vault(told.clone(), patch)),
                    (None, None) => Err(missing(message, "vaultId")),
                }
            }
            Kind::MarketData(named) => {
                let patch: MarketPatch = decode(message)?;
                let chain = named.or(patch.chain_id).ok_or_else(|| missing(message, "chainId"))?;
                if patch.chain_id.is_some_and(|told| told != chain) {
                    return Err(contradicts(message, "chainId"));
                }
                Ok(Self::Market(chain, Box::new(patch)))
            }
            Kind::SystemStatus => {
                Ok(Self::Status(Box::new(decode(message)?), extra_fields(message.data())))
            }
            Kind::RiskAlert => Ok(Self::Alert(Box::new(decode(message)?))),
            Kind::AlertState => Ok(Self::AlertState(Box::new(decode(message)?))),
            Kind::Custom => Ok(Self::Custom),
        }
    }
}

fn vault_patch(message: &Message) -> Result<Box<VaultPatch>, Invalid> {
    quick::vault_patch(message.data()).or_else(|Unusual| decode(message).map(Box::new))
}

/// Decodes fast; only what fails is decoded again, slowly, to learn where it is wrong.
fn decode<T: DeserializeOwned>(message: &Message) -> Result<T, Invalid> {
    message.decode().map_err(|_| {
        let mut json = serde_json::Deserializer::from_slice(message.data());
        match serde_path_to_error::deserialize::<_, T>(&mut json) {
            Ok(_) => {
                Invalid::new(InvalidKind::Payload, "is not what its type promises", message.data())
            }
            Err(error) => {
                let path = error.path().to_string();
                let field = if path == "." { "data".to_owned() } else { format!("data.{path}") };
                let reason = error.inner().to_string();
                // The position is that within `data`, which nobody can look up.
                let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
                Invalid::new(InvalidKind::Payload, reason, message.data()).with_field(field)
            }
        }
    })
}

fn missing(message: &Message, field: &str) -> Invalid {
    Invalid::new(InvalidKind::Payload, "is missing, and the type does not name it", message.data())
        .with_field(format!("data.{field}"))
}

fn contradicts(message: &Message, field: &str) -> Invalid {
    Invalid::new(InvalidKind::Payload, "is not the one that the type names", message.data())
        .with_field(format!("data.{field}"))
}
