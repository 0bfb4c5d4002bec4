//! What an alert stands on: the figures, the rule, what cures it, what became of telling it, and the message that raised
//! it.

use std::rc::Rc;

use domain::view::{DeliveryView, NotificationView, Origin};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::clock;
use crate::format;
use crate::session::use_session;
use crate::words::evidence as say;

#[derive(PartialEq, Properties)]
pub(crate) struct EvidenceProps {
    pub(crate) id: AttrValue,
    pub(crate) one: Rc<NotificationView>,
}

#[component]
pub(crate) fn Evidence(props: &EvidenceProps) -> Html {
    let one = &props.one;
    let session = use_session();
    let origin = use_state_eq(|| None::<Rc<Origin>>);
    {
        let origin = origin.setter();
        // Kept by the backend alone until somebody looks. It is another one once the alert was raised again.
        use_effect_with((one.id, one.occurrences), move |(id, _)| {
            let id = *id;
            spawn_local(async move {
                // Without an answer nothing is said of it: the rest stands by itself.
                if let Ok(found) = session.alert_origin(id).await {
                    origin.set(found.map(Rc::new));
                }
            });
        });
    }
    html! {
        <dl class="evidence" id={props.id.clone()} data-testid={format!("evidence-{}", one.id)}>
            { for lines(one).into_iter().map(|(name, value)| html! { <><dt>{ name }</dt><dd>{ value }</dd></> }) }
            { for origin.as_deref().map(|origin| html! { <><dt>{ say::raised_by() }</dt><dd>{ message(origin) }</dd></> }) }
        </dl>
    }
}

/// The message, as the platform sent it.
fn message(origin: &Origin) -> Html {
    let cut = origin.is_cut().then(|| {
        let (kept, all) = (origin.text.len() as u64, origin.bytes);
        let [kept, all] = [kept, all].map(|bytes| format::group(&bytes.to_string()));
        html! { <small class="origin-cut">{ say::cut(&kept, &all) }</small> }
    });
    html! {
        <>
            // It may be longer than its place: reached by the keyboard, it can be scrolled.
            <pre class="origin" tabindex="0" aria-label={say::message()}>{ &origin.text }</pre>
            { cut.unwrap_or_default() }
        </>
    }
}

fn lines(one: &NotificationView) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    let mut tell = |name: &str, value: Option<String>| {
        lines.extend(value.map(|value| (name.to_owned(), value)));
    };
    if let Some(evidence) = &one.evidence {
        let rule = match &evidence.threshold {
            Some(threshold) => format!("{}: {threshold}", evidence.rule),
            None => evidence.rule.clone(),
        };
        tell(say::rule(), Some(rule));
        tell(
            say::value(),
            match (&evidence.previous, &evidence.current) {
                (Some(previous), Some(current)) if previous != current => {
                    Some(format!("{previous} → {current}"))
                }
                (_, Some(current)) => Some(current.clone()),
                (previous, None) => previous.clone(),
            },
        );
        for figure in &evidence.figures {
            tell(&figure.label, Some(figure.value.clone()));
        }
        tell(
            say::liquidation_price(),
            evidence.liquidation_price.as_ref().map(|price| format!("${price}")),
        );
        tell(say::cure(), evidence.cure.clone());
        tell(say::values(), evidence.last_known.then(|| say::last_known().to_owned()));
    }
    tell(say::raised(), Some(clock::moment(one.timestamp)));
    tell(say::changed(), (one.updated != one.timestamp).then(|| clock::moment(one.updated)));
    tell(
        say::notification(),
        match &one.delivery {
            DeliveryView::NotWanted => None,
            DeliveryView::Wanted => Some(say::on_its_way().to_owned()),
            DeliveryView::Shown(at) => Some(say::shown(&clock::moment(*at))),
            DeliveryView::Failed(cause) => Some(say::not_shown(cause)),
        },
    );
    lines
}
