use domain::view::{Colour, NotifyScope, ProfileChange, ProfileState, ProfileView};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::Said;
use super::remove::RemoveProfile;
use super::rename::RenameProfile;
use crate::design::{Dropdown, option};
use crate::session::use_session;
use crate::shell::{connection, switcher};
use crate::words::{common, profiles as say};

/// What is asked about the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    Rename,
    Remove,
}

#[derive(PartialEq, Properties)]
pub(super) struct ProfileLineProps {
    pub(super) view: ProfileView,
    pub(super) on_said: Callback<Option<Said>>,
}

/// One profile, with what can be done to it.
#[component]
pub(super) fn ProfileLine(props: &ProfileLineProps) -> Html {
    let session = use_session();
    let question = use_state_eq(|| None::<Question>);
    // The browser has chosen already what was refused: the lists are built anew.
    let refusals = use_state(|| 0u32);
    let view = &props.view;
    let change = {
        let (name, said, refusals) = (view.name.clone(), props.on_said.clone(), refusals.clone());
        Callback::from(move |change: ProfileChange| {
            let answer = session.change_profile(&name, change);
            let (said, refusals) = (said.clone(), refusals.clone());
            spawn_local(async move {
                let outcome = Said::of(answer.await);
                if outcome.as_ref().is_some_and(|outcome| outcome.failed) {
                    refusals.set(*refusals + 1);
                }
                said.emit(outcome);
            });
        })
    };
    let close = {
        let question = question.setter();
        Callback::from(move |()| question.set(None))
    };
    let ask = |what: Question| {
        let question = question.setter();
        Callback::from(move |_: MouseEvent| question.set(Some(what)))
    };
    let name = AttrValue::from(view.name.clone());
    html! {
        <li class="profile-line" data-colour={view.colour.word()} data-state={switcher::style(&view.state)} data-testid={format!("profile-line-{name}")}>
            <span class="profile-mark" aria-hidden="true">{ switcher::initials(&name) }</span>
            <span class="profile-text">
                <strong>{ &name }</strong>
                <small class={failed(&view.state)} data-testid={format!("profile-state-{name}")}>{ state(view) }</small>
                <small>{ &view.endpoint }</small>
            </span>
            { match &view.fixed {
                Some(why) => html! { <span class="profile-choices">{ say::fixed(why) }</span> },
                None => html! {
                    <>
                        <span class="profile-deeds">
                            { pause(view, &change) }
                            <button type="button" class="button" data-testid={format!("profile-rename-{name}")} onclick={ask(Question::Rename)}>{ say::rename() }</button>
                            <button type="button" class="button" data-testid={format!("profile-remove-{name}")} onclick={ask(Question::Remove)}>{ say::remove() }</button>
                        </span>
                        <span key={*refusals} class="profile-choices">{ colours(view, &change) }{ scopes(view, &change) }</span>
                    </>
                },
            } }
            { match *question {
                Some(Question::Rename) => html! { <RenameProfile {name} on_close={close} on_said={props.on_said.clone()} /> },
                Some(Question::Remove) => html! { <RemoveProfile {name} on_close={close} on_said={props.on_said.clone()} /> },
                None => Html::default(),
            } }
        </li>
    }
}

fn state(view: &ProfileView) -> String {
    let word = switcher::word(&view.state);
    let cause = match &view.state {
        ProfileState::Watched { feed } => connection::cause(feed),
        other => other.cause(),
    };
    match cause {
        Some(cause) => format!("{word}: {cause}"),
        None if view.state.is_live() => {
            format!("{word}, {}", common::vaults(view.vaults as usize))
        }
        None => word.to_owned(),
    }
}

fn failed(state: &ProfileState) -> Option<&'static str> {
    let failed = matches!(state, ProfileState::Failed { .. });
    failed.then_some("failed")
}

fn pause(view: &ProfileView, change: &Callback<ProfileChange>) -> Html {
    let paused = view.state == ProfileState::Paused;
    let onclick = change.reform(move |_: MouseEvent| ProfileChange {
        paused: Some(!paused),
        ..ProfileChange::default()
    });
    html! {
        <button type="button" class="button" data-testid={format!("profile-pause-{}", view.name)} {onclick}>{ if paused { say::resume() } else { say::pause() } }</button>
    }
}

fn colours(view: &ProfileView, change: &Callback<ProfileChange>) -> Html {
    let on_choose = change.reform(|colour: String| ProfileChange {
        colour: colour.parse().ok(),
        ..ProfileChange::default()
    });
    let chosen = view.colour.word();
    let id = format!("profile-colour-{}", view.name);
    html! {
        <label for={id.clone()}>{ say::colour() }
            <Dropdown {id} {chosen} {on_choose}>
                { for Colour::ALL.into_iter().map(|colour| option(colour.word(), colour_word(colour), chosen)) }
            </Dropdown>
        </label>
    }
}

fn colour_word(colour: Colour) -> &'static str {
    match colour {
        Colour::Teal => say::teal(),
        Colour::Blue => say::blue(),
        Colour::Violet => say::violet(),
        Colour::Magenta => say::magenta(),
        Colour::Brown => say::brown(),
        Colour::Olive => say::olive(),
        Colour::Green => say::green(),
        Colour::Slate => say::slate(),
    }
}

fn scopes(view: &ProfileView, change: &Callback<ProfileChange>) -> Html {
    let on_choose = change.reform(|scope: String| ProfileChange {
        notify: scope.parse().ok(),
        ..ProfileChange::default()
    });
    let chosen = view.notify.word();
    let id = format!("profile-notify-{}", view.name);
    html! {
        <label for={id.clone()}>{ say::notifies() }
            <Dropdown {id} {chosen} {on_choose}>
                { for NotifyScope::ALL.into_iter().map(|scope| option(scope.word(), scope_words(scope), chosen)) }
            </Dropdown>
        </label>
    }
}

fn scope_words(scope: NotifyScope) -> &'static str {
    match scope {
        NotifyScope::All => say::notifies_all(),
        NotifyScope::Critical => say::notifies_critical(),
        NotifyScope::None => say::notifies_none(),
    }
}
