//! Policies: the times of all alerts about some vaults, and which rules are off there.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use domain::rules::{Entry as Place, PolicyOptions, RulesEdit};
use domain::view::RulesView;
use smol_str::SmolStr;
use yew::prelude::*;

use super::draft::{LEVELS, some};
use super::form::{Typed, known, use_form};
use super::{change, proposals};
use crate::design::{Dialog, Entry, Icon, Select, option};
use crate::session::use_session;

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
            let (session, done) = (session.clone(), format!("Deleted the policy for {words}"));
            Callback::from(move |_: MouseEvent| {
                change(&session, RulesEdit::RemovePolicy { at }, done.clone())
            })
        };
        html! {
            <li class="rule-line" data-testid={format!("policy-{at}")}>
                <button type="button" class="rule-open" data-testid={format!("policy-edit-{at}")} disabled={locked} onclick={edit}>
                    <strong>{ &words }</strong><span>{ settings }</span>
                </button>
                <button type="button" class="icon-button small" data-testid={format!("policy-delete-{at}")} disabled={locked}
                    aria-label={format!("Delete the policy for {words}")} title="Delete" onclick={delete}>{ Icon::Close.html() }</button>
            </li>
        }
    };
    html! {
        <section class="card" aria-label="Policies">
            <h2 class="card-head">{ "Policies" }
                <button type="button" class="button head-action" data-testid="policy-new" disabled={locked} onclick={new}>{ "New policy" }</button>
            </h2>
            <p class="card-note">{ "How long a level must last before it is told, and before it is over, for everything or for a chain, a token, a label or a vault. The nearest policy wins, time by time. Without one: medium 60 s, high 15 s, critical at once; over after 2 min." }</p>
            <ul class="rule-list">{ for rules.options.policy.iter().enumerate().map(line) }</ul>
            { (*open).clone().map(|(at, start)| html! {
                <PolicyDialog {at} {start} rules={Rc::clone(rules)} on_close={close} />
            }).unwrap_or_default() }
        </section>
    }
}

/// A policy while somebody fills in its form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Policy {
    /// `chain`, `token`, …; empty: everything.
    kind: String,
    of: String,
    hold: [String; 3],
    recovery: String,
    rules: BTreeMap<SmolStr, bool>,
}

impl Policy {
    fn of(options: &PolicyOptions) -> Self {
        let chain = options.chain.map(|chain| SmolStr::new(chain.to_string()));
        let given = [
            ("profile", options.profile.clone()),
            ("chain", chain),
            ("token", options.token.clone()),
            ("label", options.label.clone()),
            ("vault", options.vault.clone()),
        ];
        let found = given.into_iter().find_map(|(kind, of)| Some((kind, of?)));
        let (kind, of) = found.unwrap_or_default();
        let hold = |name: &str| options.hold.get(name).map(ToString::to_string).unwrap_or_default();
        Self {
            kind: kind.to_owned(),
            of: of.to_string(),
            hold: LEVELS.map(|(name, _)| hold(name)),
            recovery: options.recovery.as_deref().unwrap_or_default().to_owned(),
            rules: options.rules.clone(),
        }
    }

    fn options(&self) -> Result<PolicyOptions, (&'static str, &'static str)> {
        let mut options = PolicyOptions { rules: self.rules.clone(), ..PolicyOptions::default() };
        // What is chosen and not named is refused as something nobody is called.
        let of = Some(SmolStr::new(self.of.trim()));
        match self.kind.as_str() {
            "profile" => options.profile = of,
            "chain" => {
                let chain = self.of.trim().parse();
                options.chain =
                    Some(chain.map_err(|_| ("chain", "is no number of a chain, such as 8453"))?);
            }
            "token" if self.of.trim().is_empty() => return Err(("token", "is empty")),
            "token" => options.token = of,
            "label" => options.label = of,
            "vault" => options.vault = of,
            _ => {}
        }
        for ((name, _), text) in LEVELS.iter().zip(&self.hold) {
            if let Some(time) = some(text) {
                options.hold.insert((*name).into(), time);
            }
        }
        options.recovery = some(&self.recovery);
        Ok(options)
    }

    fn words(&self) -> String {
        if self.kind.is_empty() {
            "everything".to_owned()
        } else {
            format!("{} {}", self.kind, self.of)
        }
    }
}

/// `medium after 60s, over after 10m, gas off`.
fn settings(policy: &PolicyOptions) -> String {
    let holds = LEVELS
        .iter()
        .filter_map(|(name, _)| policy.hold.get(*name).map(|time| format!("{name} after {time}")));
    let over = policy.recovery.iter().map(|time| format!("over after {time}"));
    let rules =
        policy.rules.iter().map(|(rule, on)| format!("{rule} {}", if *on { "on" } else { "off" }));
    let all: Vec<_> = holds.chain(over).chain(rules).collect();
    if all.is_empty() { "sets nothing".to_owned() } else { all.join(", ") }
}

#[derive(PartialEq, Properties)]
struct PolicyDialogProps {
    at: Option<usize>,
    start: Policy,
    rules: Rc<RulesView>,
    on_close: Callback<()>,
}

#[component]
fn PolicyDialog(props: &PolicyDialogProps) -> Html {
    let session = use_session();
    let policy = use_state_eq(|| props.start.clone());
    let at = props.at;
    let typed: Typed =
        policy.options().map(|policy| RulesEdit::PutPolicy { at, policy: Box::new(policy) });
    let form = use_form(Place::Policy(at.unwrap_or(props.rules.options.policy.len())), &typed);
    let lists = use_memo((), |()| known(&session));
    let set = |set: fn(&mut Policy, String)| {
        let policy = policy.clone();
        Callback::from(move |text: String| {
            let mut next = (*policy).clone();
            set(&mut next, text);
            policy.set(next);
        })
    };
    let save = {
        let (form, close) = (form.clone(), props.on_close.clone());
        let done = format!("Saved the policy for {}", policy.words());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            form.save(typed.clone(), done.clone(), close.clone());
        })
    };
    let kind = policy.kind.as_str();
    let list = match kind {
        "token" => Some("known-tokens"),
        "chain" => Some("known-chains"),
        "label" => Some("policy-labels"),
        _ => None,
    };
    let hold = |index: usize| {
        let (name, level) = LEVELS[index];
        let set_hold: fn(&mut Policy, String) = match index {
            0 => |policy, text| policy.hold[0] = text,
            1 => |policy, text| policy.hold[1] = text,
            _ => |policy, text| policy.hold[2] = text,
        };
        let path = format!("hold.{name}");
        html! {
            <Entry id={format!("policy-{name}")} label={format!("{} after", level.word())} placeholder={["60s", "15s", "0s"][index]} value={policy.hold[index].clone()}
                fault={form.fault(&[&path], &policy.hold[index])} oninput={set(set_hold)} />
        }
    };
    let rules = props.rules.options.rule.iter();
    let names: BTreeSet<_> = rules.map(|rule| rule.name.clone()).collect();
    let rule = |name: SmolStr| {
        let chosen = match policy.rules.get(&name) {
            None => "",
            Some(true) => "on",
            Some(false) => "off",
        };
        let onchange = {
            let (policy, name) = (policy.clone(), name.clone());
            Callback::from(move |text: String| {
                let mut next = (*policy).clone();
                match text.as_str() {
                    "" => next.rules.remove(&name),
                    text => next.rules.insert(name.clone(), text == "on"),
                };
                policy.set(next);
            })
        };
        html! {
            <Select id={format!("policy-rule-{name}")} label={name.to_string()} value={chosen} {onchange}>
                { option("", "as it is", chosen) }{ option("on", "on", chosen) }{ option("off", "off", chosen) }
            </Select>
        }
    };
    let cancel = props.on_close.reform(|_: MouseEvent| ());
    let actions = html! {
        <>
            <button type="button" class="button" onclick={cancel}>{ "Cancel" }</button>
            <button type="submit" form="policy-form" class="button primary" data-testid="policy-save">{ "Save" }</button>
        </>
    };
    html! {
        <Dialog title={if at.is_some() { "Change a policy" } else { "New policy" }} test_id="policy-dialog" on_close={props.on_close.clone()} {actions}>
            <form id="policy-form" class="dialog-form" onsubmit={save} novalidate=true>
                <div class="form-row">
                    <Select id="policy-kind" label="For" first=true value={kind.to_owned()} onchange={set(|policy, text| { policy.kind = text; policy.of.clear(); })}>
                        { for [("", "everything"), ("chain", "a chain"), ("token", "a collateral token"), ("label", "a label"), ("vault", "a vault"), ("profile", "a profile")]
                            .into_iter().map(|(value, label)| option(value, label, kind)) }
                    </Select>
                    if !kind.is_empty() {
                        <Entry id="policy-of" label="Which" {list} value={policy.of.clone()}
                            fault={form.fault(&["chain", "token", "label", "vault", "profile"], &policy.of)} oninput={set(|policy, text| policy.of = text)} />
                    }
                </div>
                <div class="form-row">{ for (0..3).map(hold) }
                    <Entry id="policy-recovery" label="Over after" placeholder="2m" value={policy.recovery.clone()}
                        fault={form.fault(&["recovery"], &policy.recovery)} oninput={set(|policy, text| policy.recovery = text)} />
                </div>
                if !names.is_empty() { <div class="form-row">{ for names.into_iter().map(rule) }</div> }
                { (*lists).clone() }
                { proposals("policy-labels", props.rules.options.labels.keys().map(ToString::to_string)) }
                { form.refusal() }
            </form>
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_that_is_opened_and_saved_is_the_same() {
        let everything = PolicyOptions { recovery: Some("2m".into()), ..PolicyOptions::default() };
        let chain = PolicyOptions {
            chain: Some(8453),
            hold: [("high".into(), "0s".into())].into(),
            rules: [("gas".into(), false)].into(),
            ..PolicyOptions::default()
        };
        let label = PolicyOptions { label: Some("treasury".into()), ..PolicyOptions::default() };
        for policy in [everything, chain.clone(), label] {
            assert_eq!(Policy::of(&policy).options().unwrap(), policy);
        }
        assert_eq!(Policy::of(&chain).words(), "chain 8453");
        assert_eq!(settings(&chain), "high after 0s, gas off");
        let nowhere = Policy { kind: "chain".to_owned(), ..Policy::default() };
        assert_eq!(nowhere.options().unwrap_err().0, "chain");
    }
}
