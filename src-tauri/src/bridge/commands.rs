//! Each a call on the monitor of a profile. Arguments are checked by their types: what is none is refused before it gets here.

use std::sync::Arc;

use domain::view::{
    Attached, ExplanationView, NotificationId, NotificationView, Origin, Preferences, Target,
    Theme, VaultDetail,
};
use domain::{UnixMillis, VaultId};
use monitor::TickSink;
use serde::Serialize;
use tauri::ipc::Channel;

use super::export::{self, Format};
use super::here::Here;
use crate::parts::Parts;

/// What a page may report of a panic, in bytes; the rest is cut off.
const REPORT_BYTES: usize = 4_096;

/// The watch has ended: the application is about to quit. The page has nothing to choose by, so it is a text.
#[derive(Debug, Serialize)]
pub(crate) struct Ended(&'static str);

const ENDED: Ended = Ended("VaultWatch is quitting");

/// Of the profile that is named, else of the one that was shown last. From now on the window shows that one.
#[tauri::command]
pub(super) async fn attach(
    parts: Parts,
    channel: Channel<String>,
    profile: Option<String>,
) -> Result<Attached, Ended> {
    let sink: TickSink = Arc::new(move |batch| {
        let sent = serde_json::to_string(&batch).map_err(tauri::Error::from);
        // The window may have gone since; its `detach` is on the way.
        if let Err(error) = sent.and_then(|text| channel.send(text)) {
            tracing::debug!(%error, "a batch found no window");
        }
    });
    parts.watches.attach(profile.as_deref(), sink).await.ok_or(ENDED)
}

/// Of a profile that is not watched there is but one batch, and nobody waits for an answer.
#[tauri::command]
pub(super) fn acknowledge_batch(parts: Parts, profile: Option<String>, seq: u64) {
    if let Some(watch) = parts.watches.watch(profile.as_deref()) {
        watch.monitor.acknowledge_batch(seq);
    }
}

/// Of a profile that is not watched nothing changes.
#[tauri::command]
pub(super) fn look_at(parts: Parts, profile: Option<String>, ids: Vec<VaultId>) {
    if let Some(watch) = parts.watches.watch(profile.as_deref()) {
        watch.monitor.look_at(ids);
    }
}

#[tauri::command]
pub(super) async fn vault_detail(here: Here, id: VaultId) -> Result<Option<VaultDetail>, Ended> {
    Ok(here.monitor.vault_detail(id).await)
}

#[tauri::command]
pub(super) async fn explain(here: Here, id: VaultId) -> Result<Option<ExplanationView>, Ended> {
    Ok(here.monitor.explain(id).await)
}

#[tauri::command]
pub(super) async fn notifications(here: Here) -> Result<Vec<NotificationView>, Ended> {
    Ok(here.monitor.notifications().await)
}

#[tauri::command]
pub(super) fn mark_read(here: Here, ids: Vec<NotificationId>) {
    here.monitor.mark_read(ids);
}

#[tauri::command]
pub(super) fn mark_all_read(here: Here) {
    here.monitor.mark_all_read();
}

#[tauri::command]
pub(super) fn dismiss(here: Here, ids: Vec<NotificationId>) {
    here.monitor.dismiss(ids);
}

#[tauri::command]
pub(super) fn put_back(here: Here, ids: Vec<NotificationId>) {
    here.monitor.put_back(ids);
}

#[tauri::command]
pub(super) fn acknowledge(here: Here, ids: Vec<NotificationId>) {
    here.monitor.acknowledge(ids);
}

#[tauri::command]
pub(super) fn unacknowledge(here: Here, ids: Vec<NotificationId>) {
    here.monitor.unacknowledge(ids);
}

#[tauri::command]
pub(super) fn snooze(here: Here, ids: Vec<NotificationId>, until: UnixMillis) {
    here.monitor.snooze(ids, until);
}

#[tauri::command]
pub(super) fn unsnooze(here: Here, ids: Vec<NotificationId>) {
    here.monitor.unsnooze(ids);
}

#[tauri::command]
pub(super) fn snooze_all(here: Here, until: UnixMillis) {
    here.monitor.snooze_all(until);
}

#[tauri::command]
pub(super) fn false_alarm(here: Here, id: NotificationId) {
    here.monitor.false_alarm(id);
}

/// Raises a critical alert that is none.
#[tauri::command]
pub(super) fn test_critical(here: Here) {
    here.monitor.test_critical();
}

#[tauri::command]
pub(super) fn set_preferences(parts: Parts, profile: Option<String>, preferences: Preferences) {
    parts.watches.prefer(profile.as_deref(), preferences);
}

#[tauri::command]
pub(super) fn set_theme(parts: Parts, theme: Theme) {
    // The window's, whatever it shows.
    parts.watches.each(|monitor| monitor.set_theme(theme));
}

#[tauri::command]
pub(super) async fn take_target(here: Here) -> Result<Option<Target>, Ended> {
    Ok(here.monitor.take_target().await)
}

/// The path of the file written, or why there is none.
#[tauri::command]
pub(super) async fn export_diagnostics(here: Here) -> Result<String, String> {
    let diagnostics = here.monitor.diagnostics().await.ok_or_else(|| ENDED.0.to_owned())?;
    export::diagnostics(&diagnostics).map(|path| path.display().to_string())
}

/// The message that raised an alert, or made it worse last, if one did and it is kept; or why it cannot be read.
#[tauri::command]
pub(super) async fn alert_origin(here: Here, id: NotificationId) -> Result<Option<Origin>, String> {
    let found = here.monitor.origins(vec![id]).await.map_err(|error| error.to_string())?;
    Ok(found.into_iter().next().map(|(_, origin)| origin))
}

/// The path of the file with these notifications, in their order, or why there is none.
#[tauri::command]
pub(super) async fn export_notifications(
    here: Here,
    format: Format,
    ids: Vec<NotificationId>,
) -> Result<String, String> {
    let all = here.monitor.notifications().await;
    let chosen: Vec<_> = ids.iter().filter_map(|id| all.iter().find(|one| one.id == *id)).collect();
    let origins = match format {
        Format::Json => {
            here.monitor.origins(ids.clone()).await.map_err(|error| error.to_string())?
        }
        // It has what fits in a cell.
        Format::Csv => Vec::new(),
    };
    export::notifications(format, &chosen, &origins).map(|path| path.display().to_string())
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
