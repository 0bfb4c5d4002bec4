//! What the engine remembers, as text under names: written at each change, read at the start.

use serde::Serialize;

pub(crate) fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("what is remembered has names and figures only")
}
