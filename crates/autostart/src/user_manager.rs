use std::ffi::OsString;
use std::io::ErrorKind;
use std::process::{Command, Output, Stdio};

use crate::AutostartError;
use crate::unit;

const SYSTEMCTL: &str = "systemctl";

/// The user's own systemd, through its command line. It may be missing: other init systems, containers, ssh into an
/// account that nobody has logged into.
#[derive(Clone, Debug)]
pub(crate) struct UserManager {
    program: OsString,
}

/// What it has to do with the session that is looked at from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// It starts what belongs to the desktop's session.
    Session,
    /// It runs, but the desktop does not tell it of a session: units for one are never started.
    NoSession,
    /// None answers.
    Nobody,
}

impl UserManager {
    pub(crate) fn new() -> Self {
        Self { program: SYSTEMCTL.into() }
    }

    pub(crate) fn reach(&self) -> Reach {
        match self.active_state(unit::SESSION).as_deref() {
            Some("active" | "activating" | "reloading") => Reach::Session,
            Some(_) => Reach::NoSession,
            None => Reach::Nobody,
        }
    }

    /// Whether the app runs as its unit at this moment.
    pub(crate) fn runs_it(&self) -> bool {
        self.active_state(unit::NAME).as_deref() == Some("active")
    }

    /// Has it read its units anew, where there is one.
    ///
    /// # Errors
    /// [`AutostartError::Refused`] where one is there and says no.
    pub(crate) fn reload(&self) -> Result<(), AutostartError> {
        if self.reach() == Reach::Nobody {
            return Ok(());
        }
        let asked = self.ask(&["daemon-reload"]).map_err(AutostartError::io(&self.program))?;
        if asked.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&asked.stderr).trim().to_owned();
        Err(AutostartError::Refused { program: SYSTEMCTL, said })
    }

    fn active_state(&self, unit: &str) -> Option<String> {
        // `show` fails only where nobody answers: of a unit that is not there it says `inactive`.
        let shown = self.ask(&["show", "--property=ActiveState", "--value", unit]).ok()?;
        let state = String::from_utf8_lossy(&shown.stdout).trim().to_owned();
        (shown.status.success() && !state.is_empty()).then_some(state)
    }

    fn ask(&self, words: &[&str]) -> std::io::Result<Output> {
        let mut command = Command::new(&self.program);
        command.arg("--user").args(words).stdin(Stdio::null());
        match command.output() {
            // A program that is being replaced at this moment.
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => command.output(),
            asked => asked,
        }
    }
}
