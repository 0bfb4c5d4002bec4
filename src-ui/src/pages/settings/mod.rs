//! What the person may choose. Every change takes effect at once.

mod appearance;
mod channels;
mod proof;
mod rules;
mod start;
mod toasts;

use yew::prelude::*;

use appearance::Appearance;
use channels::Channels;
use proof::Proof;
use rules::RulesCard;
use start::Start;
use toasts::ToastSettings;

#[component]
pub(crate) fn Settings() -> Html {
    html! {
        <main class="page settings" data-testid="settings">
            <Proof />
            <RulesCard />
            <Channels />
            <Start />
            <ToastSettings />
            <Appearance />
        </main>
    }
}
