//! The user's rules: the file's, changes to them, and what they would have done.

use domain::rules::RulesEdit;
use domain::view::{DryRunAnswer, DryRunQuery, FaultView, RulesAnswer, RulesView};
use monitor::rules::RulesError;

use super::here::Here;

/// Why nothing was done, as a sentence for the person.
fn words(error: RulesError) -> String {
    error.to_string()
}

#[tauri::command]
pub(super) async fn rules(here: Here) -> Result<RulesView, String> {
    here.desk.view().await.map_err(words)
}

/// What would be wrong after the change; nothing is written.
#[tauri::command]
pub(super) async fn check_rules(here: Here, edit: RulesEdit) -> Result<Vec<FaultView>, String> {
    here.desk.check(&edit).await.map_err(words)
}

#[tauri::command]
pub(super) async fn change_rules(
    here: Here,
    revision: String,
    edit: RulesEdit,
) -> Result<RulesAnswer, String> {
    here.desk.change(&revision, &edit).await.map_err(words)
}

#[tauri::command]
pub(super) async fn undo_rules(here: Here) -> Result<RulesView, String> {
    here.desk.undo().await.map_err(words)
}

#[tauri::command]
pub(super) async fn dry_run_rule(here: Here, query: DryRunQuery) -> Result<DryRunAnswer, String> {
    here.desk.dry_run(query).await.map_err(words)
}
