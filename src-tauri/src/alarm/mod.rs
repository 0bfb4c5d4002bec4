//! What is heard while a critical alert stays unacknowledged: a tone the app plays itself, over and over, through
//! whatever program of the desktop plays sounds. A library that does so would be a larger part of the app than the rest
//! of this, and would want a system library of its own at the start.

mod player;
mod tone;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use channels::SoundConfig;
use monitor::Alarm;
use thiserror::Error;
use tokio::sync::watch;

pub(crate) use player::PlayError;
use player::Player;

/// Between two times. The tone takes two seconds itself.
const PAUSE: Duration = Duration::from_secs(3);
/// Where nothing can be played, it is tried again after this long.
const RETRY: Duration = Duration::from_secs(30);

/// Why nothing can be heard. The texts are shown to the person.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum Unheard {
    #[error("the alarm sound is switched off in config.toml, [channels.sound]")]
    SwitchedOff,
    #[error("the alarm sound cannot be written: {0}")]
    NoFile(String),
    #[error("the alarm cannot be heard: {0}")]
    Play(#[from] PlayError),
}

/// Sounds while there is something to be heard. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Siren {
    wanted: watch::Sender<bool>,
}

impl Default for Siren {
    fn default() -> Self {
        Self { wanted: watch::Sender::new(false) }
    }
}

impl Siren {
    /// What all watches together want.
    pub(crate) fn set(&self, alarm: Alarm) {
        self.wanted
            .send_if_modified(|wanted| std::mem::replace(wanted, alarm.sound) != alarm.sound);
    }

    /// Sounds when it is to, on the current Tokio runtime, and tells whether it can be heard.
    pub(crate) fn start(
        &self,
        sound: Sound,
        tell: impl Fn(Option<String>) + Send + Sync + 'static,
    ) {
        tokio::spawn(run(self.wanted.subscribe(), sound, tell));
    }
}

/// What is played, and by what.
#[derive(Clone, Debug)]
pub(crate) struct Sound {
    config: Arc<Mutex<SoundConfig>>,
    folder: PathBuf,
    player: Player,
}

impl Sound {
    /// The tone is written into `folder`, unless another file is configured.
    pub(crate) fn new(config: SoundConfig, folder: &Path) -> Self {
        Self {
            config: Arc::new(Mutex::new(config)),
            folder: folder.to_owned(),
            player: Player::of_the_platform(),
        }
    }

    /// From the next time on.
    pub(crate) fn change(&self, config: SoundConfig) {
        *self.config.lock().unwrap_or_else(PoisonError::into_inner) = config;
    }

    fn config(&self) -> SoundConfig {
        self.config.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Plays it once, to its end. Dropped before, it is silent at once.
    ///
    /// # Errors
    /// One variant of [`Unheard`] for each reason.
    pub(crate) async fn play(&self) -> Result<(), Unheard> {
        let config = self.config();
        if !config.enabled {
            return Err(Unheard::SwitchedOff);
        }
        let file = match config.file {
            Some(file) => file,
            None => {
                let folder = self.folder.clone();
                let written = tokio::task::spawn_blocking(move || tone::file_in(&folder)).await;
                let written = written.map_err(|panicked| Unheard::NoFile(panicked.to_string()))?;
                written.map_err(|error| Unheard::NoFile(error.to_string()))?
            }
        };
        Ok(self.player.play(&file).await?)
    }
}

async fn run(
    mut wanted: watch::Receiver<bool>,
    sound: Sound,
    tell: impl Fn(Option<String>) + Send + Sync,
) {
    let mut told = None;
    // Ends with the last siren.
    while wanted.wait_for(|wanted| *wanted).await.is_ok() {
        tracing::info!("the alarm sounds");
        let silenced = tokio::select! {
            silenced = wanted.wait_for(|wanted| !*wanted) => silenced.map(drop),
            never = sound_on(&sound, &mut told, &tell) => match never {},
        };
        tracing::info!("the alarm is silent");
        if silenced.is_err() {
            return;
        }
    }
}

async fn sound_on(
    sound: &Sound,
    told: &mut Option<String>,
    tell: &(impl Fn(Option<String>) + Send + Sync),
) -> std::convert::Infallible {
    loop {
        let cause = match sound.play().await {
            // Nobody wants to hear it: that is no obstacle.
            Ok(()) | Err(Unheard::SwitchedOff) => None,
            Err(error) => Some(error.to_string()),
        };
        let pause = if cause.is_none() { PAUSE } else { RETRY };
        if *told != cause {
            if let Some(cause) = &cause {
                tracing::error!(cause, "the alarm is not heard");
            }
            tell(cause.clone());
            *told = cause;
        }
        tokio::time::sleep(pause).await;
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    const SOUND: Alarm = Alarm { sound: true, attention: true };
    const SILENT: Alarm = Alarm { sound: false, attention: false };

    struct Room {
        folder: tempfile::TempDir,
        siren: Siren,
        sound: Sound,
        told: Arc<Mutex<Vec<Option<String>>>>,
    }

    /// A program that notes that it began, plays for a while and notes that it ended.
    fn room(script: &str, seconds: &str) -> Room {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let begun = format!("#!/bin/sh\necho \"began $1\" >> {}\n", log.display());
        let ended = format!("\nsleep {seconds}\necho ended >> {}\n", log.display());
        let player = player::script(folder.path(), &format!("{begun}{script}{ended}"));
        let sound = Sound {
            config: Arc::default(),
            folder: folder.path().to_owned(),
            player: Player::by(vec![player]),
        };
        let (siren, told) = (Siren::default(), Arc::new(Mutex::new(Vec::new())));
        let telling = Arc::clone(&told);
        siren.start(sound.clone(), move |cause| telling.lock().unwrap().push(cause));
        Room { folder, siren, sound, told }
    }

    impl Room {
        fn log(&self) -> String {
            std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
        }

        async fn until(&self, fits: impl Fn(&Self) -> bool) {
            let fits = async {
                while !fits(self) {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            };
            let fits = tokio::time::timeout(Duration::from_secs(20), fits).await;
            fits.unwrap_or_else(|_| panic!("{} {:?}", self.log(), self.told));
        }
    }

    #[tokio::test]
    async fn it_sounds_again_and_again_until_somebody_has_looked() {
        let room = room("", "0.01");
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(room.log(), "", "nothing is to be heard yet");
        room.siren.set(SOUND);
        room.until(|room| room.log().matches("ended").count() == 2).await;
        assert!(room.log().starts_with("began /"), "{}", room.log());
        room.siren.set(SILENT);
        let heard = room.log();
        tokio::time::sleep(PAUSE + Duration::from_millis(500)).await;
        assert_eq!(room.log(), heard);
        assert!(room.told.lock().unwrap().is_empty(), "it could be heard");
    }

    #[tokio::test]
    async fn acknowledged_it_falls_silent_in_the_middle_of_the_tone() {
        let room = room("", "30");
        room.siren.set(SOUND);
        room.until(|room| room.log().contains("began")).await;
        let begun = std::time::Instant::now();
        room.siren.set(SILENT);
        // And sounds anew for the next one, at once.
        room.siren.set(SOUND);
        room.siren.set(SILENT);
        tokio::time::sleep(Duration::from_millis(200)).await;
        room.siren.set(SOUND);
        room.until(|room| room.log().matches("began").count() == 2).await;
        assert!(begun.elapsed() < Duration::from_secs(10) && !room.log().contains("ended"));
    }

    #[tokio::test]
    async fn switched_off_it_is_silent_and_switched_on_it_is_heard() {
        let room = room("", "0.01");
        room.sound.change(SoundConfig { enabled: false, file: None });
        room.siren.set(SOUND);
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(room.log(), "");
        room.sound.change(SoundConfig::default());
        room.until(|room| room.log().contains("began")).await;
        assert!(room.told.lock().unwrap().is_empty(), "that nobody wanted it is no obstacle");
    }

    #[tokio::test]
    async fn an_alarm_that_cannot_be_heard_is_told_once() {
        let room = room("echo no device >&2; exit 1", "0");
        room.siren.set(SOUND);
        room.until(|room| !room.told.lock().unwrap().is_empty()).await;
        let told = room.told.lock().unwrap().clone();
        let [Some(cause)] = &told[..] else { panic!("{told:?}") };
        assert!(cause.contains("no device"), "{cause}");
    }
}
