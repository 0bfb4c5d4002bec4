use std::collections::HashMap;

use smol_str::SmolStr;

/// What a publisher sends of a key next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it, marked `"full":true`.
    Full,
    /// What changed is enough.
    Changes,
}

/// Tells an encrypting publisher when to send full state. A server cannot merge sealed parts, so a new reader gets the
/// last full state and every part since; this bounds how many.
///
/// The first message of a key is full, and at least every hundredth. Keys are counted up to a limit; beyond it all
/// counting starts anew, which costs full messages and nothing else.
///
/// ```
/// use realtime::encryption::{FullStateEvery, Part};
///
/// let mut pace = FullStateEvery::default();
/// let mut publish = |ltv: u32| match pace.next("vault_update_ETH-001") {
///     Part::Full => serde_json::json!({"full": true, "ltv": ltv, "liquidationThreshold": 82.5}),
///     Part::Changes => serde_json::json!({"ltv": ltv}),
/// };
/// assert_eq!(publish(70)["full"], true);
/// assert!((71..170).all(|ltv| publish(ltv).get("full").is_none()));
/// assert_eq!(publish(170)["full"], true);
/// ```
#[derive(Clone, Debug, Default)]
pub struct FullStateEvery {
    since_full: HashMap<SmolStr, u8>,
}

impl FullStateEvery {
    /// At most this many messages from one full state to the next, the latter included.
    pub const MESSAGES: u8 = 100;
    /// Most keys that are counted.
    pub const KEYS: usize = 100_000;

    /// What the next message of this type has to be. Ask once for each message.
    pub fn next(&mut self, ty: &str) -> Part {
        if let Some(since) = self.since_full.get_mut(ty) {
            *since += 1;
            if *since < Self::MESSAGES {
                return Part::Changes;
            }
            *since = 0;
            return Part::Full;
        }
        if self.since_full.len() >= Self::KEYS {
            self.since_full.clear();
        }
        self.since_full.insert(ty.into(), 0);
        Part::Full
    }

    /// Every key begins with full state again. To be called when another key seals: who has only the new one cannot
    /// open the parts before.
    pub fn restart(&mut self) {
        self.since_full.clear();
    }
}
