//! What the first screen can do without: a program of its own, which is loaded once the first one shows something
//! (docs/decisions/0086). The first program reaches it through [`Part`] alone; whatever it names otherwise, it contains.
//!
//! Without the feature `divided` all is one program.

mod load;
mod part;

use yew::prelude::*;

pub(crate) use load::{is_loaded, is_missing, use_loading};
pub(crate) use part::Part;

use load::{State, use_loaded};

use crate::design::{Empty, Icon};
use crate::words::later as say;

#[derive(PartialEq, Properties)]
pub(crate) struct LaterProps {
    pub(crate) part: Part,
    /// What stands there until it is.
    #[prop_or_default]
    pub(crate) meanwhile: Html,
}

/// A part of the window, as soon as its program is there.
#[component]
pub(crate) fn Later(props: &LaterProps) -> Html {
    let (state, _) = use_loaded(props.part.is_page());
    match (state, props.part.is_page()) {
        (State::Loaded(draw), _) => draw(&props.part),
        (State::Waits, true) => html! { <main class="page" aria-busy="true" /> },
        (State::Failed, true) => html! {
            <main class="page" data-testid="not-loaded">
                <Empty icon={Icon::Warning} title={say::no_page()} />
            </main>
        },
        (State::Waits, false) => props.meanwhile.clone(),
        // The banner tells of it.
        (State::Failed, false) => Html::default(),
    }
}

/// Says that a part of the window is missing, and tries again; nothing while it is not.
#[component]
pub(crate) fn NotLoaded() -> Html {
    let (state, again) = use_loaded(false);
    if !matches!(state, State::Failed) {
        return Html::default();
    }
    let onclick = again.reform(|_: MouseEvent| ());
    html! {
        <div class="banner down" role="alert" data-testid="part-missing">
            { Icon::Warning.html() }
            <span><strong>{ say::failed() }</strong>{ say::failed_why() }</span>
            <button type="button" class="button" {onclick}>{ say::again() }</button>
        </div>
    }
}
