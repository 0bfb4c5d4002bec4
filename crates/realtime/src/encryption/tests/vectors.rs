//! Fixed vectors, made once by libsodium: they hold the format still.

use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize)]
pub(super) struct Vector {
    pub(super) tenant: String,
    pub(super) kid: String,
    /// Base64, as the others.
    pub(super) key: String,
    pub(super) nonce: String,
    pub(super) plain: String,
    #[serde(rename = "type")]
    pub(super) ty: String,
    pub(super) id: String,
    pub(super) timestamp: i64,
    pub(super) ct: String,
}

pub(super) fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("../vectors.json")).unwrap()
}

impl Vector {
    pub(super) fn ring(&self) -> KeyRing {
        let mut ring = KeyRing::new(&self.tenant).unwrap();
        let key = Key::from_base64(&self.key).unwrap();
        ring.insert(kid(&self.kid), key, UnixMillis(0)).unwrap();
        ring.activate(&kid(&self.kid)).unwrap();
        ring
    }

    pub(super) fn nonce(&self) -> Nonce {
        let bytes = data_encoding::BASE64.decode(self.nonce.as_bytes()).unwrap();
        Nonce(bytes.try_into().unwrap())
    }

    pub(super) fn message(&self) -> Message {
        let plain = serde_json::value::RawValue::from_string(self.plain.clone()).unwrap();
        Message::new(&self.ty, &plain, UnixMillis(self.timestamp), Some(&self.id)).unwrap()
    }
}

#[test]
fn sealing_gives_exactly_these_and_they_open() {
    assert!(vectors().len() >= 4);
    for vector in vectors() {
        let sealed = vector.ring().seal(&vector.message(), vector.nonce()).unwrap();
        let expected = serde_json::json!({
            "enc": "xchacha20poly1305", "kid": vector.kid, "nonce": vector.nonce, "ct": vector.ct,
        });
        assert_eq!(data_of(&sealed), expected, "{vector:?}");
        assert_eq!(vector.ring().open(&sealed).unwrap(), vector.message());
    }
}
