use serde::Serialize;

use crate::feed::wall_clock;

/// A control message as it goes into a frame.
pub(super) fn text(ty: &str, data: &impl Serialize) -> String {
    let message = wire::Message::new(ty, data, wall_clock(), None);
    message.expect("control messages are valid ones").to_json()
}
