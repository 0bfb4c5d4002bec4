//! The bridge to the page. What crosses it is declared in [`domain::view`]; rare things go as one Tauri event, ticks
//! over the channel that the page gives to `attach`.

mod autostart;
#[cfg(target_os = "linux")]
pub(crate) mod calls;
mod channels;
mod commands;
mod export;
mod here;
mod history;
mod links;
mod plots;
mod profiles;
mod questions;
mod rules;
mod settings;
mod shell;
mod view;

pub(crate) use self::autostart::{StartAgain, start_again_as};
pub(crate) use shell::Bridge;

/// The commands of the page where it is in this process, each with its own permission: the list stands in `build.rs` and in `calls.rs`, too.
#[cfg(not(target_os = "linux"))]
pub(crate) fn commands() -> impl Fn(tauri::ipc::Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        commands::attach,
        commands::acknowledge_batch,
        commands::look_at,
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
        links::open_explorer,
        plots::export_plot,
        profiles::profiles,
        profiles::add_profile,
        profiles::rename_profile,
        profiles::change_profile,
        profiles::remove_profile,
        profiles::profile_kept,
        rules::rules,
        rules::check_rules,
        rules::change_rules,
        rules::undo_rules,
        rules::dry_run_rule,
        view::keep_view,
        questions::what_if,
        questions::find_vaults,
        questions::price_trends,
        questions::system,
        questions::connection_events,
        questions::check_address,
        settings::config,
        settings::change_config,
        settings::undo_config,
        settings::set_token,
        settings::keys,
        settings::import_key,
        settings::change_key,
    ]
}
