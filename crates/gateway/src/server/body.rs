use std::sync::Arc;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;

use super::occupancy::{Held, Party};

/// Why a body was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotTaken {
    /// Its sender is gone.
    Cut,
    TooLarge,
    /// As much of other bodies is on its way as may be.
    NoRoom,
}

/// A whole body. Its parties have room for others again when it is dropped.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) bytes: Bytes,
    _held: [Held; 2],
}

/// Takes a body in, for as long as it may be and its parties have room for: what is on its way lies in memory before anything
/// of it can be charged for.
pub(super) async fn take(
    body: Body,
    most: usize,
    parties: [&Arc<Party>; 2],
) -> Result<Whole, NotTaken> {
    let mut held = parties.map(Party::hold);
    // In one piece: each part would keep the buffer alive that it came in.
    let mut bytes = BytesMut::new();
    let mut parts = body.into_data_stream();
    while let Some(part) = parts.next().await {
        let part = part.map_err(|_| NotTaken::Cut)?;
        if bytes.len() + part.len() > most {
            return Err(NotTaken::TooLarge);
        }
        if !held.iter_mut().all(|held| held.grow(part.len())) {
            return Err(NotTaken::NoRoom);
        }
        bytes.extend_from_slice(&part);
    }
    Ok(Whole { bytes: bytes.freeze(), _held: held })
}
