use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use bench::cores::Core;
use tempfile::TempDir;

use super::server::{Server, free_address};
use crate::scratch;

/// NATS servers with JetStream on the disk, one or a cluster. Their data go with them.
#[derive(Debug)]
pub(super) struct Nats {
    addresses: Vec<SocketAddr>,
    _servers: Vec<Server>,
    _folder: TempDir,
}

/// When a server has written what it acknowledged to the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sync {
    /// As NATS comes: every two minutes.
    Default,
    /// Before it acknowledges.
    Always,
}

impl Nats {
    pub(super) fn start(servers: usize, sync: Sync) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("nats-bench").tempdir_in(scratch())?;
        let ports = |count| (0..count).map(|_| free_address()).collect::<Result<Vec<_>>>();
        let (addresses, routes) = (ports(servers)?, ports(servers)?);
        let sync = match sync {
            Sync::Default => "",
            Sync::Always => ", sync_interval: always",
        };
        let all: Vec<_> = routes.iter().map(|route| format!("\"nats://{route}\"")).collect();
        let start = |at: usize| {
            let (address, store) = (addresses[at], folder.path().join(format!("store-{at}")));
            let mut config = format!(
                "server_name: bench-{at}\nlisten: \"{address}\"\n\
                 jetstream {{ store_dir: \"{}\", max_mem: 64MB, max_file: 8GB{sync} }}\n",
                store.display()
            );
            if servers > 1 {
                let (route, routes) = (routes[at], all.join(", "));
                config += &format!(
                    "cluster {{ name: bench, listen: \"{route}\", routes: [{routes}] }}\n"
                );
            }
            let path = folder.path().join(format!("nats-{at}.conf"));
            fs::write(&path, config)?;
            let mut command = Command::new(program()?);
            command.arg("-c").arg(path).stdout(Stdio::null()).stderr(Stdio::null());
            Server::start(address, &mut command, Core::Feeder)
        };
        let started = (0..servers).map(start).collect::<Result<_>>()?;
        Ok(Self { _servers: started, addresses, _folder: folder })
    }

    /// For `--broker`.
    pub(super) fn url(&self) -> String {
        let urls: Vec<_> =
            self.addresses.iter().map(|address| format!("nats://{address}")).collect();
        urls.join(",")
    }

    /// What it says of itself.
    pub(super) fn version() -> Result<String> {
        let output = Command::new(program()?).arg("--version").output()?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

/// Where the set-up puts it.
fn program() -> Result<PathBuf> {
    let target = scratch().parent().context("the target folder")?;
    let path = target.join("tools/nats/bin/nats-server");
    ensure!(path.exists(), "nats-server is not there: `cargo xtask setup` installs it");
    Ok(path)
}
