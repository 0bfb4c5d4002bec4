use domain::view::Theme;
use yew::prelude::*;

use crate::live::Topic;
use crate::session::{use_live, use_session};

#[component]
pub(super) fn Appearance() -> Html {
    let session = use_session();
    let chosen = use_live(Topic::Theme, |state| state.theme);
    let choice = |theme: Theme, word: &'static str, note: &'static str| {
        let session = session.clone();
        let onchange = Callback::from(move |_: Event| session.set_theme(theme));
        let id = format!("theme-{}", word.to_lowercase());
        html! {
            <label class="choice" data-testid={id}>
                <input type="radio" name="theme" checked={chosen == theme} {onchange} />
                <span class={format!("swatch swatch-{}", word.to_lowercase())} aria-hidden="true"><i /><i /><i /></span>
                <span class="choice-word">{ word }</span>
                <span class="choice-note">{ note }</span>
            </label>
        }
    };
    html! {
            <section class="card">
                <h2 class="card-head">{ "Appearance" }</h2>
                <fieldset class="choices">
                    <legend class="visually-hidden">{ "Theme" }</legend>
                    { choice(Theme::System, "System", "follows the desktop") }
                    { choice(Theme::Dark, "Dark", "for dim rooms") }
                    { choice(Theme::Light, "Light", "for bright ones") }
                </fieldset>
            </section>
    }
}
