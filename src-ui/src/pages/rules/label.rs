//! Labels: names for groups of vaults, for rules and policies to be about.

use std::rc::Rc;

use domain::rules::{Entry as Place, RulesEdit};
use domain::view::RulesView;
use smol_str::SmolStr;
use yew::prelude::*;

use super::change;
use super::dialog::FormDialog;
use super::draft::{joined, list};
use super::form::{Typed, use_form};
use crate::design::{Entry, Icon};
use crate::session::use_session;
use crate::words::{rules as page, rules_labels as say};

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
            let (session, name, rules) = (session.clone(), name.clone(), Rc::clone(rules));
            Callback::from(move |_: MouseEvent| {
                let done = say::deleted(&name);
                change(&session, &rules, RulesEdit::RemoveLabel { name: name.clone() }, done);
            })
        };
        html! {
            <li class="rule-line" data-testid={format!("label-{name}")}>
                <button type="button" class="rule-open" disabled={locked} onclick={show(Some(name.clone()))}>
                    <strong>{ name.to_string() }</strong><span>{ joined(vaults) }</span>
                </button>
                <button type="button" class="icon-button small" data-testid={format!("label-delete-{name}")} disabled={locked}
                    aria-label={say::delete(name)} title={page::delete()} onclick={delete}>{ Icon::Close.html() }</button>
            </li>
        }
    };
    html! {
        <section class="card" aria-label={say::head()}>
            <h2 class="card-head">{ say::head() }
                <button type="button" class="button head-action" data-testid="label-new" disabled={locked} onclick={show(None)}>{ say::new() }</button>
            </h2>
            <p class="card-note">{ say::note() }</p>
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
    let typed: Typed = Ok(RulesEdit::PutLabel { name: name.trim().into(), vaults: list(&vaults) });
    let form = use_form(Place::Labels, &typed, &props.rules);
    let input = |state: &UseStateHandle<String>| {
        let state = state.setter();
        Callback::from(move |text: String| state.set(text))
    };
    let save = {
        let (form, close, done) = (form.clone(), props.on_close.clone(), say::saved(&name));
        Callback::from(move |()| form.save(typed.clone(), done.clone(), close.clone()))
    };
    // Of a label, a fault is told at its name or at one of its vaults.
    let named = form.fault(&[name.trim()], &name);
    let title = if props.name.is_some() { say::change() } else { say::new() };
    html! {
        <FormDialog name="label" {title} {changed} on_save={save} on_close={props.on_close.clone()}>
            if props.name.is_none() {
                <Entry id="label-name" label={page::name()} first=true wide=true hint={page::name_hint()} value={(*name).clone()} oninput={input(&name)} />
            }
            <Entry id="label-vaults" label={say::vaults()} first={props.name.is_some()} wide=true hint={say::vaults_hint()} value={(*vaults).clone()} fault={named} oninput={input(&vaults)} />
            { form.refusal() }
        </FormDialog>
    }
}
