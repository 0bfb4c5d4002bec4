//! The benchmarks and the soak.

use std::process::Command;

use anyhow::Result;

use crate::{
    build::{self, Profile, SHIPPED},
    command::{cargo, run},
    setup::{self, Purpose},
    step::step,
};

/// Runs the benchmarks of these names, or all; fails when a bar is missed.
pub(crate) fn bars(names: &[String]) -> Result<()> {
    // Some measure the binaries as they are shipped.
    build::build(Profile::Release)?;
    step("measuring", || run(bench("bars").arg("--").args(names)))
}

/// Runs the soak in full: what the tests do in a reduced form.
pub(crate) fn soak() -> Result<()> {
    setup::ensure(Purpose::Test)?;
    step("soaking; this takes a quarter of an hour", || run(&mut bench("soak")))
}

/// With the packages of the release build, whose compiled dependencies it then shares.
fn bench(name: &str) -> Command {
    let mut command = cargo(&["bench"]);
    command.args(SHIPPED).args(["-p", "bench", "--bench", name]);
    command
}
