use std::sync::Arc;

use tauri::State;

use crate::window::Memory;

/// Keeps what the page wants to be given when it begins the next time; or why it is not kept.
#[tauri::command]
pub(super) fn keep_view(memory: State<'_, Arc<Memory>>, view: String) -> Result<(), String> {
    memory.leave(view).map_err(|refused| refused.to_string())
}
