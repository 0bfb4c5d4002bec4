use yew::prelude::*;

use super::field::{ConfigField, Written};
use super::{card, use_config};
use crate::words::settings_config as say;

/// When and how somebody is told.
#[component]
pub(crate) fn AlertSettings() -> Html {
    let known = use_config();
    card("settings-alerts", say::alerts(), say::alerts_note(), &known, |config| {
        html! {
            <>
                <div class="form-part"><div class="form-row">
                    <ConfigField config={config.clone()} name="alerts.notifyFrom" label={say::notify_from()} choices={levels()} hint={say::notify_from_hint()} />
                    <ConfigField config={config.clone()} name="alerts.hideAmounts" label={say::hide_amounts()} choices={hiding()} hint={say::hide_amounts_hint()} />
                    <ConfigField config={config.clone()} name="alerts.quietHours" label={say::quiet_hours()} written={Written::Hours} hint={say::quiet_hours_hint()} />
                    <ConfigField config={config.clone()} name="alerts.timeZone" label={say::time_zone()} hint={say::time_zone_hint()} />
                </div></div>
                <div class="form-part"><div class="form-row">
                    <ConfigField config={config.clone()} name="alerts.soundAfter" label={say::sound_after()} hint={say::sound_after_hint()} />
                    <ConfigField config={config.clone()} name="alerts.callOutAfter" label={say::call_out_after()} hint={say::call_out_after_hint()} />
                    <ConfigField config={config.clone()} name="alerts.repeatCritical" label={say::repeat_critical()} hint={say::repeat_critical_hint()} />
                    <ConfigField config={config.clone()} name="alerts.repeatCriticalAfter" label={say::repeat_critical_after()} />
                    <ConfigField config={config.clone()} name="alerts.repeatHigh" label={say::repeat_high()} />
                    <ConfigField config={config.clone()} name="alerts.ackLapse" label={say::ack_lapse()} hint={say::ack_lapse_hint()} />
                    <ConfigField config={config.clone()} name="alerts.digestHour" label={say::digest_hour()} hint={say::digest_hour_hint()} />
                </div></div>
            </>
        }
    })
}

fn levels() -> Vec<(&'static str, &'static str)> {
    vec![
        ("critical", say::from_critical()),
        ("high", say::from_high()),
        ("medium", say::from_medium()),
    ]
}

fn hiding() -> Vec<(&'static str, &'static str)> {
    vec![
        ("never", say::hide_never()),
        ("locked", say::hide_locked()),
        ("always", say::hide_always()),
    ]
}
