//! A text frame: whatever is a message can be written again and is the same message then; everything else is a typed
//! error with a sample no longer than it may be.

use bytes::Bytes;
use wire::{BATCH_LIMIT, Frame, ID_LIMIT, Invalid, Message, TYPE_LIMIT};

/// Panics where that does not hold.
pub(crate) fn check(frame: &[u8]) {
    match Frame::parse(Bytes::copy_from_slice(frame)) {
        Ok(Frame::Single(message)) => sound(&message),
        Ok(Frame::Batch(messages)) => {
            assert!(messages.len() <= BATCH_LIMIT);
            for message in messages {
                message.as_ref().map_or_else(refused, sound);
            }
        }
        Err(invalid) => refused(&invalid),
    }
}

fn sound(message: &Message) {
    assert!((1..=TYPE_LIMIT).contains(&message.ty().len()));
    assert!(message.id().is_none_or(|id| (1..=ID_LIMIT).contains(&id.len())));
    let text = message.to_json();
    // A batch is told by its type, and only a frame is one.
    if message.is(wire::BATCH_UPDATE) {
        return;
    }
    let Ok(Frame::Single(again)) = Frame::parse_text(text.clone()) else { panic!("{text:?}") };
    assert_eq!(
        (again.ty(), again.id(), again.timestamp),
        (message.ty(), message.id(), message.timestamp)
    );
    assert_eq!(again.data(), message.data());
}

fn refused(invalid: &Invalid) {
    // Bytes that are no UTF-8 grow when they are shown.
    assert!(invalid.sample.len() <= 3 * Invalid::SAMPLE);
    assert!(!invalid.to_string().is_empty());
}
