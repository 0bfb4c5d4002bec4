use std::rc::Rc;

use domain::rules::{RuleOptions, RulesEdit};
use domain::view::RulesView;
use yew::prelude::*;

use super::draft::Draft;
use super::{change, levels_words, metric};
use crate::design::{Choice, ChoiceKind, Icon, Menu, choices};
use crate::session::use_session;

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
        <section class="card" aria-label="Rules">
            <h2 class="card-head">{ "Rules" }
                <button type="button" class="button primary head-action" data-testid="rule-new" disabled={locked} onclick={new}>{ "New rule" }</button>
            </h2>
            <p class="card-note">{ "Every vault's room to liquidation is watched by itself. Rules are what you want to be told of besides." }</p>
            <ul class="rule-list" data-testid="rule-list">
                { for rules.options.rule.iter().enumerate().map(|(at, rule)| html! {
                    <Line key={format!("{at}-{}", rule.name)} {at} rule={rule.clone()} rules={Rc::clone(rules)} on_open={props.on_open.clone()} />
                }) }
            </ul>
            if rules.options.rule.is_empty() { <p class="card-empty">{ "No rules so far." }</p> }
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
        let (session, rule) = (session.clone(), rule.clone());
        Callback::from(move |event: Event| {
            event.prevent_default();
            let enabled = if on { Some(false) } else { None };
            let word = if on { "off" } else { "on" };
            let done = format!("Switched {} {word}", rule.name);
            let rule = Box::new(RuleOptions { enabled, ..rule.clone() });
            change(&session, RulesEdit::PutRule { at: Some(at), rule }, done);
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
                let (session, name) = (session.clone(), rule.name.clone());
                move || {
                    let done = format!("Deleted the rule {name}");
                    change(&session, RulesEdit::RemoveRule { at }, done);
                }
            };
            vec![
                Choice::new("Edit", open.clone()).test_id(format!("rule-edit-menu-{at}")),
                Choice::new("Duplicate", duplicate).test_id(format!("rule-duplicate-{at}")),
                Choice::new("Delete", delete)
                    .kind(ChoiceKind::Harmful)
                    .note("its alerts end; can be undone")
                    .test_id(format!("rule-delete-{at}")),
            ]
        })
    };
    let scope = scope_words(rule);
    html! {
        <li class="rule-line" data-testid={format!("rule-{at}")} data-on={on.to_string()}>
            <label class="switch">
                <input type="checkbox" role="switch" data-testid={format!("rule-switch-{at}")} checked={on} disabled={locked} onchange={toggle}
                    aria-label={format!("{} is on", rule.name)} />
                <span class="switch-track" aria-hidden="true" />
            </label>
            <button type="button" class="rule-open" data-testid={format!("rule-edit-{at}")} disabled={locked} onclick={edit}>
                <strong>{ rule.name.to_string() }</strong>
                <span>{ format!("{} {}", quantity(rule), levels_words(rule)) }</span>
                if !scope.is_empty() { <small>{ scope }</small> }
            </button>
            <Menu label="More" icon={Icon::More} class="icon-button small" test_id={format!("rule-menu-{at}")} choices={more} disabled={locked} />
        </li>
    }
}

/// `Price of WETH, change in % within 30m`.
fn quantity(rule: &RuleOptions) -> String {
    let mut words = match (&rule.field, &rule.token) {
        (Some(field), _) => format!("Status {field}"),
        (None, Some(token)) => format!("{} of {token}", metric::word(&rule.metric)),
        (None, None) => metric::word(&rule.metric).to_owned(),
    };
    if let (Some(change), Some(over)) = (&rule.change, &rule.over) {
        let unit = if change == "percent" { " in %" } else { "" };
        words = format!("{words}, change{unit} over {over}");
    }
    words
}

fn scope_words(rule: &RuleOptions) -> String {
    let scope = &rule.scope;
    let chains: Vec<_> = scope.chains.iter().map(ToString::to_string).collect();
    let mut parts = Vec::new();
    let mut part = |name: &str, all: String| {
        if !all.is_empty() {
            parts.push(format!("{name} {all}"));
        }
    };
    part("chain", chains.join(", "));
    part("collateral", scope.tokens.join(", "));
    part("label", scope.labels.join(", "));
    part("vault", scope.vaults.join(", "));
    part("profile", scope.profiles.join(", "));
    if rule.schedule.is_some() {
        parts.push("at certain hours".to_owned());
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use domain::rules::{Number, ScopeOptions};

    use super::*;

    #[test]
    fn a_rule_is_told_in_a_line() {
        let rule = RuleOptions {
            name: "falls".into(),
            metric: "price".into(),
            token: Some("WETH".into()),
            change: Some("percent".into()),
            over: Some("30m".into()),
            when: Some("below".into()),
            enter: Some(Number::new("-10")),
            severity: Some("critical".into()),
            scope: ScopeOptions { chains: vec![1, 10], ..ScopeOptions::default() },
            ..RuleOptions::default()
        };
        assert_eq!(quantity(&rule), "Price of WETH, change in % over 30m");
        assert_eq!(levels_words(&rule), "below -10 % (critical)");
        assert_eq!(scope_words(&rule), "chain 1, 10");
    }
}
