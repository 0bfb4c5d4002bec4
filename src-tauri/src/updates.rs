//! New versions where no package manager brings them, with the cargo feature `updater`: fetched and checked while VaultWatch
//! watches, installed once it is quit. A watch is never ended for one.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tauri::{AppHandle, Manager as _, Wry};
use tauri_plugin_updater::{Error, Update, UpdaterExt as _};

/// Until the first look: a start has better things to do.
const FIRST: Duration = Duration::from_secs(60);
/// Between two looks. Whoever publishes is not to be called by everybody at each start.
const EVERY: Duration = Duration::from_secs(24 * 3600);
/// The longest that the look at what there is may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest that a download may take.
const DOWNLOAD: Duration = Duration::from_secs(600);

/// A newer version that was fetched, and whose signature is right.
#[derive(Default)]
pub(crate) struct Fetched(Mutex<Option<(Update, Vec<u8>)>>);

/// Adds what [`look`] and [`install`] need.
pub(crate) fn plug_in(builder: tauri::Builder<Wry>) -> tauri::Builder<Wry> {
    builder.plugin(tauri_plugin_updater::Builder::new().build()).manage(Fetched::default())
}

/// Looks for a newer version once a day, and fetches it. Returns when there is nowhere to look.
pub(crate) async fn look(app: AppHandle) {
    let mut pause = FIRST;
    loop {
        tokio::time::sleep(pause).await;
        pause = EVERY;
        match fetch(&app).await {
            Ok(Some(version)) => {
                tracing::info!(version, "a newer version will be installed at the end");
            }
            Ok(None) => tracing::debug!("there is no newer version"),
            Err(Error::EmptyEndpoints) => {
                tracing::info!("no newer versions are looked for: no address was given for them");
                return;
            }
            Err(error) => tracing::warn!(%error, "a newer version could not be looked for"),
        }
    }
}

/// The version that was fetched now; `None` when there is none, or it was fetched before.
async fn fetch(app: &AppHandle) -> tauri_plugin_updater::Result<Option<String>> {
    let updater = app.updater_builder().timeout(PATIENCE).restart_after_install(false).build()?;
    let Some(mut update) = updater.check().await? else { return Ok(None) };
    // That of the look is not taken over.
    update.timeout = Some(DOWNLOAD);
    let fetched = app.state::<Fetched>();
    let before = fetched.version();
    if before.as_ref() == Some(&update.version) {
        return Ok(None);
    }
    let installer = update.download(|_, _| {}, || {}).await?;
    let version = update.version.clone();
    *fetched.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((update, installer));
    Ok(Some(version))
}

/// Installs what was fetched. The last thing that is done: on Windows it ends the process.
pub(crate) fn install(app: &AppHandle) {
    let Some(fetched) = app.try_state::<Fetched>() else { return };
    let found = fetched.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some((update, installer)) = found else { return };
    tracing::info!(version = update.version, "installing the newer version");
    if let Err(error) = update.install(installer) {
        tracing::error!(%error, "the newer version could not be installed: it is fetched again after the next start");
    }
}

impl Fetched {
    fn version(&self) -> Option<String> {
        let fetched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        fetched.as_ref().map(|(update, _)| update.version.clone())
    }
}
