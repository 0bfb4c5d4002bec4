//! A disk that is really full: a file system of so many bytes in a mount namespace of its own, which ends with it.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

/// Where the disk is, for whoever runs on it.
const DISK: &str = "SMALL_DISK";
/// Where that which is on it at the end is copied to.
const KEPT: &str = "SMALL_DISK_KEPT";
const SIZE: &str = "SMALL_DISK_SIZE";
/// The exit code where nothing may be mounted.
const NOT_PERMITTED: i32 = 77;

/// A place for a small disk. The disk itself is there for the programs that are started on it, for each another one.
#[derive(Debug)]
pub struct SmallDisk {
    folder: TempDir,
    size: &'static str,
}

impl SmallDisk {
    /// `size` as `mount` has it: `64k`, `2m`.
    ///
    /// # Panics
    /// There is no room for a folder.
    #[must_use]
    pub fn of(size: &'static str) -> Self {
        let disk = Self { folder: tempfile::tempdir().unwrap(), size };
        std::fs::create_dir(disk.path()).unwrap();
        std::fs::create_dir(disk.kept()).unwrap();
        disk
    }

    /// Where a program that runs on it finds it.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("disk")
    }

    /// Where its files are once the program has ended.
    #[must_use]
    pub fn kept(&self) -> PathBuf {
        self.folder.path().join("kept")
    }

    /// Starts a program on it, with the arguments that are added.
    #[must_use]
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let script = "mount -t tmpfs -o size=$SMALL_DISK_SIZE none \"$SMALL_DISK\" || exit 77\n\
                      \"$@\"; code=$?; cp -R \"$SMALL_DISK/.\" \"$SMALL_DISK_KEPT\"; exit $code";
        let mut command = Command::new("unshare");
        // A user namespace, too: then no root is needed, where the kernel allows it.
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"]);
        command.arg(program.as_ref());
        command.env(DISK, self.path()).env(KEPT, self.kept()).env(SIZE, self.size);
        command
    }
}

/// Whether a program that ended like this was not started, because nothing may be mounted here.
///
/// # Panics
/// Root was not permitted to: it may mount wherever there is a kernel of its own, so there it is no excuse.
#[must_use]
pub fn is_not_permitted(code: Option<i32>, said: &str) -> bool {
    let refused = code == Some(NOT_PERMITTED) || said.contains("unshare failed");
    if refused {
        let user = Command::new("id").arg("-u").output().expect("id is part of coreutils");
        assert_ne!(user.stdout, b"0\n", "root may not mount here: {said}");
    }
    refused
}

/// Runs another test of this binary, its `body`, on a disk of this size. It is to be named with its modules, to be marked
/// `#[ignore]`, and to find the disk by [`path`]. Where nothing may be mounted it is not run, and that is printed.
///
/// # Panics
/// The body fails, or is not there.
#[expect(clippy::print_stdout, reason = "a test that could not be run says so")]
pub fn run(size: &'static str, body: &str) {
    let disk = SmallDisk::of(size);
    let mut command = disk.command(std::env::current_exe().unwrap());
    command.args(["--exact", body, "--ignored", "--nocapture"]);
    let output = command.output().expect("unshare is part of util-linux");
    let said = String::from_utf8_lossy(&output.stderr);
    if is_not_permitted(output.status.code(), &said) {
        println!("not permitted to mount here: {said}");
        return;
    }
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}\n{said}");
}

/// The small disk, for a body that [`run`] has started; `None` for one that is run by hand.
#[must_use]
pub fn path() -> Option<PathBuf> {
    std::env::var_os(DISK).map(PathBuf::from)
}
