use std::backtrace::Backtrace;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::panic::{self, PanicHookInfo};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::UnixMillis;
use jiff::Timestamp;

use crate::logging::Recent;
use crate::private;

/// Reports that are kept; the oldest of more go.
const KEPT: usize = 10;
/// Reports of one run: what panics over and over must not push out the one that tells why it began.
const EACH_RUN: usize = 5;

/// Writes a report of each panic from now on, besides what was done about panics before.
pub(crate) fn report_panics(data_dir: &Path, recent: Recent) {
    let folder = super::folder(data_dir);
    let before = panic::take_hook();
    let written = AtomicUsize::new(0);
    panic::set_hook(Box::new(move |panic| {
        before(panic);
        if written.fetch_add(1, Ordering::Relaxed) >= EACH_RUN {
            return;
        }
        // Without one, the log has the message.
        match write(&folder, &text(panic, &recent)) {
            Ok(path) => {
                tracing::error!(path = %path.display(), "a report of the panic was written");
            }
            Err(error) => tracing::error!(%error, "no report of the panic could be written"),
        }
    }));
}

fn text(panic: &PanicHookInfo<'_>, recent: &Recent) -> String {
    let thread = std::thread::current();
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let message = panic.payload_as_str().unwrap_or("no message");
    let mut text = format!(
        "VaultWatch {} failed. This file was not sent to anybody.\n\nsystem:  {} {}{}\ntime:    {}\nthread:  {}\n\
         place:   {place}\nmessage: {message}\n\nbacktrace:\n{}\n\nlast lines of the log:\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        system().map(|name| format!(", {name}")).unwrap_or_default(),
        Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        thread.name().unwrap_or("without a name"),
        Backtrace::force_capture(),
    );
    for line in recent.lines() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{line}");
    }
    text
}

/// `Debian GNU/Linux 12 (bookworm)`.
fn system() -> Option<String> {
    let release = fs::read_to_string("/etc/os-release").ok()?;
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(name.trim_matches('"').to_owned())
}

/// Writes a report that only its owner may read, and removes the oldest of too many.
pub(super) fn write(folder: &Path, text: &str) -> io::Result<PathBuf> {
    private::make_folder(folder)?;
    let name = Timestamp::now().strftime("%Y-%m-%dT%H-%M-%SZ").to_string();
    // Several within a second.
    for number in 1..=KEPT + 1 {
        let number = if number == 1 { String::new() } else { format!("-{number}") };
        let path = folder.join(format!("{name}{number}.txt"));
        match private::options().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                remove_oldest(folder);
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn remove_oldest(folder: &Path) {
    let all = all(folder);
    for (_, path) in &all[..all.len().saturating_sub(KEPT)] {
        if let Err(error) = fs::remove_file(path) {
            tracing::warn!(%error, path = %path.display(), "an old crash report stays");
        }
    }
}

/// The reports written since then, oldest first.
pub(super) fn since(folder: &Path, started: UnixMillis) -> Vec<PathBuf> {
    let millis = Duration::from_millis(u64::try_from(started.0).unwrap_or_default());
    let started = UNIX_EPOCH + millis;
    all(folder).into_iter().filter(|(at, _)| *at >= started).map(|(_, path)| path).collect()
}

/// Oldest first.
fn all(folder: &Path) -> Vec<(SystemTime, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let reports = entries.filter(|entry| entry.path().extension().is_some_and(|end| end == "txt"));
    let mut all: Vec<_> = reports
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    all.sort();
    all
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    const DATA_DIR: &str = "CRASH_TEST_DATA_DIR";

    #[test]
    fn a_program_that_panics_leaves_a_report() {
        let data = tempfile::tempdir().unwrap();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "crash::report::tests::panics", "--ignored", "--nocapture"]);
        let output = command.env(DATA_DIR, data.path()).output().unwrap();
        assert!(!output.status.success(), "it panicked");
        let folder = crate::crash::folder(data.path());
        let all = all(&folder);
        let [(_, path)] = &all[..] else { panic!("{all:?}: {output:?}") };
        let report = fs::read_to_string(path).unwrap();
        for expected in [
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            "thread:  the one that fails",
            "message: the ladder has no rung 7",
            "report.rs:",
            "backtrace:\n",
            "crash::report::tests::panics",
            "the last that was done",
        ] {
            assert!(report.contains(expected), "{expected} in {report}");
        }
        assert!(report.lines().count() < 500, "{report}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&folder), mode(path)), (0o700, 0o600));
        }
    }

    /// No test: the program of the one above. Run by hand it does nothing.
    #[test]
    #[ignore = "started by the test beside it"]
    fn panics() {
        let Some(data) = std::env::var_os(DATA_DIR) else { return };
        let data = PathBuf::from(data);
        let logging = crate::logging::start(&data.join("logs"));
        report_panics(&data, logging.recent);
        tracing::info!("the last that was done");
        let thread = std::thread::Builder::new().name("the one that fails".to_owned());
        let failed = thread.spawn(|| panic!("the ladder has no rung {}", 7)).unwrap().join();
        // Without another panic, which would be another report.
        std::process::exit(if failed.is_err() { 101 } else { 0 });
    }

    #[test]
    fn only_the_last_reports_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let moment = |n: usize| UNIX_EPOCH + Duration::from_secs(1_600_000_000 + n as u64);
        for n in 0..KEPT + 3 {
            let path = write(folder.path(), &format!("report {n}")).unwrap();
            let file = fs::File::options().append(true).open(path).unwrap();
            file.set_modified(moment(n)).unwrap();
        }
        let all = all(folder.path());
        // Each was the newest when it was written, whatever the test made of it afterwards.
        assert_eq!(all.len(), KEPT);
        assert_eq!(fs::read_to_string(&all[0].1).unwrap(), "report 3");
    }
}
