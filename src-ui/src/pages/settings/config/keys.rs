use domain::view::{KeyAct, KeyView, KeysAnswer, KeysView};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::connection::use_profile;
use crate::backend::BackendError;
use crate::clock;
use crate::design::{Entry, Icon};
use crate::session::use_session;
use crate::words::{self, SLOT, settings_keys as say};

/// What was put in, and what is wrong with it.
#[derive(Clone, Default, PartialEq)]
struct Draft {
    name: String,
    key: String,
    wrong_name: Option<AttrValue>,
    wrong_key: Option<AttrValue>,
}

type Known = Option<Result<KeysView, String>>;

/// The keys of the profile that is shown: their names, and room for another one. The demo has none.
#[component]
pub(crate) fn Keys() -> Html {
    let session = use_session();
    let profile = use_profile();
    let known = use_state_eq(|| None::<Result<KeysView, String>>);
    let draft = use_state_eq(Draft::default);
    {
        let (session, known) = (session.clone(), known.setter());
        use_effect_with(profile.clone(), move |profile| {
            if profile.is_some() {
                let answer = session.keys();
                spawn_local(async move { known.set(answered(answer.await)) });
            }
        });
    }
    if profile.is_none() {
        return Html::default();
    }
    let act = {
        let (session, known) = (session.clone(), known.setter());
        move |kid: &str, act: KeyAct| {
            let (session, known, kid) = (session.clone(), known.clone(), kid.to_owned());
            Callback::from(move |_: MouseEvent| {
                let (known, answer) = (known.clone(), session.change_key(kid.clone(), act));
                spawn_local(async move { known.set(answered(answer.await)) });
            })
        }
    };
    let typed = |change: fn(&mut Draft, String)| {
        let draft = draft.clone();
        Callback::from(move |text: String| {
            let mut next = Draft { wrong_name: None, wrong_key: None, ..(*draft).clone() };
            change(&mut next, text);
            draft.set(next);
        })
    };
    let onclick = {
        let (known, draft) = (known.setter(), draft.clone());
        Callback::from(move |_: MouseEvent| {
            let answer = session.import_key(draft.name.clone(), draft.key.clone());
            let (known, draft) = (known.clone(), draft.clone());
            spawn_local(async move {
                let wrong =
                    |wrong_name, wrong_key| Draft { wrong_name, wrong_key, ..(*draft).clone() };
                match answer.await {
                    Ok(KeysAnswer::Done(view)) => {
                        draft.set(Draft::default());
                        known.set(Some(Ok(view)));
                    }
                    Ok(KeysAnswer::WrongName(why)) => draft.set(wrong(Some(why.into()), None)),
                    Ok(KeysAnswer::WrongKey(why)) => draft.set(wrong(None, Some(why.into()))),
                    Err(error) => draft.set(wrong(None, Some(error.in_words().into()))),
                }
            });
        })
    };
    html! {
        <section id="settings-keys" class="card" aria-label={say::head()}>
            <h2 class="card-head">{ say::head() }<small>{ say::head_note() }</small></h2>
            { list(&known, &act) }
            <div class="form-part">
                <div class="form-row">
                    <Entry id="key-name" label={say::name()} value={draft.name.clone()} fault={draft.wrong_name.clone()} placeholder="2026-12"
                        hint={say::name_hint()} oninput={typed(|draft, text| draft.name = text)} />
                    <Entry id="key-secret" label={say::key()} wide=true secret=true value={draft.key.clone()} fault={draft.wrong_key.clone()}
                        hint={say::key_hint()} oninput={typed(|draft, text| draft.key = text)} />
                </div>
                <button type="button" class="button" data-testid="key-add" {onclick}>{ say::add() }</button>
                <p class="field-note">{ words::set(&say::made_by(SLOT), [html! { <code>{ "vaultwatchctl keys" }</code> }]) }</p>
            </div>
        </section>
    }
}

fn answered(answer: Result<KeysView, BackendError>) -> Known {
    Some(answer.map_err(|error| error.in_words()))
}

fn list(known: &Known, act: &impl Fn(&str, KeyAct) -> Callback<MouseEvent>) -> Html {
    let view = match known {
        None => return html! { <div class="form-part"><div class="skeleton-line" /></div> },
        Some(Err(why)) => {
            return html! { <p class="card-note" role="alert" data-testid="keys-failed">{ why }</p> };
        }
        Some(Ok(view)) => view,
    };
    html! {
        <>
            if view.keys.is_empty() { <p class="card-note">{ say::none() }</p> }
            if !view.keys.is_empty() && !view.encrypted {
                <p class="card-note" role="alert">{ say::not_used() }</p>
            }
            <ul class="verdicts keys" data-testid="keys">{ for view.keys.iter().map(|key| line(key, act)) }</ul>
            { for view.removed.iter().map(|kid| html! {
                <p class="card-note key-removed" role="status">
                    <span>{ say::removed(kid) }</span>
                    <button type="button" class="button" data-testid="key-back" onclick={act(kid, KeyAct::BringBack)}>{ say::bring_back() }</button>
                </p>
            }) }
        </>
    }
}

fn line(key: &KeyView, act: &impl Fn(&str, KeyAct) -> Callback<MouseEvent>) -> Html {
    let kid = &key.kid;
    let since = clock::moment(key.created);
    let does = if key.active { say::seals_since(&since) } else { say::opens_since(&since) };
    html! {
        <li class={key.active.then_some("applies")} key={kid.as_str()}>
            if key.active { { Icon::Check.html() } } else { <i aria-hidden="true" /> }
            <span><strong>{ kid }</strong><small>{ does }</small></span>
            <span class="key-acts">
                if !key.active { <button type="button" class="button" data-testid={format!("key-use-{kid}")} onclick={act(kid, KeyAct::Activate)}>{ say::seal_with_it() }</button> }
                <button type="button" class="icon-button small" aria-label={say::remove_key(kid)} title={say::remove()} data-testid={format!("key-remove-{kid}")} onclick={act(kid, KeyAct::Remove)}>{ Icon::Close.html() }</button>
            </span>
        </li>
    }
}
