use domain::{ChainId, Kind, VaultId};
use realtime::{Middleware, Verdict};
use serde::Deserialize;
use serde_json::value::RawValue;
use wire::Message;

/// Gives a message that names its vault or chain in `data` alone (`vault_update`, `market_data`) the type that names it,
/// because streams are sorted by type.
#[derive(Debug)]
pub(super) struct Canonical;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Names {
    #[serde(default)]
    id: Option<VaultId>,
    #[serde(default)]
    vault_id: Option<VaultId>,
    #[serde(default)]
    chain_id: Option<ChainId>,
}

impl Middleware for Canonical {
    fn name(&self) -> &str {
        "canonical"
    }

    fn inbound(&self, message: &Message) -> Verdict {
        let named = match Kind::of(message.ty()) {
            Kind::VaultUpdate(None) => names(message)
                .and_then(|names| Some(format!("vault_update_{}", names.vault_id.or(names.id)?))),
            Kind::MarketData(None) => {
                names(message).and_then(|names| Some(format!("market_data_{}", names.chain_id?.0)))
            }
            _ => None,
        };
        // What names nothing is no part of any stream.
        named.and_then(|ty| renamed(message, &ty)).map_or(Verdict::Pass, Verdict::Replace)
    }
}

fn names(message: &Message) -> Option<Names> {
    message.decode().ok()
}

fn renamed(message: &Message, ty: &str) -> Option<Message> {
    let data: Box<RawValue> = message.decode().ok()?;
    Message::new(ty, &data, message.timestamp, message.id()).ok()
}

#[cfg(test)]
mod tests {
    use wire::UnixMillis;

    use super::*;

    #[track_caller]
    fn check(ty: &str, data: &str, expected: Option<&str>) {
        let data: Box<RawValue> = serde_json::from_str(data).unwrap();
        let message = Message::new(ty, &data, UnixMillis(7), Some("id")).unwrap();
        let expected = expected.map_or(Verdict::Pass, |ty| {
            Verdict::Replace(Message::new(ty, &data, UnixMillis(7), Some("id")).unwrap())
        });
        assert_eq!(Canonical.inbound(&message), expected, "{ty} {}", data.get());
    }

    #[test]
    fn what_names_its_key_in_its_data_alone_is_renamed() {
        check("vault_update", r#"{"vaultId":"123","ltv":75.10}"#, Some("vault_update_123"));
        check("vault_update", r#"{"id":"123"}"#, Some("vault_update_123"));
        check("market_data", r#"{"chainId":1}"#, Some("market_data_1"));
        for (ty, data) in [
            ("vault_update_1", r#"{"vaultId":"1"}"#),
            ("vault_update", r#"{"ltv":75}"#),
            ("vault_update", "75"),
            ("market_data", r#"{"chainId":"one"}"#),
            ("risk_alert", r#"{"vaultId":"1"}"#),
        ] {
            check(ty, data, None);
        }
    }
}
