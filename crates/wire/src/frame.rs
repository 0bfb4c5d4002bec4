use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{BATCH_UPDATE, Invalid, InvalidKind, Message};

/// Most envelopes in one `batch_update`.
pub const BATCH_LIMIT: usize = 1_000;

/// What one text frame held.
#[derive(Debug)]
pub enum Frame {
    Single(Message),
    /// A `batch_update` unpacked. Each inner envelope stands alone: a bad one spoils only itself.
    Batch(Vec<Result<Message, Invalid>>),
}

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    updates: Vec<&'a RawValue>,
}

impl Frame {
    /// Parses a text frame. The messages share its memory.
    ///
    /// # Errors
    /// [`InvalidKind::NotText`], [`InvalidKind::NotJson`], [`InvalidKind::NotObject`], [`InvalidKind::Envelope`] for the frame as a whole,
    /// [`InvalidKind::Batch`] for a batch that is too long or has no `updates`.
    pub fn parse(frame: &Bytes) -> Result<Self, Invalid> {
        let text = str::from_utf8(frame)
            .map_err(|e| Invalid::new(InvalidKind::NotText, e.to_string(), frame))?;
        let message = Message::parse(frame, text)?;
        if message.ty != BATCH_UPDATE {
            return Ok(Self::Single(message));
        }
        let fault = |reason: String| {
            Invalid::new(InvalidKind::Batch, reason, frame).with_field("data.updates")
        };
        let batch: Batch<'_> =
            serde_json::from_slice(message.data()).map_err(|e| fault(e.to_string()))?;
        if batch.updates.len() > BATCH_LIMIT {
            let count = batch.updates.len();
            return Err(fault(format!("holds {count} messages, {BATCH_LIMIT} are allowed")));
        }
        let unpack = |raw: &&RawValue| {
            let inner = Message::parse(frame, raw.get())?;
            if inner.ty == BATCH_UPDATE {
                let text = raw.get().as_bytes();
                return Err(Invalid::new(InvalidKind::Batch, "a batch within a batch", text));
            }
            Ok(inner)
        };
        Ok(Self::Batch(batch.updates.iter().map(unpack).collect()))
    }

    /// Packs messages into one `batch_update` frame, in order.
    #[must_use]
    pub fn pack(messages: &[Message], timestamp: crate::UnixMillis) -> String {
        let mut json = String::from(r#"{"type":"batch_update","data":{"updates":["#);
        for (i, message) in messages.iter().enumerate() {
            if i > 0 {
                json.push(',');
            }
            json.push_str(&message.to_json());
        }
        json.push_str(r#"]},"timestamp":"#);
        json.push_str(&timestamp.to_string());
        json.push('}');
        json
    }
}
