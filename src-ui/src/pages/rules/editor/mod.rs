//! The form of a rule.

mod hours;
mod ladder;

use std::rc::Rc;

use domain::rules::Entry as Place;
use domain::view::{DryRunOf, RulesView};
use yew::prelude::*;

use hours::hours;
use ladder::compared;

use super::draft::{Draft, joined, list, some};
use super::fields::use_draft;
use super::form::{Typed, known, use_form};
use super::metric::{self, Of};
use super::proposals;
use crate::design::{Entry, Select, option, use_discard};
use crate::session::use_session;
use crate::shell::{DryRun, use_unsaved};
use crate::words::{rules as page, rules_form as say};

#[derive(PartialEq, Properties)]
pub(super) struct EditorProps {
    pub(super) start: Rc<Draft>,
    pub(super) rules: Rc<RulesView>,
    /// It was saved, or is not to be.
    pub(super) on_close: Callback<()>,
}

type Fields = super::fields::Fields<Draft>;

#[component]
pub(super) fn Editor(props: &EditorProps) -> Html {
    let session = use_session();
    let draft = use_draft(&*props.start);
    let typed: Typed = draft.edit();
    let place = Place::Rule(draft.at.unwrap_or(props.rules.options.rule.len()));
    let form = use_form(place, &typed, &props.rules);
    let fields = Fields { draft: draft.clone(), form: form.clone() };
    let lists = use_memo((), |()| known(&session));
    let changed = **draft != *props.start;
    use_unsaved(changed);
    let close = {
        let (unsaved, close) = (session.unsaved.clone(), props.on_close.clone());
        Callback::from(move |()| {
            // First of all: closing may lead to another page.
            unsaved.set(false);
            close.emit(());
        })
    };
    let (leave, question) = use_discard(changed, &close);
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        if event.key() == "Escape" && !event.is_composing() && !event.default_prevented() {
            event.stop_propagation();
            event.prevent_default();
            leave.emit(());
        }
    });
    let save = {
        let (typed, close) = (typed.clone(), close.clone());
        let done = match draft.at {
            Some(_) => page::changed(&draft.rule.name),
            None => page::added(&draft.rule.name),
        };
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            form.save(typed.clone(), done.clone(), close.clone());
        })
    };
    let of = match (&typed, metric::of(&draft.rule.metric)) {
        (_, Some(metric)) if !metric.is_kept(draft.rule.token.is_some()) => {
            Err(say::not_recorded().into())
        }
        (Ok(_), _) => draft
            .options()
            .map(|rule| DryRunOf::Rule { at: draft.at, rule: Box::new(rule) })
            .map_err(|(field, why)| AttrValue::from(format!("{field} {why}."))),
        (Err((field, why)), _) => Err(AttrValue::from(format!("{field} {why}."))),
    };
    let cancel = close.reform(|_: MouseEvent| ());
    let title = if draft.at.is_some() { say::change() } else { say::new() };
    html! {
        <>
            <form class="rule-form" onsubmit={save} {onkeydown} aria-label={title} data-testid="rule-form" novalidate=true>
                <section class="card">
                    <h2 class="card-head">{ title }</h2>
                    <div class="form-part form-row">
                        <Entry id="rule-name" label={page::name()} wide=true hint={page::name_hint()} value={draft.rule.name.to_string()}
                            fault={fields.form.fault(&["name"], &draft.rule.name)} oninput={fields.set(|draft, text| draft.rule.name = text.trim().into())} />
                        <Entry id="rule-note" label={say::note()} wide=true hint={say::note_hint()} value={draft.rule.note.clone().unwrap_or_default()}
                            fault={fields.form.fault(&["note"], " ")} oninput={fields.set(|draft, text| draft.rule.note = Some(text).filter(|text| !text.is_empty()))} />
                    </div>
                    { watched(&fields) }
                    { compared(&fields) }
                    { lasting(&fields) }
                </section>
                <section class="card">
                    <h2 class="card-head">{ say::where_() }<small>{ say::where_note() }</small></h2>
                    { scope(&fields, &props.rules) }
                    { hours(&fields) }
                </section>
                <section class="card" aria-label={say::dry_run()}>
                    <h2 class="card-head">{ say::dry_run() }<small>{ say::dry_run_note() }</small></h2>
                    <div class="form-part"><DryRun {of} /></div>
                </section>
                { (*lists).clone() }
                { fields.form.refusal() }
                <footer class="form-end">
                    // At the left: toasts fly at the right, or above.
                    <button type="submit" class="button primary" data-testid="rule-save" disabled={props.rules.locked.is_some()}>{ page::save() }</button>
                    <button type="button" class="button" data-testid="rule-cancel" onclick={cancel}>{ page::cancel() }</button>
                </footer>
            </form>
            { question }
        </>
    }
}

/// Which figure, and whether it or its change.
fn watched(fields: &Fields) -> Html {
    let draft = &fields.draft;
    let rule = &draft.rule;
    let chosen = rule.metric.as_str();
    let group = |label: &'static str, of: &'static [Of]| {
        let all = metric::ALL.iter().filter(move |metric| of.contains(&metric.of));
        html! { <optgroup {label}>{ for all.map(|metric| option(metric.name, (metric.word)(), chosen)) }</optgroup> }
    };
    let metric = metric::of(chosen);
    let change = rule.change.as_deref().unwrap_or_default();
    let token = rule.token.as_deref().unwrap_or_default();
    html! {
        <div class="form-part form-row">
            <Select id="rule-metric" label={say::metric()} value={chosen.to_owned()} fault={fields.form.fault(&["metric"], chosen)}
                onchange={fields.set(|draft, name| draft.set_metric(&name))}>
                { group(say::of_vaults(), &[Of::Vault]) }
                { group(say::of_vaults_or_market(), &[Of::VaultOrMarket]) }
                { group(say::of_markets(), &[Of::Market]) }
                { group(say::of_platform(), &[Of::Platform]) }
            </Select>
            if metric.is_some_and(|metric| metric.of == Of::VaultOrMarket) {
                <Entry id="rule-token" label={say::token()} list="known-tokens" hint={say::token_hint()} value={token.to_owned()}
                    fault={fields.form.fault(&["token"], token)} oninput={fields.set(|draft, text| draft.rule.token = some(&text))} />
            }
            if metric.is_some_and(|metric| metric.of == Of::Platform) {
                <Entry id="rule-field" label={say::field()} hint="performanceMetrics.successRate" value={rule.field.as_deref().unwrap_or_default().to_owned()}
                    fault={fields.form.fault(&["field"], rule.field.as_deref().unwrap_or_default())} oninput={fields.set(|draft, text| draft.rule.field = some(&text))} />
                <Entry id="rule-is" label={say::is()} hint={say::is_hint()} value={draft.is.clone()}
                    fault={fields.form.fault(&["is"], &draft.is)} oninput={fields.set(|draft, text| draft.is = text)} />
            }
            if chosen == "vault_status" { { statuses(fields) } }
            if !draft.is_flag() {
                <Select id="rule-change" label={say::judged_by()} value={change.to_owned()} fault={fields.form.fault(&["change"], change)}
                    onchange={fields.set(|draft, text| { draft.rule.change = some(&text); if text.is_empty() { draft.rule.over = None } })}>
                    { option("", say::by_value(), change) }
                    { option("percent", say::by_percent(), change) }
                    { option("absolute", say::by_absolute(), change) }
                </Select>
                if !change.is_empty() {
                    <Entry id="rule-over" label={say::over()} placeholder="30m" hint={say::over_hint()} value={rule.over.as_deref().unwrap_or_default().to_owned()}
                        fault={fields.form.fault(&["over"], rule.over.as_deref().unwrap_or_default())} oninput={fields.set(|draft, text| draft.rule.over = some(&text))} />
                }
            }
        </div>
    }
}

type Word = fn() -> &'static str;

/// As the file calls them, and as the form does.
const STATUSES: [(&str, Word); 4] = [
    ("ACTIVE", say::active),
    ("LIQUIDATED", say::liquidated),
    ("CLOSED", say::closed),
    ("SUSPENDED", say::suspended),
];

fn statuses(fields: &Fields) -> Html {
    let chosen = list(&fields.draft.is);
    let one = |(name, word): (&'static str, Word)| {
        let on = chosen.iter().any(|one| one == name);
        let toggle = fields.set(move |draft: &mut Draft, _| {
            let mut all = list(&draft.is);
            if on {
                all.retain(|one| one != name);
            } else {
                all.push(name.into());
            }
            draft.is = joined(&all);
        });
        let onchange = toggle.reform(|_: Event| String::new());
        html! { <label class="tick"><input type="checkbox" checked={on} {onchange} />{ word() }</label> }
    };
    html! {
        <fieldset class="field entry ticks">
            <legend>{ say::is() }</legend>
            <span>{ for STATUSES.into_iter().map(one) }</span>
            <p class="field-note">{ fields.form.fault(&["is"], &fields.draft.is).unwrap_or_default().to_string() }</p>
        </fieldset>
    }
}

/// How long before it counts, how long before it is over, and what nothing means.
fn lasting(fields: &Fields) -> Html {
    let rule = &fields.draft.rule;
    let hold = rule.hold.as_deref().unwrap_or_default();
    let recovery = rule.recovery.as_deref().unwrap_or_default();
    let no_data = rule.no_data.as_deref().unwrap_or_default();
    html! {
        <div class="form-part form-row">
            <Entry id="rule-for" label={say::for_at_least()} placeholder="30s" hint={say::by_policy()} value={hold.to_owned()}
                fault={fields.form.fault(&["for"], hold)} oninput={fields.set(|draft, text| draft.rule.hold = some(&text))} />
            <Entry id="rule-recovery" label={say::over_after()} placeholder="2m" hint={say::by_policy()} value={recovery.to_owned()}
                fault={fields.form.fault(&["recovery"], recovery)} oninput={fields.set(|draft, text| draft.rule.recovery = some(&text))} />
            <Select id="rule-no-data" label={say::no_data()} value={no_data.to_owned()} fault={fields.form.fault(&["no_data"], no_data)}
                onchange={fields.set(|draft, text| draft.rule.no_data = some(&text))}>
                { option("", say::keep(), no_data) }
                { option("ok", say::all_well(), no_data) }
                { option("alert", say::is_alert(), no_data) }
            </Select>
        </div>
    }
}

/// Which vaults, or markets.
fn scope(fields: &Fields, rules: &RulesView) -> Html {
    let draft = &fields.draft;
    let labels = rules.options.labels.keys().map(ToString::to_string);
    html! {
        <div class="form-part form-row">
            <Entry id="rule-chains" label={say::chains()} list="known-chains" placeholder="1, 8453" value={draft.chains.clone()}
                fault={fields.form.fault(&["scope.chains"], &draft.chains)} oninput={fields.set(|draft, text| draft.chains = text)} />
            <Entry id="rule-tokens" label={say::tokens()} list="known-tokens" placeholder="WETH, wstETH" value={draft.tokens.clone()}
                fault={fields.form.fault(&["scope.tokens"], &draft.tokens)} oninput={fields.set(|draft, text| draft.tokens = text)} />
            <Entry id="rule-labels" label={say::labels()} list="known-labels" value={draft.labels.clone()}
                fault={fields.form.fault(&["scope.labels"], &draft.labels)} oninput={fields.set(|draft, text| draft.labels = text)} />
            <Entry id="rule-vaults" label={say::vaults()} placeholder="ETH-017, DAO-*" value={draft.vaults.clone()}
                fault={fields.form.fault(&["scope.vaults"], &draft.vaults)} oninput={fields.set(|draft, text| draft.vaults = text)} />
            <Entry id="rule-profiles" label={say::profiles()} value={draft.profiles.clone()}
                fault={fields.form.fault(&["scope.profiles"], &draft.profiles)} oninput={fields.set(|draft, text| draft.profiles = text)} />
            { proposals("known-labels", labels) }
        </div>
    }
}
