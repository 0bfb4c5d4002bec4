//! The window and the three binaries.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::{
    command::{cargo, run},
    setup::{self, Purpose},
    step::{note, step},
    ui, workspace,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    Dev,
    Release,
}

/// What selects the shipped binaries. The same words wherever they are compiled: another selection would resolve
/// other features of common dependencies, and build those again.
pub(crate) const SHIPPED: &[&str] = &[
    "-p",
    "vaultwatch",
    "-p",
    "vaultwatchctl",
    "-p",
    "gateway",
    "--features",
    "vaultwatch/custom-protocol",
];

/// Largest size of a program in release, in bytes (25 MB).
const LIMIT: u64 = 25_000_000;
/// What is built. Elsewhere than on Linux the second one does nothing and is not shipped.
const PROGRAMS: [&str; 4] =
    ["vaultwatch", "vaultwatch-window", "vaultwatchctl", "vaultwatch-gateway"];

/// Sets up, then builds.
pub(crate) fn build(profile: Profile) -> Result<()> {
    setup::ensure(Purpose::Build)?;
    binaries(profile)
}

/// Sets up, then builds what the app embeds.
pub(crate) fn window() -> Result<()> {
    setup::ensure(Purpose::Build)?;
    ui::build()
}

/// Builds the command line alone, which needs nothing but the toolchain.
pub(crate) fn command_line() -> Result<()> {
    step("building the command line (release)", || {
        run(&mut cargo(&["build", "--release", "-p", "vaultwatchctl"]))
    })
}

/// Builds on a machine that is set up, and prints the size of each binary.
pub(crate) fn binaries(profile: Profile) -> Result<()> {
    binaries_with(profile, &[])
}

/// The same, with more words for cargo.
pub(crate) fn binaries_with(profile: Profile, more: &[&str]) -> Result<()> {
    ui::build()?;
    let (flags, folder): (&[&str], _) = match profile {
        Profile::Dev => (&[], "debug"),
        Profile::Release => (&["--release"], "release"),
    };
    step(&format!("building the binaries ({folder})"), || {
        run(cargo(&["build"]).args(flags).args(SHIPPED).args(more))
    })?;
    for name in PROGRAMS {
        let path = workspace::target()
            .join(folder)
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        let size = fs::metadata(&path)
            .with_context(|| format!("the build left no {}", path.display()))?
            .len();
        note(&format!("{:>6.1} MB  {}", size as f64 / 1e6, path.display()));
        if profile == Profile::Release && size > LIMIT {
            bail!(
                "{name} is {size} bytes, over its limit of {LIMIT}: look for a new dependency with `cargo tree`, or for \
                 a large file in src-ui/dist"
            );
        }
    }
    Ok(())
}
