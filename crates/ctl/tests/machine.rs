//! `watch` and `follow` on a machine that sleeps and loses its network.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::process::Stdio;
use std::time::{Duration, Instant};

use gateway::{Access, Gateway, Source};
use proving::machine::{self, Bus, Logind, NetworkManager};
use proving::relay::{Manner, Relay};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

const PATIENCE: Duration = Duration::from_secs(60);

/// A program on a machine of the test's, and a gateway that it reaches by a relay.
struct Desk {
    bus: Bus,
    logind: Logind,
    network: NetworkManager,
    relay: Relay,
    _gateway: Gateway,
    home: TempDir,
}

struct Program {
    _child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Desk {
    async fn start() -> Self {
        let bus = Bus::start();
        let logind = Logind::serve(&bus).await;
        let network = NetworkManager::serve(&bus, NetworkManager::CONNECTED).await;
        let listen = "127.0.0.1:0".parse().unwrap();
        let gateway = Gateway::bind(listen, Access::open(), Source::Relay).await.unwrap();
        let address = gateway.url().trim_start_matches("ws://").replace("/ws", "");
        // Loopback needs no network: so the gateway has a name, and is reached by a proxy.
        let relay = Relay::to(&address, Manner::Proxy);
        let home = tempfile::tempdir().unwrap();
        let path = gateway.url().trim_start_matches("ws://").replace(&address, "");
        let config = format!(
            "[profiles.acme]\nurl = \"ws://feed.example{path}\"\nallowPlaintext = true\nproxy = \"http://{}\"\n",
            relay.address()
        );
        std::fs::write(home.path().join("config.toml"), config).unwrap();
        Self { bus, logind, network, relay, _gateway: gateway, home }
    }

    async fn run(&self, args: &[&str]) -> Program {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vaultwatchctl"));
        command.args(args).arg("--json").arg("--data-dir").arg(self.home.path());
        for name in ["VAULTWATCH_WEBSOCKET_URL", "VAULTWATCH_PROFILE", "VAULTWATCH_TOKEN"] {
            command.env_remove(name);
        }
        command.env(machine::VARIABLE, self.bus.address());
        command.env(session::Options::VARIABLE, "networkmanager");
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let listening = async {
            while !self.logind.was_asked() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, listening).await.expect("it listens");
        Program { _child: child, lines }
    }
}

impl Program {
    async fn until(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await;
            let line = line.unwrap_or_else(|_| panic!("waited for: {what}")).unwrap().unwrap();
            let line: Value = serde_json::from_str(&line).unwrap();
            if fits(&line) {
                return line;
            }
        }
    }

    async fn until_state(&mut self, state: &str) -> Value {
        let is_it = |line: &Value| line["state"] == state || line["connectionState"] == state;
        self.until(state, is_it).await
    }
}

#[tokio::test]
async fn a_watch_without_a_network_says_so_and_is_live_within_three_seconds_of_the_next() {
    let desk = Desk::start().await;
    let mut watch = desk.run(&["watch"]).await;
    watch.until_state("connected").await;
    desk.network.state(NetworkManager::ASLEEP).await;
    let offline = watch.until_state("offline").await;
    let cause = offline["cause"].as_str().unwrap();
    assert!(cause.contains("no network") && cause.contains("nothing is guarded"), "{cause}");
    desk.network.state(NetworkManager::CONNECTED).await;
    let back = Instant::now();
    watch.until_state("connected").await;
    assert!(back.elapsed() < Duration::from_secs(3), "{:?}", back.elapsed());
}

#[tokio::test]
async fn a_watch_finds_a_dead_connection_as_soon_as_the_machine_wakes() {
    let desk = Desk::start().await;
    let mut watch = desk.run(&["watch"]).await;
    watch.until_state("connected").await;
    desk.relay.swallow();
    desk.logind.wake().await;
    let woke = Instant::now();
    let lost = watch.until_state("reconnecting").await;
    assert!(lost["cause"].as_str().unwrap().contains("did not survive sleep"), "{lost}");
    watch.until_state("connected").await;
    assert!(woke.elapsed() < Duration::from_secs(10), "{:?}", woke.elapsed());
}

#[tokio::test]
async fn a_stream_goes_by_the_machine_too() {
    let desk = Desk::start().await;
    let mut follow = desk.run(&["follow", "status"]).await;
    follow.until_state("connected").await;
    desk.network.state(NetworkManager::DISCONNECTED).await;
    follow.until_state("offline").await;
    desk.network.state(NetworkManager::CONNECTED).await;
    follow.until_state("connected").await;
    // Another network, to which nothing of the old one leads.
    desk.relay.swallow();
    desk.network.primary(2).await;
    let begun = Instant::now();
    follow.until_state("backoff").await;
    follow.until_state("connected").await;
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    desk.relay.swallow();
    desk.logind.wake().await;
    follow.until_state("backoff").await;
    follow.until_state("connected").await;
}
