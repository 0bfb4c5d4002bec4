//! NATS servers of the tests' own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use proving::port;
use tempfile::TempDir;

use crate::until;

/// A server with JetStream, on loopback. Killed when dropped.
pub(crate) struct Server {
    port: u16,
    folder: TempDir,
    child: Option<Child>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let mut server = Self::configured(port::free(), "alone", "");
        server.go_on().await;
        server
    }

    /// One that wants to know who comes.
    pub(crate) async fn with_login(user: &str, password: &str) -> Self {
        Self::with(&format!("authorization {{ user: \"{user}\", password: \"{password}\" }}")).await
    }

    /// One whose configuration says more.
    pub(crate) async fn with(more: &str) -> Self {
        let mut server = Self::configured(port::free(), "guarded", more);
        server.go_on().await;
        server
    }

    fn configured(port: u16, name: &str, more: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let store = folder.path().join("store");
        let config = format!(
            "server_name: {name}\nlisten: \"127.0.0.1:{port}\"\n\
             jetstream {{ store_dir: \"{}\", max_mem: 64MB, max_file: 4GB }}\n{more}\n",
            store.display()
        );
        std::fs::write(folder.path().join("nats.conf"), config).unwrap();
        Self { port, folder, child: None }
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Starts it, with what it had stored.
    pub(crate) async fn go_on(&mut self) {
        let path = self.folder.path().join("nats.log");
        let log = std::fs::File::create(&path).unwrap();
        let mut command = Command::new(program());
        command.arg("-c").arg(self.folder.path().join("nats.conf"));
        let child = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let (child, port) = (self.child.insert(child), self.port);
        until("nats-server listens", async || {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "{}", std::fs::read_to_string(&path).unwrap());
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok()
        })
        .await;
    }

    /// Puts aside what it has stored, while it does not run.
    pub(crate) fn save(&self) {
        self.copy("store", "saved");
    }

    /// Loses what it stored since: what a power cut does to a server that had not synced.
    pub(crate) fn lose(&self) {
        std::fs::remove_dir_all(self.folder.path().join("store")).unwrap();
        self.copy("saved", "store");
    }

    fn copy(&self, from: &str, to: &str) {
        let mut command = Command::new("cp");
        command.arg("-a").args([from, to].map(|name| self.folder.path().join(name)));
        assert!(self.child.is_none() && command.status().unwrap().success());
    }

    /// Ends it as an operator would.
    pub(crate) fn stop(&mut self) {
        let mut child = self.child.take().expect("it runs");
        let kill = Command::new("kill").arg(child.id().to_string()).status().unwrap();
        assert!(kill.success());
        child.wait().unwrap();
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.kill();
        }
    }
}

/// Three servers that know each other.
pub(crate) async fn cluster() -> [Server; 3] {
    let ports: [u16; 3] = std::array::from_fn(|_| port::free());
    let routes = ports.map(|port| format!("\"nats://127.0.0.1:{port}\"")).join(", ");
    let mut servers = [0, 1, 2].map(|n: usize| {
        let port = ports[n];
        let cluster =
            format!("cluster {{ name: test, listen: \"127.0.0.1:{port}\", routes: [ {routes} ] }}");
        Server::configured(port::free(), &format!("n{n}"), &cluster)
    });
    for server in &mut servers {
        server.go_on().await;
    }
    servers
}

/// The server that `cargo xtask setup` installs.
fn program() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_vaultwatch-gateway")).ancestors().nth(2);
    let program = target.expect("target/profile/program").join("tools/nats/bin/nats-server");
    assert!(program.exists(), "{} is missing: `cargo xtask setup` installs it", program.display());
    program
}
