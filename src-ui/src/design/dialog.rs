use web_sys::HtmlDialogElement;
use yew::prelude::*;

use super::Icon;
use crate::words::design as say;

#[derive(PartialEq, Properties)]
pub(crate) struct DialogProps {
    pub(crate) title: AttrValue,
    #[prop_or_default]
    pub(crate) test_id: Option<AttrValue>,
    /// `Esc`, the cross, or a click beside it.
    pub(crate) on_close: Callback<()>,
    /// `Esc`, where it does something else.
    #[prop_or_default]
    pub(crate) on_escape: Option<Callback<()>>,
    pub(crate) children: Html,
    /// Buttons, the one that does it last.
    #[prop_or_default]
    pub(crate) actions: Html,
}

/// Asks something while the page waits. The browser keeps the focus inside and gives it back at the end.
#[component]
pub(crate) fn Dialog(props: &DialogProps) -> Html {
    let element = use_node_ref();
    {
        let element = element.clone();
        use_effect_with((), move |()| {
            let dialog = element.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog {
                // Only refuses what is open already.
                drop(dialog.show_modal());
            }
            move || {
                if let Some(dialog) = dialog {
                    dialog.close();
                }
            }
        });
    }
    let close = props.on_close.reform(|_: MouseEvent| ());
    let escape = props.on_escape.clone().unwrap_or_else(|| props.on_close.clone());
    // What a browser takes for `Esc` beside the key.
    let oncancel = escape.reform(|event: Event| event.prevent_default());
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        event.stop_propagation();
        // Before the browser gets it: a second one in a row closes a dialog there, whoever objects.
        if event.key() == "Escape" && !event.is_composing() && !event.default_prevented() {
            event.prevent_default();
            escape.emit(());
        }
    });
    let beside = {
        let (element, close) = (element.clone(), props.on_close.clone());
        Callback::from(move |event: MouseEvent| {
            // What is inside of it is another target.
            if event.target().as_ref() == element.get().as_deref() {
                close.emit(());
            }
        })
    };
    html! {
        <dialog ref={element} class="dialog" aria-label={props.title.clone()} data-testid={props.test_id.clone()} {oncancel} {onkeydown} onclick={beside}>
            <div class="dialog-card">
                <header class="dialog-head">
                    <h2>{ &props.title }</h2>
                    <button type="button" class="icon-button small" aria-label={say::close()} title={say::close_key()} onclick={close}>{ Icon::Close.html() }</button>
                </header>
                <div class="dialog-body">{ props.children.clone() }</div>
                <footer class="dialog-actions">{ props.actions.clone() }</footer>
            </div>
        </dialog>
    }
}
