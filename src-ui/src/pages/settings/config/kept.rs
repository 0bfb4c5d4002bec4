use yew::prelude::*;

use super::field::ConfigField;
use super::{card, use_config};
use crate::words::settings_config as say;

/// How long what was seen is kept.
#[component]
pub(crate) fn KeptSettings() -> Html {
    let known = use_config();
    card("settings-retention", say::kept(), say::kept_note(), &known, |config| {
        html! {
            <>
                <div class="form-part"><div class="form-row">
                    <ConfigField config={config.clone()} name="retention.read" label={say::kept_read()} hint={say::kept_read_hint()} />
                    <ConfigField config={config.clone()} name="retention.critical" label={say::kept_critical()} />
                    <ConfigField config={config.clone()} name="retention.log" label={say::kept_log()} />
                </div></div>
                <div class="form-part"><div class="form-row">
                    <ConfigField config={config.clone()} name="history.minutes" label={say::figures_minutes()} />
                    <ConfigField config={config.clone()} name="history.fiveMinutes" label={say::figures_five_minutes()} />
                    <ConfigField config={config.clone()} name="history.hours" label={say::figures_hours()} />
                    <ConfigField config={config.clone()} name="history.megabytes" label={say::megabytes()} hint={say::megabytes_hint()} />
                </div></div>
            </>
        }
    })
}
