use std::path::PathBuf;
use std::time::{Duration, Instant};

use gateway::{Access, Alerts, Gateway, Source};

use crate::receiver::Receiver;
use crate::{PATIENCE, SECRET};

/// A gateway and the folder it keeps things in.
pub(crate) struct Desk {
    pub(crate) folder: tempfile::TempDir,
    /// After what time somebody is called, and how long whoever is called may take.
    times: &'static str,
}

/// Nobody is called twice because this machine was slow to take a call.
const SOON: &str = "after = \"300ms\"\ntimeout = \"20s\"\n";
/// There is time to acknowledge, however slow this machine is.
pub(crate) const LATER: &str = "after = \"4s\"\ntimeout = \"20s\"\n";
/// Whoever hangs is soon given up.
pub(crate) const HURRIED: &str = "after = \"300ms\"\ntimeout = \"500ms\"\n";

impl Desk {
    pub(crate) fn new(tenants: &str) -> Self {
        Self::with(SOON, tenants)
    }

    pub(crate) fn with(times: &'static str, tenants: &str) -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap(), times };
        desk.write(tenants);
        desk
    }

    pub(crate) fn write(&self, tenants: &str) {
        let text = format!("state = \"escalation.db\"\n{}{tenants}", self.times);
        std::fs::write(self.path(), text).unwrap();
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("alerts.toml")
    }

    pub(crate) async fn gateway(&self) -> Gateway {
        let listen = "127.0.0.1:0".parse().unwrap();
        let gateway = Gateway::bind(listen, Access::open(), Source::Relay).await.unwrap();
        gateway.escalate(&Alerts::open(&self.path()).unwrap()).unwrap();
        gateway
    }
}

/// The program, whose log says when a file was read again. Killed when dropped.
pub(crate) struct Program {
    child: std::process::Child,
    log: PathBuf,
}

impl Program {
    pub(crate) fn start(desk: &Desk) -> Self {
        let log = desk.folder.path().join("log");
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_vaultwatch-gateway"));
        command.args(["--listen=127.0.0.1:0", "--alerts"]).arg(desk.path());
        let child = command.stderr(std::fs::File::create(&log).unwrap()).spawn().unwrap();
        Self { child, log }
    }

    /// The line in which it says this for the n-th time.
    pub(crate) async fn says(&self, what: &str, times: usize) -> String {
        let begun = Instant::now();
        loop {
            let said = std::fs::read_to_string(&self.log).unwrap();
            let mut lines = said.lines().filter(|line| line.contains(what));
            if let Some(line) = lines.nth(times - 1) {
                return line.to_owned();
            }
            assert!(begun.elapsed() < PATIENCE, "{what}: {said}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) async fn url(&self) -> String {
        let line = self.says("listening on ", 1).await;
        line.split_once("listening on ").unwrap().1.to_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn webhook(tenant: &str, receiver: &Receiver) -> String {
    format!(
        "[tenants.{tenant}.webhook]\nurl = \"http://{}/hook?desk=1\"\nsecret = \"{SECRET}\"\n",
        receiver.address
    )
}
