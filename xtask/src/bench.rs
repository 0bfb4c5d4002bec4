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
    // Some measure the binaries as they are shipped, on the desktop that the tests have.
    setup::ensure(Purpose::Test)?;
    build::binaries(Profile::Release)?;
    step("measuring", || run(bench("bars").arg("--").args(names)))
}

/// Runs the soak: what the tests do in a reduced form, and the application for so long; or that alone.
pub(crate) fn soak(minutes: u32, only_app: bool) -> Result<()> {
    setup::ensure(Purpose::Test)?;
    build::binaries(Profile::Release)?;
    let minutes = minutes.to_string();
    let mut soak = bench("soak");
    soak.args(["--", "--minutes", &minutes]);
    let rest = if only_app { "" } else { " and a quarter of an hour" };
    soak.args(only_app.then_some("--only-app"));
    step(&format!("soaking; this takes {minutes} minutes{rest}"), || run(&mut soak))
}

/// With the packages of the release build, whose compiled dependencies it then shares.
fn bench(name: &str) -> Command {
    let mut command = cargo(&["bench"]);
    command.args(SHIPPED).args(["-p", "bench", "--bench", name]);
    command
}
