use domain::rules::ScheduleOptions;
use yew::prelude::*;

use super::Fields;
use crate::clock;
use crate::design::{Entry, Switch};
use crate::pages::rules::draft::{Draft, some};
use crate::words::rules_form as say;

/// As the file calls them.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// When it may raise something.
pub(super) fn hours(fields: &Fields) -> Html {
    let schedule = fields.draft.rule.schedule.clone();
    let on = schedule.is_some();
    let switch = fields.switch(|draft, on| {
        draft.rule.schedule =
            on.then(|| ScheduleOptions { zone: clock::zone().into(), ..Default::default() });
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
            days.sort_by_key(|day| DAYS.iter().position(|name| day == name));
        });
        let onclick = toggle.reform(|_: MouseEvent| String::new());
        html! { <button type="button" class="chip" aria-pressed={on.to_string()} data-testid={format!("rule-day-{name}")} {onclick}>{ word }</button> }
    };
    html! {
        <div class="form-part">
            <Switch id="rule-hours" label={say::hours()} hint={say::hours_note()} {on} onchange={switch} />
            if on {
                <div class="days" role="group" aria-label={say::days_label()}>{ for DAYS.into_iter().zip(say::days().split(' ')).map(day) }</div>
                <div class="form-row">
                    <Entry id="rule-from" label={say::from()} placeholder="08:00" value={schedule.from.as_deref().unwrap_or_default().to_owned()}
                        fault={fields.form.fault(&["schedule.from"], schedule.from.as_deref().unwrap_or_default())} oninput={fields.set(|draft, text| draft.schedule().from = some(&text))} />
                    <Entry id="rule-to" label={say::to()} placeholder="18:00" value={schedule.to.as_deref().unwrap_or_default().to_owned()}
                        fault={fields.form.fault(&["schedule.to"], schedule.to.as_deref().unwrap_or_default())} oninput={fields.set(|draft, text| draft.schedule().to = some(&text))} />
                    <Entry id="rule-zone" label={say::zone()} placeholder="Europe/Berlin" value={schedule.zone.to_string()}
                        fault={fields.form.fault(&["schedule.zone"], &schedule.zone)} oninput={fields.set(|draft, text| draft.schedule().zone = text.trim().into())} />
                </div>
                if let Some(why) = fields.form.fault(&["schedule.days"], " ") { <p class="field-note">{ why }</p> }
            }
        </div>
    }
}
