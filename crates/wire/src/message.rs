use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use smol_str::SmolStr;

use crate::{Invalid, InvalidKind, Place, UnixMillis};

/// Longest `type`, in bytes.
pub const TYPE_LIMIT: usize = 256;
/// Longest `id`, in bytes.
pub const ID_LIMIT: usize = 128;

/// One envelope: `{"type", "data", "timestamp", "id"?}`.
///
/// `data` stays the JSON text that was received, sharing the frame's memory, so every decimal digit survives
/// until somebody who knows the type decodes it.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    pub ty: SmolStr,
    pub timestamp: UnixMillis,
    pub id: Option<SmolStr>,
    /// What a server of `vaultwatch.v1` says of its place in the log.
    pub place: Option<Place>,
    data: Bytes,
}

/// The envelope as it lies in the frame.
#[derive(Deserialize)]
pub(crate) struct RawEnvelope<'a> {
    #[serde(rename = "type", borrow)]
    pub(crate) ty: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) data: &'a RawValue,
    pub(crate) timestamp: i64,
    #[serde(default, borrow)]
    pub(crate) id: Option<Cow<'a, str>>,
    // Raw: in plain mode these are fields like any other that nobody knows, and may hold anything.
    #[serde(default, borrow)]
    offset: Option<&'a RawValue>,
    #[serde(default, borrow)]
    prev: Option<&'a RawValue>,
    #[serde(default, borrow)]
    snapshot: Option<&'a RawValue>,
}

impl RawEnvelope<'_> {
    fn place(&self) -> Option<Place> {
        let number = |raw: Option<&RawValue>| raw?.get().parse().ok();
        let offset = number(self.offset)?;
        if self.snapshot.is_some_and(|raw| raw.get() == "true") {
            return Some(Place::Snapshot { offset });
        }
        Some(Place::Log { offset, prev: number(self.prev)? })
    }
}

impl Message {
    /// A message to send. `data` is serialised at once.
    ///
    /// # Errors
    /// [`InvalidKind::Envelope`] when `ty` or `id` is out of its limits, [`InvalidKind::Payload`] when `data`
    /// cannot be written as JSON (a map with keys that are not strings, say).
    pub fn new(
        ty: &str,
        data: &impl Serialize,
        timestamp: UnixMillis,
        id: Option<&str>,
    ) -> Result<Self, Invalid> {
        let data = serde_json::to_vec(data)
            .map_err(|e| Invalid::new(InvalidKind::Payload, e.to_string(), ty.as_bytes()))?;
        check_text("type", ty, TYPE_LIMIT, ty.as_bytes())?;
        if let Some(id) = id {
            check_text("id", id, ID_LIMIT, id.as_bytes())?;
        }
        Ok(Self {
            ty: ty.into(),
            timestamp,
            id: id.map(SmolStr::new),
            place: None,
            data: data.into(),
        })
    }

    /// Parses one envelope that is a sub-slice of `frame`, whose memory the message then shares.
    pub(crate) fn parse(frame: &Bytes, text: &str) -> Result<Self, Invalid> {
        let raw: RawEnvelope<'_> =
            serde_json::from_str(text).map_err(|e| diagnose_envelope(text, &e))?;
        let text = text.as_bytes();
        check_text("type", &raw.ty, TYPE_LIMIT, text)?;
        if let Some(id) = &raw.id {
            check_text("id", id, ID_LIMIT, text)?;
        }
        Ok(Self {
            ty: SmolStr::new(&raw.ty),
            timestamp: UnixMillis(raw.timestamp),
            id: raw.id.as_deref().map(SmolStr::new),
            place: raw.place(),
            data: frame.slice_ref(raw.data.get().as_bytes()),
        })
    }

    /// The JSON text of `data`.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// `data` decoded as `T`.
    ///
    /// # Errors
    /// Whatever `serde_json` finds wrong with it.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        // Checked once as a whole: from bytes, every string and number within would be checked on its own.
        match std::str::from_utf8(&self.data) {
            Ok(text) => serde_json::from_str(text),
            Err(_) => serde_json::from_slice(&self.data),
        }
    }

    /// The envelope as the JSON text that goes into a frame.
    #[must_use]
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Out<'a> {
            #[serde(rename = "type")]
            ty: &'a str,
            data: &'a RawValue,
            timestamp: UnixMillis,
            #[serde(skip_serializing_if = "Option::is_none")]
            id: Option<&'a str>,
        }
        let data = serde_json::from_slice(&self.data).expect("data was JSON when it came in");
        let out = Out { ty: &self.ty, data, timestamp: self.timestamp, id: self.id.as_deref() };
        serde_json::to_string(&out).expect("an envelope has string keys only")
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = &self.data[..self.data.len().min(Invalid::SAMPLE)];
        f.debug_struct("Message")
            .field("type", &self.ty)
            .field("timestamp", &self.timestamp)
            .field("id", &self.id)
            .field("data", &String::from_utf8_lossy(data))
            .finish()
    }
}

fn check_text(field: &'static str, value: &str, limit: usize, input: &[u8]) -> Result<(), Invalid> {
    let reason: Cow<'static, str> = if value.is_empty() {
        "must not be empty".into()
    } else if value.len() > limit {
        format!("is {} bytes long, {limit} are allowed", value.len()).into()
    } else if !is_printable_ascii(value) && value.chars().any(char::is_control) {
        "contains a control character".into()
    } else {
        return Ok(());
    };
    Err(Invalid::new(InvalidKind::Envelope, reason, input).with_field(field))
}

/// Nearly every name is; looking at bytes is several times faster than at characters.
fn is_printable_ascii(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Says what is wrong with an envelope that did not parse. Only the rare bad frame pays for the second look.
fn diagnose_envelope(json: &str, error: &serde_json::Error) -> Invalid {
    use serde_json::Value;
    let text = json.as_bytes();
    let Ok(value) = serde_json::from_str::<Value>(json) else {
        return Invalid::new(InvalidKind::NotJson, error.to_string(), text);
    };
    let Value::Object(object) = value else {
        return Invalid::new(InvalidKind::NotObject, "a message must be a JSON object", text);
    };
    let fault = |field: &str, reason: &'static str| {
        Invalid::new(InvalidKind::Envelope, reason, text).with_field(field)
    };
    match (object.get("type"), object.get("data"), object.get("timestamp"), object.get("id")) {
        (None, ..) => fault("type", "is missing"),
        (Some(ty), ..) if !ty.is_string() => fault("type", "must be a string"),
        (_, None, ..) => fault("data", "is missing"),
        (_, _, None, _) => fault("timestamp", "is missing"),
        (_, _, Some(t), _) if t.as_i64().is_none() => {
            fault("timestamp", "must be an integer of Unix milliseconds")
        }
        (.., Some(id)) if !id.is_string() => fault("id", "must be a string"),
        // A field given twice, which serde refuses and a map swallows.
        _ => Invalid::new(InvalidKind::Envelope, error.to_string(), text),
    }
}
