use std::collections::BTreeSet;
use std::rc::Rc;

use domain::rules::{Entry as Place, RulesEdit};
use domain::view::RulesView;
use smol_str::SmolStr;
use yew::prelude::*;

use super::draft::{ANSWERS, HOLDS, Policy, REPEATS, Setting};
use crate::design::{Dialog, Entry, Select, option, use_discard};
use crate::pages::rules::form::{Form, Typed, known, use_form};
use crate::pages::rules::proposals;
use crate::session::use_session;

#[derive(PartialEq, Properties)]
pub(super) struct PolicyDialogProps {
    pub(super) at: Option<usize>,
    pub(super) start: Policy,
    pub(super) rules: Rc<RulesView>,
    pub(super) on_close: Callback<()>,
}

#[component]
pub(super) fn PolicyDialog(props: &PolicyDialogProps) -> Html {
    let session = use_session();
    let policy = use_state_eq(|| props.start.clone());
    let at = props.at;
    let typed: Typed =
        policy.options().map(|policy| RulesEdit::PutPolicy { at, policy: Box::new(policy) });
    let form = use_form(Place::Policy(at.unwrap_or(props.rules.options.policy.len())), &typed);
    let lists = use_memo((), |()| known(&session));
    let save = {
        let (form, close) = (form.clone(), props.on_close.clone());
        let done = format!("Saved the policy for {}", policy.words());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            form.save(typed.clone(), done.clone(), close.clone());
        })
    };
    let (leave, question) = use_discard(*policy != props.start, &props.on_close);
    let fields = Fields { policy, form };
    let cancel = props.on_close.reform(|_: MouseEvent| ());
    let actions = html! {
        <>
            <button type="button" class="button" onclick={cancel}>{ "Cancel" }</button>
            <button type="submit" form="policy-form" class="button primary" data-testid="policy-save">{ "Save" }</button>
        </>
    };
    let names: BTreeSet<_> =
        props.rules.options.rule.iter().map(|rule| rule.name.clone()).collect();
    html! {
        <>
            <Dialog title={if at.is_some() { "Change a policy" } else { "New policy" }} test_id="policy-dialog" on_close={leave} {actions}>
                <form id="policy-form" class="dialog-form" onsubmit={save} novalidate=true>
                    { fields.subject() }
                    <div class="form-row">{ for HOLDS.iter().map(|setting| fields.typed(setting)) }</div>
                    <div class="form-row">{ for REPEATS.iter().map(|setting| fields.typed(setting)) }</div>
                    <div class="form-row">
                        { fields.notify_from() }
                        { for ANSWERS.iter().map(|setting| fields.typed(setting)) }
                    </div>
                    { fields.quiet_hours() }
                    if !names.is_empty() { <div class="form-row">{ for names.into_iter().map(|name| fields.rule(name)) }</div> }
                    { (*lists).clone() }
                    { proposals("policy-labels", props.rules.options.labels.keys().map(ToString::to_string)) }
                    { fields.form.refusal() }
                </form>
            </Dialog>
            { question }
        </>
    }
}

/// What is filled in, and what is wrong with it.
struct Fields {
    policy: UseStateHandle<Policy>,
    form: Form,
}

impl Fields {
    fn set(&self, set: impl Fn(&mut Policy, String) + 'static) -> Callback<String> {
        let policy = self.policy.clone();
        Callback::from(move |text: String| {
            let mut next = (*policy).clone();
            set(&mut next, text);
            policy.set(next);
        })
    }

    fn subject(&self) -> Html {
        let (kind, of) = (self.policy.kind.as_str(), &self.policy.of);
        let list = match kind {
            "token" => Some("known-tokens"),
            "chain" => Some("known-chains"),
            "label" => Some("policy-labels"),
            _ => None,
        };
        let choose = self.set(|policy, text| {
            policy.kind = text;
            policy.of.clear();
        });
        html! {
            <div class="form-row">
                <Select id="policy-kind" label="For" first=true value={kind.to_owned()} onchange={choose}>
                    { for [("", "everything"), ("chain", "a chain"), ("token", "a collateral token"), ("label", "a label"), ("vault", "a vault"), ("profile", "a profile")]
                        .into_iter().map(|(value, label)| option(value, label, kind)) }
                </Select>
                if !kind.is_empty() {
                    <Entry id="policy-of" label="Which" {list} value={of.clone()}
                        fault={self.form.fault(&["chain", "token", "label", "vault", "profile"], of)} oninput={self.set(|policy, text| policy.of = text)} />
                }
            </div>
        }
    }

    fn typed(&self, setting: &'static Setting) -> Html {
        let text = self.policy.text(setting);
        let name = setting.path.rsplit('.').next().unwrap_or(setting.path);
        let id = if setting.path.starts_with("repeat") {
            format!("policy-repeat-{name}")
        } else {
            format!("policy-{name}")
        };
        html! {
            <Entry {id} label={setting.label} placeholder={setting.default} value={text.to_owned()}
                fault={self.form.fault(&[setting.path], text)} oninput={self.set(move |policy, text| policy.set_text(setting, text))} />
        }
    }

    fn notify_from(&self) -> Html {
        let chosen = self.policy.notify_from.as_str();
        html! {
            <Select id="policy-notify-from" label="Notified from" value={chosen.to_owned()} onchange={self.set(|policy, text| policy.notify_from = text)}>
                { for [("", "as it is"), ("medium", "medium"), ("high", "high"), ("critical", "critical")]
                    .into_iter().map(|(value, label)| option(value, label, chosen)) }
            </Select>
        }
    }

    fn quiet_hours(&self) -> Html {
        let quiet = &self.policy.quiet;
        let kind = quiet.kind.as_str();
        let entry = |id: &'static str,
                     label: &'static str,
                     placeholder: &'static str,
                     text: &String,
                     set: fn(&mut Policy, String)| {
            let field = format!("quiet_hours.{id}");
            html! {
                <Entry id={format!("policy-quiet-{id}")} {label} {placeholder} value={text.clone()}
                    fault={self.form.fault(&[&field], text)} oninput={self.set(set)} />
            }
        };
        html! {
            <div class="form-row">
                <Select id="policy-quiet" label="Quiet hours" value={kind.to_owned()} onchange={self.set(|policy, text| policy.quiet.kind = text)}>
                    { for [("", "as it is"), ("none", "none"), ("hours", "of its own")]
                        .into_iter().map(|(value, label)| option(value, label, kind)) }
                </Select>
                if kind == "hours" {
                    { entry("from", "From", "22:00", &quiet.from, |policy, text| policy.quiet.from = text) }
                    { entry("to", "To", "07:00", &quiet.to, |policy, text| policy.quiet.to = text) }
                    { entry("zone", "Time zone", "as in the settings", &quiet.zone, |policy, text| policy.quiet.zone = text) }
                }
            </div>
        }
    }

    fn rule(&self, name: SmolStr) -> Html {
        let chosen = match self.policy.rules.get(&name) {
            None => "",
            Some(true) => "on",
            Some(false) => "off",
        };
        let onchange = {
            let name = name.clone();
            self.set(move |policy, text| {
                match text.as_str() {
                    "" => policy.rules.remove(&name),
                    text => policy.rules.insert(name.clone(), text == "on"),
                };
            })
        };
        html! {
            <Select id={format!("policy-rule-{name}")} label={name.to_string()} value={chosen} {onchange}>
                { option("", "as it is", chosen) }{ option("on", "on", chosen) }{ option("off", "off", chosen) }
            </Select>
        }
    }
}
