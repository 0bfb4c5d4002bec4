//! Calls to real HTTP servers: that take, fail, hang, lead elsewhere, break off, are not there, and speak TLS.

#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

mod calls;
mod dead_man;
mod desk;
mod receiver;
