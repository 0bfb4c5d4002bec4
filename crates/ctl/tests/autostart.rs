//! `autostart`: the real program in a home of its own, with and without a systemd that answers.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const UNIT: &str = "systemd/user/vaultwatch.service";
const WANTED: &str = "systemd/user/graphical-session.target.wants/vaultwatch.service";
const DESKTOP_FILE: &str = "autostart/VaultWatch.desktop";

/// What answers to `systemctl --user`.
#[derive(Clone, Copy)]
enum Systemd {
    /// There is no such program.
    Missing,
    /// The machine's own, which finds no manager in this home.
    Silent,
    /// A manager whose state of the session's target is this. It records what it is asked.
    Tells(&'static str),
}

struct Home {
    folder: tempfile::TempDir,
    app: PathBuf,
    systemd: Systemd,
}

impl Home {
    fn with(systemd: Systemd) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["config", "run", "bin", "no bin", "app"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let app = folder.path().join("app/vaultwatch");
        program(&app, "exit 0");
        let home = Self { folder, app, systemd };
        if let Systemd::Tells(state) = systemd {
            let script = format!(
                "echo \"$@\" >> {log}\ncase \"$*\" in\n\
                 *graphical-session.target) echo {state};;\n*vaultwatch.service) echo active;;\nesac",
                log = home.log().display()
            );
            program(&home.path("bin/systemctl"), &script);
        }
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn config(&self, name: &str) -> PathBuf {
        self.path("config").join(name)
    }

    fn log(&self) -> PathBuf {
        self.path("asked")
    }

    /// What systemd was told to do since the last time.
    fn told(&self) -> Vec<String> {
        let all = fs::read_to_string(self.log()).unwrap_or_default();
        let _ = fs::remove_file(self.log());
        all.lines().filter(|line| !line.contains(" show ")).map(str::to_owned).collect()
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        let path = match self.systemd {
            Systemd::Missing => self.path("no bin").display().to_string(),
            Systemd::Silent => "/usr/bin:/bin".to_owned(),
            Systemd::Tells(_) => format!("{}:/usr/bin:/bin", self.path("bin").display()),
        };
        command.env_clear().env("PATH", path).env("HOME", self.folder.path());
        command
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("XDG_RUNTIME_DIR", self.path("run"));
        command
    }

    fn ctl(&self, args: &[&str]) -> Output {
        self.command(env!("CARGO_BIN_EXE_vaultwatchctl"))
            .arg("autostart")
            .args(args)
            .output()
            .unwrap()
    }

    fn on(&self, args: &[&str]) -> Output {
        self.ctl(&[&["on", "--program", self.app.to_str().unwrap()][..], args].concat())
    }

    fn status(&self) -> Output {
        self.ctl(&["status", "--program", self.app.to_str().unwrap()])
    }

    /// Everything in the user's configuration, sorted.
    fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![self.path("config")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(self.path("config")).unwrap().to_str().unwrap();
                found.push(name.to_owned());
                if path.is_dir() && !path.is_symlink() {
                    folders.push(path);
                }
            }
        }
        found.retain(|name| !self.config(name).is_dir());
        found.sort();
        found
    }
}

fn program(path: &Path, script: &str) {
    fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

#[track_caller]
fn assert_ended(output: &Output, code: i32, words: &[&str]) {
    let text = said(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    for word in words {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn in_a_session_of_systemd_it_is_a_unit_and_going_it_leaves_nothing() {
    let home = Home::with(Systemd::Tells("active"));
    assert_ended(&home.status(), 0, &["off"]);
    let on = home.on(&[]);
    assert_ended(&on, 0, &["on\n", "systemd", "runs    yes", "--hidden"]);
    assert_eq!(home.files(), [WANTED, UNIT]);
    assert_eq!(home.told(), ["--user daemon-reload"]);
    let unit = fs::read_to_string(home.config(UNIT)).unwrap();
    assert!(unit.contains(&format!("ExecStart={} --hidden\n", home.app.display())), "{unit}");
    assert_eq!(fs::metadata(home.config(UNIT)).unwrap().permissions().mode() & 0o777, 0o644);

    // systemd itself calls that enabled, and understands every line.
    let machine = Home { systemd: Systemd::Silent, ..home };
    if let Ok(asked) =
        machine.command("systemctl").args(["--user", "is-enabled", "vaultwatch"]).output()
    {
        assert_eq!(String::from_utf8_lossy(&asked.stdout), "enabled\n", "{asked:?}");
    }
    let verify = ["--user", "verify", "--man=no"];
    if let Ok(asked) =
        machine.command("systemd-analyze").args(verify).arg(machine.config(UNIT)).output()
    {
        let said = String::from_utf8_lossy(&asked.stderr);
        // Known from systemd 254 on.
        let later =
            |line: &&str| line.contains("RestartSteps") || line.contains("RestartMaxDelaySec");
        let ours = said.lines().filter(|line| line.contains("vaultwatch") && !later(line));
        assert_eq!(ours.collect::<Vec<_>>(), [""; 0], "{said}");
    }

    let home = Home { systemd: Systemd::Tells("active"), ..machine };
    assert_ended(&home.on(&[]), 0, &["on\n"]);
    assert_eq!(home.files(), [WANTED, UNIT], "twice is once");
    home.told();
    assert_ended(&home.ctl(&["off"]), 0, &["off\n"]);
    assert_eq!(fs::read_dir(home.path("config")).unwrap().count(), 0, "not even folders");
    assert_eq!(home.told(), ["--user daemon-reload"]);
    assert_ended(&home.ctl(&["off"]), 0, &["off\n"]);
    assert_eq!(home.told(), [""; 0], "nothing was there");
}

#[test]
fn where_systemd_knows_of_no_session_it_is_the_desktops_file() {
    for systemd in [Systemd::Missing, Systemd::Silent, Systemd::Tells("inactive")] {
        let home = Home::with(systemd);
        assert_ended(&home.on(&[]), 0, &["on\n", "desktop-file", "--hidden"]);
        assert_eq!(home.files(), [DESKTOP_FILE]);
        let file = fs::read_to_string(home.config(DESKTOP_FILE)).unwrap();
        assert!(file.contains(&format!("Exec={} --hidden\n", home.app.display())), "{file}");
        assert_ended(&home.status(), 0, &["on\n"]);
        assert_ended(&home.on(&[]), 0, &["on\n"]);
        assert_ended(&home.ctl(&["off"]), 0, &["off\n"]);
        assert_eq!(fs::read_dir(home.path("config")).unwrap().count(), 0);
    }
}

#[test]
fn the_desktops_own_tool_accepts_the_file() {
    let home = Home::with(Systemd::Silent);
    let odd = home.path("app/100% \"$x\"");
    fs::rename(&home.app, &odd).unwrap();
    let on = home.ctl(&["on", "--program", odd.to_str().unwrap()]);
    assert_ended(&on, 0, &["on\n"]);
    let checked = home.command("desktop-file-validate").arg(home.config(DESKTOP_FILE)).output();
    let Ok(checked) = checked else {
        eprintln!("no desktop-file-validate here: the file was not validated");
        return;
    };
    assert!(checked.status.success() && checked.stdout.is_empty(), "{}", said(&checked));
}

#[test]
fn one_kind_takes_the_place_of_the_other_and_stays_until_told_otherwise() {
    let mut home = Home::with(Systemd::Tells("active"));
    home.on(&["--how=desktop-file"]);
    assert_eq!(home.files(), [DESKTOP_FILE]);
    home.on(&[]);
    assert_eq!(home.files(), [DESKTOP_FILE], "the kind that is there stays");
    home.on(&["--how=systemd"]);
    assert_eq!(home.files(), [WANTED, UNIT]);
    // Asked from elsewhere, over ssh for instance.
    home.systemd = Systemd::Silent;
    assert_ended(&home.on(&[]), 1, &["no systemd of the user answers", "--how=desktop-file"]);
    assert_eq!(home.files(), [WANTED, UNIT]);
    assert_ended(&home.on(&["--how=desktop-file"]), 0, &["on\n"]);
    assert_eq!(home.files(), [DESKTOP_FILE]);
    assert_ended(&home.ctl(&["on", "--how=launch-agent"]), 2, &["systemd or desktop-file"]);
}

#[test]
fn what_keeps_it_from_starting_is_told_with_what_to_do() {
    let home = Home::with(Systemd::Tells("active"));
    home.on(&[]);
    fs::remove_file(home.config(WANTED)).unwrap();
    assert_ended(&home.status(), 1, &["off\n", "nothing in the session wants", "autostart on"]);
    home.on(&[]);
    assert_ended(&home.status(), 0, &["on\n"]);

    // After an upgrade to another place.
    let other = home.path("app/other");
    fs::copy(&home.app, &other).unwrap();
    let status = home.ctl(&["status", "--program", other.to_str().unwrap()]);
    assert_ended(&status, 1, &["on\n", "it starts", "other", "autostart on"]);
    fs::set_permissions(&home.app, fs::Permissions::from_mode(0o644)).unwrap();
    assert_ended(&home.status(), 1, &["off\n", "not a program that can be started"]);
    fs::remove_file(&home.app).unwrap();
    assert_ended(&home.status(), 1, &["off\n", "not a program that can be started"]);

    let unit = fs::read_to_string(home.config(UNIT)).unwrap();
    fs::write(home.config(UNIT), unit.replace("ExecStart=", "ExecStart='")).unwrap();
    assert_ended(&home.status(), 1, &["cannot be told"]);
    fs::create_dir(home.config("autostart")).unwrap();
    fs::write(home.config(DESKTOP_FILE), "# Written by VaultWatch: `vaultwatchctl autostart off` removes it, `on` writes it anew.\nHidden=true\n").unwrap();
    assert_ended(&home.status(), 1, &["two entries", "switched"]);
    assert_ended(&home.ctl(&["off"]), 0, &["off\n"]);
    assert_eq!(fs::read_dir(home.path("config")).unwrap().count(), 0);

    let home = Home::with(Systemd::Tells("inactive"));
    assert_ended(
        &home.on(&["--how=systemd"]),
        1,
        &["off\n", "does not tell systemd of its session"],
    );
    home.on(&["--how=desktop-file"]);
    let file = fs::read_to_string(home.config(DESKTOP_FILE)).unwrap();
    let off = file.replace("enabled=true", "enabled=false");
    fs::write(home.config(DESKTOP_FILE), off).unwrap();
    assert_ended(&home.status(), 1, &["off\n", "switched"]);
    assert_ended(&home.on(&[]), 0, &["on\n"]);
}

#[test]
fn what_is_not_ours_stays_as_it_is() {
    let home = Home::with(Systemd::Tells("active"));
    fs::create_dir_all(home.config("systemd/user")).unwrap();
    fs::write(home.config(UNIT), "[Service]\nExecStart=/my/own\n").unwrap();
    assert_ended(&home.on(&[]), 2, &["was not written by VaultWatch"]);
    assert_ended(&home.status(), 1, &["off\n", "was not written by VaultWatch"]);
    assert_ended(&home.ctl(&["off"]), 1, &["off\n"]);
    assert_eq!(fs::read_to_string(home.config(UNIT)).unwrap(), "[Service]\nExecStart=/my/own\n");
    // Masked, systemd may not start it: the desktop may.
    fs::remove_file(home.config(UNIT)).unwrap();
    symlink("/dev/null", home.config(UNIT)).unwrap();
    assert_ended(&home.on(&["--how=systemd"]), 2, &["was not written by VaultWatch"]);
    assert_ended(&home.on(&["--how=desktop-file"]), 0, &["on\n"]);
    assert!(home.config(UNIT).is_symlink());
    assert_eq!(home.files(), [DESKTOP_FILE, UNIT]);
}

#[test]
fn what_is_to_be_started_is_made_sure_of_first() {
    let home = Home::with(Systemd::Silent);
    let nothing = home.ctl(&["on", "--program", "/nonexistent/vaultwatch"]);
    assert_ended(&nothing, 2, &["not a program that can be started"]);
    assert_ended(&home.on(&["--profile", "acme"]), 2, &["the app would not start", "acme"]);
    assert_ended(&home.on(&["--data-dir", "a\nb"]), 2, &["cannot be written"]);
    assert_eq!(home.files(), [""; 0]);

    let data = home.path("a b");
    fs::create_dir(&data).unwrap();
    let profile =
        "[profiles.acme]\nurl = \"wss://a.example\"\n[profiles.b]\nurl = \"wss://b.example\"\n";
    fs::write(data.join("config.toml"), profile).unwrap();
    let data = data.to_str().unwrap();
    assert_ended(&home.on(&["--data-dir", data]), 2, &["several profiles"]);
    let on = home.on(&["--data-dir", data, "--profile", "b"]);
    assert_ended(&on, 0, &["on\n", "--profile b --data-dir"]);
    let file = fs::read_to_string(home.config(DESKTOP_FILE)).unwrap();
    assert!(file.contains(&format!(" --hidden --profile b --data-dir \"{data}\"\n")), "{file}");
}
