//! Policies: how alerts about some vaults are told and when, and which rules are off there.

mod dialog;
mod draft;

use std::rc::Rc;

use domain::rules::{PolicyOptions, RulesEdit};
use domain::view::RulesView;
use yew::prelude::*;

use self::dialog::PolicyDialog;
use self::draft::{Policy, settings};
use super::change;
use crate::design::Icon;
use crate::session::use_session;
use crate::words::{policy as say, rules as page};

#[derive(PartialEq, Properties)]
pub(super) struct PoliciesProps {
    pub(super) rules: Rc<RulesView>,
}

#[component]
pub(super) fn Policies(props: &PoliciesProps) -> Html {
    let session = use_session();
    let open = use_state_eq(|| None::<(Option<usize>, Policy)>);
    let rules = &props.rules;
    let locked = rules.locked.is_some();
    let new = {
        let open = open.setter();
        Callback::from(move |_: MouseEvent| open.set(Some((None, Policy::default()))))
    };
    let close = {
        let open = open.setter();
        Callback::from(move |()| open.set(None))
    };
    let line = |(at, policy): (usize, &PolicyOptions)| {
        let edit = {
            let (open, policy) = (open.setter(), Policy::of(policy));
            Callback::from(move |_: MouseEvent| open.set(Some((Some(at), policy.clone()))))
        };
        let (words, settings) = (Policy::of(policy).words(), settings(policy));
        let delete = {
            let (session, done) = (session.clone(), say::deleted(&words));
            let rules = Rc::clone(&props.rules);
            Callback::from(move |_: MouseEvent| {
                change(&session, &rules, RulesEdit::RemovePolicy { at }, done.clone());
            })
        };
        html! {
            <li class="rule-line" data-testid={format!("policy-{at}")}>
                <button type="button" class="rule-open" data-testid={format!("policy-edit-{at}")} disabled={locked} onclick={edit}>
                    <strong>{ &words }</strong><span>{ settings }</span>
                </button>
                <button type="button" class="icon-button small" data-testid={format!("policy-delete-{at}")} disabled={locked}
                    aria-label={say::delete(&words)} title={page::delete()} onclick={delete}>{ Icon::Close.html() }</button>
            </li>
        }
    };
    html! {
        <section class="card" aria-label={say::head()}>
            <h2 class="card-head">{ say::head() }
                <button type="button" class="button head-action" data-testid="policy-new" disabled={locked} onclick={new}>{ say::new() }</button>
            </h2>
            <p class="card-note">{ say::note() }</p>
            <ul class="rule-list">{ for rules.options.policy.iter().enumerate().map(line) }</ul>
            { (*open).clone().map(|(at, start)| html! {
                <PolicyDialog {at} {start} rules={Rc::clone(rules)} on_close={close} />
            }).unwrap_or_default() }
        </section>
    }
}
