//! What the person may choose. Every change takes effect at once.

mod appearance;
mod channels;
mod config;
mod index;
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
use index::use_index;
use plugins::Plugins;
use profiles::Profiles;
use rules::RulesCard;
use start::Start;
use toasts::ToastSettings;

#[component]
pub(crate) fn Settings() -> Html {
    use_config_loaded();
    let page = use_node_ref();
    let index = use_index(&page);
    html! {
        <main ref={page} class="page settings" data-testid="settings" onscroll={index.onscroll}>
            { index.links }
            <div class="settings-cards">
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
            </div>
        </main>
    }
}
