use domain::UnixMillis;
use domain::view::{ConnectionEvent, SystemView};
use yew::prelude::*;

use crate::clock;
use crate::session::{Asked, Pace, use_asked};
use crate::words::{CORE, system_events as say};

/// Lines that are drawn at first; all of them are there on demand.
const FIRST: usize = 20;
/// Asked again when the connection says that something happened.
const PACE: Pace = Pace { settle: 0, period: 60_000 };

#[derive(PartialEq, Properties)]
pub(super) struct EventsProps {
    /// When something happened last.
    pub(super) newest: Option<UnixMillis>,
}

#[component]
pub(super) fn Events(props: &EventsProps) -> Html {
    let all = use_state_eq(|| false);
    let troubles = use_state_eq(|| false);
    let asked = use_asked(props.newest, PACE, |session, _| session.connection_events());
    let toggle = |state: &UseStateHandle<bool>| {
        let state = state.clone();
        Callback::from(move |_: MouseEvent| state.set(!*state))
    };
    let (events, why) = match &asked {
        Asked::Answer(events) => (&events[..], None),
        Asked::Waiting => (&[][..], None),
        Asked::Failed(why) => (&[][..], Some(why.clone())),
    };
    let shown: Vec<_> = events.iter().filter(|event| event.trouble || !*troubles).collect();
    let most = if *all { SystemView::EVENTS } else { FIRST };
    let rest = shown.len().saturating_sub(most);
    html! {
        <section class="card" aria-label={say::label()} data-testid="connection-events">
            <h2 class="card-head">{ say::title() }
                <button type="button" class="chip head-chip" aria-pressed={(*troubles).to_string()} data-testid="events-trouble" onclick={toggle(&troubles)}>{ say::trouble_only() }</button>
            </h2>
            { for why.map(|why| html! { <p class="card-empty" role="alert">{ say::failed(&why) }</p> }) }
            if shown.is_empty() && matches!(asked, Asked::Answer(_)) { <p class="card-empty">{ if *troubles { say::no_trouble() } else { say::nothing() } }</p> }
            <ol class="events">{ for shown.iter().take(most).map(|event| line(event)) }</ol>
            if rest > 0 || *all && shown.len() > FIRST {
                <button type="button" class="panel-more" data-testid="events-all" onclick={toggle(&all)}>
                    { if *all { say::only_last().to_owned() } else { say::more(rest) } }
                </button>
            }
        </section>
    }
}

fn line(event: &ConnectionEvent) -> Html {
    html! {
        <li class="event" data-trouble={event.trouble.to_string()}>
            <time>{ event.at.map(clock::moment).unwrap_or_default() }</time>
            <span class="pill invalid-kind" lang={CORE}>{ &event.kind }</span>
            <span lang={CORE}>{ &event.text }</span>
        </li>
    }
}
