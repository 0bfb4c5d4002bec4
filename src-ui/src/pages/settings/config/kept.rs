use yew::prelude::*;

use super::field::ConfigField;
use super::{card, use_config};

/// How long what was seen is kept.
#[component]
pub(crate) fn KeptSettings() -> Html {
    let known = use_config();
    let note = "what still holds is kept for as long as it does";
    card("settings-retention", "How long things are kept", note, &known, |config| {
        html! {
            <>
                <div class="form-part"><div class="form-row">
                    <ConfigField config={config.clone()} name="retention.read" label="Read notifications" hint="below critical" />
                    <ConfigField config={config.clone()} name="retention.critical" label="Critical and unread ones" />
                    <ConfigField config={config.clone()} name="retention.log" label="The log of alerts" />
                </div></div>
                <div class="form-part"><div class="form-row">
                    <ConfigField config={config.clone()} name="history.minutes" label="Figures by the minute" />
                    <ConfigField config={config.clone()} name="history.fiveMinutes" label="Figures by five minutes" />
                    <ConfigField config={config.clone()} name="history.hours" label="Figures by the hour" />
                    <ConfigField config={config.clone()} name="history.megabytes" label="Most on disk, in megabytes" hint="beyond it the oldest go first" />
                </div></div>
            </>
        }
    })
}
