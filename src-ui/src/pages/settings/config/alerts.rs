use yew::prelude::*;

use super::field::ConfigField;
use super::{card, use_config};

const LEVELS: [(&str, &str); 3] =
    [("critical", "critical"), ("high", "high and worse"), ("medium", "medium and worse")];
const HIDING: [(&str, &str); 3] =
    [("never", "never"), ("locked", "while the screen is locked"), ("always", "always")];

/// When and how somebody is told.
#[component]
pub(crate) fn AlertSettings() -> Html {
    let known = use_config();
    let note = "for all profiles; what is critical is never silenced";
    card("settings-alerts", "How alerts are told", note, &known, |config| {
        html! {
            <>
                <div class="form-part"><div class="form-row">
                    <ConfigField config={config.clone()} name="alerts.notifyFrom" label="System notifications" choices={&LEVELS[..]} hint="what is less is told in this window" />
                    <ConfigField config={config.clone()} name="alerts.hideAmounts" label="Hide amounts" choices={&HIDING[..]} hint="in the system's notifications" />
                    <ConfigField config={config.clone()} name="alerts.quietHours" label="Quiet hours" hint="as in 23:00 to 07:00; empty: none" />
                    <ConfigField config={config.clone()} name="alerts.timeZone" label="Time zone" hint="as in Europe/Berlin; empty: the system's" />
                </div></div>
                <div class="form-part"><div class="form-row">
                    <ConfigField config={config.clone()} name="alerts.soundAfter" label="Sound after" hint="of an unanswered critical alert" />
                    <ConfigField config={config.clone()} name="alerts.callOutAfter" label="Channels after" hint="later than the sound" />
                    <ConfigField config={config.clone()} name="alerts.repeatCritical" label="Critical again after" hint="times that rise, with commas" />
                    <ConfigField config={config.clone()} name="alerts.repeatCriticalAfter" label="And then every" />
                    <ConfigField config={config.clone()} name="alerts.repeatHigh" label="High again every" />
                    <ConfigField config={config.clone()} name="alerts.ackLapse" label="An answer lapses after" hint="where it stays critical" />
                    <ConfigField config={config.clone()} name="alerts.digestHour" label="Summary at" hint="o'clock, of what is medium" />
                </div></div>
            </>
        }
    })
}
