//! The program as it is started.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::timeout;

use crate::plain::{PATIENCE, Plain};

struct Program {
    child: Child,
    said: Lines<BufReader<ChildStderr>>,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vaultwatch-gateway"));
        command.args(["--listen", "127.0.0.1:0"]).args(arguments).kill_on_drop(true);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, said }
    }

    async fn line(&mut self, word: &str) -> String {
        loop {
            let line = timeout(PATIENCE, self.said.next_line()).await.expect(word).unwrap();
            let line = line.unwrap_or_else(|| panic!("ended before it said: {word}"));
            if line.contains(word) {
                return line;
            }
        }
    }

    async fn url(&mut self) -> String {
        let line = self.line("listening on").await;
        line[line.find("ws://").unwrap()..].trim().to_owned()
    }

    async fn fails(mut self, word: &str) {
        self.line(word).await;
        let status = timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap();
        assert!(!status.success());
    }
}

#[tokio::test]
async fn a_scenario_s_file_is_played() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    std::fs::write(&path, "title = \"Mine\"\npopulation = 4\n").unwrap();
    let demo = format!("--demo={}", path.display());
    let mut program = Program::start(&[&demo, "--speed", "50", "--seed", "3"]);
    program.line("Mine").await;
    let mut client = Plain::connect(&program.url().await).await;
    client.until(|m| m["type"] == "vault_update_ETH-001").await;

    std::fs::write(&path, "population = 4\nrate = 0\n").unwrap();
    Program::start(&[&demo]).fails("line 2: `rate`").await;
    Program::start(&[&demo, "--vaults", "5"]).fails("--vaults").await;
    Program::start(&["--demo=nowhere.toml"]).fails("nor such a file").await;
}

#[tokio::test]
async fn a_recording_s_file_is_played_and_its_bad_lines_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.ndjson");
    let header =
        r#"{"type":"recording","data":{"version":1,"url":"ws://x/","startedAt":1},"timestamp":1}"#;
    let note = r#"{"at":0,"type":"vault_update_A","data":{"full":true,"ltv":1.50},"timestamp":1}"#;
    std::fs::write(&path, format!("{header}\n{note}\noops\n")).unwrap();
    let demo = format!("--demo={}", path.display());
    let mut program = Program::start(&[&demo, "--speed=10", "--repeat"]);
    program.line("line 3").await;
    let mut client = Plain::connect(&program.url().await).await;
    client.until(|m| m["type"] == "vault_update_A").await;
    Program::start(&[&demo, "--seed", "5"]).fails("--seed").await;
    std::fs::write(&path, note).unwrap();
    Program::start(&[&demo]).fails("is no recording").await;
}

#[tokio::test]
async fn whom_to_call_is_read_before_anybody_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alerts.toml");
    let text =
        "state = \"escalation.db\"\n[tenants.default.webhook]\nurl = \"http://127.0.0.1:1/\"\n";
    std::fs::write(&path, format!("{text}secret = \"0123456789abcdef\"\n")).unwrap();
    let alerts = path.to_str().unwrap();
    let mut program = Program::start(&["--alerts", alerts]);
    program.line("are escalated").await;
    program.url().await;
    assert!(folder.path().join("escalation.db").exists());
    std::fs::write(&path, text).unwrap();
    Program::start(&["--alerts", alerts]).fails("line 3: `webhook.secret`").await;
}
