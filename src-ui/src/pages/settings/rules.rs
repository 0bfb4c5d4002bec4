use yew::prelude::*;

use crate::words::settings as say;

/// Leads to the rules, which have a page of their own.
#[component]
pub(super) fn RulesCard() -> Html {
    html! {
        <section id="settings-rules" class="card" aria-label={say::rules()}>
            <h2 class="card-head">{ say::rules_head() }<small>{ say::rules_note() }</small></h2>
            <div class="proof">
                <p>{ say::rules_about() }</p>
                <a class="button primary" href="#/rules" data-testid="settings-rules">{ say::rules_head() }</a>
            </div>
        </section>
    }
}
