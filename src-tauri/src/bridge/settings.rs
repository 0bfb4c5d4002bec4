//! What the settings' file says besides rules and profiles, and the token and keys that stand in no file.

use domain::view::{ConfigAnswer, ConfigChange, ConfigView, KeyAct, KeysAnswer, KeysView};
use monitor::settings::SettingsError;
use monitor::{Clock as _, SystemClock};
use realtime::Secret;

use crate::parts::Parts;

/// Why nothing was done, as a sentence for the person.
fn words(error: SettingsError) -> String {
    error.to_string()
}

#[tauri::command]
pub(super) async fn config(parts: Parts) -> Result<ConfigView, String> {
    parts.settings.view().await.map_err(words)
}

/// Changes one key; the watches follow it as they follow any edit.
#[tauri::command]
pub(super) async fn change_config(
    parts: Parts,
    change: ConfigChange,
) -> Result<ConfigAnswer, String> {
    parts.settings.change(&change).await.map_err(words)
}

#[tauri::command]
pub(super) async fn undo_config(parts: Parts) -> Result<ConfigView, String> {
    parts.settings.undo().await.map_err(words)
}

/// Keeps another token for the profile, in the keychain. It never comes back.
#[tauri::command]
pub(super) async fn set_token(
    parts: Parts,
    profile: Option<String>,
    token: String,
) -> Result<(), String> {
    let name = profile.unwrap_or_else(|| parts.watches.shown());
    parts.settings.keep_token(&name, &Secret::new(token.trim())).await.map_err(words)?;
    parts.watches.ask_anew(&name);
    Ok(())
}

/// The encryption keys of the profile that is shown, without the keys themselves.
#[tauri::command]
pub(super) async fn keys(parts: Parts) -> Result<KeysView, String> {
    parts.settings.keys(&parts.watches.shown()).await.map_err(words)
}

/// Puts a key on its ring. It never comes back.
#[tauri::command]
pub(super) async fn import_key(
    parts: Parts,
    kid: String,
    key: String,
) -> Result<KeysAnswer, String> {
    let added =
        parts.settings.import_key(&parts.watches.shown(), (&kid, &key), SystemClock.now()).await;
    added.map_err(words)
}

#[tauri::command]
pub(super) async fn change_key(parts: Parts, kid: String, act: KeyAct) -> Result<KeysView, String> {
    parts.settings.change_key(&parts.watches.shown(), &kid, act).await.map_err(words)
}
