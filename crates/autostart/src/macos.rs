//! Checked by the compiler, never run: there was no such machine.

use std::path::Path;

use directories::BaseDirs;

use crate::kept_file::{Held, KeptFile};
use crate::{AutostartError, Entry, How, Launch, Remark, Status, launch_agent, program};

/// Within the user's home.
const PLACE: &str = "Library/LaunchAgents/app.vaultwatch.desktop.plist";

/// The start with the session of the user that runs this.
#[derive(Clone, Debug)]
pub struct Autostart {
    agent: KeptFile,
}

impl Autostart {
    /// # Errors
    /// [`AutostartError::NoHome`].
    pub fn of_user() -> Result<Self, AutostartError> {
        let dirs = BaseDirs::new().ok_or(AutostartError::NoHome)?;
        let agent = KeptFile::new(dirs.home_dir(), PLACE, launch_agent::MARK);
        Ok(Self { agent })
    }

    /// Has the app started with the session, from the next one on; what runs now goes on.
    ///
    /// # Errors
    /// [`AutostartError::NoProgram`], [`AutostartError::Foreign`] and [`AutostartError::NotOffered`] change nothing.
    pub fn on(&self, how: Option<How>, launch: &Launch) -> Result<How, AutostartError> {
        match how.unwrap_or(How::LaunchAgent) {
            How::LaunchAgent => {}
            other => return Err(AutostartError::NotOffered(other)),
        }
        if !program::can_start(&launch.program()) {
            return Err(AutostartError::NoProgram(launch.program()));
        }
        self.agent.write(&launch_agent::text(launch))?;
        Ok(How::LaunchAgent)
    }

    /// Removes what is ours, and leaves nothing. What runs now goes on.
    ///
    /// # Errors
    /// [`AutostartError::Io`].
    pub fn off(&self) -> Result<(), AutostartError> {
        self.agent.remove()
    }

    /// What is there, and what is wrong with it. `here`: the app that belongs to whoever asks.
    ///
    /// # Errors
    /// [`AutostartError::Io`] where it cannot be read.
    pub fn status(&self, here: Option<&Path>) -> Result<Status, AutostartError> {
        let mut status = Status::default();
        let place = self.agent.path.clone();
        match self.agent.held()? {
            Held::Nothing => {}
            Held::Foreign => status.remarks.push(Remark::Foreign(place)),
            Held::Ours(text) => {
                let launch = launch_agent::launch(&text);
                if launch.is_none() {
                    status.remarks.push(Remark::Unreadable(place.clone()));
                }
                status.entries.push(Entry { how: How::LaunchAgent, place, launch, runs: false });
            }
        }
        program::judge(&mut status, here);
        Ok(status)
    }
}
