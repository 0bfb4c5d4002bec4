//! Control messages of `vaultwatch.v1`: the first byte chooses the type, the rest is its data. What is refused names the
//! field.

use bytes::Bytes;
use wire::control::{ClientControl, RESERVED, ServerControl};
use wire::{Frame, InvalidKind};

/// Panics where that does not hold.
pub(crate) fn check(input: &[u8]) {
    let Some((&choice, data)) = input.split_first() else { return };
    let Ok(data) = std::str::from_utf8(data) else { return };
    let ty = RESERVED[usize::from(choice) % RESERVED.len()];
    let frame = format!(r#"{{"type":"{ty}","data":{data},"timestamp":1}}"#);
    // What is no JSON is the other target's.
    let Ok(Frame::Single(message)) = Frame::parse(Bytes::from(frame)) else { return };
    let from_server = ServerControl::of(&message);
    let from_client = ClientControl::of(&message);
    for invalid in [from_server.err(), from_client.err()].into_iter().flatten() {
        assert_eq!(invalid.kind, InvalidKind::Control);
        assert!(invalid.field.is_some());
    }
}
