//! Whatever is changed of a sealed message: it is an error of a kind, never the data and never a panic.

use data_encoding::BASE64;
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn flipped(text: &str, bit: usize) -> String {
    let mut bytes = BASE64.decode(text.as_bytes()).unwrap();
    let bit = bit % (bytes.len() * 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
    BASE64.encode(&bytes)
}

proptest! {
    #[test]
    fn a_bit_of_nonce_or_ciphertext(bit in 0usize..4096, field in prop_oneof![Just("nonce"), Just("ct")]) {
        let ring = ring("acme", &["k"]);
        let sealed = ring.seal(&message(&json!({"ltv": 75.1})), Nonce([3; 24])).unwrap();
        let mut data = data_of(&sealed);
        data[field] = json!(flipped(data[field].as_str().unwrap(), bit));
        let opened = ring.open(&with_data(&sealed, &data));
        prop_assert_eq!(opened, Err(OpenError::TagMismatch { kid: kid("k") }));
    }

    #[test]
    fn a_bit_of_what_is_authenticated(bit in 0u32..63, field in 0..5) {
        // Two keys of one value: only the authenticated key id tells them apart.
        let mut ring = ring("acme", &["k"]);
        ring.insert(kid("l"), Key::new([1; 32]), UnixMillis(0)).unwrap();
        let sealed = ring.seal(&message(&json!({"ltv": 75.1})), Nonce([3; 24])).unwrap();
        let mut changed = sealed.clone();
        let mut expected = kid("k");
        match field {
            0 => changed.timestamp.0 ^= 1 << bit,
            1 => changed = with_type(&sealed, &format!("vault_update_ETH-{bit:03}x")),
            2 => changed = sealed.with_id(&format!("m-{}", bit + 2)).unwrap(),
            3 => {
                let mut data = data_of(&sealed);
                data["kid"] = json!("l");
                changed = with_data(&sealed, &data);
                expected = kid("l");
            }
            _ => {
                let mut other = KeyRing::new("acme2").unwrap();
                other.insert(kid("k"), Key::new([1; 32]), UnixMillis(0)).unwrap();
                ring = other;
            }
        }
        prop_assert_eq!(ring.open(&changed), Err(OpenError::TagMismatch { kid: expected }));
    }

    #[test]
    fn any_byte_of_the_data(position in 0usize..200, byte in any::<u8>()) {
        let ring = ring("acme", &["k"]);
        let plain = message(&json!({"ltv": 75.1}));
        let sealed = ring.seal(&plain, Nonce([3; 24])).unwrap();
        let mut frame = sealed.to_json().into_bytes();
        let position = position % frame.len();
        frame[position] = byte;
        // Opened it is the very message, or one of which the server knows that it is plain.
        if let Ok(wire::Frame::Single(changed)) = wire::Frame::parse(frame.into())
            && let Ok(opened) = ring.open(&changed)
        {
            prop_assert!(opened == plain || !is_sealed(&changed));
        }
    }

    #[test]
    fn what_is_sealed_opens(text in any::<String>(), n in any::<i64>(), nonce in any::<[u8; 24]>()) {
        let ring = ring("acme", &["k"]);
        let plain = message(&json!({"text": text, "n": n}));
        prop_assert_eq!(ring.open(&ring.seal(&plain, Nonce(nonce)).unwrap()).unwrap(), plain);
    }
}
