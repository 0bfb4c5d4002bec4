//! A real gnome-keyring-daemon on a private bus. The programs that use it are this test's own binary, started again in
//! a role, because a process has one session bus from its environment.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test may panic and print")]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Instant;

use keychain::{Kept, KeyStore, KeychainError, KeychainState, RingName};
use proving::bus::Bus;
use proving::patience::PATIENCE;
use realtime::encryption::{Key, KeyId};
use realtime::wire::UnixMillis;
use tempfile::TempDir;
use zbus::blocking::{MessageIterator, fdo};
use zbus::zvariant::{ObjectPath, OwnedObjectPath};

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
    bus: Bus,
}

impl Session {
    fn start() -> Self {
        Self { home: tempfile::tempdir().unwrap(), bus: Bus::start() }
    }

    fn connect(&self) -> zbus::blocking::Connection {
        let address = self.bus.address();
        let builder = zbus::blocking::connection::Builder::address(address.as_str());
        builder.and_then(|builder| builder.build()).unwrap()
    }

    fn command(&self, program: impl AsRef<Path>) -> Command {
        let home = self.home.path();
        let mut command = Command::new(program.as_ref());
        command.env("DBUS_SESSION_BUS_ADDRESS", self.bus.address()).env("HOME", home);
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
        // A program's start is pause enough.
        let begun = Instant::now();
        loop {
            let found = self.program("read").tells();
            if found == wanted {
                return;
            }
            assert_ne!(found, "another key");
            assert!(begun.elapsed() < PATIENCE, "waited for `{wanted}`, which is `{found}`");
        }
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
fn a_locked_keyring_is_told_and_no_dialog_is_opened() {
    let session = Session::start();
    let daemon = session.daemon(Some("password"));
    session.read_until("empty");
    assert_eq!(session.program("save").tells(), "saved at once");
    drop(daemon);
    let dialogs = Dialogs::watch(&session);
    let _locked = session.daemon(None);
    session.read_until("locked");
    let mut saving = session.program("save");
    assert_eq!(saving.tells(), "locked");
    assert_eq!(session.program("read").tells(), "locked");
    assert_eq!(dialogs.seen_so_far(), Vec::<String>::new());

    // What a program that does ask for one looks like, or the above would prove nothing.
    let bus = session.connect();
    let service = |path: &str, interface: &str, member: &str, unlock: Option<&[ObjectPath<'_>]>| {
        let (name, interface) = (Some("org.freedesktop.secrets"), Some(interface));
        match unlock {
            Some(what) => bus.call_method(name, path, interface, member, &(what,)),
            None => bus.call_method(name, path, interface, member, &("",)),
        }
    };
    let collection = ObjectPath::try_from("/org/freedesktop/secrets/aliases/default").unwrap();
    let (service_path, secret) = ("/org/freedesktop/secrets", "org.freedesktop.Secret.Service");
    let answer = service(service_path, secret, "Unlock", Some(&[collection])).unwrap();
    let (_, prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) = answer.body().deserialize().unwrap();
    assert_ne!(prompt.as_str(), "/", "it is locked");
    // Nobody is there to show it, which may be an error.
    let _ = service(prompt.as_str(), "org.freedesktop.Secret.Prompt", "Prompt", None);
    let seen = dialogs.seen_so_far();
    assert!(seen.iter().any(|call| call.ends_with("Secret.Service.Unlock")), "{seen:?}");
    assert!(seen.iter().any(|call| call.ends_with("Secret.Prompt.Prompt")), "{seen:?}");

    drop(saving);
}

/// Made while the keyring was locked, and saved when the person unlocked it: the daemon comes anew with the password.
#[test]
fn keys_made_while_it_was_locked_are_saved_when_it_is_unlocked() {
    let session = Session::start();
    let daemon = session.daemon(Some("password"));
    session.read_until("empty");
    drop(daemon);
    let locked = session.daemon(None);
    session.read_until("locked");
    let mut saving = session.program("save");
    assert_eq!(saving.tells(), "locked");
    drop(locked);
    let _unlocked = session.daemon(Some("password"));
    assert_eq!(saving.tells(), "saved");
    assert_eq!(session.program("read").tells(), "the key");
}

/// Everything on the bus that leads to a dialog.
struct Dialogs<'a> {
    session: &'a Session,
    seen: mpsc::Receiver<String>,
}

impl<'a> Dialogs<'a> {
    fn watch(session: &'a Session) -> Self {
        let bus = session.connect();
        let monitoring = fdo::MonitoringProxy::new(&bus).unwrap();
        monitoring.become_monitor(&[], 0).unwrap();
        let (tell, seen) = mpsc::channel();
        std::thread::spawn(move || {
            for message in MessageIterator::from(bus) {
                let Ok(message) = message else { return };
                let header = message.header();
                if header.message_type() != zbus::message::Type::MethodCall {
                    continue;
                }
                let part = |part: Option<&str>| part.unwrap_or_default().to_owned();
                let to = part(header.destination().map(|name| name.as_str()));
                let interface = part(header.interface().map(|name| name.as_str()));
                let member = part(header.member().map(|name| name.as_str()));
                let asked = to.contains("Prompter")
                    || interface.contains("Prompter")
                    || interface == "org.freedesktop.Secret.Prompt"
                    || ["Unlock", "CreateCollection", "ChangeLock"].contains(&member.as_str())
                    || message.body().deserialize::<(String, u32)>().is_ok_and(|(service, _)| {
                        member == "StartServiceByName" && service.contains("Prompter")
                    });
                if (asked || member == MARK) && tell.send(format!("{interface}.{member}")).is_err()
                {
                    return;
                }
            }
        });
        Self { session, seen }
    }

    /// What was asked up to now: the bus hands on everything in order, so what comes before our own mark is all of it.
    fn seen_so_far(&self) -> Vec<String> {
        let bus = self.session.connect();
        let (name, path) = ("org.freedesktop.DBus", "/org/freedesktop/DBus");
        bus.call_method(Some(name), path, Some(name), MARK, &()).unwrap_err();
        let before_the_mark = |call: &String| !call.ends_with(MARK);
        let next = || self.seen.recv_timeout(std::time::Duration::from_secs(30)).unwrap();
        std::iter::repeat_with(next).take_while(before_the_mark).collect()
    }
}

const MARK: &str = "NoSuchMethodButAMark";

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
