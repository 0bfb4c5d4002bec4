//! What the first screen can do without: a program of its own, which is loaded once the first one shows something
//! (docs/decisions/0086). The first program reaches it through [`Part`] alone; whatever it names otherwise, it contains.
//!
//! Without the feature `divided` all is one program.

mod load;
mod part;

use yew::prelude::*;

pub(crate) use load::use_loading;
pub(crate) use part::Part;

use load::{State, use_loaded};

use crate::design::{Empty, Icon};
use crate::words::later as say;

#[derive(PartialEq, Properties)]
pub(crate) struct LaterProps {
    pub(crate) part: Part,
}

/// A part of the window, as soon as its program is there.
#[component]
pub(crate) fn Later(props: &LaterProps) -> Html {
    let (state, again) = use_loaded(props.part.is_page());
    match (state, props.part.is_page()) {
        (State::Loaded(draw), _) => draw(&props.part),
        (State::Waits, true) => html! { <main class="page" aria-busy="true" /> },
        (State::Failed, true) => {
            let onclick = again.reform(|_: MouseEvent| ());
            html! {
                <main class="page" data-testid="not-loaded">
                    <Empty icon={Icon::Warning} title={say::failed()}>
                        <p>{ say::failed_why() }</p>
                        <p><button type="button" class="button primary" {onclick}>{ say::again() }</button></p>
                    </Empty>
                </main>
            }
        }
        // Nobody has asked for it, or it has nothing to say yet.
        (State::Waits | State::Failed, false) => Html::default(),
    }
}
