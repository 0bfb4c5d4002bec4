use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use thiserror::Error;
use tokio::process::Command;

/// A program that hangs over a tone of two seconds is ended.
const PATIENCE: Duration = Duration::from_secs(15);
/// Of what a program says about why it does not play, in bytes.
const REASON: usize = 200;

/// Plays a file through the first program that does: desktops differ in what they have.
#[derive(Clone, Debug)]
pub(super) struct Player {
    programs: Vec<Program>,
    /// The one that did last.
    works: Arc<AtomicUsize>,
}

/// A program and what stands before the file's name.
#[derive(Clone, Debug)]
pub(super) struct Program {
    name: OsString,
    arguments: Vec<&'static str>,
}

/// Why nothing plays.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum PlayError {
    #[error("none of the programs that play sounds is installed ({0})")]
    NoProgram(String),
    /// The first that is there, and what it says.
    #[error("{program}: {reason}")]
    Failed { program: String, reason: String },
}

enum Attempt {
    Played,
    NotInstalled,
    Failed(String),
}

impl Player {
    /// Newest sound systems first. Those for Windows and macOS were run on neither: there was no such machine.
    pub(super) fn of_the_platform() -> Self {
        let program = |name: &str, arguments: &[&'static str]| Program {
            name: name.into(),
            arguments: arguments.to_vec(),
        };
        let programs = if cfg!(windows) {
            let play = "& {(New-Object Media.SoundPlayer $args[0]).PlaySync()}";
            vec![program("powershell", &["-NoProfile", "-NonInteractive", "-Command", play])]
        } else if cfg!(target_os = "macos") {
            vec![program("afplay", &[])]
        } else {
            vec![
                program("pw-play", &[]),
                program("paplay", &[]),
                program("aplay", &["-q"]),
                program("canberra-gtk-play", &["-f"]),
                program("gst-play-1.0", &["-q"]),
                program("play", &["-q"]),
            ]
        };
        Self::by(programs)
    }

    pub(super) fn by(programs: Vec<Program>) -> Self {
        Self { programs, works: Arc::default() }
    }

    /// Returns when it was played to its end. Dropped before, the program is ended.
    pub(super) async fn play(&self, file: &Path) -> Result<(), PlayError> {
        let last = self.works.load(Ordering::Relaxed);
        let mut failed = None;
        let all = 0..self.programs.len();
        for index in std::iter::once(last).chain(all.filter(|index| *index != last)) {
            let Some(program) = self.programs.get(index) else { continue };
            match program.play(file).await {
                Attempt::Played => {
                    self.works.store(index, Ordering::Relaxed);
                    return Ok(());
                }
                Attempt::NotInstalled => {}
                Attempt::Failed(reason) => {
                    let program = program.name.to_string_lossy().into_owned();
                    failed.get_or_insert(PlayError::Failed { program, reason });
                }
            }
        }
        Err(failed.unwrap_or_else(|| {
            let names = self.programs.iter().map(|program| program.name.to_string_lossy());
            PlayError::NoProgram(names.collect::<Vec<_>>().join(", "))
        }))
    }
}

impl Program {
    async fn play(&self, file: &Path) -> Attempt {
        let mut command = Command::new(&self.name);
        command.args(&self.arguments).arg(file);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        let child = match command.spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Attempt::NotInstalled;
            }
            Err(error) => return Attempt::Failed(error.to_string()),
        };
        match tokio::time::timeout(PATIENCE, child.wait_with_output()).await {
            Ok(Ok(output)) if output.status.success() => Attempt::Played,
            Ok(Ok(output)) => {
                let said = String::from_utf8_lossy(&output.stderr);
                let said = said.trim();
                Attempt::Failed(match said.is_empty() {
                    true => output.status.to_string(),
                    false => said[..said.floor_char_boundary(REASON)].to_owned(),
                })
            }
            Ok(Err(error)) => Attempt::Failed(error.to_string()),
            Err(_) => Attempt::Failed(format!("it did not end within {} s", PATIENCE.as_secs())),
        }
    }
}

/// A program of the test's own.
#[cfg(test)]
#[cfg(unix)]
pub(super) fn script(folder: &Path, text: &str) -> Program {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join(format!("player-{}", text.len()));
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    Program { name: path.into(), arguments: Vec::new() }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn missing() -> Program {
        Program { name: "/nonexistent/player".into(), arguments: Vec::new() }
    }

    #[tokio::test]
    async fn the_first_that_plays_is_used_from_then_on() {
        let folder = tempfile::tempdir().unwrap();
        let (failures, played) = (folder.path().join("failures"), folder.path().join("played"));
        let failing = format!("#!/bin/sh\necho x >> {}\nexit 3\n", failures.display());
        let playing = format!("#!/bin/sh\necho \"$1\" >> {}\n", played.display());
        let failing = script(folder.path(), &failing);
        let playing = script(folder.path(), &playing);
        let player = Player::by(vec![missing(), failing, playing]);
        player.play(Path::new("/a.wav")).await.unwrap();
        player.play(Path::new("/b.wav")).await.unwrap();
        assert_eq!(std::fs::read_to_string(played).unwrap(), "/a.wav\n/b.wav\n");
        assert_eq!(std::fs::read_to_string(failures).unwrap(), "x\n");
    }

    #[tokio::test]
    async fn why_nothing_plays_is_told() {
        let none = Player::by(vec![missing(), missing()]).play(Path::new("/a.wav")).await;
        assert!(matches!(none, Err(PlayError::NoProgram(_))), "{none:?}");
        let folder = tempfile::tempdir().unwrap();
        let failing = script(folder.path(), "#!/bin/sh\necho 'no device' >&2\nexit 1\n");
        let failed = Player::by(vec![missing(), failing]).play(Path::new("/a.wav")).await;
        let Err(PlayError::Failed { reason, .. }) = failed else { panic!("{failed:?}") };
        assert_eq!(reason, "no device");
    }
}
