//! Asks before what somebody typed is thrown away.

use yew::prelude::*;

use super::Dialog;
use crate::words::design as say;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct DiscardProps {
    /// The form stays as it is; the focus goes back to where it was.
    pub(crate) on_keep: Callback<()>,
    /// By its button, or by `Esc`: for whoever pressed that twice it was no mistake.
    pub(crate) on_discard: Callback<()>,
}

#[component]
pub(crate) fn Discard(props: &DiscardProps) -> Html {
    let keep = props.on_keep.reform(|_: MouseEvent| ());
    let discard = props.on_discard.reform(|_: MouseEvent| ());
    let actions = html! {
        <>
            <button type="button" id="discard-keep" class="button" data-testid="discard-keep" autofocus=true onclick={keep}>{ say::keep_editing() }</button>
            <button type="button" class="button primary" data-testid="discard" onclick={discard}>{ say::discard() }</button>
        </>
    };
    html! {
        <Dialog title={say::discard_title()} test_id="discard-dialog" on_close={props.on_keep.clone()} on_escape={Some(props.on_discard.clone())} {actions}>
            <p>{ say::discard_why() }</p>
        </Dialog>
    }
}

/// For a form that may have been changed: what to call when it is to be left, and the question, while it is asked.
#[hook]
pub(crate) fn use_discard(changed: bool, on_close: &Callback<()>) -> (Callback<()>, Html) {
    let asks = use_state_eq(|| false);
    let leave = {
        let (asks, close) = (asks.setter(), on_close.clone());
        Callback::from(move |()| if changed { asks.set(true) } else { close.emit(()) })
    };
    if !*asks {
        return (leave, Html::default());
    }
    let keep = {
        let asks = asks.setter();
        Callback::from(move |()| asks.set(false))
    };
    (leave, html! { <Discard on_keep={keep} on_discard={on_close.clone()} /> })
}
