//! What the tests of several crates prove things with. Nothing that is shipped depends on it.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

pub mod power_cut;
pub mod python;
