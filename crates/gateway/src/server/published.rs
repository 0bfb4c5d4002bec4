use serde::Deserialize;
use smol_str::{SmolStr, format_smolstr};
use tokio_tungstenite::tungstenite::Utf8Bytes;
use wire::{Invalid, InvalidKind, Message, TYPE_LIMIT};

/// A message on its way to every client: encoded once, shared by all of them.
#[derive(Clone, Debug)]
pub(crate) struct Published {
    pub(super) text: Utf8Bytes,
    pub(super) kind: PublishedKind,
}

#[derive(Clone, Debug)]
pub(super) enum PublishedKind {
    /// A value, or a part of it, that a newer one of the same key makes superfluous.
    State { key: SmolStr, full: bool },
    /// Something that happened: each one counts.
    Event,
}

/// The parts of a state message's `data` that say which value it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Marks {
    #[serde(default)]
    full: Option<bool>,
    #[serde(default)]
    vault_id: Option<SmolStr>,
}

impl Published {
    pub(crate) fn state(key: SmolStr, full: bool, text: Utf8Bytes) -> Self {
        Self { text, kind: PublishedKind::State { key, full } }
    }

    pub(crate) fn event(text: Utf8Bytes) -> Self {
        Self { text, kind: PublishedKind::Event }
    }

    /// What a client published, sorted by its type.
    ///
    /// # Errors
    /// [`InvalidKind::Payload`] when it is a state message whose `data` is no object, or a `vault_update` that does
    /// not say of which vault.
    pub(super) fn classify(message: &Message, text: Utf8Bytes) -> Result<Self, Invalid> {
        let ty = message.ty.as_str();
        let keyed = ["vault_update_", "market_data_"]
            .iter()
            .any(|prefix| ty.len() > prefix.len() && ty.starts_with(prefix));
        if !keyed && ty != "system_status" && ty != "vault_update" {
            return Ok(Self::event(text));
        }
        let fault = |reason: String| Invalid::new(InvalidKind::Payload, reason, text.as_bytes());
        if message.data().first() != Some(&b'{') {
            return Err(fault("must be an object".into()).with_field("data"));
        }
        let marks: Marks = message.decode().map_err(|e| fault(e.to_string()))?;
        let key = match marks.vault_id {
            Some(vault) if ty == "vault_update" => format_smolstr!("vault_update_{vault}"),
            None if ty == "vault_update" => {
                return Err(fault("is missing".into()).with_field("data.vaultId"));
            }
            _ => message.ty.clone(),
        };
        if key.len() > TYPE_LIMIT || key.chars().any(char::is_control) {
            return Err(fault("is no id".into()).with_field("data.vaultId"));
        }
        Ok(Self::state(key, marks.full == Some(true), text))
    }
}
