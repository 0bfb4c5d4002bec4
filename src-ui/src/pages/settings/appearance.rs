use domain::view::{LanguageChoice, Theme};
use yew::prelude::*;

use crate::live::Topic;
use crate::session::{use_live, use_session};
use crate::words::appearance as say;

#[component]
pub(super) fn Appearance() -> Html {
    let session = use_session();
    let chosen = use_live(Topic::Theme, |state| state.theme);
    let choice = |theme: Theme, name: &'static str, word: &'static str, note: &'static str| {
        let session = session.clone();
        let onchange = Callback::from(move |_: Event| session.set_theme(theme));
        let id = format!("theme-{name}");
        html! {
            <label class="choice" data-testid={id}>
                <input type="radio" name="theme" checked={chosen == theme} {onchange} />
                <span class={format!("swatch swatch-{name}")} aria-hidden="true"><i /><i /><i /></span>
                <span class="choice-word">{ word }</span>
                <span class="choice-note">{ note }</span>
            </label>
        }
    };
    html! {
        <section id="settings-appearance" class="card" aria-label={say::head()}>
            <h2 class="card-head">{ say::head() }</h2>
            <fieldset class="choices">
                <legend class="visually-hidden">{ say::theme() }</legend>
                { choice(Theme::System, "system", say::system(), say::system_note()) }
                { choice(Theme::Dark, "dark", say::dark(), say::dark_note()) }
                { choice(Theme::Light, "light", say::light(), say::light_note()) }
            </fieldset>
            <Languages />
        </section>
    }
}

#[component]
fn Languages() -> Html {
    let session = use_session();
    let chosen = use_live(Topic::Preferences, |state| state.preferences.language);
    let choice =
        |language: LanguageChoice, name: &'static str, word: &'static str, note: &'static str| {
            let session = session.clone();
            let onchange = Callback::from(move |_: Event| {
                session.change_preferences(|preferences| preferences.language = language);
            });
            // Each language by its own name, whichever is spoken: somebody looks for theirs.
            html! {
                <label class="choice" data-testid={format!("language-{name}")}>
                    <input type="radio" name="language" checked={chosen == language} {onchange} />
                    <span class="choice-word">{ word }</span>
                    <span class="choice-note">{ note }</span>
                </label>
            }
        };
    html! {
        <fieldset class="choices">
            <legend class="label">{ say::language() }</legend>
            { choice(LanguageChoice::System, "system", say::system(), say::system_note()) }
            { choice(LanguageChoice::English, "en", "English", "") }
            { choice(LanguageChoice::German, "de", "Deutsch", "") }
        </fieldset>
    }
}
