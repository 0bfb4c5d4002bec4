use domain::view::Mode;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::field::ConfigField;
use super::{card, use_config};
use crate::live::Topic;
use crate::session::{use_live, use_session};

/// Addresses and token of the profile that is shown. The demo has neither.
#[component]
pub(crate) fn ConnectionSettings() -> Html {
    let known = use_config();
    let Some(profile) = use_profile() else { return Html::default() };
    let key = format!("profiles.{profile}.url");
    let note = "of the profile that is shown; a change connects it anew";
    card("settings-connection", "Connection", note, &known, |config| {
        // One that was named by a flag alone is in no file.
        if config.get(&key).is_none() {
            return html! { <p class="card-note">{ format!("{profile} was named on the command line: its address is not in {}.", config.path) }</p> };
        }
        html! {
            <div class="form-part">
                <ConfigField config={config.clone()} name={key.clone()} label="Addresses" wide=true hint="the preferred one first, with commas between them" />
                <Token />
            </div>
        }
    })
}

/// The name of the one that is shown; the demo is none.
#[hook]
pub(super) fn use_profile() -> Option<AttrValue> {
    use_live(Topic::Feed, |state| match state.feed.as_ref().map(|feed| &feed.mode) {
        Some(Mode::Profile(name)) => Some(AttrValue::from(name.clone())),
        _ => None,
    })
}

/// What became of a token.
#[derive(Clone, PartialEq)]
enum Saved {
    No,
    UnderWay,
    Yes,
    Failed(String),
}

/// A token can be put in, never be seen.
#[component]
fn Token() -> Html {
    let session = use_session();
    let input = use_node_ref();
    let saved = use_state_eq(|| Saved::No);
    let onclick = {
        let (input, saved) = (input.clone(), saved.setter());
        Callback::from(move |_: MouseEvent| {
            let Some(field) = input.cast::<HtmlInputElement>() else { return };
            let token = field.value().trim().to_owned();
            if token.is_empty() {
                return saved.set(Saved::Failed("Nothing was typed.".to_owned()));
            }
            saved.set(Saved::UnderWay);
            let (saved, answer) = (saved.clone(), session.set_token(token));
            spawn_local(async move {
                saved.set(match answer.await {
                    Ok(()) => {
                        field.set_value("");
                        Saved::Yes
                    }
                    Err(error) => Saved::Failed(error.in_words()),
                });
            });
        })
    };
    let (note, failed) = match &*saved {
        Saved::No => ("kept in the system's keychain, never in a file".to_owned(), false),
        Saved::UnderWay => ("Putting it away…".to_owned(), false),
        Saved::Yes => {
            ("In the keychain. It is used from the next connection on.".to_owned(), false)
        }
        Saved::Failed(why) => (why.clone(), true),
    };
    html! {
        <div class={classes!("field", "entry", "wide", failed.then_some("invalid"))}>
            <label for="config-token">{ "Another token" }</label>
            <span class="field-input">
                <input ref={input} id="config-token" data-testid="config-token" type="password" autocomplete="off" spellcheck="false" aria-invalid={failed.to_string()} aria-describedby="config-token-note" />
                <button type="button" class="button" data-testid="config-token-save" disabled={*saved == Saved::UnderWay} {onclick}>{ "Keep" }</button>
            </span>
            <p id="config-token-note" class="field-note" role={if failed { "alert" } else { "status" }}>{ note }</p>
        </div>
    }
}
