use domain::view::{HistoryQuery, HistoryView};

use super::here::Here;

/// Figures of a vault over time, or a sentence why there are none to be had.
#[tauri::command]
pub(super) async fn vault_history(here: Here, query: HistoryQuery) -> Result<HistoryView, String> {
    here.monitor.vault_history(query).await.map_err(|error| error.to_string())
}
