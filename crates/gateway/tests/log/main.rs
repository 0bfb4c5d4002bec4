//! Logs that outlive a gateway, on the real thing: the program, killed; real files; NATS servers, stopped and killed.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

mod cluster;
mod escalation;
mod jetstream;
mod nats;
mod operator;
#[cfg(target_os = "linux")]
mod power;
#[cfg(unix)]
mod private;
mod program;
mod publisher;
mod refusal;
mod replay;
mod retention;
mod sqlite;
mod watcher;

use proving::patience::{PATIENCE, until_so as until};
