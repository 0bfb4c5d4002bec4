use std::rc::Rc;

use domain::rules::{RuleOptions, RulesEdit};
use domain::view::RulesView;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::draft::Draft;
use super::{change, line};
use crate::design::{Choice, ChoiceKind, Icon, Menu, choices};
use crate::session::use_session;
use crate::words::rules as say;

#[derive(PartialEq, Properties)]
pub(super) struct RuleListProps {
    pub(super) rules: Rc<RulesView>,
    pub(super) on_open: Callback<Draft>,
}

/// The rules in the order of the file, each with a switch and what can be done with it.
#[component]
pub(super) fn RuleList(props: &RuleListProps) -> Html {
    let rules = &props.rules;
    let new = props.on_open.reform(|_: MouseEvent| Draft::new());
    let locked = rules.locked.is_some();
    html! {
        <section class="card" aria-label={say::head()}>
            <h2 class="card-head">{ say::head() }
                <button type="button" class="button primary head-action" data-testid="rule-new" disabled={locked} onclick={new}>{ say::new() }</button>
            </h2>
            <p class="card-note">{ say::note() }</p>
            <ul class="rule-list" data-testid="rule-list">
                { for rules.options.rule.iter().enumerate().map(|(at, rule)| html! {
                    <Line key={format!("{at}-{}", rule.name)} {at} rule={rule.clone()} rules={Rc::clone(rules)} on_open={props.on_open.clone()} />
                }) }
            </ul>
            if rules.options.rule.is_empty() { <p class="card-empty">{ say::none_yet() }</p> }
        </section>
    }
}

#[derive(PartialEq, Properties)]
struct LineProps {
    at: usize,
    rule: RuleOptions,
    rules: Rc<RulesView>,
    on_open: Callback<Draft>,
}

#[component]
fn Line(props: &LineProps) -> Html {
    let session = use_session();
    let (at, rule) = (props.at, &props.rule);
    let on = rule.enabled.unwrap_or(true);
    let locked = props.rules.locked.is_some();
    let toggle = {
        let (session, rule, rules) = (session.clone(), rule.clone(), Rc::clone(&props.rules));
        Callback::from(move |event: Event| {
            // It moves when the rule has changed, and stays where that is refused.
            if let Some(switch) = event.target_dyn_into::<HtmlInputElement>() {
                switch.set_checked(on);
            }
            let enabled = if on { Some(false) } else { None };
            let done =
                if on { say::switched_off(&rule.name) } else { say::switched_on(&rule.name) };
            let rule = Box::new(RuleOptions { enabled, ..rule.clone() });
            change(&session, &rules, RulesEdit::PutRule { at: Some(at), rule }, done);
        })
    };
    let open = {
        let (on_open, rule) = (props.on_open.clone(), rule.clone());
        move || on_open.emit(Draft::of(Some(at), &rule))
    };
    let edit = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open())
    };
    let more = {
        let (rule, rules, on_open) = (rule.clone(), Rc::clone(&props.rules), props.on_open.clone());
        choices(move || {
            let duplicate = {
                let (rule, rules, on_open) = (rule.clone(), Rc::clone(&rules), on_open.clone());
                move || on_open.emit(Draft::duplicate(&rule, &rules.options.rule))
            };
            let delete = {
                let (session, name, rules) =
                    (session.clone(), rule.name.clone(), Rc::clone(&rules));
                move || {
                    let done = say::deleted(&name);
                    change(&session, &rules, RulesEdit::RemoveRule { at }, done);
                }
            };
            vec![
                Choice::new(say::edit(), open.clone()).test_id(format!("rule-edit-menu-{at}")),
                Choice::new(say::duplicate(), duplicate).test_id(format!("rule-duplicate-{at}")),
                Choice::new(say::delete(), delete)
                    .kind(ChoiceKind::Harmful)
                    .note(say::delete_note())
                    .test_id(format!("rule-delete-{at}")),
            ]
        })
    };
    let scope = line::scope(rule);
    html! {
        <li class="rule-line" data-testid={format!("rule-{at}")} data-on={on.to_string()}>
            <label class="switch">
                <input type="checkbox" role="switch" data-testid={format!("rule-switch-{at}")} checked={on} disabled={locked} onchange={toggle}
                    aria-label={say::is_on(&rule.name)} />
                <span class="switch-track" aria-hidden="true" />
            </label>
            <button type="button" class="rule-open" data-testid={format!("rule-edit-{at}")} disabled={locked} onclick={edit}>
                <strong>{ rule.name.to_string() }</strong>
                <span>{ line::about(rule) }</span>
                if !scope.is_empty() { <small>{ scope }</small> }
            </button>
            <Menu label={say::more()} icon={Icon::More} class="icon-button small" test_id={format!("rule-menu-{at}")} choices={more} disabled={locked} />
        </li>
    }
}
