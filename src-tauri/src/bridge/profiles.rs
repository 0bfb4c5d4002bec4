//! The profiles: all of them, and what somebody changes about them.

use domain::view::{
    NewProfile, ProfileAnswer, ProfileChange, ProfileKept, ProfileRemains, ProfileView,
};
use monitor::kept;

use crate::parts::Parts;
use crate::watch::Edit;

/// In the order of the settings' file.
#[tauri::command]
pub(super) fn profiles(parts: Parts) -> Result<Vec<ProfileView>, String> {
    Ok(parts.watches.views())
}

/// Begins to watch it at once.
#[tauri::command]
pub(super) async fn add_profile(parts: Parts, new: NewProfile) -> Result<ProfileAnswer, String> {
    Ok(parts.watches.edit(Edit::Add(new)).await)
}

/// With everything that is kept of it.
#[tauri::command]
pub(super) async fn rename_profile(
    parts: Parts,
    from: String,
    to: String,
) -> Result<ProfileAnswer, String> {
    Ok(parts.watches.edit(Edit::Rename { from, to }).await)
}

#[tauri::command]
pub(super) async fn change_profile(
    parts: Parts,
    name: String,
    change: ProfileChange,
) -> Result<ProfileAnswer, String> {
    Ok(parts.watches.edit(Edit::Change { name, change }).await)
}

#[tauri::command]
pub(super) async fn remove_profile(
    parts: Parts,
    name: String,
    remains: ProfileRemains,
) -> Result<ProfileAnswer, String> {
    Ok(parts.watches.edit(Edit::Remove { name, remains }).await)
}

/// What its removal would delete. A name that no profile has is told nothing about.
#[tauri::command]
pub(super) async fn profile_kept(parts: Parts, name: String) -> Result<ProfileKept, String> {
    if parts.watches.views().iter().all(|view| view.name != name) {
        return Err("there is no such profile any more".to_owned());
    }
    let data_dir = parts.watches.data_dir();
    let described = tokio::task::spawn_blocking(move || kept::describe(&data_dir, &name)).await;
    described.map_err(|panicked| panicked.to_string())
}
