//! `config` as a person runs it: what counts, why, what is wrong with it, and what an edit does to a running watch.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;

const CONFIG: &str = r#"version = 1

[profiles.acme]
url = "ws://127.0.0.1:9/ws?key=hush"
token = "hush"
heartbeatInterval = 20000

[alerts]
notifyFrom = "high"

[channels.ntfy]
url = "https://ntfy.sh/hush"

[[rule]]
name = "ltv-high"
metric = "ltv"
when = "above"
enter = 70
severity = "high"
"#;

struct Desk(tempfile::TempDir);

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

impl Desk {
    fn new(config: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("config.toml"), config).unwrap();
        Self(home)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vaultwatchctl"));
        for name in [
            "VAULTWATCH_WEBSOCKET_URL",
            "VAULTWATCH_PROFILE",
            "VAULTWATCH_TOKEN",
            "VAULTWATCH_DATA_DIR",
        ] {
            command.env_remove(name);
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(arguments, &[])
    }

    fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Said {
        let mut command = self.command();
        command.arg("config").args(arguments).arg("--data-dir").arg(self.path());
        said(command.envs(variables.iter().copied()))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

fn said(command: &mut Command) -> Said {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { code: status.code(), out: text(stdout), err: text(stderr) }
}

#[test]
fn path_is_the_file_that_counts_and_says_why() {
    let desk = Desk::new(CONFIG);
    let file = desk.path().join("config.toml");
    let by_flag = desk.run(&["path"]);
    assert_eq!((by_flag.code, by_flag.out.trim_end()), (Some(0), file.to_str().unwrap()));
    assert_eq!(by_flag.err.trim_end(), "Because of --data-dir.");
    let mut command = desk.command();
    let by_variable =
        command.args(["config", "path", "--json"]).env("VAULTWATCH_DATA_DIR", desk.path());
    let by_variable = said(by_variable).json();
    assert_eq!(by_variable["because"], "VAULTWATCH_DATA_DIR");
    assert_eq!(by_variable["exists"], true);
    let mut command = desk.command();
    let platform = command.args(["config", "path", "--json"]).env("XDG_CONFIG_HOME", desk.path());
    let platform = said(platform).json();
    if cfg!(target_os = "linux") {
        let path = desk.path().join("vaultwatch/config.toml");
        assert_eq!(
            (&platform["path"], &platform["exists"]),
            (&path.to_str().into(), &false.into())
        );
        assert_eq!(platform["because"], "the platform's configuration folder");
    }
}

#[test]
fn show_tells_each_setting_with_its_origin_and_no_secret() {
    let desk = Desk::new(CONFIG);
    let shown = desk.run(&["show", "--json"]).json();
    let of = |shown: &Value, key: &str| {
        let all = shown["settings"].as_array().unwrap();
        let found = all.iter().find(|setting| setting["key"] == key);
        let found = found.unwrap_or_else(|| panic!("{key} in {shown:#}"));
        (found["value"].as_str().unwrap().to_owned(), found["from"].as_str().unwrap().to_owned())
    };
    let is = |value: &str, from: &str| (value.to_owned(), from.to_owned());
    let heartbeat = "profiles.acme.heartbeatInterval";
    assert_eq!(of(&shown, heartbeat), is("20000", "config.toml line 6"));
    assert_eq!(of(&shown, "profiles.acme.heartbeatGrace"), is("10000", "default"));
    assert_eq!(of(&shown, "profiles.acme.token"), is("***", "config.toml line 5"));
    assert_eq!(of(&shown, "profiles.acme.url").1, "config.toml line 4");
    assert_eq!(of(&shown, "profiles.acme.colour"), is("teal", "default"));
    assert_eq!(of(&shown, "profiles.acme.notify"), is("all", "default"));
    assert_eq!(of(&shown, "profiles.acme.paused"), is("false", "default"));
    assert_eq!(of(&shown, "alerts.notifyFrom"), is("high", "config.toml line 9"));
    assert_eq!(of(&shown, "alerts.digestHour"), is("9", "default"));
    assert_eq!(of(&shown, "retention.read"), is("86400000", "default"));
    assert_eq!(of(&shown, "rule"), is("1", "config.toml line 14"));
    assert!(of(&shown, "channels.ntfy").0.contains("ntfy.sh"));
    assert_eq!(shown["watched"], "profile acme (the only one of config.toml)");

    let variables =
        [("VAULTWATCH_TOKEN", "hush"), ("VAULTWATCH_WEBSOCKET_URL", "ws://127.0.0.1:8")];
    let named = desk.run_with(&["show", "--json", "--profile", "acme"], &variables);
    assert_eq!(of(&named.json(), "profiles.acme.token").1, "VAULTWATCH_TOKEN");
    assert_eq!(of(&named.json(), "profiles.acme.url").1, "VAULTWATCH_WEBSOCKET_URL");
    let flag = desk.run(&["show", "--json", "--profile", "acme", "--url", "ws://127.0.0.1:7"]);
    assert_eq!(of(&flag.json(), "profiles.acme.url").1, "--url");
    let text = desk.run(&["show"]);
    assert_eq!(text.code, Some(0), "{}", text.err);
    assert!(
        text.out.contains(heartbeat) && text.out.contains("config.toml line 6"),
        "{}",
        text.out
    );
    for said in [shown.to_string(), named.out, flag.out, text.out] {
        assert!(!said.contains("hush"), "{said}");
    }
}

#[test]
fn validate_tells_every_fault_with_its_place_and_a_hint() {
    let desk = Desk::new(CONFIG);
    let fine = desk.run(&["validate"]);
    assert_eq!((fine.code, fine.err.as_str()), (Some(0), ""), "{}", fine.out);
    assert!(fine.out.starts_with("ok    "), "{}", fine.out);

    let broken = CONFIG
        .replace("heartbeatInterval", "heartbeat_intervall")
        .replace("\"high\"\n\n[channels", "\"loud\"\n\n[channels")
        .replace("\"ltv\"", "\"ltvv\"");
    let desk = Desk::new(&broken);
    let wrong = desk.run(&["validate"]);
    assert_eq!(wrong.code, Some(1), "{}", wrong.out);
    let lines: Vec<_> = wrong.out.lines().collect();
    assert_eq!(lines.len(), 3, "{}", wrong.out);
    assert_eq!(
        lines[0],
        "WRONG line 6, column 1: profiles.acme.heartbeat_intervall: unknown key `heartbeat_intervall`; \
         did you mean `heartbeatInterval`?"
    );
    assert!(lines[1].starts_with("WRONG line 9, column 14: alerts.notifyFrom: "), "{}", lines[1]);
    assert!(lines[2].starts_with("WRONG line 16, column 1: rule.0.metric: "), "{}", lines[2]);
    let json = desk.run(&["validate", "--json"]).json();
    assert_eq!((&json["ok"], &json["faults"][0]["line"]), (&false.into(), &6.into()), "{json}");
    // The app would not start with it either, and says one of the same.
    let used = desk.run(&["show"]);
    assert_eq!(used.code, Some(2));
    assert!(used.err.contains("is not valid") && used.err.contains("line 9"), "{}", used.err);
}

#[test]
fn validate_looks_at_another_file_and_at_none() {
    let desk = Desk::new(CONFIG);
    let other = desk.path().join("other.toml");
    std::fs::write(&other, b"[profiles.acme]\nurl = \"\xff\"\n").unwrap();
    let wrong = desk.run(&["validate", other.to_str().unwrap()]);
    assert_eq!(wrong.code, Some(1));
    assert!(wrong.out.starts_with("WRONG line 2, column 8: this is no text"), "{}", wrong.out);
    let newer = "version = 2\nfuture = 1\n";
    std::fs::write(&other, newer).unwrap();
    let wrong = desk.run(&["validate", other.to_str().unwrap()]);
    assert!(wrong.out.contains("of a newer VaultWatch"), "{}", wrong.out);
    assert_eq!(std::fs::read_to_string(&other).unwrap(), newer, "it is not touched");
    let missing = desk.run(&["validate", "/nowhere/config.toml"]);
    assert_eq!(missing.code, Some(2), "{}", missing.out);

    std::fs::remove_file(desk.path().join("config.toml")).unwrap();
    let none = desk.run(&["validate"]);
    assert_eq!(none.code, Some(0));
    assert!(none.out.contains("is not there"), "{}", none.out);
}

/// A program whose words are read as they come.
struct Running {
    child: Child,
    words: mpsc::Receiver<String>,
}

impl Running {
    /// Reads to a line of standard error that contains this.
    fn says(&self, wanted: &str) -> String {
        let mut heard = Vec::new();
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            match self.words.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) if line.contains(wanted) => return line,
                Ok(line) => heard.push(line),
                Err(error) => panic!("{error}, waiting for {wanted:?} among {heard:#?}"),
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().unwrap();
    }
}

#[test]
fn an_edit_reaches_a_running_watch_and_a_mistake_does_not_end_it() {
    let desk = Desk::new(CONFIG);
    let mut child = desk
        .command()
        .args(["watch", "--data-dir"])
        .arg(desk.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (tell, words) = mpsc::channel();
    let streams: [Box<dyn std::io::Read + Send>; 2] =
        [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
    for stream in streams {
        let tell = tell.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
    }
    let watch = Running { child, words };
    // It has read the file when it has something to say.
    watch.says("");
    let file = desk.path().join("config.toml");
    std::fs::write(&file, CONFIG.replace("enter = 70", "enter = 60")).unwrap();
    assert!(watch.says("The settings were changed").contains("rules and policies"));
    std::fs::write(&file, CONFIG.replace("enter = 70", "enterr = 70")).unwrap();
    watch.says("ALERT firing High: config.toml does not count");
    assert!(watch.says("line 18").contains("did you mean `enter`?"));
    std::fs::write(&file, CONFIG).unwrap();
    watch.says("ALERT resolved High: The settings can be read again");
    assert!(!desk.path().join("config.last-good.toml").exists(), "that is the app's");
}
