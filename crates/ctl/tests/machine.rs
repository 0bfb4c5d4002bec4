//! `watch`, `follow` and `record` on a machine that sleeps and loses its network.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::process::Stdio;
use std::time::{Duration, Instant};

use gateway::{Access, Gateway, Source};
use proving::machine::{self, Bus, Logind, NetworkManager};
use proving::patience::PATIENCE;
use proving::relay::{Manner, Relay};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};

/// After so long a dead peer is found by its silence alone.
const BY_ITSELF: Duration = Duration::from_secs(25);

/// A program on a machine of the test's, and a gateway that it reaches by a relay.
struct Desk {
    bus: Bus,
    logind: Logind,
    network: NetworkManager,
    relay: Relay,
    gateway: Gateway,
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
        Self { bus, logind, network, relay, gateway, home }
    }

    async fn run(&self, args: &[&str]) -> Program {
        let mut command = self.command(args);
        let mut child = self.start_there(command.arg("--json").stdout(Stdio::piped())).await;
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Program { _child: child, lines }
    }

    async fn record(&self) -> Recorder {
        let out = self.home.path().join("out.ndjson");
        let mut command = self.command(&["record", "--out", out.to_str().unwrap()]);
        let mut child = self.start_there(command.stderr(Stdio::piped())).await;
        let remarks = BufReader::new(child.stderr.take().unwrap()).lines();
        Recorder { _child: child, remarks }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vaultwatchctl"));
        command.args(args).arg("--data-dir").arg(self.home.path()).kill_on_drop(true);
        for name in ["VAULTWATCH_WEBSOCKET_URL", "VAULTWATCH_PROFILE", "VAULTWATCH_TOKEN"] {
            command.env_remove(name);
        }
        command.env(machine::VARIABLE, self.bus.address());
        command.env(session::Options::VARIABLE, "networkmanager");
        command
    }

    /// Until it listens to the machine.
    async fn start_there(&self, command: &mut Command) -> Child {
        let child = command.spawn().unwrap();
        let listening = tokio::time::timeout(PATIENCE, self.logind.asked());
        listening.await.expect("it listens");
        child
    }

    /// Waits until there are so many connections that the gateway takes for open.
    async fn sessions(&self, count: u64) {
        let here = self.gateway.stats_when(|stats| stats.sessions >= count);
        tokio::time::timeout(PATIENCE, here).await.expect("they come");
    }
}

struct Recorder {
    _child: Child,
    remarks: Lines<BufReader<ChildStderr>>,
}

impl Recorder {
    /// Up to the next remark on how far it is that tells of this state.
    async fn until_state(&mut self, state: &str) {
        loop {
            let remark = tokio::time::timeout(PATIENCE, self.remarks.next_line()).await;
            let remark = remark.unwrap_or_else(|_| panic!("waited for: {state}")).unwrap().unwrap();
            if remark.starts_with(&format!("{state}: ")) {
                return;
            }
        }
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
    // Once in five times, at the least: this machine may have something else to do.
    let mut took = Vec::new();
    while took.last().is_none_or(|last| *last >= Duration::from_secs(3)) {
        assert!(took.len() < 5, "{took:?}");
        desk.network.state(NetworkManager::ASLEEP).await;
        let offline = watch.until_state("offline").await;
        let cause = offline["cause"].as_str().unwrap();
        assert!(cause.contains("no network") && cause.contains("nothing is guarded"), "{cause}");
        desk.network.state(NetworkManager::CONNECTED).await;
        let back = Instant::now();
        watch.until_state("connected").await;
        took.push(back.elapsed());
    }
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
    assert!(woke.elapsed() < BY_ITSELF, "{:?}", woke.elapsed());
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
    assert!(begun.elapsed() < BY_ITSELF, "{:?}", begun.elapsed());
    desk.relay.swallow();
    desk.logind.wake().await;
    follow.until_state("backoff").await;
    follow.until_state("connected").await;
}

#[tokio::test]
async fn a_recording_goes_on_soon_after_sleep_and_says_when_there_is_no_network() {
    let desk = Desk::start().await;
    let mut recorder = desk.record().await;
    recorder.until_state("connected").await;
    desk.sessions(1).await;
    desk.relay.swallow();
    desk.logind.wake().await;
    let woke = Instant::now();
    // The gateway has not heard of the end of the first one.
    desk.sessions(2).await;
    assert!(woke.elapsed() < BY_ITSELF, "{:?}", woke.elapsed());
    desk.network.state(NetworkManager::DISCONNECTED).await;
    recorder.until_state("offline").await;
    desk.network.state(NetworkManager::CONNECTED).await;
    recorder.until_state("connected").await;
}
