use serde::{Deserialize, Serialize};

use super::{MarketView, Totals, VaultRow};

/// Largest serialised [`TickBatch`], as a text within JSON, where each quotation mark takes two bytes: above 8 KiB the
/// bridge changes to a second fetch that blocks the ordered channel.
pub const BATCH_BYTES: usize = 8_000;

/// The newest values of what changed since the last batch. It crosses the bridge as the text that it is in JSON, which the
/// page reads by itself: as an object the browser would read it first, and write it again for the page's program. One is in flight at a time; the window acknowledges
/// `seq` with the command `acknowledge_batch` once it has applied it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TickBatch {
    /// Rises by one from batch to batch, from 1 at each attach.
    pub seq: u64,
    pub kind: TickKind,
    pub vaults: Vec<VaultRow>,
    pub markets: Vec<MarketView>,
    /// Present when they changed, at most once a second.
    pub totals: Option<Totals>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TickKind {
    /// Forget all vaults and markets, then apply: the first batch after an attach or a change of feed.
    Reset,
    /// Values to put over what is known.
    Update,
}
