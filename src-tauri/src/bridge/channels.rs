//! Ways to reach somebody who is not at the screen, and the buttons that try them.

use domain::view::ChannelView;

use crate::call_out::Channels;
use crate::parts::Parts;
use crate::watch::Watches;

/// Those that are configured, for all profiles, and what became of the last call by each in this one.
#[tauri::command]
pub(super) async fn channels(
    parts: Parts,
    profile: Option<String>,
) -> Result<Vec<ChannelView>, String> {
    Ok(of(&parts.watches, &parts.channels, profile.as_deref()).list().await)
}

/// Sends a test; returns when it was taken, or why it was not.
#[tauri::command]
pub(super) async fn test_channel(
    parts: Parts,
    profile: Option<String>,
    name: String,
) -> Result<(), String> {
    of(&parts.watches, &parts.channels, profile.as_deref()).test(&name).await
}

/// Plays the alarm once; returns when it was heard to its end, or why it was not.
#[tauri::command]
pub(super) async fn test_sound(parts: Parts) -> Result<(), String> {
    parts.sound.play().await.map_err(|error| error.to_string())
}

/// Where nothing is watched, those that would be called: who has paused everything is not to read that nobody is.
fn of(watches: &Watches, all: &Channels, profile: Option<&str>) -> Channels {
    match watches.watch_or_lead(profile) {
        Some(watch) => watch.channels.clone(),
        None => {
            // Not the name that the page tells: it becomes a path.
            let profile = watches.shown();
            let folder = monitor::kept::folder(&watches.data_dir(), &profile);
            all.of_another(profile, &folder.join("any"))
        }
    }
}
