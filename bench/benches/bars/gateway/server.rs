use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bench::cores::{Core, pin};
use bench::process::Process;

use crate::shipped;

/// A server on loopback, as a process of its own. Killed when dropped.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) address: SocketAddr,
    child: Child,
}

const PATIENCE: Duration = Duration::from_secs(20);

/// A port nobody has right now.
pub(super) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

impl Server {
    /// Our gateway, which takes messages when this returns.
    pub(super) fn gateway(arguments: &[&str]) -> Result<Self> {
        let address = free_address()?;
        let mut command = Command::new(shipped("vaultwatch-gateway")?);
        command.args(["--log-level", "error", "--listen", &address.to_string()]);
        command.args(arguments);
        let mut server = Self::start(address, &mut command, Core::Reader)?;
        server.until("takes no messages", || {
            matches!(super::post::get(address, "/healthz"), Ok(answer) if answer.starts_with("ok"))
        })?;
        Ok(server)
    }

    /// Any program that listens there, and does when this returns.
    pub(super) fn start(address: SocketAddr, command: &mut Command, core: Core) -> Result<Self> {
        // A process runs where the thread does that starts it.
        pin(core);
        let child = command.stdin(Stdio::null()).spawn();
        pin(Core::Feeder);
        let child = child.with_context(|| format!("cannot start {command:?}"))?;
        let mut server = Self { address, child };
        server.until("does not listen", || TcpStream::connect(address).is_ok())?;
        Ok(server)
    }

    pub(super) fn process(&self) -> Process {
        Process::of(self.child.id())
    }

    /// SIGKILL: no goodbye, no close.
    pub(super) fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    fn until(&mut self, otherwise: &str, mut so: impl FnMut() -> bool) -> Result<()> {
        let begun = Instant::now();
        while !so() {
            ensure!(self.child.try_wait()?.is_none(), "the server has ended");
            ensure!(begun.elapsed() < PATIENCE, "the server {otherwise}");
            sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
