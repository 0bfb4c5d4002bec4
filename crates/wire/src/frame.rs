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

/// Text that lies in memory which others share.
struct Part<'a> {
    text: &'a str,
    memory: Bytes,
}

impl AsRef<str> for Part<'_> {
    fn as_ref(&self) -> &str {
        self.text
    }
}

impl From<Part<'_>> for Bytes {
    fn from(part: Part<'_>) -> Self {
        part.memory
    }
}

impl Frame {
    /// Parses a text frame. The messages share its memory.
    ///
    /// # Errors
    /// [`InvalidKind::NotText`] and those of [`Frame::parse_text`].
    pub fn parse(frame: Bytes) -> Result<Self, Invalid> {
        let text = str::from_utf8(&frame)
            .map_err(|e| Invalid::new(InvalidKind::NotText, e.to_string(), &frame))?;
        Self::parse_text(Part { text, memory: frame.clone() })
    }

    /// Parses a text frame that is known to be UTF-8. The messages share its memory.
    ///
    /// # Errors
    /// [`InvalidKind::NotJson`], [`InvalidKind::NotObject`], [`InvalidKind::Envelope`] for the frame as a whole,
    /// [`InvalidKind::Batch`] for a batch that is too long or has no `updates`.
    #[inline]
    pub fn parse_text(text: impl AsRef<str> + Into<Bytes>) -> Result<Self, Invalid> {
        let message = Message::parse(text)?;
        if message.is(BATCH_UPDATE) { unpack(&message) } else { Ok(Self::Single(message)) }
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

// Not inlined where single messages pass.
#[inline(never)]
fn unpack(envelope: &Message) -> Result<Frame, Invalid> {
    let data = envelope.data();
    let fault =
        |reason: String| Invalid::new(InvalidKind::Batch, reason, data).with_field("data.updates");
    let batch: Batch<'_> = serde_json::from_slice(data).map_err(|e| fault(e.to_string()))?;
    if batch.updates.len() > BATCH_LIMIT {
        let count = batch.updates.len();
        return Err(fault(format!("holds {count} messages, {BATCH_LIMIT} are allowed")));
    }
    let one = |raw: &&RawValue| {
        let text = raw.get();
        let message = Message::parse(Part { text, memory: envelope.memory_of(text) })?;
        if message.is(BATCH_UPDATE) {
            let reason = "a batch within a batch";
            return Err(Invalid::new(InvalidKind::Batch, reason, text.as_bytes()));
        }
        Ok(message)
    };
    Ok(Frame::Batch(batch.updates.iter().map(one).collect()))
}
