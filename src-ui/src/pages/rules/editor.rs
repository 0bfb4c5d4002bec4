//! The form of a rule.

use std::rc::Rc;

use domain::rules::Entry as Place;
use domain::view::{DryRunOf, Freshness, RulesView};
use yew::prelude::*;

use super::draft::{Change, DAYS, Draft, LEVELS, Rung, joined, list, some};
use super::form::{Form, Typed, known, use_form};
use super::metric::{self, Of};
use super::proposals;
use crate::design::{Entry, Select, Switch, level_icon, level_style, option, use_discard};
use crate::session::use_session;
use crate::shell::{DryRun, use_unsaved};

#[derive(PartialEq, Properties)]
pub(super) struct EditorProps {
    pub(super) start: Rc<Draft>,
    pub(super) rules: Rc<RulesView>,
    /// It was saved, or is not to be.
    pub(super) on_close: Callback<()>,
}

/// The draft, and how its fields change it.
#[derive(Clone)]
struct Fields {
    draft: UseReducerHandle<Draft>,
    form: Form,
}

impl Fields {
    fn set(&self, set: impl Fn(&mut Draft, String) + Clone + 'static) -> Callback<String> {
        let draft = self.draft.dispatcher();
        Callback::from(move |text: String| {
            let set = set.clone();
            draft.dispatch(Change(Box::new(move |draft| set(draft, text))));
        })
    }

    fn switch(&self, set: fn(&mut Draft, bool)) -> Callback<bool> {
        let draft = self.draft.dispatcher();
        Callback::from(move |on: bool| {
            draft.dispatch(Change(Box::new(move |draft| set(draft, on))));
        })
    }
}

#[component]
pub(super) fn Editor(props: &EditorProps) -> Html {
    let session = use_session();
    let draft = use_reducer_eq(|| (*props.start).clone());
    let typed: Typed = draft.edit();
    let place = Place::Rule(draft.at.unwrap_or(props.rules.options.rule.len()));
    let form = use_form(place, &typed);
    let fields = Fields { draft: draft.clone(), form: form.clone() };
    let lists = use_memo((), |()| known(&session));
    let changed = *draft != *props.start;
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
            Some(_) => format!("Changed the rule {}", draft.rule.name),
            None => format!("Added the rule {}", draft.rule.name),
        };
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            form.save(typed.clone(), done.clone(), close.clone());
        })
    };
    let of = match (&typed, metric::of(&draft.rule.metric)) {
        (_, Some(metric)) if !metric.is_kept(draft.rule.token.is_some()) => Err(AttrValue::Static(
            "What this rule looks at is not recorded over time, so the past cannot tell.",
        )),
        (Ok(_), _) => draft
            .options()
            .map(|rule| DryRunOf::Rule { at: draft.at, rule: Box::new(rule) })
            .map_err(|(field, why)| AttrValue::from(format!("{field} {why}."))),
        (Err((field, why)), _) => Err(AttrValue::from(format!("{field} {why}."))),
    };
    let cancel = close.reform(|_: MouseEvent| ());
    let title = if draft.at.is_some() { "Change a rule" } else { "New rule" };
    html! {
        <>
            <form class="rule-form" onsubmit={save} {onkeydown} aria-label={title} data-testid="rule-form" novalidate=true>
                <section class="card">
                    <h2 class="card-head">{ title }</h2>
                    <div class="form-part form-row">
                        <Entry id="rule-name" label="Name" wide=true hint="a-z, 0-9, _, - and ." value={draft.rule.name.to_string()}
                            fault={fields.form.fault(&["name"], &draft.rule.name)} oninput={fields.set(|draft, text| draft.rule.name = text.trim().into())} />
                        <Entry id="rule-note" label="Note" wide=true hint="is shown with the alert" value={draft.rule.note.clone().unwrap_or_default()}
                            fault={fields.form.fault(&["note"], " ")} oninput={fields.set(|draft, text| draft.rule.note = Some(text).filter(|text| !text.is_empty()))} />
                    </div>
                    { watched(&fields) }
                    { compared(&fields) }
                    { lasting(&fields) }
                </section>
                <section class="card">
                    <h2 class="card-head">{ "Where and when" }<small>{ "left empty: everywhere and always" }</small></h2>
                    { scope(&fields, &props.rules) }
                    { hours(&fields) }
                </section>
                <section class="card" aria-label="Dry run">
                    <h2 class="card-head">{ "Dry run" }<small>{ "when it would have fired" }</small></h2>
                    <div class="form-part"><DryRun {of} /></div>
                </section>
                { (*lists).clone() }
                { fields.form.refusal() }
                <footer class="form-end">
                    // At the left: toasts fly at the right, or above.
                    <button type="submit" class="button primary" data-testid="rule-save" disabled={props.rules.locked.is_some()}>{ "Save" }</button>
                    <button type="button" class="button" data-testid="rule-cancel" onclick={cancel}>{ "Cancel" }</button>
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
        html! { <optgroup {label}>{ for all.map(|metric| option(metric.name, metric.word, chosen)) }</optgroup> }
    };
    let metric = metric::of(chosen);
    let change = rule.change.as_deref().unwrap_or_default();
    let token = rule.token.as_deref().unwrap_or_default();
    html! {
        <div class="form-part form-row">
            <Select id="rule-metric" label="Looks at" value={chosen.to_owned()} fault={fields.form.fault(&["metric"], chosen)}
                onchange={fields.set(|draft, name| draft.set_metric(&name))}>
                { group("Vaults", &[Of::Vault]) }
                { group("Vaults, or the market of a token", &[Of::VaultOrMarket]) }
                { group("Markets", &[Of::Market]) }
                { group("Platform", &[Of::Platform]) }
            </Select>
            if metric.is_some_and(|metric| metric.of == Of::VaultOrMarket) {
                <Entry id="rule-token" label="Of the token" list="known-tokens" hint="empty: of each vault" value={token.to_owned()}
                    fault={fields.form.fault(&["token"], token)} oninput={fields.set(|draft, text| draft.rule.token = some(&text))} />
            }
            if metric.is_some_and(|metric| metric.of == Of::Platform) {
                <Entry id="rule-field" label="Field" hint="performanceMetrics.successRate" value={rule.field.as_deref().unwrap_or_default().to_owned()}
                    fault={fields.form.fault(&["field"], rule.field.as_deref().unwrap_or_default())} oninput={fields.set(|draft, text| draft.rule.field = some(&text))} />
                <Entry id="rule-is" label="Is one of" hint="empty: it is a number" value={draft.is.clone()}
                    fault={fields.form.fault(&["is"], &draft.is)} oninput={fields.set(|draft, text| draft.is = text)} />
            }
            if chosen == "vault_status" { { statuses(fields) } }
            if !draft.is_flag() {
                <Select id="rule-change" label="Judged by" value={change.to_owned()} fault={fields.form.fault(&["change"], change)}
                    onchange={fields.set(|draft, text| { draft.rule.change = some(&text); if text.is_empty() { draft.rule.over = None } })}>
                    { option("", "its value", change) }
                    { option("percent", "its change in percent", change) }
                    { option("absolute", "its change, absolute", change) }
                </Select>
                if !change.is_empty() {
                    <Entry id="rule-over" label="Over" placeholder="30m" hint="10s to 24h" value={rule.over.as_deref().unwrap_or_default().to_owned()}
                        fault={fields.form.fault(&["over"], rule.over.as_deref().unwrap_or_default())} oninput={fields.set(|draft, text| draft.rule.over = some(&text))} />
                }
            }
        </div>
    }
}

const STATUSES: [&str; 4] = ["ACTIVE", "LIQUIDATED", "CLOSED", "SUSPENDED"];

fn statuses(fields: &Fields) -> Html {
    let chosen = list(&fields.draft.is);
    let one = |name: &'static str| {
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
        html! { <label class="tick"><input type="checkbox" checked={on} {onchange} />{ name.to_lowercase() }</label> }
    };
    html! {
        <fieldset class="field entry ticks">
            <legend>{ "Is one of" }</legend>
            <span>{ for STATUSES.into_iter().map(one) }</span>
            <p class="field-note">{ fields.form.fault(&["is"], &fields.draft.is).unwrap_or_default().to_string() }</p>
        </fieldset>
    }
}

/// Above or below which values each level is entered and left.
fn compared(fields: &Fields) -> Html {
    let draft = &fields.draft;
    if draft.is_flag() {
        let chosen = draft.severity.as_str();
        return html! {
            <div class="form-part form-row">
                <Select id="rule-severity" label="Then the alert is" value={chosen.to_owned()} fault={fields.form.fault(&["severity"], chosen)}
                    onchange={fields.set(|draft, text| draft.severity = text)}>
                    { for LEVELS.iter().map(|(name, level)| option(name, level.word(), chosen)) }
                </Select>
            </div>
        };
    }
    let when = draft.rule.when.as_deref().unwrap_or_default();
    let side = |name: &'static str, word: &'static str| {
        let onclick = fields.set(move |draft, _| draft.rule.when = Some(name.into()));
        let onclick = onclick.reform(|_: MouseEvent| String::new());
        html! { <button type="button" class="segment" role="radio" aria-checked={(when == name).to_string()} data-testid={format!("rule-{name}")} {onclick}>{ word }</button> }
    };
    // Of a rule with one level the file has no table, and no level in its fields' names.
    let filled = draft.rungs.iter().filter(|rung| **rung != Rung::default()).count();
    let general = fields.form.fault(&["when"], "").or_else(|| {
        let none = filled == 0;
        none.then(|| fields.form.fault(&["enter", "severity", "levels"], "")).flatten()
    });
    html! {
        <div class="form-part">
            <div class="ladder-when">
                <span id="rule-when">{ "Alert when it is" }</span>
                <div class="segments" role="radiogroup" aria-labelledby="rule-when">{ side("below", "Below") }{ side("above", "Above") }</div>
            </div>
            <div class="ladder" role="group" aria-label="Levels">
                <span /><span>{ "Enters at" }</span><span>{ "Leaves at" }</span><span>{ "For" }</span>
                { for LEVELS.iter().enumerate().map(|(index, _)| rung(fields, index, filled == 1)) }
            </div>
            <p class="field-note" role={general.as_ref().map(|_| "alert")}>
                { match general {
                    Some(_) if filled == 0 => "At least one level must have a value.".to_owned(),
                    Some(why) => why.to_string(),
                    None => "A level left empty is not there. Without a second value it is left as it is entered: one with some distance keeps a flickering figure from becoming many alerts.".to_owned(),
                } }
            </p>
        </div>
    }
}

fn rung(fields: &Fields, index: usize, only: bool) -> Html {
    let (name, level) = LEVELS[index];
    let rung = &fields.draft.rungs[index];
    let unit = fields.draft.unit();
    let (unit, example) = if unit.ends_with('m') { ("", unit) } else { (unit, "") };
    let cell = |what: &'static str,
                key: &'static str,
                value: &str,
                unit: &'static str,
                placeholder: &'static str,
                set: fn(&mut Rung) -> &mut String| {
        let path = format!("levels.{name}.{key}");
        // The level's own `for` is the rule's, told there.
        let short = (only && key != "for").then_some(key);
        let paths: Vec<&str> = std::iter::once(path.as_str()).chain(short).collect();
        let fault = (*rung != Rung::default())
            .then(|| fields.form.fault(&paths, if value.is_empty() { "" } else { value }))
            .flatten();
        let oninput = fields.set(move |draft, text| *set(&mut draft.rungs[index]) = text);
        html! {
            <Entry id={format!("rule-{name}-{key}")} label={format!("{}: {what}", level.word())} bare=true {unit} {placeholder} value={value.to_owned()} {fault} {oninput} />
        }
    };
    html! {
        <>
            <span class="ladder-level tinted" data-level={level_style(Some(level))}>{ level_icon(Some(level), Freshness::Live) }{ level.word() }</span>
            { cell("enters at", "enter", &rung.enter, unit, example, |rung| &mut rung.enter) }
            { cell("leaves at", "exit", &rung.exit, unit, "", |rung| &mut rung.exit) }
            { cell("for", "for", &rung.hold, "", "", |rung| &mut rung.hold) }
        </>
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
            <Entry id="rule-for" label="For at least" placeholder="30s" hint="empty: by the policy" value={hold.to_owned()}
                fault={fields.form.fault(&["for"], hold)} oninput={fields.set(|draft, text| draft.rule.hold = some(&text))} />
            <Entry id="rule-recovery" label="Over after" placeholder="2m" hint="empty: by the policy" value={recovery.to_owned()}
                fault={fields.form.fault(&["recovery"], recovery)} oninput={fields.set(|draft, text| draft.rule.recovery = some(&text))} />
            <Select id="rule-no-data" label="Without data" value={no_data.to_owned()} fault={fields.form.fault(&["no_data"], no_data)}
                onchange={fields.set(|draft, text| draft.rule.no_data = some(&text))}>
                { option("", "what is known holds on", no_data) }
                { option("ok", "all is well", no_data) }
                { option("alert", "it is an alert", no_data) }
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
            <Entry id="rule-chains" label="Chains" list="known-chains" placeholder="1, 8453" value={draft.chains.clone()}
                fault={fields.form.fault(&["scope.chains"], &draft.chains)} oninput={fields.set(|draft, text| draft.chains = text)} />
            <Entry id="rule-tokens" label="Collateral" list="known-tokens" placeholder="WETH, wstETH" value={draft.tokens.clone()}
                fault={fields.form.fault(&["scope.tokens"], &draft.tokens)} oninput={fields.set(|draft, text| draft.tokens = text)} />
            <Entry id="rule-labels" label="Labels" list="known-labels" value={draft.labels.clone()}
                fault={fields.form.fault(&["scope.labels"], &draft.labels)} oninput={fields.set(|draft, text| draft.labels = text)} />
            <Entry id="rule-vaults" label="Vaults" placeholder="ETH-017, DAO-*" value={draft.vaults.clone()}
                fault={fields.form.fault(&["scope.vaults"], &draft.vaults)} oninput={fields.set(|draft, text| draft.vaults = text)} />
            <Entry id="rule-profiles" label="Profiles" value={draft.profiles.clone()}
                fault={fields.form.fault(&["scope.profiles"], &draft.profiles)} oninput={fields.set(|draft, text| draft.profiles = text)} />
            { proposals("known-labels", labels) }
        </div>
    }
}

/// When it may raise something.
fn hours(fields: &Fields) -> Html {
    let schedule = fields.draft.rule.schedule.clone();
    let on = schedule.is_some();
    let switch = fields.switch(|draft, on| {
        draft.rule.schedule = on.then(|| domain::rules::ScheduleOptions {
            zone: crate::clock::zone().into(),
            ..Default::default()
        });
    });
    let schedule = schedule.unwrap_or_default();
    let day = |(name, word): (&'static str, &'static str)| {
        let on = schedule.days.iter().any(|day| day == name);
        let toggle = fields.set(move |draft: &mut Draft, _| {
            let days = &mut draft.schedule().days;
            if on {
                days.retain(|day| day != name);
            } else {
                days.push(name.into());
            }
            days.sort_by_key(|day| DAYS.iter().position(|(name, _)| day == name));
        });
        let onclick = toggle.reform(|_: MouseEvent| String::new());
        html! { <button type="button" class="chip" aria-pressed={on.to_string()} data-testid={format!("rule-day-{name}")} {onclick}>{ word }</button> }
    };
    html! {
        <div class="form-part">
            <Switch id="rule-hours" label="Only at certain hours" hint="What was raised still ends outside of them." {on} onchange={switch} />
            if on {
                <div class="days" role="group" aria-label="Days; none: every day">{ for DAYS.into_iter().map(day) }</div>
                <div class="form-row">
                    <Entry id="rule-from" label="From" placeholder="08:00" value={schedule.from.as_deref().unwrap_or_default().to_owned()}
                        fault={fields.form.fault(&["schedule.from"], schedule.from.as_deref().unwrap_or_default())} oninput={fields.set(|draft, text| draft.schedule().from = some(&text))} />
                    <Entry id="rule-to" label="To" placeholder="18:00" value={schedule.to.as_deref().unwrap_or_default().to_owned()}
                        fault={fields.form.fault(&["schedule.to"], schedule.to.as_deref().unwrap_or_default())} oninput={fields.set(|draft, text| draft.schedule().to = some(&text))} />
                    <Entry id="rule-zone" label="Time zone" placeholder="Europe/Berlin" value={schedule.zone.to_string()}
                        fault={fields.form.fault(&["schedule.zone"], &schedule.zone)} oninput={fields.set(|draft, text| draft.schedule().zone = text.trim().into())} />
                </div>
                if let Some(why) = fields.form.fault(&["schedule.days"], " ") { <p class="field-note">{ why }</p> }
            }
        </div>
    }
}
