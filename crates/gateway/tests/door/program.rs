use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::json;
use tempfile::TempDir;

use super::guest::Guest;
use super::tls::{dial, pair};
use super::tokens::{JWT, JWT_SECRET};
use super::until;

/// The real binary, started; killed when dropped.
pub(crate) struct Program {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
    log: PathBuf,
    _folder: TempDir,
}

pub(crate) fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_vaultwatch-gateway"))
}

/// Runs it to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    command().args(arguments).stdin(Stdio::null()).output().unwrap()
}

impl Program {
    /// On a free port of loopback.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", arguments)
    }

    pub(crate) fn start_at(listen: &str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut command = command();
        command.args(["--listen", listen]).args(arguments);
        let child = command.stderr(File::create(&log).unwrap()).spawn().unwrap();
        let mut address = None;
        until("it listens", || {
            address = said(&log).lines().find_map(|line| {
                let (_, url) = line.split_once("listening on ")?;
                let (_, address) = url.split_once("://")?;
                address.strip_suffix("/ws")?.parse().ok()
            });
            address.is_some()
        });
        Self { child, address: address.unwrap(), log, _folder: folder }
    }

    #[cfg(unix)]
    pub(crate) fn terminate(&self) {
        let kill = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(kill.success());
    }

    pub(crate) fn said(&self) -> String {
        said(&self.log)
    }
}

fn said(log: &Path) -> String {
    std::fs::read_to_string(log).unwrap_or_default()
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn tokens_are_made_listed_and_revoked_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.toml");
    let path = path.to_str().unwrap();
    let token = |arguments: &[&str]| {
        let output = run(&[&["token"], arguments, &["--tokens", path]].concat());
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, made, said) =
        token(&["new", "desk-1", "--tenant", "risk", "--read", "*", "--expires", "90d"]);
    assert_eq!((code, made.len(), made.trim().len()), (Some(0), 65, 64), "{said}");
    let (code, _, said) = token(&["new", "desk-1", "--read", "*"]);
    assert!(code == Some(1) && said.contains("choose another name"), "{said}");
    let (code, _, said) = token(&["new", "useless"]);
    assert!(code == Some(1) && said.contains("--read '*'"), "{said}");
    let (code, listed, _) = token(&["list"]);
    assert_eq!(code, Some(0));
    assert!(listed.contains("desk-1") && listed.contains("risk") && !listed.contains(made.trim()));
    let hash = std::fs::read_to_string(path).unwrap();
    let hash = hash.split("sha256 = \"").nth(1).unwrap().get(..64).unwrap().to_owned();
    assert!(!listed.contains(&hash), "no hash is shown");
    assert_eq!(token(&["revoke", "desk-1"]).0, Some(0));
    let (code, _, said) = token(&["revoke", "desk-1"]);
    assert!(code == Some(1) && said.contains("there is no token `desk-1`"), "{said}");
}

#[test]
fn what_is_not_safe_is_not_started() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.toml");
    let path = path.to_str().unwrap();
    let missing = run(&["--listen=127.0.0.1:0", "--tokens", path]);
    let said = String::from_utf8(missing.stderr).unwrap();
    assert!(missing.status.code() == Some(1) && said.contains("token new"), "{said}");
    assert!(run(&["token", "new", "a", "--read", "*", "--tokens", path]).status.success());
    for (arguments, remedy) in [
        (&["--listen=0.0.0.0:0"][..], "--tokens"),
        (&["--listen=0.0.0.0:0", "--tokens", path], "--tls-cert"),
        (&["--listen=127.0.0.1:0", "--tokens", path, "--tls-cert=/no", "--tls-key=/no"], "/no"),
        (&["--listen=127.0.0.1:0", "--jwt-key", path], "HS256"),
    ] {
        // The file of tokens is long enough for a secret; only a short one is refused.
        if remedy == "HS256" {
            std::fs::write(path, "short").unwrap();
        }
        let output = run(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && said.contains(remedy), "{arguments:?}: {said}");
    }
}

#[tokio::test]
async fn the_program_speaks_tls_and_takes_a_jwt() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let pair = pair();
    let program = Program::start(&[
        "--jwt-key",
        &file("secret", JWT_SECRET),
        "--jwt-tenant-claim=org",
        "--tls-cert",
        &file("cert.pem", &pair.certificate),
        "--tls-key",
        &file("key.pem", &pair.key),
    ]);
    assert!(program.said().contains("listening on wss://"), "{}", program.said());
    let guest = Guest::at(program.address).token(JWT);
    let mut client = guest.upgrade(dial(&guest, &pair).await.unwrap()).await.unwrap();
    client.hello(json!({})).await;
    assert_eq!(client.until("welcome").await[0]["data"]["tenant"], "desk");
    let stranger = Guest::at(program.address).token("none");
    assert!(stranger.upgrade(dial(&stranger, &pair).await.unwrap()).await.is_err());
    assert!(guest.try_open().await.is_err(), "in plain text");
}

#[tokio::test]
async fn what_the_command_line_limits_is_limited() {
    let program =
        Program::start(&["--max-connections=2", "--max-message=4KiB", "--publish-rate=1"]);
    let guest = Guest::at(program.address);
    let (mut client, welcome) = guest.live(json!({})).await;
    assert_eq!(welcome["maxMessageBytes"], 4_096);
    let refused = client.publish("1", "note", json!("x".repeat(4_000))).await;
    assert_eq!(refused["data"]["code"], "too_large");
    let mut codes = Vec::new();
    for n in 0..3 {
        codes.push(client.publish(&n.to_string(), "note", json!(n)).await["data"]["code"].clone());
    }
    assert!(codes.contains(&json!("rate_limited")), "{codes:?}");
    let _second = guest.live(json!({})).await;
    let mut third = guest.open().await;
    assert_eq!(third.closed().await.0, 4429);
}
