use std::collections::BTreeSet;
use std::rc::Rc;

use domain::rules::{Entry as Place, RulesEdit};
use domain::view::RulesView;
use smol_str::SmolStr;
use yew::prelude::*;

use super::draft::{ANSWERS, HOLDS, Policy, REPEATS, Setting};
use crate::design::{Entry, Select, option};
use crate::pages::rules::dialog::FormDialog;
use crate::pages::rules::fields::{Fields, use_draft};
use crate::pages::rules::form::{Typed, known, use_form};
use crate::pages::rules::level::{self, LEVELS};
use crate::pages::rules::proposals;
use crate::session::use_session;
use crate::words::{policy as say, policy_settings as set};

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
    let policy = use_draft(&props.start);
    let at = props.at;
    let typed: Typed =
        policy.options().map(|policy| RulesEdit::PutPolicy { at, policy: Box::new(policy) });
    let place = Place::Policy(at.unwrap_or(props.rules.options.policy.len()));
    let form = use_form(place, &typed, &props.rules);
    let lists = use_memo((), |()| known(&session));
    let save = {
        let (form, close) = (form.clone(), props.on_close.clone());
        let done = say::saved(&policy.words());
        Callback::from(move |()| form.save(typed.clone(), done.clone(), close.clone()))
    };
    let changed = **policy != props.start;
    let fields = Fields { draft: policy, form };
    let names: BTreeSet<_> =
        props.rules.options.rule.iter().map(|rule| rule.name.clone()).collect();
    let title = if at.is_some() { say::change() } else { say::new() };
    html! {
        <FormDialog name="policy" {title} {changed} on_save={save} on_close={props.on_close.clone()}>
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
        </FormDialog>
    }
}

impl Fields<Policy> {
    fn subject(&self) -> Html {
        let (kind, of) = (self.draft.kind.as_str(), &self.draft.of);
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
                <Select id="policy-kind" label={say::for_whom()} first=true value={kind.to_owned()} onchange={choose}>
                    { for [("", say::everything()), ("chain", say::a_chain()), ("token", say::a_token()), ("label", say::a_label()), ("vault", say::a_vault()), ("profile", say::a_profile())]
                        .into_iter().map(|(value, label)| option(value, label, kind)) }
                </Select>
                if !kind.is_empty() {
                    <Entry id="policy-of" label={say::which()} {list} value={of.clone()}
                        fault={self.form.fault(&["chain", "token", "label", "vault", "profile"], of)} oninput={self.set(|policy, text| policy.of = text)} />
                }
            </div>
        }
    }

    fn typed(&self, setting: &'static Setting) -> Html {
        let text = self.draft.text(setting);
        let name = setting.path.rsplit('.').next().unwrap_or(setting.path);
        let id = if setting.path.starts_with("repeat") {
            format!("policy-repeat-{name}")
        } else {
            format!("policy-{name}")
        };
        html! {
            <Entry {id} label={(setting.label)()} placeholder={setting.default} value={text.to_owned()}
                fault={self.form.fault(&[setting.path], text)} oninput={self.set(move |policy, text| policy.set_text(setting, text))} />
        }
    }

    fn notify_from(&self) -> Html {
        let chosen = self.draft.notify_from.as_str();
        html! {
            <Select id="policy-notify-from" label={set::notified_from()} value={chosen.to_owned()} onchange={self.set(|policy, text| policy.notify_from = text)}>
                { option("", set::as_it_is(), chosen) }
                { for LEVELS.iter().map(|(name, _)| option(name, level::in_words(name), chosen)) }
            </Select>
        }
    }

    fn quiet_hours(&self) -> Html {
        let quiet = &self.draft.quiet;
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
                <Select id="policy-quiet" label={set::quiet_hours()} value={kind.to_owned()} onchange={self.set(|policy, text| policy.quiet.kind = text)}>
                    { for [("", set::as_it_is()), ("none", set::none()), ("hours", set::own())]
                        .into_iter().map(|(value, label)| option(value, label, kind)) }
                </Select>
                if kind == "hours" {
                    { entry("from", set::from(), "22:00", &quiet.from, |policy, text| policy.quiet.from = text) }
                    { entry("to", set::to(), "07:00", &quiet.to, |policy, text| policy.quiet.to = text) }
                    { entry("zone", set::zone(), set::zone_default(), &quiet.zone, |policy, text| policy.quiet.zone = text) }
                }
            </div>
        }
    }

    fn rule(&self, name: SmolStr) -> Html {
        let chosen = match self.draft.rules.get(&name) {
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
                { option("", set::as_it_is(), chosen) }{ option("on", set::on(), chosen) }{ option("off", set::off(), chosen) }
            </Select>
        }
    }
}
