use std::io::Write as _;
use std::path::{Path, PathBuf};

use domain::Language;
use domain::view::{NotificationId, Target};
use monitor::{OsNotification, Urgency, Veiled};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::super::mirror::{Past, Shown};
use super::super::veil::Face;
use super::service::Service;

const FILE: &str = "on-screen.json";

/// What is on the screen, kept over restarts: an alert whose notification an earlier run left there is replaced, closed
/// and clicked like any other. Only as good as the service that shows it: of another one nothing is taken up.
#[derive(Debug)]
pub(super) struct Memory {
    path: Option<PathBuf>,
    /// What is to be written, to the task that does it; disks may take their time.
    writer: Option<watch::Sender<String>>,
    loaded: bool,
    cleared: bool,
    last: String,
}

/// What an earlier run left on the screen.
#[derive(Debug)]
pub(super) struct Left {
    pub(super) shown: Vec<(OsNotification, Shown)>,
    pub(super) past: Past,
}

impl Default for Left {
    fn default() -> Self {
        Self { shown: Vec::new(), past: Past::Unknown }
    }
}

#[derive(Serialize, Deserialize)]
struct Kept {
    /// See [`Service::identity`].
    service: String,
    shown: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    id: NotificationId,
    number: u32,
    urgency: u8,
    title: String,
    body: String,
    #[serde(default)]
    veiled: Veiled,
    /// Which of the two are on the screen.
    #[serde(default)]
    face: Face,
    /// As HTML names it; earlier versions wrote none.
    #[serde(default)]
    language: String,
    target: Target,
}

impl Memory {
    pub(super) fn in_folder(folder: Option<PathBuf>) -> Self {
        let path = folder.map(|folder| folder.join(FILE));
        Self { path, writer: None, loaded: false, cleared: false, last: String::new() }
    }

    /// What an earlier run left on the screen of this service, as far as that can be known. `None`: it was asked before.
    pub(super) async fn load(&mut self, service: &Service) -> Option<Left> {
        if std::mem::replace(&mut self.loaded, true) {
            return None;
        }
        let kept = match self.path.clone() {
            Some(path) => tokio::task::spawn_blocking(move || read(&path)).await.ok().flatten(),
            None => None,
        };
        let same = kept.filter(|kept| Some(&kept.service) == service.identity().as_ref());
        Some(same.map_or_else(Left::default, |kept| Left {
            shown: kept.shown.into_iter().map(Entry::restored).collect(),
            past: Past::Known,
        }))
    }

    /// From now on it is kept that nothing is known of any service.
    pub(super) fn clear(&mut self) {
        self.cleared = true;
    }

    /// Keeps what is on the screen now, if that changed.
    pub(super) fn keep<'a>(
        &mut self,
        service: &Service,
        on_screen: impl Iterator<Item = (&'a OsNotification, Shown)>,
    ) {
        let Some(path) = &self.path else { return };
        // Otherwise what was cleared would seem to have been put away by somebody.
        let identity = if self.cleared { Some(String::new()) } else { service.identity() };
        let Some(identity) = identity else { return };
        let shown = on_screen.map(|(notification, shown)| Entry::of(notification, shown));
        let kept = Kept { service: identity, shown: shown.collect() };
        let text = serde_json::to_string(&kept).expect("string keys only");
        if text == self.last {
            return;
        }
        self.last.clone_from(&text);
        let writer = self.writer.get_or_insert_with(|| write_to(path.clone()));
        writer.send_replace(text);
    }
}

impl Entry {
    fn of(notification: &OsNotification, shown: Shown) -> Self {
        let OsNotification { id, urgency: _, title, body, veiled, target, sound: _, language } =
            notification.clone();
        let language = language.tag().to_owned();
        let urgency = match shown.urgency {
            Urgency::Low => 0,
            Urgency::Normal => 1,
            Urgency::Critical => 2,
        };
        let Shown { number, face, .. } = shown;
        Self { id, number, urgency, title, body, veiled, face, target, language }
    }

    fn restored(self) -> (OsNotification, Shown) {
        let Self { id, number, urgency, title, body, veiled, face, target, language } = self;
        let known = Language::ALL.into_iter().find(|known| known.tag() == language);
        let language = known.unwrap_or_default();
        let urgency = match urgency {
            0 => Urgency::Low,
            1 => Urgency::Normal,
            _ => Urgency::Critical,
        };
        let sound = true;
        let notification =
            OsNotification { id, urgency, title, body, veiled, target, sound, language };
        (notification, Shown { number, urgency, face })
    }
}

/// Writes the newest text; those that came in between need not be written.
fn write_to(path: PathBuf) -> watch::Sender<String> {
    let (writer, mut texts) = watch::channel(String::new());
    tokio::spawn(async move {
        while texts.changed().await.is_ok() {
            let (path, text) = (path.clone(), texts.borrow_and_update().clone());
            let written = tokio::task::spawn_blocking(move || write(&path, &text)).await;
            if let Ok(Err(error)) = written {
                tracing::warn!(%error, "what is on the screen cannot be kept");
            }
        }
    });
    writer
}

fn read(path: &Path) -> Option<Kept> {
    // Damaged, it tells as little as when it is not there.
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// All or nothing. Lost with a power cut, it is of no use any more either.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    // The folder is the profile's: where that was removed, nothing is to be kept.
    let beside = path.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(&beside)?.write_all(text.as_bytes())?;
    std::fs::rename(&beside, path)
}
