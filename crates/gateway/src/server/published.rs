use serde::Deserialize;
use smol_str::{SmolStr, format_smolstr};
use tokio_tungstenite::tungstenite::Utf8Bytes;
use wire::{Invalid, InvalidKind, Message, TYPE_LIMIT};

use super::topics::Topics;
use crate::log::Part;

/// A message on its way to every client: encoded once, shared by all of them.
#[derive(Clone, Debug)]
pub(crate) struct Published {
    pub(super) ty: SmolStr,
    /// Begins with a brace and names no place.
    pub(super) text: Utf8Bytes,
    /// Stored once however often it is published.
    pub(super) id: Option<SmolStr>,
    pub(super) kind: PublishedKind,
}

#[derive(Clone, Debug)]
pub(super) enum PublishedKind {
    /// A value, or a part of it, that a newer one of the same key makes superfluous.
    State { key: SmolStr, part: Part },
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
    #[serde(default)]
    enc: Option<serde::de::IgnoredAny>,
}

impl Marks {
    fn part(&self) -> Part {
        match (self.enc.is_some(), self.full == Some(true)) {
            (false, true) => Part::Full,
            (false, false) => Part::Fields,
            (true, false) => Part::Sealed,
            (true, true) => Part::SealedFull,
        }
    }
}

impl Published {
    pub(crate) fn state(key: SmolStr, full: bool, text: Utf8Bytes) -> Self {
        let part = if full { Part::Full } else { Part::Fields };
        Self { ty: key.clone(), text, id: None, kind: PublishedKind::State { key, part } }
    }

    pub(crate) fn event(ty: SmolStr, text: Utf8Bytes) -> Self {
        Self { ty, text, id: None, kind: PublishedKind::Event }
    }

    /// Known by its id from now on.
    pub(super) fn once(mut self, id: Option<SmolStr>) -> Self {
        self.id = id;
        self
    }

    /// Whether rights to publish cover it, by its type or, of a `vault_update`, by the vault in its data.
    pub(super) fn is_within(&self, rights: &Topics) -> bool {
        let key = match &self.kind {
            PublishedKind::State { key, .. } => Some(key),
            PublishedKind::Event => None,
        };
        rights.matches(&self.ty) || key.is_some_and(|key| rights.matches(key))
    }

    /// What a client published, sorted by its type.
    ///
    /// # Errors
    /// [`InvalidKind::Payload`] when it is a state message whose `data` is no object, or a `vault_update` that does
    /// not say of which vault.
    pub(super) fn classify(message: &Message, text: Utf8Bytes) -> Result<Self, Invalid> {
        let ty = message.ty();
        let text = placeable(message, text);
        let keyed = ["vault_update_", "market_data_"]
            .iter()
            .any(|prefix| ty.len() > prefix.len() && ty.starts_with(prefix));
        if !keyed && ty != "system_status" && ty != "vault_update" {
            return Ok(Self::event(message.ty().into(), text));
        }
        let fault = |reason: String| Invalid::new(InvalidKind::Payload, reason, text.as_bytes());
        if message.data().first() != Some(&b'{') {
            return Err(fault("must be an object".into()).with_field("data"));
        }
        let marks: Marks = message.decode().map_err(|e| fault(e.to_string()))?;
        let part = marks.part();
        let key = match marks.vault_id {
            Some(vault) if ty == "vault_update" => format_smolstr!("vault_update_{vault}"),
            None if ty == "vault_update" => {
                return Err(fault("is missing".into()).with_field("data.vaultId"));
            }
            _ => message.ty().into(),
        };
        if key.len() > TYPE_LIMIT || key.chars().any(char::is_control) {
            return Err(fault("is no id".into()).with_field("data.vaultId"));
        }
        let ty = message.ty().into();
        Ok(Self { ty, text, id: None, kind: PublishedKind::State { key, part } })
    }
}

/// The text as it came, unless a place cannot be written in front of it or there is something like one in it.
fn placeable(message: &Message, text: Utf8Bytes) -> Utf8Bytes {
    let taken = ["\"offset\"", "\"prev\"", "\"snapshot\"", "\\u"];
    let fits = text.starts_with('{') && !taken.iter().any(|name| text.contains(name));
    if fits { text } else { message.to_json().into() }
}
