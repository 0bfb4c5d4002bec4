//! What the tests of several crates prove things with. Nothing that is shipped depends on it.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

#[cfg(target_os = "linux")]
pub mod bus;
#[cfg(target_os = "linux")]
pub mod machine;
pub mod patience;
pub mod port;
pub mod power_cut;
pub mod python;
pub mod relay;
#[cfg(target_os = "linux")]
pub mod small_disk;
pub mod tls;
