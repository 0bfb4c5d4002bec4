//! The benchmarks.

use anyhow::Result;

use crate::{
    build::{self, Profile, SHIPPED},
    command::{self, cargo},
    step::step,
};

/// Each prints its own results.
const BENCHMARKS: &[&str] = &["watch_throughput"];

pub(crate) fn run() -> Result<()> {
    build::build(Profile::Release)?;
    for name in BENCHMARKS {
        step(&format!("benchmark: {name}"), || {
            // With the packages of the release build, whose compiled dependencies it then shares.
            command::run(cargo(&["bench"]).args(SHIPPED).args(["--bench", name]))
        })?;
    }
    Ok(())
}
