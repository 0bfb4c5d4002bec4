//! What happened, to standard error and to a file that cannot grow without limit.

mod recent;
mod rotation;

use std::io::IsTerminal as _;
use std::panic;
use std::path::Path;

use recent::Keeping;
pub(crate) use recent::Recent;
use rotation::RotatingFile;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The variable with the filter, as `tracing` writes it: `debug`, or `info,realtime=trace`.
const FILTER: &str = "VAULTWATCH_LOG";
const DEFAULT_FILTER: &str = "info";

/// Writes what is still queued when it is dropped.
#[derive(Debug)]
pub(crate) struct Logging {
    /// What was logged last.
    pub(crate) recent: Recent,
    _file: Option<WorkerGuard>,
}

/// Starts logging. Without a file where `folder` cannot be written: a watch without a log is better than none.
pub(crate) fn start(folder: &Path) -> Logging {
    let wanted = std::env::var(FILTER).unwrap_or_else(|_| DEFAULT_FILTER.to_owned());
    let parsed = EnvFilter::try_new(&wanted);
    let bad_filter = parsed.as_ref().err().map(ToString::to_string);
    let filter = parsed.unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let file = RotatingFile::open(folder);
    let bad_file = file.as_ref().err().map(ToString::to_string);
    // A thread of its own, and lines are dropped when the disk does not keep up: nothing waits for a log.
    let (file, guard) = file.ok().map(tracing_appender::non_blocking).unzip();
    let recent = Recent::default();
    let kept = Keeping { recent: recent.clone(), file };
    let colours = std::io::stderr().is_terminal();
    let terminal = tracing_subscriber::fmt::layer().with_ansi(colours).with_writer(std::io::stderr);
    tracing_subscriber::registry()
        .with(filter)
        .with(terminal)
        .with(tracing_subscriber::fmt::layer().with_ansi(false).with_writer(kept))
        .init();
    if let Some(error) = bad_filter {
        tracing::warn!(error, "{FILTER} is not understood; logging {DEFAULT_FILTER}");
    }
    if let Some(error) = bad_file {
        tracing::warn!(error, folder = %folder.display(), "no log file");
    }
    log_panics();
    Logging { recent, _file: guard }
}

/// A panic of one task ends that task alone, so the log is the only place that tells of it.
fn log_panics() {
    let default = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(place, message, "a task panicked");
        default(panic);
    }));
}
