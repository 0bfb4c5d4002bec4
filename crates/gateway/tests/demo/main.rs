//! What a gateway plays by itself: scenarios and recordings, over real sockets.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

mod plain;
mod program;
mod replay;
mod script;
mod session;
