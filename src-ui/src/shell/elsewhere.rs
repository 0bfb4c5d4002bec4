//! What has to be known beside the profile that is shown: a critical alert of another one, and that nobody watches this
//! one.

use domain::view::{ProfileAnswer, ProfileChange, ProfileState, Target};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::route;
use crate::design::Icon;
use crate::live::{State, Topic};
use crate::session::{use_live, use_session};
use crate::words::banner as say;

/// A critical alert that waits in a profile that is not shown.
#[component]
pub(super) fn Elsewhere() -> Html {
    let session = use_session();
    let told = use_live(Topic::Profiles, State::elsewhere);
    let Some(told) = told else { return Html::default() };
    let show = {
        let name = told.profile.clone();
        Callback::from(move |_: MouseEvent| {
            session.use_profile(&name);
            // Unless something unsaved is asked about first: then it stays where it is.
            if session.live.read(|state| state.leaving.is_none()) {
                route::open(&Target::Alerts);
            }
        })
    };
    let more = match told.more {
        0 => String::new(),
        more => say::elsewhere_more(more),
    };
    html! {
        <div class="banner blocked" role="alert" data-testid="elsewhere">
            { Icon::Warning.html() }
            <span><strong>{ format!("{}: ", told.profile) }</strong>{ format!("{}.{more}", told.headline.trim_end_matches('.')) }</span>
            <button type="button" class="button" data-testid="elsewhere-show" onclick={show}>{ say::show() }</button>
        </div>
    }
}

/// That the profile which is shown is paused.
#[component]
pub(super) fn Paused() -> Html {
    let session = use_session();
    let paused = use_live(Topic::Profiles, |state| {
        let shown = state.shown_profile().filter(|one| one.state == ProfileState::Paused);
        shown.map(|one| one.name.clone())
    });
    let refused = use_state_eq(|| None::<String>);
    let Some(name) = paused else { return Html::default() };
    let resume = {
        let (name, refused) = (name.clone(), refused.setter());
        Callback::from(move |_: MouseEvent| {
            let change = ProfileChange { paused: Some(false), ..ProfileChange::default() };
            let (answer, refused) = (session.change_profile(&name, change), refused.clone());
            spawn_local(async move {
                refused.set(match answer.await {
                    Ok(ProfileAnswer::Done(remark)) => remark,
                    Ok(ProfileAnswer::Refused(fault)) => Some(fault.reason),
                    Err(error) => Some(error.in_words()),
                });
            });
        })
    };
    html! {
        <div class="banner down" role="status" data-testid="profile-paused">
            { Icon::Offline.html() }
            <span><strong>{ say::paused(&name) }</strong>{ say::paused_why() }
                { for refused.as_ref().map(|why| format!(" {why}")) }</span>
            <button type="button" class="button" data-testid="profile-resume" onclick={resume}>{ say::resume() }</button>
        </div>
    }
}
