use yew::prelude::*;

use crate::live::Topic;
use crate::session::{use_live, use_session};
use crate::words::shell as say;

/// What was just done, and the way back from it, for as long as it is offered.
#[component]
pub(crate) fn UndoBar() -> Html {
    let session = use_session();
    let undo = use_live(Topic::Undo, |state| state.undo.clone());
    let back = Callback::from(move |_: MouseEvent| session.undo());
    html! {
        <div class="undo-region" role="status">
            { for undo.map(|undo| html! {
                <div class="undo" data-testid="undo-bar">
                    <span>{ undo.words() }</span>
                    <button type="button" class="button" data-testid="undo" onclick={back} aria-keyshortcuts="Z">{ say::undo() }</button>
                </div>
            }) }
        </div>
    }
}
