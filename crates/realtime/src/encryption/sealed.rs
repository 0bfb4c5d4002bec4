use std::borrow::Cow;

use data_encoding::BASE64;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use smol_str::SmolStr;
use wire::Message;

use super::{KeyId, Nonce, OpenError, Tenant};

/// The one method of sealing there is.
pub(super) const CIPHER: &str = "xchacha20poly1305";

/// What stands in `data` instead of the data.
#[derive(Serialize)]
pub(super) struct Sealed<'a> {
    enc: &'static str,
    kid: &'a str,
    nonce: String,
    ct: String,
}

impl<'a> Sealed<'a> {
    pub(super) fn new(kid: &'a KeyId, nonce: Nonce, ct: &[u8]) -> Self {
        let (nonce, ct) = (BASE64.encode(&nonce.0), BASE64.encode(ct));
        Self { enc: CIPHER, kid: kid.as_str(), nonce, ct }
    }
}

/// Sealed data as received, of a method that is known.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) kid: KeyId,
    pub(super) nonce: Nonce,
    pub(super) ct: Vec<u8>,
}

/// Each field raw, so that one of the wrong type is told by its name.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(default, borrow, deserialize_with = "present")]
    enc: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    kid: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    nonce: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    ct: Option<&'a RawValue>,
}

/// Also where it is `null`, which an `Option` takes for nothing.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(from).map(Some)
}

/// Whether the data says of itself that it is sealed: an object with a field `enc`.
///
/// A sealed message must not be conflated, whatever its type: nobody but its reader can tell a part from the whole.
#[must_use]
pub fn is_sealed(message: &Message) -> bool {
    // Data that is an object of other fields costs one pass; anything else one byte.
    message.data().first() == Some(&b'{')
        && serde_json::from_slice::<Fields<'_>>(message.data())
            // It was JSON when it came in, so this is one of these fields given twice.
            .map_or(true, |fields| fields.enc.is_some())
}

impl Received {
    /// Reads sealed data; `None` when the data is plain.
    pub(super) fn read(message: &Message) -> Result<Option<Self>, OpenError> {
        if message.data().first() != Some(&b'{') {
            return Ok(None);
        }
        let mut known = None;
        let malformed = |known: &Option<KeyId>, field, reason| OpenError::Malformed {
            kid: known.clone(),
            field,
            reason,
        };
        let fields: Fields<'_> = serde_json::from_slice(message.data())
            .map_err(|_| malformed(&known, "data", "has a field twice"))?;
        let Some(enc) = fields.enc else { return Ok(None) };

        let kid = text(fields.kid).map_err(|why| malformed(&known, "kid", why))?;
        let kid = KeyId::parse(&kid)
            .map_err(|_| malformed(&known, "kid", "is not 1 to 64 visible ASCII characters"))?;
        known = Some(kid.clone());
        let enc = text(Some(enc)).map_err(|why| malformed(&known, "enc", why))?;
        if enc != CIPHER {
            let cipher = enc.chars().filter(|c| !c.is_control()).take(32).collect::<SmolStr>();
            return Err(OpenError::UnknownCipher { cipher, kid });
        }
        let nonce = bytes(fields.nonce).map_err(|why| malformed(&known, "nonce", why))?;
        let nonce = nonce.try_into().map_err(|_| malformed(&known, "nonce", "is not 24 bytes"))?;
        let ct = bytes(fields.ct).map_err(|why| malformed(&known, "ct", why))?;
        Ok(Some(Self { kid, nonce: Nonce(nonce), ct }))
    }
}

fn text(raw: Option<&RawValue>) -> Result<Cow<'_, str>, &'static str> {
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    let raw = raw.ok_or("is missing")?;
    serde_json::from_str::<Text<'_>>(raw.get()).map(|text| text.0).map_err(|_| "is no string")
}

fn bytes(raw: Option<&RawValue>) -> Result<Vec<u8>, &'static str> {
    // Strict: with slack in the last character, or in the padding, two texts would mean the same bytes.
    BASE64.decode(text(raw)?.as_bytes()).map_err(|_| "is no base64")
}

/// What is authenticated beside the data. None of its parts can hold a line feed, so no two sets of parts give the
/// same text.
pub(super) fn associated_data(
    tenant: &Tenant,
    message: &Message,
    id: &str,
    kid: &KeyId,
) -> Vec<u8> {
    let (ty, timestamp) = (message.ty(), message.timestamp);
    format!("vaultwatch.v1\n{tenant}\n{ty}\n{id}\n{timestamp}\n{kid}").into_bytes()
}
