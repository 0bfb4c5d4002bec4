//! `vaultwatchctl` with its events on standard output.

use std::process::{ExitStatus, Stdio};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Child,
    task::JoinHandle,
    time::timeout,
};

use crate::{app::binary, patience::PATIENCE, processes::Session, record::Record};

/// A running `vaultwatchctl`.
#[derive(Debug)]
pub struct Ctl {
    child: Child,
    reader: JoinHandle<()>,
    /// Each line it printed, as JSON; a line that is none is a JSON string.
    pub events: Record<Value>,
}

impl Ctl {
    /// # Errors
    /// When the binary is missing.
    pub fn start(session: &Session, args: &[&str]) -> Result<Self> {
        let mut command = session.command(binary("vaultwatchctl")?);
        command.args(args).stdin(Stdio::null()).stdout(Stdio::piped());
        command.stderr(session.log("vaultwatchctl")?);
        let mut child = tokio::process::Command::from(command).kill_on_drop(true).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let events: Record<Value> = Record::default();
        let told = events.clone();
        let reader = tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                told.push(serde_json::from_str(&line).unwrap_or(Value::String(line)));
            }
        });
        Ok(Self { child, reader, events })
    }

    /// Waits for an event of that kind that `wanted` accepts.
    ///
    /// # Errors
    /// When there is none within [`PATIENCE`].
    pub async fn wait_for(&self, kind: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let what = format!("an event {kind:?} of vaultwatchctl");
        self.events.wait_for(&what, |event| event["event"] == kind && wanted(event)).await
    }

    /// Asks it to end, as Ctrl-C does.
    ///
    /// # Errors
    /// When it has ended already.
    pub fn interrupt(&self) -> Result<()> {
        let pid = self.child.id().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
        Ok(kill_process(pid.context("it has ended already")?, Signal::INT)?)
    }

    /// Waits for its end, and for the last line to be read.
    ///
    /// # Errors
    /// When it does not end within [`PATIENCE`].
    pub async fn finish(mut self) -> Result<(ExitStatus, Vec<Value>)> {
        let status = timeout(PATIENCE, self.child.wait())
            .await
            .with_context(|| format!("vaultwatchctl does not end: {:#?}", self.events.all()))??;
        timeout(PATIENCE, &mut self.reader).await??;
        Ok((status, self.events.all()))
    }
}
