//! Whether the app is started with the session, and the switch for it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use autostart::{Autostart, AutostartError, Launch, Status, find_program};
use domain::view::AutostartView;
use monitor::config::FeedArgs;

use crate::arguments::Arguments;
use crate::parts::Parts;

/// What the next start is told: the profile and the folder of this one.
#[derive(Debug)]
pub(crate) struct StartAgain(Mutex<Vec<String>>);

impl StartAgain {
    /// As a start with these arguments was told.
    pub(crate) fn like(args: &FeedArgs) -> Self {
        Self(Mutex::new(Arguments::again(args)))
    }

    fn words(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The start is to be told something else from now on: a profile that it names is called otherwise.
pub(crate) async fn start_again_as(again: &StartAgain, args: &FeedArgs) {
    let words = Arguments::again(args);
    if *again.words() == words {
        return;
    }
    again.words().clone_from(&words);
    let renewed = elsewhere(move || {
        let autostart = Autostart::of_user()?;
        let program = find_program();
        let status = autostart.status(program.as_deref())?;
        if let (true, Some(path)) = (status.is_on(), program.as_deref()) {
            autostart.on(None, &Launch::new(path, &words)?)?;
        }
        Ok(view(&status))
    });
    if let Err(error) = renewed.await {
        tracing::warn!(
            error,
            "the start with the session still names the profile as it was called"
        );
    }
}

#[tauri::command]
pub(super) async fn autostart() -> Result<AutostartView, String> {
    elsewhere(|| Ok(view(&Autostart::of_user()?.status(find_program().as_deref())?))).await
}

/// The answer is how it stands then.
#[tauri::command]
pub(super) async fn set_autostart(parts: Parts, on: bool) -> Result<AutostartView, String> {
    let args = parts.start_again.words().clone();
    elsewhere(move || {
        let autostart = Autostart::of_user()?;
        let program = find_program();
        if on {
            let path = program.as_deref();
            let path = path.ok_or_else(|| AutostartError::NoProgram("vaultwatch".into()))?;
            autostart.on(None, &Launch::new(path, &args)?)?;
        } else {
            autostart.off()?;
        }
        Ok(view(&autostart.status(program.as_deref())?))
    })
    .await
}

/// Files are written and systemd is asked, which may take its time.
async fn elsewhere(
    work: impl FnOnce() -> Result<AutostartView, AutostartError> + Send + 'static,
) -> Result<AutostartView, String> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| error.to_string())?.map_err(|error| words(&error))
}

fn words(error: &AutostartError) -> String {
    match std::error::Error::source(error) {
        Some(cause) if !error.to_string().contains(&cause.to_string()) => {
            format!("{error}: {cause}")
        }
        _ => error.to_string(),
    }
}

fn view(status: &Status) -> AutostartView {
    let remarks = status.remarks.iter().map(|remark| format!("{remark}. {}", remark.remedy()));
    AutostartView {
        on: status.is_on(),
        by: status.entries.first().map(|entry| entry.how.to_string()),
        remarks: remarks.collect(),
    }
}
