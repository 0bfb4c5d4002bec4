//! Starts the processes of a private session, keeps their logs, and ends every one of them.

use std::{
    ffi::OsStr,
    fs::{self, File},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::patience::until;

/// How much of each log is printed in the end.
const LOG_TAIL: usize = 12_000;

/// A private home, and the processes that live in it.
///
/// Whatever is started here finds nothing of the machine's user: no settings, no session bus, no display but its own.
#[derive(Debug)]
pub struct Session {
    folder: TempDir,
    env: Mutex<Vec<(String, String)>>,
}

impl Session {
    /// An empty home with the folders a desktop expects in it.
    ///
    /// # Errors
    /// When the folders cannot be made.
    pub fn new() -> Result<Arc<Self>> {
        let folder = tempfile::Builder::new().prefix("vaultwatch-e2e-").tempdir()?;
        let session = Self { folder, env: Mutex::default() };
        for name in ["home", "config", "data", "cache", "state", "run", "logs", "app"] {
            fs::create_dir(session.path(name))?;
        }
        for (variable, name) in [
            ("HOME", "home"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_RUNTIME_DIR", "run"),
            ("VAULTWATCH_DATA_DIR", "app"),
        ] {
            session.set_env(variable, &session.path(name).to_string_lossy());
        }
        session.set_env("LANG", "C.UTF-8");
        // The machine under the test is nobody's business, until a test brings another one.
        let nowhere = format!("unix:path={}", session.path("run").join("no-system-bus").display());
        session.set_env("DBUS_SYSTEM_BUS_ADDRESS", &nowhere);
        session.set_env("PATH", &std::env::var("PATH").context("PATH is not set")?);
        Ok(Arc::new(session))
    }

    /// A path in the session's folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Sets a variable for everything started from now on.
    pub fn set_env(&self, name: &str, value: &str) {
        let mut env = self.env.lock().expect("no one panics while holding it");
        env.retain(|(known, _)| known != name);
        env.push((name.into(), value.into()));
    }

    /// A command that sees the session's environment and no other.
    #[must_use]
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        let env = self.env.lock().expect("no one panics while holding it");
        command.env_clear().envs(env.iter().map(|(n, v)| (n, v))).current_dir(self.path("home"));
        command
    }

    /// Starts `command`, with what it prints going to the log `name`.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn spawn(&self, name: &str, command: &mut Command) -> Result<Process> {
        self.spawn_with_input(name, command.stdin(Stdio::null()))
    }

    /// As [`Session::spawn`], with the input that `command` has.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn spawn_with_input(&self, name: &str, command: &mut Command) -> Result<Process> {
        let log = self.log(name)?;
        command.stdout(log.try_clone()?).stderr(log);
        let child =
            command.spawn().with_context(|| format!("cannot start {:?}", command.get_program()))?;
        Ok(Process { child, log: self.log_path(name) })
    }

    /// The log `name`, open to be appended to.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn log(&self, name: &str) -> Result<File> {
        Ok(File::options().create(true).append(true).open(self.log_path(name))?)
    }

    /// What a command that ends by itself prints.
    ///
    /// # Errors
    /// When it cannot be started or fails.
    pub fn answer(&self, program: &str, args: &[&str]) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.bytes(program, args)?).into_owned())
    }

    /// The bytes a command that ends by itself prints.
    ///
    /// # Errors
    /// When it cannot be started or fails.
    pub fn bytes(&self, program: &str, args: &[&str]) -> Result<Vec<u8>> {
        let output = self
            .command(program)
            .args(args)
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot start {program}: is it installed?"))?;
        anyhow::ensure!(
            output.status.success(),
            "{program} {args:?} failed with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(output.stdout)
    }

    fn log_path(&self, name: &str) -> PathBuf {
        self.path("logs").join(format!("{name}.log"))
    }

    /// The names of the processes that were started in this home, as the kernel cuts them (15 bytes), those included that
    /// were started by others and let go.
    #[must_use]
    pub fn processes(&self) -> Vec<String> {
        self.pids().filter_map(stat).map(|process| process.name).collect()
    }

    /// Ends those of them that are called so, without giving them a chance to clean up. How many there were.
    #[must_use]
    pub fn kill(&self, name: &str) -> usize {
        let named = self.pids().filter_map(stat).filter(|process| process.name == name);
        named.map(|process| signal(process.pid, Signal::KILL)).count()
    }

    /// Ends every process that was started in this home.
    fn end_all(&self) {
        for pid in self.pids() {
            signal(pid, Signal::KILL);
        }
    }

    fn pids(&self) -> impl Iterator<Item = u32> {
        let home = format!("HOME={}", self.path("home").display());
        all_pids().filter(move |pid| {
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|variable| variable == home.as_bytes())
        })
    }

    fn print_logs(&self) {
        let Ok(logs) = fs::read_dir(self.path("logs")) else { return };
        let mut paths: Vec<_> = logs.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let text = read_lossy(&path);
            if !text.trim().is_empty() {
                let mut start = text.len().saturating_sub(LOG_TAIL);
                while !text.is_char_boundary(start) {
                    start += 1;
                }
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                eprintln!("---- {name} ----\n{}", text[start..].trim_end());
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.end_all();
        self.print_logs();
    }
}

/// A running process with its log.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its input, once, where it was given one.
    pub fn take_input(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// What it printed so far.
    #[must_use]
    pub fn log(&self) -> String {
        read_lossy(&self.log)
    }

    /// # Errors
    /// When the operating system does not tell.
    pub fn is_running(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// # Errors
    /// When it is still running after [`crate::patience::PATIENCE`].
    pub async fn wait_for_exit(&mut self) -> Result<ExitStatus> {
        let what = format!("the end of process {} ({})", self.pid(), self.log.display());
        until(&what, async || Ok(self.child.try_wait()?)).await
    }

    /// Ends those it has started, and has not waited for, without giving them a chance to clean up. How many there were.
    #[must_use]
    pub fn kill_children(&self) -> usize {
        let children = all_pids().filter_map(stat).filter(|process| process.parent == self.pid());
        let children: Vec<_> = children.map(|process| process.pid).collect();
        children.iter().for_each(|child| signal(*child, Signal::KILL));
        children.len()
    }

    /// Has it hang: it takes everything and answers nothing.
    pub fn freeze(&self) {
        signal(self.pid(), Signal::STOP);
    }

    /// Ends it without giving it a chance to clean up.
    ///
    /// # Errors
    /// When it cannot be ended.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        let status = self.child.wait()?;
        anyhow::ensure!(status.signal().is_some(), "it had ended by itself before: {status}");
        Ok(())
    }

    /// The names of the running processes that descend from this one, as the kernel cuts them (15 bytes).
    #[must_use]
    pub fn descendants(&self) -> Vec<String> {
        descendants(self.pid())
    }
}

/// The names of the running processes that descend from `root`, as the kernel cuts them (15 bytes).
#[must_use]
pub fn descendants(root: u32) -> Vec<String> {
    let all: Vec<_> = all_pids().filter_map(stat).collect();
    let mut parents = vec![root];
    let mut names = Vec::new();
    while let Some(parent) = parents.pop() {
        for child in all.iter().filter(|process| process.parent == parent) {
            parents.push(child.pid);
            names.push(child.name.clone());
        }
    }
    names
}

/// The running processes that this one has started itself.
#[must_use]
pub fn children(parent: u32) -> Vec<u32> {
    let all = all_pids().filter_map(stat);
    all.filter(|process| process.parent == parent).map(|process| process.pid).collect()
}

struct Stat {
    pid: u32,
    parent: u32,
    name: String,
}

/// A process that runs; one that has ended and was not fetched by its parent does not count.
fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in parentheses and may itself hold any character.
    let name = text.get(text.find('(')? + 1..text.rfind(')')?)?.to_owned();
    let mut rest = text.get(text.rfind(')')? + 1..)?.split_whitespace();
    let state = rest.next()?;
    let parent = rest.next()?.parse().ok()?;
    (state != "Z" && state != "X").then_some(Stat { pid, parent, name })
}

fn all_pids() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn signal(pid: u32, signal: Signal) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // It may have ended in the meantime, which is what is wanted.
        kill_process(pid, signal).ok();
    }
}

fn read_lossy(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
}
