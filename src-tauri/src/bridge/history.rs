use domain::view::{HistoryQuery, HistoryView};
use monitor::MonitorHandle;
use tauri::State;

/// Figures of a vault over time, or a sentence why there are none to be had.
#[tauri::command]
pub(super) async fn vault_history(
    monitor: State<'_, MonitorHandle>,
    query: HistoryQuery,
) -> Result<HistoryView, String> {
    monitor.vault_history(query).await.map_err(|error| error.to_string())
}
