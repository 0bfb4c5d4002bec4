//! What the person may choose. Every change takes effect at once.

mod appearance;
mod channels;
mod proof;
mod rules;
mod toasts;

use yew::prelude::*;

use appearance::Appearance;
use channels::Channels;
use proof::Proof;
use rules::RulesCard;
use toasts::ToastSettings;

#[component]
pub(crate) fn Settings() -> Html {
    html! {
        <main class="page settings" data-testid="settings">
            <Proof />
            <RulesCard />
            <Channels />
            <ToastSettings />
            <Appearance />
        </main>
    }
}
