//! The user's rules: the file's, changes to them, and what they would have done.

use domain::rules::RulesEdit;
use domain::view::{DryRunAnswer, DryRunQuery, FaultView, RulesAnswer, RulesView};
use monitor::rules::{RuleDesk, RulesError};
use tauri::State;

/// Why nothing was done, as a sentence for the person.
fn words(error: RulesError) -> String {
    error.to_string()
}

#[tauri::command]
pub(super) async fn rules(desk: State<'_, RuleDesk>) -> Result<RulesView, String> {
    desk.view().await.map_err(words)
}

/// What would be wrong after the change; nothing is written.
#[tauri::command]
pub(super) async fn check_rules(
    desk: State<'_, RuleDesk>,
    edit: RulesEdit,
) -> Result<Vec<FaultView>, String> {
    desk.check(&edit).await.map_err(words)
}

#[tauri::command]
pub(super) async fn change_rules(
    desk: State<'_, RuleDesk>,
    revision: String,
    edit: RulesEdit,
) -> Result<RulesAnswer, String> {
    desk.change(&revision, &edit).await.map_err(words)
}

#[tauri::command]
pub(super) async fn undo_rules(desk: State<'_, RuleDesk>) -> Result<RulesView, String> {
    desk.undo().await.map_err(words)
}

#[tauri::command]
pub(super) async fn dry_run_rule(
    desk: State<'_, RuleDesk>,
    query: DryRunQuery,
) -> Result<DryRunAnswer, String> {
    desk.dry_run(query).await.map_err(words)
}
