use yew::prelude::*;

use crate::design::{Dialog, use_discard};
use crate::words::rules as say;

#[derive(PartialEq, Properties)]
pub(super) struct FormDialogProps {
    /// Its parts are named after it: `label-dialog`, `label-form`, `label-save`.
    pub(super) name: &'static str,
    pub(super) title: AttrValue,
    /// Something would be lost if it were closed now.
    pub(super) changed: bool,
    pub(super) on_save: Callback<()>,
    pub(super) on_close: Callback<()>,
    /// The fields, and why it cannot be saved.
    pub(super) children: Html,
}

/// A form in a dialog of its own.
#[component]
pub(super) fn FormDialog(props: &FormDialogProps) -> Html {
    let (leave, question) = use_discard(props.changed, &props.on_close);
    let FormDialogProps { name, title, .. } = props;
    let form = format!("{name}-form");
    let cancel = props.on_close.reform(|_: MouseEvent| ());
    let save = props.on_save.reform(|event: SubmitEvent| event.prevent_default());
    let actions = html! {
        <>
            <button type="button" class="button" onclick={cancel}>{ say::cancel() }</button>
            <button type="submit" form={form.clone()} class="button primary" data-testid={format!("{name}-save")}>{ say::save() }</button>
        </>
    };
    html! {
        <>
            <Dialog title={title.clone()} test_id={format!("{name}-dialog")} on_close={leave} {actions}>
                <form id={form} class="dialog-form" onsubmit={save} novalidate=true>{ props.children.clone() }</form>
            </Dialog>
            { question }
        </>
    }
}
