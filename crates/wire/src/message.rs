use std::borrow::Cow;
use std::fmt;
use std::hash::Hash;
use std::ops::Range;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::scan::{self, Charset, Figure, Raw, Unusual};
use crate::{Invalid, InvalidKind, Place, UnixMillis};

/// Longest `type`, in bytes.
pub const TYPE_LIMIT: usize = 256;
/// Longest `id`, in bytes.
pub const ID_LIMIT: usize = 128;

/// One envelope: `{"type", "data", "timestamp", "id"?}`.
///
/// It shares the memory of the frame it came in, and only knows where in it things are: a feed brings millions of them,
/// and most are looked at once. `data` stays the JSON text that was received, so every decimal digit survives until
/// somebody who knows the type decodes it.
#[derive(Clone)]
pub struct Message {
    pub timestamp: UnixMillis,
    /// What a server of `vaultwatch.v1` says of its place in the log.
    pub place: Option<Place>,
    text: Bytes,
    ty: Span,
    /// Empty when there is none.
    id: Span,
    data: Span,
}

/// A part of a message's text.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: u32,
    length: u32,
}

impl Span {
    const EMPTY: Self = Self { start: 0, length: 0 };

    /// Where a text lies of which `part` is a part.
    #[inline]
    fn of(part: &str, text: &str) -> Self {
        // A text is no longer than 4 GiB: see `Parts::read`.
        Self {
            start: (part.as_ptr().addr() - text.as_ptr().addr()) as u32,
            length: part.len() as u32,
        }
    }

    #[inline]
    fn range(self) -> Range<usize> {
        self.start as usize..self.start as usize + self.length as usize
    }
}

/// The envelope as it lies in the frame.
#[derive(Debug, PartialEq)]
struct Parts<'a> {
    ty: Cow<'a, str>,
    data: &'a str,
    timestamp: i64,
    id: Option<Cow<'a, str>>,
    place: Option<Place>,
    /// Of type and id.
    charset: Charset,
}

/// The envelope as the general decoder reads it. Its word counts: [`Parts::quick`] only ever saves the time.
#[derive(Deserialize)]
struct RawEnvelope<'a> {
    #[serde(rename = "type", borrow)]
    ty: Cow<'a, str>,
    #[serde(borrow)]
    data: &'a RawValue,
    timestamp: i64,
    #[serde(default, borrow)]
    id: Option<Cow<'a, str>>,
    // Raw: in plain mode these are fields like any other that nobody knows, and may hold anything.
    #[serde(default, borrow)]
    offset: Option<&'a RawValue>,
    #[serde(default, borrow)]
    prev: Option<&'a RawValue>,
    #[serde(default, borrow)]
    snapshot: Option<&'a RawValue>,
}

impl<'a> Parts<'a> {
    // Not inlined: it is large, and whoever parses has a text of another type.
    #[inline(never)]
    fn read(text: &'a str) -> Result<Self, Invalid> {
        if u32::try_from(text.len()).is_err() {
            let reason = "is longer than 4 GiB";
            return Err(Invalid::new(InvalidKind::TooLarge, reason, text.as_bytes()));
        }
        let parts = match Self::quick(text) {
            Ok(parts) => parts,
            Err(Unusual) => Self::any(text).map_err(|e| diagnose_envelope(text, &e))?,
        };
        check_text("type", &parts.ty, parts.charset, TYPE_LIMIT, text.as_bytes())?;
        if let Some(id) = &parts.id {
            check_text("id", id, parts.charset, ID_LIMIT, text.as_bytes())?;
        }
        Ok(parts)
    }

    /// An envelope as nearly all are: no escapes in its names, no field given twice, nothing missing.
    fn quick(text: &'a str) -> Result<Self, Unusual> {
        let (mut ty, mut data, mut timestamp, mut id) = (None, None, None, None);
        let (mut offset, mut prev, mut snapshot) = (None, None, None);
        let string =
            |raw: Raw<'_>| raw.text_range().and_then(|range| text.get(range)).ok_or(Unusual);
        let charset = scan::fields(text.as_bytes(), |key, raw| match key {
            b"type" => once(&mut ty, string(raw)?),
            b"data" => once(&mut data, text.get(raw.range()).ok_or(Unusual)?),
            b"timestamp" => once(&mut timestamp, integer(raw).ok_or(Unusual)?),
            b"id" => once(&mut id, string(raw)?),
            b"offset" => once(&mut offset, natural(raw)),
            b"prev" => once(&mut prev, natural(raw)),
            b"snapshot" => once(&mut snapshot, raw.json() == b"true"),
            _ => Ok(()),
        })?;
        Ok(Self {
            ty: Cow::Borrowed(ty.ok_or(Unusual)?),
            data: data.ok_or(Unusual)?,
            timestamp: timestamp.ok_or(Unusual)?,
            id: id.map(Cow::Borrowed),
            place: match snapshot {
                Some(true) => in_snapshot(offset.flatten()),
                Some(false) | None => in_log(offset.flatten(), prev.flatten()),
            },
            charset,
        })
    }

    fn any(text: &'a str) -> Result<Self, serde_json::Error> {
        let raw: RawEnvelope<'_> = serde_json::from_str(text)?;
        let number = |raw: Option<&RawValue>| raw?.get().parse().ok();
        Ok(Self {
            place: match raw.snapshot.map(RawValue::get) {
                Some("true") => in_snapshot(number(raw.offset)),
                Some(_) | None => in_log(number(raw.offset), number(raw.prev)),
            },
            ty: raw.ty,
            data: raw.data.get(),
            timestamp: raw.timestamp,
            id: raw.id,
            charset: Charset::Unicode,
        })
    }
}

fn in_snapshot(offset: Option<u64>) -> Option<Place> {
    Some(Place::Snapshot { offset: offset? })
}

fn in_log(offset: Option<u64>, prev: Option<u64>) -> Option<Place> {
    Some(Place::Log { offset: offset?, prev: prev? })
}

/// A field given twice is an error, which others word.
#[inline]
fn once<T>(field: &mut Option<T>, value: T) -> Result<(), Unusual> {
    match field.replace(value) {
        None => Ok(()),
        Some(_) => Err(Unusual),
    }
}

#[inline]
fn natural(raw: Raw<'_>) -> Option<u64> {
    match raw.figure() {
        Some(Figure { mantissa, scale: 0 }) => Some(mantissa),
        _ => str::from_utf8(raw.json()).ok()?.parse().ok(),
    }
}

/// Only what no decoder could take for anything but this integer.
#[inline]
fn integer(raw: Raw<'_>) -> Option<i64> {
    match raw.figure()? {
        Figure { mantissa, scale: 0 } => mantissa.try_into().ok(),
        Figure { .. } => None,
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
        check_text("type", ty, Charset::Unicode, TYPE_LIMIT, ty.as_bytes())?;
        if let Some(id) = id {
            check_text("id", id, Charset::Unicode, ID_LIMIT, id.as_bytes())?;
        }
        Ok(Self::compact(ty, id, &data, timestamp))
    }

    /// Parses the text of one envelope, whose memory the message then shares.
    #[inline]
    pub(crate) fn parse(text: impl AsRef<str> + Into<Bytes>) -> Result<Self, Invalid> {
        let parts = Parts::read(text.as_ref())?;
        let (timestamp, place) = (UnixMillis(parts.timestamp), parts.place);
        let span = |part| Span::of(part, text.as_ref());
        match (&parts.ty, &parts.id) {
            (Cow::Borrowed(ty), None | Some(Cow::Borrowed(_))) => {
                let id = parts.id.as_deref().map_or(Span::EMPTY, span);
                let (ty, data) = (span(ty), span(parts.data));
                Ok(Self { timestamp, place, text: text.into(), ty, id, data })
            }
            _ => Ok(Self::unescaped(&parts)),
        }
    }

    /// Of an envelope with escapes in its names: what they mean is not in the text.
    // Out of the way of all others, which are put together where they are to lie.
    #[cold]
    #[inline(never)]
    fn unescaped(parts: &Parts<'_>) -> Self {
        let Parts { ty, id, data, timestamp, place, .. } = parts;
        let compact = Self::compact(ty, id.as_deref(), data.as_bytes(), UnixMillis(*timestamp));
        Self { place: *place, ..compact }
    }

    /// A message in memory of its own.
    fn compact(ty: &str, id: Option<&str>, data: &[u8], timestamp: UnixMillis) -> Self {
        let id = id.unwrap_or_default();
        let mut text = Vec::with_capacity(ty.len() + id.len() + data.len());
        let mut append = |part: &[u8]| {
            let start = text.len() as u32;
            text.extend_from_slice(part);
            Span { start, length: part.len() as u32 }
        };
        let (ty, id, data) = (append(ty.as_bytes()), append(id.as_bytes()), append(data));
        Self { timestamp, place: None, text: text.into(), ty, id, data }
    }

    /// The same in memory of its own, instead of the frame's: for whoever keeps it for long.
    #[must_use]
    pub fn detached(&self) -> Self {
        let compact = Self::compact(self.ty(), self.id(), self.data(), self.timestamp);
        Self { place: self.place, ..compact }
    }

    /// The same under this id.
    ///
    /// # Errors
    /// [`InvalidKind::Envelope`] when the id is out of its limits.
    pub fn with_id(&self, id: &str) -> Result<Self, Invalid> {
        check_text("id", id, Charset::Unicode, ID_LIMIT, id.as_bytes())?;
        let compact = Self::compact(self.ty(), Some(id), self.data(), self.timestamp);
        Ok(Self { place: self.place, ..compact })
    }

    /// What it is about: see `docs/protocol.md`.
    #[must_use]
    #[inline]
    pub fn ty(&self) -> &str {
        self.part(self.ty)
    }

    /// Whether it is of this type.
    #[must_use]
    #[inline]
    pub fn is(&self, ty: &str) -> bool {
        self.text[self.ty.range()] == *ty.as_bytes()
    }

    /// What a duplicate has in common with it: type, id and timestamp. Without an id nothing is one.
    #[must_use]
    #[inline]
    pub fn identity(&self) -> Option<impl Hash + use<'_>> {
        let bytes = |span: Span| &self.text[span.range()];
        (self.id.length > 0).then(|| (bytes(self.ty), bytes(self.id), self.timestamp))
    }

    /// By which it is recognised when it comes twice.
    #[must_use]
    #[inline]
    pub fn id(&self) -> Option<&str> {
        if self.id.length == 0 { None } else { Some(self.part(self.id)) }
    }

    #[inline]
    fn part(&self, span: Span) -> &str {
        str::from_utf8(&self.text[span.range()]).expect("a part of a text")
    }

    /// The JSON text of `data`.
    #[must_use]
    #[inline]
    pub fn data(&self) -> &[u8] {
        &self.text[self.data.range()]
    }

    /// A part of the data as a text that shares its memory.
    pub(crate) fn memory_of(&self, part: &str) -> Bytes {
        self.text.slice_ref(part.as_bytes())
    }

    /// `data` decoded as `T`.
    ///
    /// # Errors
    /// Whatever `serde_json` finds wrong with it.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        // Checked once as a whole: from bytes, every string and number within would be checked on its own.
        match str::from_utf8(self.data()) {
            Ok(text) => serde_json::from_str(text),
            Err(_) => serde_json::from_slice(self.data()),
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
        let data = serde_json::from_slice(self.data()).expect("data was JSON when it came in");
        let out = Out { ty: self.ty(), data, timestamp: self.timestamp, id: self.id() };
        serde_json::to_string(&out).expect("an envelope has string keys only")
    }
}

impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        let parts = |message: &Self| (message.timestamp, message.place);
        parts(self) == parts(other)
            && (self.ty(), self.id(), self.data()) == (other.ty(), other.id(), other.data())
    }
}

impl Eq for Message {}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = &self.data()[..self.data().len().min(Invalid::SAMPLE)];
        f.debug_struct("Message")
            .field("type", &self.ty())
            .field("timestamp", &self.timestamp)
            .field("id", &self.id())
            .field("data", &String::from_utf8_lossy(data))
            .finish()
    }
}

fn check_text(
    field: &'static str,
    value: &str,
    charset: Charset,
    limit: usize,
    input: &[u8],
) -> Result<(), Invalid> {
    let printable = || charset == Charset::PrintableAscii || is_printable_ascii(value);
    let reason: Cow<'static, str> = if value.is_empty() {
        "must not be empty".into()
    } else if value.len() > limit {
        format!("is {} bytes long, {limit} are allowed", value.len()).into()
    } else if !printable() && value.chars().any(char::is_control) {
        "contains a control character".into()
    } else {
        return Ok(());
    };
    Err(Invalid::new(InvalidKind::Envelope, reason, input).with_field(field))
}

/// Nearly every name is; looking at bytes is several times faster than at characters, and at all of them faster than
/// until the first that is not.
fn is_printable_ascii(text: &str) -> bool {
    text.bytes().fold(true, |all, byte| all & matches!(byte, b' '..=b'~'))
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the quick reader takes, the general one takes too and reads the same.
    #[track_caller]
    fn agree(text: &str) {
        let Ok(quick) = Parts::quick(text) else { return };
        let any = Parts::any(text).ok().map(|any| Parts { charset: quick.charset, ..any });
        assert_eq!(Some(quick), any, "{text}");
    }

    #[test]
    fn ordinary_envelopes_are_read_quickly() {
        for text in [
            r#"{"type":"vault_update_A","data":{"ltv":75.10,"a":[1,{"b":"n"}]},"timestamp":1763800000000,"id":"m"}"#,
            r#"{ "offset" : 7 , "prev" : 6, "type":"é", "timestamp":1,"data":null,"other":[[],{}] }"#,
            r#"{"type":"a","data":"x","timestamp":0,"snapshot":true,"offset":9}"#,
        ] {
            assert!(Parts::quick(text).is_ok(), "{text}");
            agree(text);
        }
    }

    #[test]
    fn whatever_is_unusual_is_left_to_the_general_reader() {
        for text in [
            r#"{"type":"a","data":1,"timestamp":-0}"#,
            r#"{"type":"a","data":1,"timestamp":1.0}"#,
            r#"{"type":"a","data":01,"timestamp":1}"#,
            r#"{"type":"a","data":1,"timestamp":1,"id":null}"#,
            r#"{"type":"\u0061","data":1,"timestamp":1}"#,
            r#"{"t\u0079pe":"a","type":"b","data":1,"timestamp":1}"#,
            r#"{"type":"a","type":"b","data":1,"timestamp":1}"#,
            r#"{"type":"a","data":1,"timestamp":1,"offset":null,"offset":1}"#,
            r#"{"type":"a","data":1,"timestamp":99999999999999999999}"#,
            r#"{"type":"a","data":{"x":"\ud8"},"timestamp":1}"#,
            r#"{"type":"a","data":1,"timestamp":1} x"#,
            r#"["a",1,1]"#,
        ] {
            assert_eq!(Parts::quick(text).err(), Some(Unusual), "{text}");
        }
    }

    fn value() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?",
            "(true|false|null|tru|-|01|1\\.|\\.5|\\+1)",
            "\"[ -~é]{0,12}\"",
            "\"([a-z]|\\\\[\"\\\\/bfnrtux]|\\\\u[0-9a-fg]{4}){0,4}\"",
        ];
        leaf.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4)
                    .prop_map(|v| format!("[{}]", v.join(","))),
                prop::collection::vec(("[a-z]{0,9}", inner), 0..4).prop_map(|fields| {
                    let fields: Vec<_> =
                        fields.iter().map(|(key, value)| format!("\"{key}\" : {value}")).collect();
                    format!("{{{}}}", fields.join(",\n"))
                }),
            ]
        })
    }

    fn envelope() -> impl Strategy<Value = String> {
        let key = prop_oneof![
            Just("type"),
            Just("data"),
            Just("timestamp"),
            Just("id"),
            Just("offset"),
            Just("prev"),
            Just("snapshot"),
            Just("x"),
            Just("\\u0069d"),
        ];
        let value = prop_oneof![3 => value(), 2 => "\"[a-z]{1,9}\"", 2 => "[0-9]{1,13}"];
        (any::<bool>(), prop::collection::vec((key, value), 0..6)).prop_map(|(whole, fields)| {
            let head = if whole { r#""type":"a","data":{},"timestamp":1,"# } else { "" };
            let fields: Vec<_> = fields.iter().map(|(k, v)| format!("\"{k}\":{v}")).collect();
            format!("{{{head}{}}}", fields.join(","))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn both_readers_agree_on_anything(text in envelope()) {
            agree(&text);
        }

        #[test]
        fn both_readers_agree_on_what_was_damaged(
            text in envelope(),
            damage in prop::collection::vec((any::<prop::sample::Index>(), "[\"\\\\{}\\[\\],:0-9eE.+\\-tfn \t\n\x01\x7fé]?"), 1..4),
        ) {
            let mut text: Vec<char> = text.chars().collect();
            for (at, with) in damage {
                let at = at.index(text.len());
                text.splice(at..=at, with.chars());
                if text.is_empty() { break; }
            }
            agree(&text.into_iter().collect::<String>());
        }
    }
}
