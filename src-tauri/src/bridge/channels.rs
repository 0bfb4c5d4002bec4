//! Ways to reach somebody who is not at the screen, and the buttons that try them.

use domain::view::ChannelView;
use tauri::State;

use super::here::Here;
use crate::alarm::Sound;

/// Those that are configured, and what became of the last call by each.
#[tauri::command]
pub(super) async fn channels(here: Here) -> Result<Vec<ChannelView>, String> {
    Ok(here.channels.list().await)
}

/// Sends a test; returns when it was taken, or why it was not.
#[tauri::command]
pub(super) async fn test_channel(here: Here, name: String) -> Result<(), String> {
    here.channels.test(&name).await
}

/// Plays the alarm once; returns when it was heard to its end, or why it was not.
#[tauri::command]
pub(super) async fn test_sound(sound: State<'_, Sound>) -> Result<(), String> {
    sound.play().await.map_err(|error| error.to_string())
}
