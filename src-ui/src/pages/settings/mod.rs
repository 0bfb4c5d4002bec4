//! What the person may choose. Every change takes effect at once.

mod appearance;
mod channels;
mod config;
mod plugins;
mod profiles;
mod proof;
mod rules;
mod start;
mod toasts;

use yew::prelude::*;

pub(crate) use proof::Proof;

use appearance::Appearance;
use channels::Channels;
use config::{AlertSettings, ConnectionSettings, KeptSettings, Keys, use_config_loaded};
use plugins::Plugins;
use profiles::Profiles;
use rules::RulesCard;
use start::Start;
use toasts::ToastSettings;

#[component]
pub(crate) fn Settings() -> Html {
    use_config_loaded();
    html! {
        <main class="page settings" data-testid="settings">
            <Proof />
            <Profiles />
            <ConnectionSettings />
            <Keys />
            <AlertSettings />
            <RulesCard />
            <Channels />
            <Start />
            <KeptSettings />
            <Plugins />
            <ToastSettings />
            <Appearance />
        </main>
    }
}
