use domain::view::Mode;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::field::ConfigField;
use super::{card, use_config};
use crate::live::Topic;
use crate::session::{use_live, use_session};
use crate::words::settings_config as say;

/// Addresses and token of the profile that is shown. The demo has neither.
#[component]
pub(crate) fn ConnectionSettings() -> Html {
    let known = use_config();
    let Some(profile) = use_profile() else { return Html::default() };
    let key = format!("profiles.{profile}.url");
    card("settings-connection", say::connection(), say::connection_note(), &known, |config| {
        // One that was named by a flag alone is in no file.
        if config.get(&key).is_none() {
            return html! { <p class="card-note">{ say::named_by_flag(&profile, &config.path) }</p> };
        }
        html! {
            <div class="form-part">
                <ConfigField config={config.clone()} name={key.clone()} label={say::addresses()} wide=true hint={say::addresses_hint()} />
                <Token />
            </div>
        }
    })
}

/// The name of the one that is shown; the demo is none.
#[hook]
pub(crate) fn use_profile() -> Option<AttrValue> {
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
                return saved.set(Saved::Failed(say::token_missing().to_owned()));
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
        Saved::No => (say::token_hint().to_owned(), false),
        Saved::UnderWay => (say::token_under_way().to_owned(), false),
        Saved::Yes => (say::token_kept().to_owned(), false),
        Saved::Failed(why) => (why.clone(), true),
    };
    html! {
        <div class={classes!("field", "entry", "wide", failed.then_some("invalid"))}>
            <label for="config-token">{ say::token() }</label>
            <span class="field-input">
                <input ref={input} id="config-token" data-testid="config-token" type="password" autocomplete="off" spellcheck="false" aria-invalid={failed.to_string()} aria-describedby="config-token-note" />
                <button type="button" class="button" data-testid="config-token-save" disabled={*saved == Saved::UnderWay} {onclick}>{ say::token_keep() }</button>
            </span>
            <p id="config-token-note" class="field-note" role={if failed { "alert" } else { "status" }}>{ note }</p>
        </div>
    }
}
