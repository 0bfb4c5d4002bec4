//! What an alert stands on: the figures, the rule, what cures it, and what became of telling it.

use std::rc::Rc;

use domain::view::{DeliveryView, NotificationView};
use yew::prelude::*;

use crate::clock;

#[derive(PartialEq, Properties)]
pub(crate) struct EvidenceProps {
    pub(crate) id: AttrValue,
    pub(crate) one: Rc<NotificationView>,
}

#[component]
pub(crate) fn Evidence(props: &EvidenceProps) -> Html {
    let one = &props.one;
    html! {
        <dl class="evidence" id={props.id.clone()} data-testid={format!("evidence-{}", one.id)}>
            { for lines(one).into_iter().map(|(name, value)| html! { <><dt>{ name }</dt><dd>{ value }</dd></> }) }
        </dl>
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
        tell("Rule", Some(rule));
        tell(
            "Value",
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
            "Liquidation price",
            evidence.liquidation_price.as_ref().map(|price| format!("${price}")),
        );
        tell("Cure", evidence.cure.clone());
        tell("Values", evidence.last_known.then(|| "last known: no newer ones arrive".to_owned()));
    }
    tell("Raised", Some(clock::moment(one.timestamp)));
    tell("Changed", (one.updated != one.timestamp).then(|| clock::moment(one.updated)));
    tell(
        "System notification",
        match &one.delivery {
            DeliveryView::NotWanted => None,
            DeliveryView::Wanted => Some("on its way".to_owned()),
            DeliveryView::Shown(at) => Some(format!("shown {}", clock::moment(*at))),
            DeliveryView::Failed(cause) => Some(format!("not shown: {cause}. Tried again.")),
        },
    );
    lines
}
