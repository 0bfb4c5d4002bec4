//! Labels: names for groups of vaults, for rules and policies to be about.

use std::rc::Rc;

use domain::rules::{Entry as Place, RulesEdit};
use domain::view::RulesView;
use smol_str::SmolStr;
use yew::prelude::*;

use super::change;
use super::draft::{joined, list};
use super::form::{Typed, use_form};
use crate::design::{Dialog, Entry, Icon, use_discard};
use crate::session::use_session;

#[derive(PartialEq, Properties)]
pub(super) struct LabelsProps {
    pub(super) rules: Rc<RulesView>,
}

#[component]
pub(super) fn Labels(props: &LabelsProps) -> Html {
    let session = use_session();
    let open = use_state_eq(|| None::<Option<SmolStr>>);
    let rules = &props.rules;
    let locked = rules.locked.is_some();
    let show = |name: Option<SmolStr>| {
        let open = open.setter();
        Callback::from(move |_: MouseEvent| open.set(Some(name.clone())))
    };
    let close = {
        let open = open.setter();
        Callback::from(move |()| open.set(None))
    };
    let line = |(name, vaults): (&SmolStr, &Vec<SmolStr>)| {
        let delete = {
            let (session, name) = (session.clone(), name.clone());
            Callback::from(move |_: MouseEvent| {
                let done = format!("Deleted the label {name}");
                change(&session, RulesEdit::RemoveLabel { name: name.clone() }, done);
            })
        };
        html! {
            <li class="rule-line" data-testid={format!("label-{name}")}>
                <button type="button" class="rule-open" disabled={locked} onclick={show(Some(name.clone()))}>
                    <strong>{ name.to_string() }</strong><span>{ joined(vaults) }</span>
                </button>
                <button type="button" class="icon-button small" data-testid={format!("label-delete-{name}")} disabled={locked}
                    aria-label={format!("Delete the label {name}")} title="Delete" onclick={delete}>{ Icon::Close.html() }</button>
            </li>
        }
    };
    html! {
        <section class="card" aria-label="Labels">
            <h2 class="card-head">{ "Labels" }
                <button type="button" class="button head-action" data-testid="label-new" disabled={locked} onclick={show(None)}>{ "New label" }</button>
            </h2>
            <p class="card-note">{ "Groups of vaults by name, for rules and policies." }</p>
            <ul class="rule-list">{ for rules.options.labels.iter().map(line) }</ul>
            { (*open).clone().map(|name| html! { <LabelDialog {name} rules={Rc::clone(rules)} on_close={close} /> }).unwrap_or_default() }
        </section>
    }
}

#[derive(PartialEq, Properties)]
struct LabelDialogProps {
    /// None: a new one.
    name: Option<SmolStr>,
    rules: Rc<RulesView>,
    on_close: Callback<()>,
}

#[component]
fn LabelDialog(props: &LabelDialogProps) -> Html {
    let known = props.name.as_ref().and_then(|name| props.rules.options.labels.get(name));
    let start = use_memo((), |()| {
        let name = props.name.clone().unwrap_or_default().to_string();
        (name, joined(known.map(Vec::as_slice).unwrap_or_default()))
    });
    let name = use_state_eq(|| start.0.clone());
    let vaults = use_state_eq(|| start.1.clone());
    let changed = (&*name, &*vaults) != (&start.0, &start.1);
    let (leave, question) = use_discard(changed, &props.on_close);
    let typed: Typed = Ok(RulesEdit::PutLabel { name: name.trim().into(), vaults: list(&vaults) });
    let form = use_form(Place::Labels, &typed);
    let input = |state: &UseStateHandle<String>| {
        let state = state.setter();
        Callback::from(move |text: String| state.set(text))
    };
    let save = {
        let (form, close, done) =
            (form.clone(), props.on_close.clone(), format!("Saved the label {}", *name));
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            form.save(typed.clone(), done.clone(), close.clone());
        })
    };
    // Of a label, a fault is told at its name or at one of its vaults.
    let named = form.fault(&[name.trim()], &name);
    let cancel = props.on_close.reform(|_: MouseEvent| ());
    let actions = html! {
        <>
            <button type="button" class="button" onclick={cancel}>{ "Cancel" }</button>
            <button type="submit" form="label-form" class="button primary" data-testid="label-save">{ "Save" }</button>
        </>
    };
    html! {
        <>
            <Dialog title={if props.name.is_some() { "Change a label" } else { "New label" }} test_id="label-dialog" on_close={leave} {actions}>
                <form id="label-form" class="dialog-form" onsubmit={save} novalidate=true>
                    if props.name.is_none() {
                        <Entry id="label-name" label="Name" first=true wide=true hint="a-z, 0-9, _, - and ." value={(*name).clone()} oninput={input(&name)} />
                    }
                    <Entry id="label-vaults" label="Vaults" first={props.name.is_some()} wide=true hint="ids, or beginnings of ids with a *" value={(*vaults).clone()} fault={named} oninput={input(&vaults)} />
                    { form.refusal() }
                </form>
            </Dialog>
            { question }
        </>
    }
}
