use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bench::process::Process;

use super::{LIMIT, megabytes};

/// A process that is killed when nobody looks at it any more.
pub(super) struct Running {
    child: Child,
    pub(super) begun: Instant,
}

impl Running {
    pub(super) fn start(command: &mut Command, log: File) -> Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let begun = Instant::now();
        let child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        Ok(Self { child, begun })
    }

    pub(super) fn process(&self) -> Process {
        Process::of(self.child.id())
    }

    /// The time from its start until it has printed that line.
    pub(super) fn until_it_says(&mut self, wanted: &str) -> Result<Duration> {
        let output = self.child.stdout.take().context("it has no output")?;
        let (told, said) = mpsc::channel();
        // Ends with the program at the latest.
        thread::spawn(move || {
            let mut line = String::new();
            let read = BufReader::new(output).read_line(&mut line);
            // Nobody waits any more when it took too long.
            let _ = told.send(read.map(|_| (Instant::now(), line)));
        });
        let said = said.recv_timeout(LIMIT);
        let (at, line) =
            said.with_context(|| format!("it did not say `{wanted}` in {LIMIT:?}"))??;
        ensure!(line.trim() == wanted, "it said {line:?} instead of `{wanted}`");
        Ok(at.duration_since(self.begun))
    }

    /// # Errors
    /// It is not: what was measured of it is nothing.
    fn ensure_running(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            Some(status) => anyhow::bail!("it has ended while it was measured: {status}"),
            None => Ok(()),
        }
    }

    /// Of all its processes together; one that goes while it is looked at is left out.
    fn of_all<T>(&self, of: impl Fn(Process) -> Result<T>) -> impl Iterator<Item = T> {
        self.process().tree().into_iter().filter_map(move |process| of(process).ok())
    }

    /// What share of a core all its processes take for so long, in percent.
    pub(super) fn share(&mut self, during: Duration) -> Result<f64> {
        let cpu = |this: &Self| this.of_all(Process::cpu).sum::<Duration>();
        let (begun, before) = (Instant::now(), cpu(self));
        sleep(during);
        let spent = cpu(self).saturating_sub(before);
        let passed = begun.elapsed();
        self.ensure_running()?;
        Ok(spent.as_secs_f64() / passed.as_secs_f64() * 100.0)
    }

    /// Of all its processes, in MB.
    pub(super) fn proportional(&mut self) -> Result<f64> {
        self.ensure_running()?;
        Ok(megabytes(self.of_all(Process::proportional).sum()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
