//! A clean Debian beside the machine's own system: what is installed and run in it finds nothing of the machine but the
//! private desktop.
//!
//! It is an overlay in memory over a system that `cargo xtask e2e` made, seen by its own processes alone and gone with
//! them. The kernel is shared, and the network is, so that a feed of the test's is reached.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};

use crate::Desktop;
use crate::patience::until;
use crate::processes::{Process, Session, children};

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Puts the system together in a mount namespace of its own. `$1` is the system below, `$2` a folder to do it in, `$3` the
/// folder of the desktop's session, which is found in it at the same place.
const PUT_TOGETHER: &str = r#"
set -e
mount -t tmpfs -o mode=755 none "$2"
mkdir "$2/upper" "$2/work" "$2/root"
mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" none "$2/root"
cd "$2/root"
mount -t proc none proc
mount --rbind /dev dev
mount --rbind /sys sys
mount -t tmpfs -o mode=755 none run
mount -t tmpfs -o mode=1777 none tmp
mkdir -p -m 0700 run/user/0
mkdir -p ".$3"
mount --bind "$3" ".$3"
if [ -d /tmp/.X11-unix ]; then
    mkdir -p tmp/.X11-unix
    mount --bind /tmp/.X11-unix tmp/.X11-unix
fi
echo ready
exec sleep infinity
"#;

/// A system on which nothing of VaultWatch was ever installed.
#[derive(Debug)]
pub struct CleanRoot {
    session: Arc<Session>,
    /// Its first process.
    holder: u32,
    /// As its own processes' machine sees it.
    root: PathBuf,
    home: String,
    env: Vec<(String, String)>,
    _process: Process,
}

impl CleanRoot {
    /// Puts one together on that desktop.
    ///
    /// # Errors
    /// When there is nothing to put it over, or the machine does not allow it.
    pub async fn on(desktop: &Desktop) -> Result<Self> {
        let below = from_xtask("VAULTWATCH_CLEAN_ROOT")?;
        let home = home_in(&below)?;
        let session = Arc::clone(desktop.session());
        let place = session.path("clean");
        fs::create_dir(&place)?;
        let mut command = desktop.command("unshare");
        command.args(["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"]);
        command.args(["sh", "-c", PUT_TOGETHER, "sh"]).arg(below).arg(&place).arg(session.path(""));
        let mut process = desktop.spawn("clean-root", &mut command)?;
        let holder = until("a clean system", async || {
            ensure!(process.is_running()?, "it cannot be put together: {}", process.log());
            Ok(process.log().contains("ready").then(|| children(process.pid())))
        })
        .await?;
        let holder = *holder.first().context("nobody holds the clean system")?;
        let env = environment(desktop, &home);
        Ok(Self { session, holder, root: place.join("root"), home, env, _process: process })
    }

    /// The folder of whoever works in it: root, as on a machine with one person.
    #[must_use]
    pub fn home(&self) -> &str {
        &self.home
    }

    /// A command in it, with the environment of a session that has just begun there.
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        let mut command = self.session.command("nsenter");
        command.args(self.words(program));
        command
    }

    /// What a command that ends by itself prints.
    ///
    /// # Errors
    /// When it cannot be started or fails.
    pub fn answer(&self, program: &str, args: &[&str]) -> Result<String> {
        let mut words = self.words(program);
        words.extend(args.iter().map(ToString::to_string));
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        self.session.answer("nsenter", &words)
    }

    /// What a command of the machine's own prints that sees the system in the folder [`CleanRoot::folder`].
    ///
    /// # Errors
    /// When it cannot be started or fails.
    pub fn answer_from_outside(&self, program: &str, args: &[&str]) -> Result<String> {
        let holder = self.holder.to_string();
        let mut words = vec!["--target", &holder, "--mount", "--pid", "--", program];
        words.extend(args);
        self.session.answer("nsenter", &words)
    }

    /// Where a command from outside finds it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.root
    }

    /// The session that it belongs to.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Starts a program in it that goes on, with what it prints going to the log `name`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn spawn(&self, name: &str, program: &str, args: &[&str]) -> Result<Process> {
        self.session.spawn(name, self.command(program).args(args))
    }

    /// A file outside that starts the app within, for WebDriver, which wants to start it itself.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn driven(&self) -> Result<PathBuf> {
        let path = self.session.path("start-vaultwatch");
        let words: Vec<_> =
            self.words("TAURI_AUTOMATION=true").iter().map(|word| quoted(word)).collect();
        let text = format!(
            "#!/bin/sh\nexec nsenter {} TAURI_WEBVIEW_AUTOMATION=true \\\n    \
             WEBKIT_INSPECTOR_SERVER=\"$WEBKIT_INSPECTOR_SERVER\" vaultwatch \"$@\"\n",
            words.join(" ")
        );
        fs::write(&path, text)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700))?;
        Ok(path)
    }

    /// The text of a file in it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self, path: &str) -> Result<String> {
        self.answer("cat", &[path])
    }

    /// Writes a file in it, with its folder.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &str, text: &str) -> Result<()> {
        // The session's folder is seen from both sides.
        let passed = self.session.path("passed");
        fs::write(&passed, text)?;
        self.answer("install", &["-D", "-m", "600", &passed.to_string_lossy(), path]).map(drop)
    }

    /// Every file, folder and link on its disk, but for what package tools keep for themselves: their lists, logs and
    /// caches.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub fn files(&self) -> Result<BTreeSet<String>> {
        let listing = self.answer("find", &["/", "-xdev", "-printf", "%p\\n"])?;
        let own = ["/var/lib/dpkg/", "/var/lib/apt/", "/var/lib/rpm/", "/var/cache/", "/var/log/"];
        let is_own = |path: &&str| own.iter().any(|folder| path.starts_with(folder));
        Ok(listing.lines().filter(|path| !is_own(path)).map(str::to_owned).collect())
    }

    /// Brings a file to where both sides see it.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub fn carry(&self, file: &Path) -> Result<String> {
        let name = file.file_name().context("a file without a name")?;
        let copy = self.session.path("run").join(name);
        if copy != file {
            fs::copy(file, &copy).with_context(|| file.display().to_string())?;
        }
        Ok(copy.to_string_lossy().into_owned())
    }

    /// The words after `nsenter` that end with a program in the system.
    fn words(&self, program: &str) -> Vec<String> {
        let holder = self.holder.to_string();
        let root = self.root.to_string_lossy();
        let fixed =
            ["--target", &holder, "--mount", "--pid", "--", "chroot", &root, "/usr/bin/env", "-i"];
        let env = self.env.iter().map(|(name, value)| format!("{name}={value}"));
        fixed.iter().map(ToString::to_string).chain(env).chain([program.to_owned()]).collect()
    }
}

/// What the developer command that runs these tests hands on.
pub(crate) fn from_xtask(variable: &str) -> Result<PathBuf> {
    let value = std::env::var_os(variable)
        .with_context(|| format!("{variable} is not set: run this test with `cargo xtask e2e`"))?;
    Ok(PathBuf::from(value))
}

/// Root's home, as the system's list of users has it.
fn home_in(system: &Path) -> Result<String> {
    let path = system.join("etc/passwd");
    let users = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    // Name, password, number, group, remark, home, shell.
    let mut users = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let root = users.find(|user| user.get(2) == Some(&"0"));
    let home = root.and_then(|root| root.get(5).map(ToString::to_string));
    home.with_context(|| format!("{} has no root", path.display()))
}

/// The desktop's environment, without what leads to the machine's or the session's own folders.
fn environment(desktop: &Desktop, home: &str) -> Vec<(String, String)> {
    let there = desktop.command("true");
    let kept = there.get_envs().filter_map(|(name, value)| {
        let (name, value) = (name.to_str()?, value?.to_str()?);
        let own = ["HOME", "PATH", "VAULTWATCH_DATA_DIR"].contains(&name);
        let is_folder = name.starts_with("XDG_");
        (!own && !is_folder).then(|| (name.to_owned(), value.to_owned()))
    });
    let new = [
        ("HOME", home),
        ("PATH", PATH),
        ("XDG_RUNTIME_DIR", "/run/user/0"),
        ("DEBIAN_FRONTEND", "noninteractive"),
    ];
    let new = new.map(|(name, value)| (name.to_owned(), value.to_owned()));
    kept.chain(new).collect()
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
