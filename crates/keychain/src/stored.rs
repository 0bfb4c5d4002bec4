//! A ring as the keychain holds it: JSON, version 1.

use realtime::encryption::{Key, KeyId, KeyRing, Tenant};
use realtime::wire::UnixMillis;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::Damage;

const VERSION: u32 = 1;
/// The most that Windows keeps under one name; a full ring is a little less.
const ROOM: usize = 2_560;

#[derive(Serialize)]
struct Stored<'a> {
    v: u32,
    active: Option<&'a str>,
    keys: Vec<StoredKey<'a>>,
}

#[derive(Serialize)]
struct StoredKey<'a> {
    kid: &'a str,
    created: UnixMillis,
    key: &'a str,
}

#[derive(Deserialize)]
struct Received {
    active: Option<String>,
    keys: Vec<ReceivedKey>,
}

#[derive(Deserialize)]
struct ReceivedKey {
    kid: String,
    created: UnixMillis,
    key: String,
}

pub(crate) fn write(ring: &KeyRing) -> Zeroizing<Vec<u8>> {
    let secrets: Vec<_> = ring.entries().iter().map(|entry| entry.key.expose_base64()).collect();
    let keys = ring.entries().iter().zip(&secrets).map(|(entry, key)| StoredKey {
        kid: entry.kid.as_str(),
        created: entry.created,
        key,
    });
    let active = ring.active().map(|entry| entry.kid.as_str());
    let stored = Stored { v: VERSION, active, keys: keys.collect() };
    // Room for all of it at once: a vector that grows leaves copies of the keys behind.
    let mut text = Zeroizing::new(Vec::with_capacity(ROOM));
    serde_json::to_writer(&mut *text, &stored).expect("a ring has string keys only");
    text
}

pub(crate) fn read(tenant: &Tenant, text: &[u8]) -> Result<KeyRing, Damage> {
    #[derive(Deserialize)]
    struct Version {
        v: u32,
    }
    let version: Version = serde_json::from_slice(text).map_err(|_| Damage::Form)?;
    if version.v != VERSION {
        return Err(Damage::Version);
    }
    let stored: Received = serde_json::from_slice(text).map_err(|_| Damage::Form)?;
    let mut ring = KeyRing::of(tenant.clone());
    for ReceivedKey { kid, created, key } in stored.keys {
        let key = Zeroizing::new(key);
        let kid = KeyId::parse(&kid).map_err(|_| Damage::Key)?;
        let key = Key::from_base64(&key).map_err(|_| Damage::Key)?;
        ring.insert(kid, key, created).map_err(|_| Damage::Ring)?;
    }
    if let Some(active) = stored.active {
        let active = KeyId::parse(&active).map_err(|_| Damage::Key)?;
        ring.activate(&active).map_err(|_| Damage::Ring)?;
    }
    Ok(ring)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full_ring() -> KeyRing {
        let mut ring = KeyRing::new("acme").unwrap();
        for i in 0..KeyRing::LIMIT {
            // The longest there can be.
            let kid = KeyId::parse(&format!("{i:02}{}", "x".repeat(62))).unwrap();
            ring.insert(kid, Key::new([i as u8; 32]), UnixMillis(1_763_800_000_000)).unwrap();
        }
        let active = ring.entries()[3].kid.clone();
        ring.activate(&active).unwrap();
        ring
    }

    #[test]
    fn a_full_ring_is_read_back() {
        let ring = full_ring();
        let text = write(&ring);
        assert!(text.len() <= ROOM, "{}", text.len());
        let back = read(ring.tenant(), &text).unwrap();
        assert_eq!(back.active().unwrap().kid, ring.active().unwrap().kid);
        for (a, b) in ring.entries().iter().zip(back.entries()) {
            assert_eq!((&a.kid, a.created), (&b.kid, b.created));
            assert_eq!(a.key.expose_base64(), b.key.expose_base64());
        }
    }

    #[test]
    fn damage_is_named() {
        let tenant = Tenant::parse("acme").unwrap();
        let damage = |text: &str| read(&tenant, text.as_bytes()).unwrap_err();
        assert_eq!(damage("x"), Damage::Form);
        assert_eq!(damage(r#"{"v":2}"#), Damage::Version);
        assert_eq!(damage(r#"{"v":1,"active":null}"#), Damage::Form);
        assert_eq!(damage(r#"{"v":1,"active":"a","keys":[]}"#), Damage::Ring);
        assert_eq!(
            damage(r#"{"v":1,"active":null,"keys":[{"kid":"a","created":1,"key":"AAAA"}]}"#),
            Damage::Key
        );
    }
}
