use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use data_encoding::BASE64URL_NOPAD;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::json;
use tempfile::TempDir;

use super::PATIENCE;
use super::guest::{Guest, Tokens};
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
        Self::prepared(listen, arguments, |_| {})
    }

    /// `prepare` sees to what is no option.
    pub(crate) fn prepared(
        listen: &str,
        arguments: &[&str],
        prepare: impl FnOnce(&mut Command),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut command = command();
        command.args(["--listen", listen]).args(arguments);
        prepare(&mut command);
        let child = command.stderr(File::create(&log).unwrap()).spawn().unwrap();
        let mut address = None;
        until("it listens", || {
            address = said(&log).lines().find_map(address_in);
            address.is_some()
        });
        Self { child, address: address.unwrap(), log, _folder: folder }
    }

    #[cfg(unix)]
    pub(crate) fn terminate(&self) {
        self.signal("TERM");
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let mut kill = Command::new("kill");
        assert!(kill.args(["-s", name, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// How it ends, by itself.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "it does not end: {}", self.said());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) fn said(&self) -> String {
        said(&self.log)
    }

    /// Waits for the line in which it says this for the n-th time.
    pub(crate) async fn says(&self, what: &str, times: usize) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let said = self.said();
            let mut lines = said.lines().filter(|line| line.contains(what));
            if let Some(line) = lines.nth(times - 1) {
                return line.to_owned();
            }
            assert!(Instant::now() < deadline, "{what}: {said}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Where it listens, if this line says so.
pub(crate) fn address_in(line: &str) -> Option<SocketAddr> {
    let (_, url) = line.split_once("listening on ")?;
    let (_, address) = url.split_once("://")?;
    address.strip_suffix("/ws")?.parse().ok()
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

/// For a proxy on another machine that does TLS; the tokens stay.
#[tokio::test]
async fn plain_text_is_spoken_on_any_address_when_that_is_asked_for() {
    let tokens = Tokens::new();
    let token = tokens.add("desk", "desk");
    let path = tokens.file.path().to_str().unwrap();
    let program = Program::start_at("0.0.0.0:0", &["--tokens", path, "--insecure-listen"]);
    program.says("listening on ws://0.0.0.0:", 1).await;
    let guest = Guest::at(([127, 0, 0, 1], program.address.port()).into());
    assert_eq!(guest.refused().await.0, 401);
    guest.token(&token).live(json!({})).await;
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

/// The public half in PEM, and a token signed by the other one.
fn eddsa(seed: u8) -> (String, String) {
    // What precedes an Ed25519 key in PEM (RFC 8410).
    const HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
    let public = [&HEAD[..], pair.public_key().as_ref()].concat();
    let public = data_encoding::BASE64.encode(&public);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{public}\n-----END PUBLIC KEY-----\n");
    let part = |value: serde_json::Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let claims = json!({"exp": 4_102_444_800_u64, "sub": "ada", "tenant": "desk", "read": ["*"]});
    let signed = format!("{}.{}", part(json!({"alg": "EdDSA", "typ": "JWT"})), part(claims));
    let signature = BASE64URL_NOPAD.encode(pair.sign(signed.as_bytes()).as_ref());
    (pem, format!("{signed}.{signature}"))
}

#[tokio::test]
async fn the_program_checks_jwts_by_a_public_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("issuer.pem");
    let ((pem, own), (_, forged)) = (eddsa(7), eddsa(8));
    std::fs::write(&path, pem).unwrap();
    let program = Program::start(&["--jwt-key", path.to_str().unwrap()]);
    let guest = Guest::at(program.address);
    let (mut client, welcome) = guest.clone().token(&own).live(json!({})).await;
    assert_eq!(
        (&welcome["tenant"], &welcome["tokenExpiresAt"]),
        (&json!("desk"), &json!(4_102_444_830_000_i64))
    );
    // What the token does not grant is not there.
    assert_eq!(client.publish("1", "note", json!(1)).await["data"]["code"], "forbidden");
    assert_eq!(guest.clone().token(&forged).refused().await.0, 401);
    assert_eq!(guest.token(&own[..own.len() - 4]).refused().await.0, 401);
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
