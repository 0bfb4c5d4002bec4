//! Formatting, lints, licences and dependencies.

use anyhow::Result;

use crate::{
    command::{answer, cargo, run},
    setup::{self, Purpose},
    step::{note, step},
    tools::WASM,
    ui,
};

/// Sets up, then checks.
pub(crate) fn lint() -> Result<()> {
    setup::ensure(Purpose::Lint)?;
    check()
}

/// Checks on a machine that is set up. The quickest comes first.
pub(crate) fn check() -> Result<()> {
    step("checking the formatting", || run(&mut cargo(&["fmt", "--all", "--check"])))?;
    step("checking licences, sources and banned crates", || {
        run(&mut cargo(&[
            "deny",
            "--all-features",
            "check",
            "--hide-inclusion-graph",
            "bans",
            "licenses",
            "sources",
        ]))
    })?;
    advisories()?;
    step("linting everything but the window", || {
        run(&mut cargo(&[
            "clippy",
            "--workspace",
            "--exclude",
            "vaultwatch-ui",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]))
    })?;
    step("linting the window", || {
        run(&mut cargo(&[
            "clippy",
            "-p",
            "vaultwatch-ui",
            "--target",
            WASM,
            "--features",
            ui::SHIPPED,
            "--",
            "-D",
            "warnings",
        ]))
    })
}

/// The database of known vulnerabilities is fetched anew each time; a machine that cannot reach it says so and goes
/// on, because nothing in the checkout is wrong.
fn advisories() -> Result<()> {
    step("checking for known vulnerabilities", || {
        if answer(&mut cargo(&["deny", "fetch", "db"])).is_none() {
            note("SKIPPED: the advisory database cannot be fetched from here");
            return Ok(());
        }
        run(&mut cargo(&["deny", "--all-features", "--offline", "check", "advisories"]))
    })
}
