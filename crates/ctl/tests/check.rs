//! `check` as a person runs it: what it says of a way that leads to values, and of one that ends before.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::process::Stdio;

use gateway::{Access, Gateway, Source};
use proving::patience::PATIENCE;
use proving::port::Reserved;
use proving::tls;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use realtime::testing::Peer;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::sync::mpsc;

/// A variable for `--token-env`.
const TYPED: &str = "VAULTWATCH_TEST_TYPED_TOKEN";

async fn relay() -> Gateway {
    Gateway::bind("127.0.0.1:0".parse().unwrap(), Access::open(), Source::Relay).await.unwrap()
}

struct Checked {
    steps: Vec<Value>,
    code: Option<i32>,
}

impl Checked {
    fn names(&self) -> Vec<&str> {
        self.steps.iter().map(|step| step["step"].as_str().unwrap()).collect()
    }

    fn step(&self, name: &str) -> &Value {
        let found = self.steps.iter().find(|step| step["step"] == name);
        found.unwrap_or_else(|| panic!("{name}: {:?}", self.steps))
    }

    fn detail(&self, name: &str) -> &str {
        self.step(name)["detail"].as_str().unwrap()
    }

    /// All was well up to this step, where it ended; returns what to do about it.
    fn ends_at(&self, name: &str, words: &str) -> &str {
        assert_eq!(self.code, Some(1));
        let (last, before) = self.steps.split_last().unwrap();
        assert!(before.iter().all(|step| step["ok"] == true), "{before:?}");
        assert_eq!((&last["step"], &last["ok"]), (&name.into(), &false.into()), "{last}");
        assert!(last["detail"].as_str().unwrap().contains(words), "{last}");
        let remedy = last["remedy"].as_str().unwrap();
        assert!(!remedy.is_empty());
        remedy
    }
}

/// Runs it on this `config.toml`, or on the arguments alone, in a session without a keychain.
async fn check(config: &str, args: &[&str]) -> Checked {
    let home = tempfile::tempdir().unwrap();
    let bus = format!("unix:path={}", home.path().join("no-bus").display());
    std::fs::write(home.path().join("config.toml"), config).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_vaultwatchctl"));
    command.args(["check", "--json", "--data-dir"]).arg(home.path()).args(args);
    for name in ["VAULTWATCH_WEBSOCKET_URL", "VAULTWATCH_PROFILE", "VAULTWATCH_TOKEN"] {
        command.env_remove(name);
    }
    for name in ["HTTPS_PROXY", "https_proxy", "http_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(name);
    }
    command.env("DBUS_SESSION_BUS_ADDRESS", bus).env("XDG_RUNTIME_DIR", home.path());
    command.env(TYPED, "typed-token");
    let output = command.kill_on_drop(true).stderr(Stdio::inherit()).output();
    let output = tokio::time::timeout(PATIENCE, output).await.unwrap().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let steps = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    Checked { steps, code: output.status.code() }
}

/// A server's certificate, signed by an authority of its own, in front of a gateway.
struct Tls {
    folder: TempDir,
    port: u16,
}

impl Tls {
    async fn in_front_of(gateway: &Gateway, good_for: time::Duration) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Desk Authority");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();

        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "feed of the desk");
        params.not_before = time::OffsetDateTime::now_utc() - time::Duration::days(90);
        params.not_after = time::OffsetDateTime::now_utc() + good_for;
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        let acceptor = tls::acceptor(certificate.der().clone(), &key);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let behind = gateway.local_addr();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Ok(mut tls) = acceptor.accept(tcp).await else { return };
                    let mut plain = TcpStream::connect(behind).await.unwrap();
                    // However it ends.
                    let _ = tokio::io::copy_bidirectional(&mut tls, &mut plain).await;
                });
            }
        });
        Self { folder, port }
    }

    async fn check(&self) -> Checked {
        let authority = self.folder.path().join("ca.pem");
        let (port, authority) = (self.port, authority.display());
        let config =
            format!("[profiles.desk]\nurl = 'wss://localhost:{port}/ws'\ncaFile = '{authority}'\n");
        check(&config, &["--profile", "desk"]).await
    }
}

#[tokio::test]
async fn each_step_of_a_way_that_leads_to_values_is_told() {
    let gateway = relay().await;
    let checked = check("", &["--url", &gateway.url()]).await;
    assert_eq!(checked.code, Some(0), "{:?}", checked.steps);
    let expected =
        ["configuration", "dns", "tcp", "upgrade", "hello", "first_message", "round_trip"];
    assert_eq!(checked.names(), expected);
    assert!(checked.detail("dns").contains("127.0.0.1"));
    assert!(checked.detail("upgrade").contains("vaultwatch.v1"));
    assert!(checked.detail("hello").contains("welcomes"));
    assert!(checked.detail("first_message").contains("snapshot"));
    assert!(checked.detail("round_trip").ends_with(" ms"));

    let plain = format!("[profiles.desk]\nurl = '{}'\nprotocol = 'plain'\n", gateway.url());
    let checked = check(&plain, &["--profile", "desk"]).await;
    assert_eq!(checked.code, Some(0), "{:?}", checked.steps);
    assert!(checked.detail("upgrade").contains("plain mode"));
    assert!(checked.detail("hello").contains("no greeting"));
}

#[tokio::test]
async fn the_query_of_an_address_is_not_printed() {
    let gateway = relay().await;
    let checked = check("", &["--url", &format!("{}?key=hush", gateway.url())]).await;
    assert_eq!(checked.detail("configuration"), gateway.url());
    assert!(checked.steps.len() > 1, "it goes on from there");
    for step in &checked.steps {
        assert!(!step.to_string().contains("hush"), "{step}");
    }
}

#[tokio::test]
async fn a_certificate_is_told_of_and_its_end_before_it_comes() {
    let gateway = relay().await;
    let checked =
        Tls::in_front_of(&gateway, time::Duration::hours(99 * 24 + 1)).await.check().await;
    assert_eq!(checked.code, Some(0), "{:?}", checked.steps);
    let told = checked.step("certificate");
    let words = "feed of the desk, signed by Desk Authority; good until ";
    assert!(told["detail"].as_str().unwrap().starts_with(words), "{told}");
    assert!(checked.detail("certificate").ends_with("(99 days)"), "{told}");
    assert!(told.get("remedy").is_none() && checked.detail("tls").contains("TLSv1_3"));

    let checked = Tls::in_front_of(&gateway, time::Duration::days(5)).await.check().await;
    assert_eq!(checked.code, Some(0));
    assert!(checked.step("certificate")["remedy"].as_str().unwrap().contains("renew"));

    let expired = Tls::in_front_of(&gateway, -time::Duration::days(1)).await.check().await;
    expired.ends_at("certificate", "expired");
}

#[tokio::test]
async fn where_a_way_ends_is_told_with_what_to_do() {
    let nobody = Reserved::take();
    let url = format!("ws://{}/ws", nobody.address());
    check("", &["--url", &url]).await.ends_at("tcp", "cannot be reached");
    // Where no name server answers it takes some seconds, and is said in other words.
    let nameless = check("", &["--url", "wss://nowhere.invalid/ws"]).await;
    nameless.ends_at("dns", "the server");
    let detail = nameless.detail("dns");
    assert!(detail.contains("name was not found") || detail.contains("in time"), "{detail}");
    let gateway = relay().await;
    let elsewhere = gateway.url().replace("/ws", "/elsewhere");
    check("", &["--url", &elsewhere]).await.ends_at("upgrade", "404");
    check("[profiles.a]\nurl = 'wss://a/'\nhurry = 1\n", &["--profile", "a"])
        .await
        .ends_at("configuration", "hurry");

    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let config = format!("[profiles.a]\nurl = 'ws://127.0.0.1:{port}/'\nupgradeTimeout = 300\n");
    check(&config, &["--profile", "a"]).await.ends_at("upgrade", "longer than");
}

#[tokio::test]
async fn a_proxy_that_refuses_is_told_by_its_own_step() {
    for (answer, words) in [
        ("407 Proxy Authentication Required", "a user and a password"),
        ("403 Forbidden", "refused with 403 to go to feed.invalid:443"),
    ] {
        let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = proxy.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut tcp, _) = proxy.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(tcp.read_u8().await.unwrap());
            }
            assert!(head.starts_with(b"CONNECT feed.invalid:443 "));
            tcp.write_all(format!("HTTP/1.1 {answer}\r\n\r\n").as_bytes()).await.unwrap();
        });
        let config = format!(
            "[profiles.a]\nurl = 'wss://feed.invalid/ws'\nproxy = 'http://127.0.0.1:{port}'\n"
        );
        let checked = check(&config, &["--profile", "a"]).await;
        assert!(checked.ends_at("proxy", words).contains("the option `proxy`"));
        assert_eq!(checked.names(), ["configuration", "dns", "tcp", "proxy"], "up to the proxy");
        assert!(checked.detail("tcp").contains(&format!("127.0.0.1:{port}")));
    }
}

/// Lets nobody in, and tells with which token each of them came.
async fn closed_door() -> (u16, mpsc::UnboundedReceiver<String>) {
    let door = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = door.local_addr().unwrap().port();
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (tcp, _) = door.accept().await.unwrap();
            let mut lines = BufReader::new(tcp);
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                assert!(lines.read_line(&mut head).await.unwrap() > 0, "{head}");
            }
            let answer = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
            lines.write_all(answer.as_bytes()).await.unwrap();
            let is_it = |line: &&str| line.to_lowercase().starts_with("authorization: bearer ");
            let token = head.lines().find(is_it).and_then(|line| line.rsplit(' ').next());
            // The test may be over.
            let _ = tell.send(token.unwrap_or_default().to_owned());
        }
    });
    (port, told)
}

#[cfg(unix)]
#[tokio::test]
async fn a_token_is_fetched_where_the_profile_says_and_is_not_printed() {
    let (port, mut came_with) = closed_door().await;
    let from = |source: &str| {
        format!("[profiles.a]\nurl = 'ws://127.0.0.1:{port}/'\ntokenCommand = {source}\n")
    };
    let profile = ["--profile", "a"];
    let good = from("['sh', '-c', 'echo fetched-token; echo noise', 'password']");
    let checked = check(&good, &profile).await;
    checked.ends_at("upgrade", "401");
    assert_eq!(came_with.recv().await.unwrap(), "fetched-token");
    assert_eq!(checked.names(), ["configuration", "token", "dns", "tcp", "upgrade"]);
    assert!(checked.detail("token").starts_with("`sh` gives one"), "{:?}", checked.steps);
    for step in &checked.steps {
        let step = step.to_string();
        assert!(!step.contains("fetched-token") && !step.contains("password"), "{step}");
    }

    // A JWT that ended in 1970.
    let ended = check(&from("['echo', 'e30.eyJleHAiOjF9.x']"), &profile).await;
    let token = ended.step("token");
    assert!(token["detail"].as_str().unwrap().contains("it ended"), "{token}");
    assert!(token["ok"] == true && token["remedy"].as_str().unwrap().contains("clock"), "{token}");
    assert_eq!(came_with.recv().await.unwrap(), "e30.eyJleHAiOjF9.x", "the server judges it");

    let failing = check(&from("['sh', '-c', 'exit 3']"), &profile).await;
    assert!(failing.ends_at("token", "failed with code 3").contains("tokenCommand"));
    assert_eq!(failing.names(), ["configuration", "token"]);

    let typed = check(&good, &["--profile", "a", "--token-env", TYPED]).await;
    assert_eq!(came_with.recv().await.unwrap(), "typed-token", "it counts before the profile's");
    assert_eq!(typed.names(), ["configuration", "dns", "tcp", "upgrade"]);
}

/// Without one a watch goes on and waits; whoever checks wants to know.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn keys_that_cannot_be_had_are_told() {
    let gateway = relay().await;
    let config =
        format!("[profiles.a]\nurl = '{}'\n[encryption.a]\nrequire = true\n", gateway.url());
    let checked = check(&config, &["--profile", "a"]).await;
    assert!(
        checked.ends_at("keys", "no keychain is available").contains("vaultwatchctl keys list")
    );
    assert_eq!(checked.names(), ["configuration", "dns", "tcp", "upgrade", "keys"]);
}

#[tokio::test]
async fn a_server_that_does_not_greet_is_told() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", server.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (tcp, _) = server.accept().await.unwrap();
            let mut peer = Peer::accept(tcp, realtime::Mode::V1).await.unwrap();
            // The first connection looks at the upgrade alone.
            if peer.next().await.is_ok_and(|message| message.ty() == "hello") {
                peer.close(4403, "not for you").await;
            }
        }
    });
    let checked = check("", &["--url", &url]).await;
    assert!(checked.ends_at("hello", "4403 (not for you)").contains("docs/protocol.md"));
    assert_eq!(checked.names(), ["configuration", "dns", "tcp", "upgrade", "hello"]);

    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = mute.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut peers = Vec::new();
        loop {
            let (tcp, _) = mute.accept().await.unwrap();
            peers.push(Peer::accept(tcp, realtime::Mode::V1).await.unwrap());
        }
    });
    let config = format!("[profiles.a]\nurl = 'ws://127.0.0.1:{port}/'\nwelcomeTimeout = 300\n");
    check(&config, &["--profile", "a"]).await.ends_at("hello", "did not answer `hello`");
}
