//! A real gnome-keyring-daemon on a private bus. The programs that use it are this test's own binary, started again in
//! a role, because a process has one session bus from its environment.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test may panic and print")]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use keychain::{Kept, KeyStore, KeychainError, KeychainState, RingName};
use realtime::encryption::{Key, KeyId};
use realtime::wire::UnixMillis;
use tempfile::TempDir;

const ROLE: &str = "KEYCHAIN_TEST_ROLE";

/// Not a test by itself: what the programs under test do.
#[tokio::test]
async fn role() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let keys = KeyStore::default();
    let name = RingName::new("desk", "acme").unwrap();
    let kid = KeyId::parse("k1").unwrap();
    match role.as_str() {
        "save" => {
            let change = |ring: &mut realtime::encryption::KeyRing| {
                ring.insert(kid.clone(), Key::new([7; 32]), UnixMillis(1))?;
                ring.activate(&kid)
            };
            match keys.update(&name, change).await.unwrap().1 {
                Kept::InKeychain => told("saved at once"),
                Kept::InMemory(why) => {
                    assert!(matches!(*keys.state().borrow(), KeychainState::Unavailable(_)));
                    assert_eq!(keys.load(&name).await.unwrap().entries().len(), 1);
                    told(kind(&why));
                    keys.settle().await.unwrap();
                    told("saved");
                }
            }
        }
        "read" => match keys.load(&name).await {
            Ok(ring) => told(match ring.active() {
                None => "empty",
                Some(entry) if *entry.key.expose_base64() == *Key::new([7; 32]).expose_base64() => {
                    "the key"
                }
                Some(_) => "another key",
            }),
            Err(why) => told(kind(&why)),
        },
        other => panic!("no role `{other}`"),
    }
}

/// A line of its own: the test harness writes to the same output.
fn told(what: &str) {
    println!("\nTOLD {what}");
}

fn kind(error: &KeychainError) -> &'static str {
    match error {
        KeychainError::NotAvailable { .. } => "not available",
        KeychainError::Locked => "locked",
        KeychainError::NoDefaultKeyring => "no default keyring",
        _ => "something else",
    }
}

/// A private bus that starts no services by itself, and a home for the daemon.
struct Session {
    home: TempDir,
    bus: Child,
    address: String,
}

impl Session {
    fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("bus.conf");
        let socket = format!("unix:path={}", home.path().join("bus").display());
        fs::write(&config, format!(
            "<busconfig><type>session</type><listen>{socket}</listen><auth>EXTERNAL</auth><policy context='default'>\
             <allow send_destination='*' eavesdrop='true'/><allow eavesdrop='true'/><allow own='*'/></policy></busconfig>"
        ))
        .unwrap();
        let mut bus = Command::new("dbus-daemon");
        bus.arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--print-address"]);
        let mut bus = bus.stdout(Stdio::piped()).spawn().expect("Debian: dbus");
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { home, bus, address: address.trim().to_owned() }
    }

    fn command(&self, program: impl AsRef<Path>) -> Command {
        let home = self.home.path();
        let mut command = Command::new(program.as_ref());
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address).env("HOME", home);
        for name in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"] {
            command.env(name, home);
        }
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
        command
    }

    /// The daemon, with its keyring unlocked, or as it is at a log-in without a password.
    fn daemon(&self, password: Option<&str>) -> Daemon {
        let mut daemon = self.command("gnome-keyring-daemon");
        daemon.args(["--foreground", "--components=secrets"]);
        daemon.arg(if password.is_some() { "--unlock" } else { "--start" });
        let log = File::create(self.home.path().join("daemon.log")).unwrap();
        daemon.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log);
        let mut daemon = daemon.spawn().expect("Debian: gnome-keyring");
        // Dropped: the end of the input ends the password.
        let mut input = daemon.stdin.take().unwrap();
        input.write_all(password.unwrap_or_default().as_bytes()).unwrap();
        Daemon(daemon)
    }

    fn program(&self, role: &str) -> Program {
        let mut program = self.command(std::env::current_exe().unwrap());
        program.args(["--exact", "role", "--nocapture"]).env(ROLE, role);
        let mut child = program.stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Program { child, output }
    }

    /// What a program finds once the daemon has got so far.
    fn read_until(&self, wanted: &str) {
        for _ in 0..100 {
            let found = self.program("read").tells();
            if found == wanted {
                return;
            }
            assert_ne!(found, "another key");
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("never `{wanted}`");
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.bus.kill();
        let _ = self.bus.wait();
    }
}

struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Program {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Program {
    fn tells(&mut self) -> String {
        let mut line = String::new();
        while self.output.read_line(&mut line).unwrap() > 0 {
            if let Some(told) = line.strip_prefix("TOLD ") {
                return told.trim().to_owned();
            }
            line.clear();
        }
        panic!("it ended without a word: {:?}", self.child.wait());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_one_process_saves_another_reads() {
    let session = Session::start();
    let _daemon = session.daemon(Some("password"));
    session.read_until("empty");
    assert_eq!(session.program("save").tells(), "saved at once");
    assert_eq!(session.program("read").tells(), "the key");
}

#[test]
fn without_the_service_it_is_told_and_saved_when_it_appears() {
    let session = Session::start();
    assert_eq!(session.program("read").tells(), "not available");
    let mut program = session.program("save");
    assert_eq!(program.tells(), "not available");
    let _daemon = session.daemon(Some("password"));
    assert_eq!(program.tells(), "saved");
    assert_eq!(session.program("read").tells(), "the key");
}

#[test]
fn a_locked_keyring_is_told_and_no_dialog_is_waited_for() {
    let session = Session::start();
    let daemon = session.daemon(Some("password"));
    session.read_until("empty");
    assert_eq!(session.program("save").tells(), "saved at once");
    drop(daemon);
    let _locked = session.daemon(None);
    session.read_until("locked");
}

#[test]
fn keys_are_in_no_file_in_the_clear() {
    let session = Session::start();
    let _daemon = session.daemon(Some("password"));
    session.read_until("empty");
    assert_eq!(session.program("save").tells(), "saved at once");
    let secret = Key::new([7; 32]).expose_base64();
    let mut folders = vec![session.home.path().to_owned()];
    let mut keyrings = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                let mut bytes = Vec::new();
                File::open(entry.path()).unwrap().read_to_end(&mut bytes).unwrap();
                let clear = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
                assert!(!clear && !bytes.windows(32).any(|part| part == [7; 32]), "{entry:?}");
                keyrings += usize::from(entry.path().extension().is_some_and(|e| e == "keyring"));
            }
        }
    }
    assert!(keyrings > 0, "the daemon saved somewhere");
}
