//! What each kind of work needs, and making sure of it.

use anyhow::Result;

use crate::{command::exists, debian, nats, step::step, tools};

/// What is going to be done on this machine. Each includes the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    Build,
    Lint,
    Test,
}

/// Checks what is missing, says what it installs, and installs it. Quick when nothing is missing.
pub(crate) fn ensure(purpose: Purpose) -> Result<()> {
    step("checking what this machine needs", || {
        if cfg!(target_os = "linux") {
            let mut packages = debian::BUILD.to_vec();
            if purpose >= Purpose::Test {
                packages.extend(debian::TEST);
                // Whoever has Node from elsewhere has it with npm; Debian's would take its place.
                if !exists("npm") {
                    packages.push("npm");
                }
            }
            debian::ensure(&packages)?;
        }
        tools::ensure_wasm_target()?;
        let mut wanted = tools::build()?;
        if purpose >= Purpose::Lint {
            tools::ensure_components()?;
            wanted.extend(tools::lint());
        }
        if purpose >= Purpose::Test {
            wanted.extend(tools::test());
            nats::ensure()?;
        }
        tools::ensure(&wanted)
    })
}
