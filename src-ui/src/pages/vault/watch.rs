//! Which rules and times watch a vault, and why these.

use std::rc::Rc;

use domain::VaultId;
use domain::view::{ExplanationView, VerdictView};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::design::Icon;
use crate::session::use_session;

#[derive(PartialEq, Properties)]
pub(crate) struct WatchProps {
    pub(crate) id: VaultId,
}

#[component]
pub(crate) fn Watch(props: &WatchProps) -> Html {
    let session = use_session();
    let known = use_state(|| None::<Rc<ExplanationView>>);
    {
        let known = known.setter();
        use_effect_with(props.id.clone(), move |id| {
            let id = id.clone();
            spawn_local(async move {
                // Without an answer there is no card: nothing else depends on it.
                known.set(session.explain(id).await.ok().flatten().map(Rc::new));
            });
        });
    }
    let Some(known) = (*known).clone() else { return Html::default() };
    html! {
        <section class="card" aria-label="What watches it" data-testid="vault-rules">
            <h2 class="card-head">{ "What watches it" }<small>{ "and why" }</small></h2>
            <ul class="verdicts">
                <li class="applies">{ Icon::Check.html() }<span><strong>{ "Room to liquidation" }</strong><small>{ "built in: medium, high and critical by the ladder" }</small></span></li>
                { for known.rules.iter().map(verdict) }
            </ul>
            if !known.settings.is_empty() {
                <dl class="facts-list">
                    { for known.settings.iter().map(|setting| html! {
                        <><dt>{ setting.name.replace('_', " ") }</dt><dd title={format!("from {}", setting.from)}>{ duration(setting.millis) }<small>{ format!(" {}", setting.from) }</small></dd></>
                    }) }
                </dl>
            }
        </section>
    }
}

fn verdict(one: &VerdictView) -> Html {
    let (class, icon) =
        if one.applies { ("applies", Icon::Check.html()) } else { ("not", Icon::Close.html()) };
    html! { <li {class}>{ icon }<span><strong>{ &one.rule }</strong><small>{ &one.why }</small></span></li> }
}

/// `0 s`, `15 s`, `2 min`, `1 h`, and what is no whole second as it is.
fn duration(millis: u64) -> String {
    match millis {
        0 => "at once".to_owned(),
        millis if millis % 3_600_000 == 0 => format!("{} h", millis / 3_600_000),
        millis if millis % 60_000 == 0 => format!("{} min", millis / 60_000),
        millis if millis % 1_000 == 0 => format!("{} s", millis / 1_000),
        millis => format!("{millis} ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_their_largest_whole_unit() {
        for (millis, told) in [
            (0, "at once"),
            (1_500, "1500 ms"),
            (15_000, "15 s"),
            (90_000, "90 s"),
            (120_000, "2 min"),
            (7_200_000, "2 h"),
        ] {
            assert_eq!(duration(millis), told);
        }
    }
}
