use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use directories::BaseDirs;

use crate::kept_file::{Held, KeptFile, remove_empty};
use crate::user_manager::{Reach, UserManager};
use crate::{AutostartError, Entry, How, Launch, Remark, Status, desktop_file, program, unit};

/// Where the user's systemd looks for units, within the configuration's folder.
const UNITS: &str = "systemd/user";

/// The start with the session of the user that runs this.
#[derive(Clone, Debug)]
pub struct Autostart {
    /// `~/.config`.
    config: PathBuf,
    unit: KeptFile,
    /// What makes the session want the unit, as `systemctl --user enable` makes it.
    wanted: PathBuf,
    desktop_file: KeptFile,
    manager: UserManager,
}

impl Autostart {
    /// # Errors
    /// [`AutostartError::NoHome`].
    pub fn of_user() -> Result<Self, AutostartError> {
        let config = BaseDirs::new().ok_or(AutostartError::NoHome)?.config_dir().to_owned();
        Ok(Self {
            unit: KeptFile::new(&config, &format!("{UNITS}/{}", unit::NAME), unit::MARK),
            wanted: config.join(format!("{UNITS}/{}.wants/{}", unit::SESSION, unit::NAME)),
            desktop_file: KeptFile::new(
                &config,
                &format!("{}/{}", desktop_file::FOLDER, desktop_file::NAME),
                desktop_file::MARK,
            ),
            manager: UserManager::new(),
            config,
        })
    }

    /// Has the app started with the session, from the next one on; what runs now goes on. `None` keeps the kind that is
    /// there, or else takes systemd where it is told of the session, and the desktop's folder where it is not. The other
    /// kind is removed once this one is there: should that fail, the app is started twice, of which the second does
    /// nothing.
    ///
    /// # Errors
    /// [`AutostartError::NoProgram`], [`AutostartError::Foreign`] and [`AutostartError::NotOffered`] change nothing;
    /// the others tell how far it came.
    pub fn on(&self, how: Option<How>, launch: &Launch) -> Result<How, AutostartError> {
        if !program::can_start(&launch.program()) {
            return Err(AutostartError::NoProgram(launch.program()));
        }
        let how = match how {
            Some(how) => how,
            None => self.kind()?,
        };
        match how {
            How::Systemd => {
                self.unit.write(&unit::text(launch))?;
                self.want_unit()?;
                self.desktop_file.remove()?;
                self.manager.reload()?;
            }
            How::DesktopFile => {
                self.desktop_file.write(&desktop_file::text(launch))?;
                self.remove_unit()?;
            }
            How::LaunchAgent => return Err(AutostartError::NotOffered(how)),
        }
        Ok(how)
    }

    /// Removes what is ours, both kinds, and leaves nothing. What runs now goes on.
    ///
    /// # Errors
    /// [`AutostartError::Io`] and [`AutostartError::Refused`].
    pub fn off(&self) -> Result<(), AutostartError> {
        self.desktop_file.remove()?;
        self.remove_unit()
    }

    /// What is there, and what is wrong with it. `here`: the app that belongs to whoever asks.
    ///
    /// # Errors
    /// [`AutostartError::Io`] where it cannot be read.
    pub fn status(&self, here: Option<&Path>) -> Result<Status, AutostartError> {
        let mut status = Status::default();
        let mut foreign = Vec::new();
        match self.unit.held()? {
            Held::Nothing => {}
            Held::Foreign => foreign.push(Remark::Foreign(self.unit.path.clone())),
            Held::Ours(text) => {
                let runs = self.manager.runs_it();
                enter(&mut status, How::Systemd, &self.unit, unit::launch(&text), runs);
                if !self.is_wanted() {
                    status.remarks.push(Remark::NotEnabled(self.unit.path.clone()));
                }
                match self.manager.reach() {
                    Reach::Session => {}
                    Reach::NoSession => status.remarks.push(Remark::NoSession),
                    Reach::Nobody => status.remarks.push(Remark::NoManager),
                }
            }
        }
        match self.desktop_file.held()? {
            Held::Nothing => {}
            Held::Foreign => foreign.push(Remark::Foreign(self.desktop_file.path.clone())),
            Held::Ours(text) => {
                let launch = desktop_file::launch(&text);
                enter(&mut status, How::DesktopFile, &self.desktop_file, launch, false);
                if desktop_file::is_switched_off(&text) {
                    status.remarks.push(Remark::SwitchedOff(self.desktop_file.path.clone()));
                }
            }
        }
        match status.entries.len() {
            // Beside an entry of ours it is somebody's own affair, a unit that was masked for instance.
            0 => status.remarks.append(&mut foreign),
            1 => {}
            _ => status.remarks.push(Remark::Twice),
        }
        program::judge(&mut status, here);
        Ok(status)
    }

    fn kind(&self) -> Result<How, AutostartError> {
        let is_ours = |held| matches!(held, Held::Ours(_));
        Ok(match (is_ours(self.unit.held()?), is_ours(self.desktop_file.held()?)) {
            (true, false) => How::Systemd,
            (false, true) => How::DesktopFile,
            _ if self.manager.reach() == Reach::Session => How::Systemd,
            _ => How::DesktopFile,
        })
    }

    fn is_wanted(&self) -> bool {
        self.wanted.is_symlink() && program::is_same(&self.wanted, &self.unit.path)
    }

    fn want_unit(&self) -> Result<(), AutostartError> {
        if self.is_wanted() {
            return Ok(());
        }
        let make = || {
            fs::create_dir_all(self.wanted.parent().unwrap_or(&self.config))?;
            match fs::remove_file(&self.wanted) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            std::os::unix::fs::symlink(&self.unit.path, &self.wanted)
        };
        make().map_err(AutostartError::io(&self.wanted))
    }

    /// Also a link that is left of a unit that somebody has removed.
    fn remove_unit(&self) -> Result<(), AutostartError> {
        let held = self.unit.held()?;
        if held == Held::Foreign {
            return Ok(());
        }
        let was_wanted = match fs::remove_file(&self.wanted) {
            Ok(()) => true,
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                false
            }
            Err(error) => return Err(AutostartError::io(&self.wanted)(error)),
        };
        remove_empty(self.wanted.parent(), &self.config);
        self.unit.remove()?;
        if was_wanted || held != Held::Nothing {
            self.manager.reload()?;
        }
        Ok(())
    }
}

fn enter(status: &mut Status, how: How, file: &KeptFile, launch: Option<Launch>, runs: bool) {
    if launch.is_none() {
        status.remarks.push(Remark::Unreadable(file.path.clone()));
    }
    status.entries.push(Entry { how, place: file.path.clone(), launch, runs });
}
