//! Each a call on the monitor. Arguments are checked by their types: what is none is refused before it gets here.

use std::sync::Arc;

use domain::view::{
    Attached, ExplanationView, NotificationId, NotificationView, Origin, Preferences, Target,
    Theme, TickBatch, VaultDetail,
};
use domain::{UnixMillis, VaultId};
use monitor::{MonitorHandle, TickSink};
use serde::Serialize;
use tauri::ipc::Channel;
use tauri::{AppHandle, State};

use super::export::{self, Format};

/// What a page may report of a panic, in bytes; the rest is cut off.
const REPORT_BYTES: usize = 4_096;

/// The watch has ended: the application is about to quit. The page has nothing to choose by, so it is a text.
#[derive(Debug, Serialize)]
pub(crate) struct Ended(&'static str);

const ENDED: Ended = Ended("VaultWatch is quitting");

#[tauri::command]
pub(super) async fn attach(
    monitor: State<'_, MonitorHandle>,
    channel: Channel<TickBatch>,
) -> Result<Attached, Ended> {
    let sink: TickSink = Arc::new(move |batch| {
        // The window may have gone since; its `detach` is on the way.
        if let Err(error) = channel.send(batch) {
            tracing::debug!(%error, "a batch found no window");
        }
    });
    monitor.attach(sink).await.ok_or(ENDED)
}

#[tauri::command]
pub(super) fn acknowledge_batch(monitor: State<'_, MonitorHandle>, seq: u64) {
    monitor.acknowledge_batch(seq);
}

#[tauri::command]
pub(super) async fn vault_detail(
    monitor: State<'_, MonitorHandle>,
    id: VaultId,
) -> Result<Option<VaultDetail>, Ended> {
    Ok(monitor.vault_detail(id).await)
}

#[tauri::command]
pub(super) async fn explain(
    monitor: State<'_, MonitorHandle>,
    id: VaultId,
) -> Result<Option<ExplanationView>, Ended> {
    Ok(monitor.explain(id).await)
}

#[tauri::command]
pub(super) async fn notifications(
    monitor: State<'_, MonitorHandle>,
) -> Result<Vec<NotificationView>, Ended> {
    Ok(monitor.notifications().await)
}

#[tauri::command]
pub(super) fn mark_read(monitor: State<'_, MonitorHandle>, ids: Vec<NotificationId>) {
    monitor.mark_read(ids);
}

#[tauri::command]
pub(super) fn mark_all_read(monitor: State<'_, MonitorHandle>) {
    monitor.mark_all_read();
}

#[tauri::command]
pub(super) fn dismiss(monitor: State<'_, MonitorHandle>, ids: Vec<NotificationId>) {
    monitor.dismiss(ids);
}

#[tauri::command]
pub(super) fn put_back(monitor: State<'_, MonitorHandle>, ids: Vec<NotificationId>) {
    monitor.put_back(ids);
}

#[tauri::command]
pub(super) fn acknowledge(monitor: State<'_, MonitorHandle>, ids: Vec<NotificationId>) {
    monitor.acknowledge(ids);
}

#[tauri::command]
pub(super) fn unacknowledge(monitor: State<'_, MonitorHandle>, ids: Vec<NotificationId>) {
    monitor.unacknowledge(ids);
}

#[tauri::command]
pub(super) fn snooze(
    monitor: State<'_, MonitorHandle>,
    ids: Vec<NotificationId>,
    until: UnixMillis,
) {
    monitor.snooze(ids, until);
}

#[tauri::command]
pub(super) fn unsnooze(monitor: State<'_, MonitorHandle>, ids: Vec<NotificationId>) {
    monitor.unsnooze(ids);
}

#[tauri::command]
pub(super) fn snooze_all(monitor: State<'_, MonitorHandle>, until: UnixMillis) {
    monitor.snooze_all(until);
}

#[tauri::command]
pub(super) fn false_alarm(monitor: State<'_, MonitorHandle>, id: NotificationId) {
    monitor.false_alarm(id);
}

/// Raises a critical alert that is none.
#[tauri::command]
pub(super) fn test_critical(monitor: State<'_, MonitorHandle>) {
    monitor.test_critical();
}

#[tauri::command]
pub(super) fn set_preferences(monitor: State<'_, MonitorHandle>, preferences: Preferences) {
    monitor.set_preferences(preferences);
}

#[tauri::command]
pub(super) fn set_theme(monitor: State<'_, MonitorHandle>, theme: Theme) {
    monitor.set_theme(theme);
}

#[tauri::command]
pub(super) async fn take_target(
    monitor: State<'_, MonitorHandle>,
) -> Result<Option<Target>, Ended> {
    Ok(monitor.take_target().await)
}

/// The path of the file written, or why there is none.
#[tauri::command]
pub(super) async fn export_diagnostics(
    app: AppHandle,
    monitor: State<'_, MonitorHandle>,
) -> Result<String, String> {
    let diagnostics = monitor.diagnostics().await.ok_or_else(|| ENDED.0.to_owned())?;
    export::diagnostics(&app, &diagnostics).map(|path| path.display().to_string())
}

/// The message that raised an alert, or made it worse last, if one did and it is kept; or why it cannot be read.
#[tauri::command]
pub(super) async fn alert_origin(
    monitor: State<'_, MonitorHandle>,
    id: NotificationId,
) -> Result<Option<Origin>, String> {
    let found = monitor.origins(vec![id]).await.map_err(|error| error.to_string())?;
    Ok(found.into_iter().next().map(|(_, origin)| origin))
}

/// The path of the file with these notifications, in their order, or why there is none.
#[tauri::command]
pub(super) async fn export_notifications(
    app: AppHandle,
    monitor: State<'_, MonitorHandle>,
    format: Format,
    ids: Vec<NotificationId>,
) -> Result<String, String> {
    let all = monitor.notifications().await;
    let chosen: Vec<_> = ids.iter().filter_map(|id| all.iter().find(|one| one.id == *id)).collect();
    let origins = match format {
        Format::Json => monitor.origins(ids.clone()).await.map_err(|error| error.to_string())?,
        // It has what fits in a cell.
        Format::Csv => Vec::new(),
    };
    export::notifications(&app, format, &chosen, &origins).map(|path| path.display().to_string())
}

#[tauri::command]
pub(super) fn report_panic(message: String) {
    tracing::error!(message = cut(&message, REPORT_BYTES), "the page panicked");
}

/// The first `bytes` of a text, not ending within a character.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_report_is_cut_between_characters() {
        assert_eq!(cut("panicked", 100), "panicked");
        assert_eq!(cut("aé", 2), "a");
    }
}
