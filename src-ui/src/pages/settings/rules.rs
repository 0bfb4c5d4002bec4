use yew::prelude::*;

/// Leads to the rules, which have a page of their own.
#[component]
pub(super) fn RulesCard() -> Html {
    html! {
        <section class="card" aria-label="Rules">
            <h2 class="card-head">{ "Rules and policies" }<small>{ "what you want to be told of" }</small></h2>
            <div class="proof">
                <p>{ "Rules of your own on vaults, markets and the platform; how long a level must last; names for groups of vaults. Each rule can be played over the past before it is switched on." }</p>
                <a class="button primary" href="#/rules" data-testid="settings-rules">{ "Rules and policies" }</a>
            </div>
        </section>
    }
}
