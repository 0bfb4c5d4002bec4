//! What the settings' file says besides rules and profiles, and the token and keys that stand in no file.

use domain::view::{ConfigAnswer, ConfigChange, ConfigView, KeyAct, KeysAnswer, KeysView};
use monitor::settings::{SettingsDesk, SettingsError};
use monitor::{Clock as _, SystemClock};
use realtime::Secret;
use tauri::State;

use crate::watch::Watches;

/// Why nothing was done, as a sentence for the person.
fn words(error: SettingsError) -> String {
    error.to_string()
}

#[tauri::command]
pub(super) async fn config(desk: State<'_, SettingsDesk>) -> Result<ConfigView, String> {
    desk.view().await.map_err(words)
}

/// Changes one key; the watches follow it as they follow any edit.
#[tauri::command]
pub(super) async fn change_config(
    desk: State<'_, SettingsDesk>,
    change: ConfigChange,
) -> Result<ConfigAnswer, String> {
    desk.change(&change).await.map_err(words)
}

#[tauri::command]
pub(super) async fn undo_config(desk: State<'_, SettingsDesk>) -> Result<ConfigView, String> {
    desk.undo().await.map_err(words)
}

/// Keeps another token for the profile, in the keychain. It never comes back.
#[tauri::command]
pub(super) async fn set_token(
    watches: State<'_, Watches>,
    desk: State<'_, SettingsDesk>,
    profile: Option<String>,
    token: String,
) -> Result<(), String> {
    let name = profile.unwrap_or_else(|| watches.shown());
    desk.keep_token(&name, &Secret::new(token.trim())).await.map_err(words)
}

/// The encryption keys of the profile that is shown, without the keys themselves.
#[tauri::command]
pub(super) async fn keys(
    watches: State<'_, Watches>,
    desk: State<'_, SettingsDesk>,
) -> Result<KeysView, String> {
    desk.keys(&watches.shown()).await.map_err(words)
}

/// Puts a key on its ring. It never comes back.
#[tauri::command]
pub(super) async fn import_key(
    watches: State<'_, Watches>,
    desk: State<'_, SettingsDesk>,
    kid: String,
    key: String,
) -> Result<KeysAnswer, String> {
    let added = desk.import_key(&watches.shown(), (&kid, &key), SystemClock.now()).await;
    added.map_err(words)
}

#[tauri::command]
pub(super) async fn change_key(
    watches: State<'_, Watches>,
    desk: State<'_, SettingsDesk>,
    kid: String,
    act: KeyAct,
) -> Result<KeysView, String> {
    desk.change_key(&watches.shown(), &kid, act).await.map_err(words)
}
