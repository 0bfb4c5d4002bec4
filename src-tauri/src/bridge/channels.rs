//! Ways to reach somebody who is not at the screen, and the buttons that try them.

use domain::view::ChannelView;
use tauri::State;

use crate::alarm::Sound;
use crate::watch::Watches;

const NOTHING: &str = "nothing is watched now";

/// Those that are configured, for all profiles, and what became of the last call by each in this one.
#[tauri::command]
pub(super) async fn channels(
    watches: State<'_, Watches>,
    profile: Option<String>,
) -> Result<Vec<ChannelView>, String> {
    let watch = watches.watch_or_lead(profile.as_deref()).ok_or(NOTHING)?;
    Ok(watch.channels.list().await)
}

/// Sends a test; returns when it was taken, or why it was not.
#[tauri::command]
pub(super) async fn test_channel(
    watches: State<'_, Watches>,
    profile: Option<String>,
    name: String,
) -> Result<(), String> {
    let watch = watches.watch_or_lead(profile.as_deref()).ok_or(NOTHING)?;
    watch.channels.test(&name).await
}

/// Plays the alarm once; returns when it was heard to its end, or why it was not.
#[tauri::command]
pub(super) async fn test_sound(sound: State<'_, Sound>) -> Result<(), String> {
    sound.play().await.map_err(|error| error.to_string())
}
