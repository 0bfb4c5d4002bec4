//! The program that crashes: this very test program, started again with a variable that says which file to use.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use realtime::persistence::{Entry, Settlement};
use realtime::wire::{Message, UnixMillis};
use store::Outbox;

const PATH: &str = "OUTBOX_CRASH_PATH";
const PREFIX: &str = "OUTBOX_CRASH_PREFIX";
const COUNT: &str = "OUTBOX_CRASH_COUNT";
/// Callers at a time: enough for groups.
const CALLERS: u32 = 24;

/// A command that runs [`outbox_child`], through `wrapper` if there is one. Its ids begin with `prefix`; with a `count`
/// each caller ends by itself after so many.
pub(crate) fn command(path: &Path, prefix: &str, count: u32, wrapper: &[&str]) -> Command {
    command_for("child::outbox_child", path, prefix, count, wrapper)
}

/// The same for another body; both find what they are told with [`told`].
pub(crate) fn command_for(
    body: &str,
    path: &Path,
    prefix: &str,
    count: u32,
    wrapper: &[&str],
) -> Command {
    let own = std::env::current_exe().unwrap();
    let mut words: Vec<_> = wrapper.iter().map(std::ffi::OsString::from).collect();
    words.push(own.into());
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]);
    command.args(["--exact", body, "--ignored", "--nocapture"]);
    command.env(PATH, path).env(PREFIX, prefix).env(COUNT, count.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// No test: the body of the child. Run by hand it does nothing.
#[test]
#[ignore = "started by the tests beside it"]
fn outbox_child() {
    let Some((path, prefix, count)) = told() else { return };
    let (outbox, _) = Outbox::open(&path, super::bounds()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let callers = (0..CALLERS)
            .map(|caller| tokio::spawn(work(outbox.clone(), format!("{prefix}-{caller}"), count)));
        for caller in callers.collect::<Vec<_>>() {
            caller.await.unwrap();
        }
    });
}

/// Path, prefix and count, as [`command`] gave them; `None`: run by hand.
pub(crate) fn told() -> Option<(PathBuf, String, u32)> {
    let path = std::env::var_os(PATH)?;
    let count = std::env::var(COUNT).unwrap().parse().unwrap();
    Some((path.into(), std::env::var(PREFIX).unwrap(), count))
}

/// Enqueues, and tells of each id when it is told. Every third item is acknowledged by the imagined server: told before
/// and after it is noted, because in between both outcomes are right.
async fn work(outbox: Outbox, prefix: String, count: u32) {
    for i in 0..count {
        let id = format!("{prefix}-{i}");
        let data = serde_json::json!({ "note": "x".repeat(100 + (i as usize * 37) % 900) });
        let message = Message::new("custom", &data, UnixMillis(1), Some(&id)).unwrap();
        let entry = Entry::new(super::stream(), message, UnixMillis(1), UnixMillis(2)).unwrap();
        outbox.enqueue(entry).await.unwrap();
        say("kept", &id);
        if i % 3 == 1 {
            say("settling", &id);
            outbox.settle(vec![(id.as_str().into(), Settlement::Acked)]).await.unwrap();
            say("settled", &id);
        }
    }
}

/// One line with one write, which a `kill -9` cannot take back.
pub(crate) fn say(what: &str, id: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{what} {id}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}
