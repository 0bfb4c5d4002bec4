//! A binary frame: never more than the limit is inflated, and what comes out is a message or a typed error.

use bytes::Bytes;
use wire::Compressed;

const LIMIT: usize = 64 * 1024;

/// Panics where that does not hold.
pub(crate) fn check(frame: &[u8]) {
    match Compressed::open(&Bytes::copy_from_slice(frame), LIMIT) {
        Ok(message) => assert!(message.data().len() <= LIMIT),
        Err(invalid) => assert!(!invalid.to_string().is_empty()),
    }
}
