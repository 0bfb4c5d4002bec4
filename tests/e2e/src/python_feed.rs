//! A feed on a WebSocket server that this project did not write: Python's `websockets`.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin},
};

use crate::{
    Desktop, fixtures::Vault, processes::Session, record::Record, screenshots::target_folder,
};

#[derive(Debug)]
pub struct PythonFeed {
    session: Arc<Session>,
    port: u64,
    server: Server,
}

#[derive(Debug)]
struct Server {
    child: Child,
    commands: ChildStdin,
    events: Record<Value>,
}

impl PythonFeed {
    /// Makes the Python environment if there is none yet, and starts the server on a free loopback port.
    ///
    /// # Errors
    /// When the environment cannot be made or the server does not start.
    pub async fn start(desktop: &Desktop) -> Result<Self> {
        let session = Arc::clone(desktop.session());
        let (server, port) = Server::start(&session, 0).await?;
        Ok(Self { session, port, server })
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }

    /// What the server told, since it was last started.
    #[must_use]
    pub fn events(&self) -> &Record<Value> {
        &self.server.events
    }

    /// # Errors
    /// When no client comes within [`crate::patience::PATIENCE`].
    pub async fn wait_for_client(&self) -> Result<()> {
        self.events()
            .wait_for("a client of the Python feed", |e| e["event"] == "connected")
            .await?;
        Ok(())
    }

    /// Sends a vault to all clients.
    ///
    /// # Errors
    /// When the server has ended.
    pub async fn send_vault(&mut self, vault: &Vault) -> Result<()> {
        self.send_raw(&vault.envelope()).await
    }

    /// Sends a text frame of one line to all clients.
    ///
    /// # Errors
    /// When the server has ended.
    pub async fn send_raw(&mut self, line: &str) -> Result<()> {
        self.server.command(&format!("send {line}")).await
    }

    /// Sends a binary frame to all clients.
    ///
    /// # Errors
    /// When the server has ended.
    pub async fn send_binary(&mut self, bytes: &[u8]) -> Result<()> {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.server.command(&format!("binary {hex}")).await
    }

    /// Sends one well-formed envelope of that size to all clients.
    ///
    /// # Errors
    /// When the server has ended.
    pub async fn send_big(&mut self, mebibytes: u32) -> Result<()> {
        self.server.command(&format!("big {mebibytes}")).await
    }

    /// Closes all connections in good order; the server goes on.
    ///
    /// # Errors
    /// When the server has ended.
    pub async fn close(&mut self, code: u16) -> Result<()> {
        self.server.command(&format!("close {code}")).await
    }

    /// Closes all connections with 1001 and ends the server.
    ///
    /// # Errors
    /// When the server does not end.
    pub async fn stop(&mut self) -> Result<()> {
        self.server.command("quit").await?;
        let status = self.server.child.wait().await?;
        ensure!(status.success(), "the Python feed ended with {status}");
        Ok(())
    }

    /// Starts it again on the same port.
    ///
    /// # Errors
    /// When the server does not start.
    pub async fn start_again(&mut self) -> Result<()> {
        (self.server, _) = Server::start(&self.session, self.port).await?;
        Ok(())
    }
}

impl Server {
    async fn start(session: &Arc<Session>, port: u64) -> Result<(Self, u64)> {
        let python = tokio::task::spawn_blocking(environment).await??;
        let mut command = session.command(python);
        command.arg(folder().join("feed.py")).args(["--port", &port.to_string()]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(session.log("python-feed")?);
        let mut child = tokio::process::Command::from(command).kill_on_drop(true).spawn()?;
        let commands = child.stdin.take().expect("it is piped");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let events: Record<Value> = Record::default();
        let told = events.clone();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                told.push(serde_json::from_str(&line).unwrap_or(Value::String(line)));
            }
        });
        let ready =
            events.wait_for("the Python feed", |event| event["event"] == "listening").await?;
        let port = ready["port"].as_u64().context("it did not tell its port")?;
        Ok((Self { child, commands, events }, port))
    }

    async fn command(&mut self, line: &str) -> Result<()> {
        ensure!(!line.contains('\n'), "a command is one line");
        self.commands.write_all(format!("{line}\n").as_bytes()).await?;
        Ok(self.commands.flush().await?)
    }
}

/// The Python of an environment that has what `requirements.txt` names. It is made once and kept in `target`.
fn environment() -> Result<PathBuf> {
    let target = target_folder();
    fs::create_dir_all(&target)?;
    let environment = target.join("e2e-python");
    let python = environment.join("bin/python");
    // Another test may be making it at this moment.
    let lock = File::create(target.join("e2e-python.lock"))?;
    lock.lock()?;
    let requirements = folder().join("requirements.txt");
    let wanted = fs::read_to_string(&requirements)?;
    let stamp = environment.join("complete");
    if fs::read_to_string(&stamp).is_ok_and(|made| made == wanted) && python.exists() {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "-r"]).arg(requirements))?;
    fs::write(&stamp, wanted)?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed with {}: {said}", output.status);
    Ok(())
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("python")
}
