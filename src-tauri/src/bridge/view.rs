use crate::parts::Parts;

/// Keeps what the page wants to be given when it begins the next time; or why it is not kept.
#[tauri::command]
pub(super) fn keep_view(parts: Parts, view: String) -> Result<(), String> {
    parts.memory.leave(view).map_err(|refused| refused.to_string())
}
