use domain::view::Freshness;
use yew::prelude::*;

use super::Fields;
use crate::design::{Entry, Select, level_icon, level_style, level_word, option};
use crate::pages::rules::draft::Rung;
use crate::pages::rules::level::LEVELS;
use crate::words::rules_form as say;

/// Above or below which values each level is entered and left.
pub(super) fn compared(fields: &Fields) -> Html {
    let draft = &fields.draft;
    if draft.is_flag() {
        let chosen = draft.severity.as_str();
        return html! {
            <div class="form-part form-row">
                <Select id="rule-severity" label={say::severity()} value={chosen.to_owned()} fault={fields.form.fault(&["severity"], chosen)}
                    onchange={fields.set(|draft, text| draft.severity = text)}>
                    { for LEVELS.iter().map(|(name, level)| option(name, level_word(Some(*level)), chosen)) }
                </Select>
            </div>
        };
    }
    let when = draft.rule.when.as_deref().unwrap_or_default();
    let side = |name: &'static str, word: &'static str| {
        let onclick = fields.set(move |draft, _| draft.rule.when = Some(name.into()));
        let onclick = onclick.reform(|_: MouseEvent| String::new());
        html! { <button type="button" class="segment" aria-pressed={(when == name).to_string()} data-testid={format!("rule-{name}")} {onclick}>{ word }</button> }
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
                <span id="rule-when">{ say::alert_when() }</span>
                <div class="segments" role="group" aria-labelledby="rule-when">{ side("below", say::below()) }{ side("above", say::above()) }</div>
            </div>
            <div class="ladder" role="group" aria-label={say::levels()}>
                <span /><span>{ say::enter() }</span><span>{ say::exit() }</span><span>{ say::hold() }</span>
                { for LEVELS.iter().enumerate().map(|(index, _)| rung(fields, index, filled == 1)) }
            </div>
            <p class="field-note" role={general.as_ref().map(|_| "alert")}>
                { match general {
                    Some(_) if filled == 0 => say::no_level().to_owned(),
                    Some(why) => why.to_string(),
                    None => say::levels_note().to_owned(),
                } }
            </p>
        </div>
    }
}

fn rung(fields: &Fields, index: usize, only: bool) -> Html {
    let (name, level) = LEVELS[index];
    let word = level_word(Some(level));
    let rung = &fields.draft.rungs[index];
    let unit = fields.draft.unit();
    let (unit, example) = if unit.ends_with('m') { ("", unit) } else { (unit, "") };
    let cell = |label: String,
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
            <Entry id={format!("rule-{name}-{key}")} {label} bare=true {unit} {placeholder} value={value.to_owned()} {fault} {oninput} />
        }
    };
    html! {
        <>
            <span class="ladder-level tinted" data-level={level_style(Some(level))}>{ level_icon(Some(level), Freshness::Live) }{ word }</span>
            { cell(say::enter_of(word), "enter", &rung.enter, unit, example, |rung| &mut rung.enter) }
            { cell(say::exit_of(word), "exit", &rung.exit, unit, "", |rung| &mut rung.exit) }
            { cell(say::hold_of(word), "for", &rung.hold, "", "", |rung| &mut rung.hold) }
        </>
    }
}
