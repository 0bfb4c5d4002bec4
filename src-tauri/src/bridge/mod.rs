//! The bridge to the page. What crosses it is declared in [`domain::view`]; rare things go as one Tauri event, ticks
//! over the channel that the page gives to `attach`.

mod autostart;
mod channels;
mod commands;
mod export;
mod history;
mod rules;
mod shell;

pub(crate) use self::autostart::StartAgain;
pub(crate) use shell::Bridge;

/// The commands of the page, each with its own permission: the list stands in `build.rs`, too.
pub(crate) fn commands() -> impl Fn(tauri::ipc::Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        commands::attach,
        commands::acknowledge_batch,
        commands::vault_detail,
        commands::explain,
        commands::notifications,
        commands::mark_read,
        commands::mark_all_read,
        commands::dismiss,
        commands::put_back,
        commands::acknowledge,
        commands::unacknowledge,
        commands::snooze,
        commands::unsnooze,
        commands::snooze_all,
        commands::false_alarm,
        commands::test_critical,
        commands::set_preferences,
        commands::alert_origin,
        commands::export_notifications,
        commands::set_theme,
        commands::report_panic,
        commands::take_target,
        commands::export_diagnostics,
        autostart::autostart,
        autostart::set_autostart,
        channels::channels,
        channels::test_channel,
        channels::test_sound,
        history::vault_history,
        rules::rules,
        rules::check_rules,
        rules::change_rules,
        rules::undo_rules,
        rules::dry_run_rule,
    ]
}
