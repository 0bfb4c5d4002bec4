use std::rc::Rc;

use domain::Level;
use domain::view::{Freshness, NotificationState, NotificationView, Target, Tone};
use yew::prelude::*;

use super::route;
use crate::clock::Age;
use crate::design::{Icon, level_icon, level_style};
use crate::format;
use crate::session::use_session;

#[derive(PartialEq, Properties)]
pub(crate) struct AlertItemProps {
    pub(crate) one: Rc<NotificationView>,
    /// The page it is shown on: no button leads there.
    #[prop_or_default]
    pub(crate) here: Option<Target>,
}

/// One entry of the notification center, in the panel and on the page.
#[component]
pub(crate) fn AlertItem(props: &AlertItemProps) -> Html {
    let session = use_session();
    let one = &props.one;
    let id = one.id;
    let firing = one.state == NotificationState::Firing;
    let acknowledge = {
        let session = session.clone();
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            session.acknowledge(id);
        })
    };
    let dismiss = {
        let session = session.clone();
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            session.dismiss(id);
        })
    };
    let read = one.read;
    let seen = Callback::from(move |_: MouseEvent| {
        if !read {
            session.mark_read(id);
        }
    });
    html! {
        <article class="alert" data-testid={format!("notification-item-{id}")} data-read={one.read.to_string()}
            data-state={state_style(one.state)} data-level={level_style(Some(one.severity))} onclick={seen.clone()}>
            <span class="alert-icon">{ alert_icon(one) }</span>
            <h3>
                { &one.title }
                if !one.read { <span class="visually-hidden">{ " (unread)" }</span> }
            </h3>
            <Age at={one.updated} />
            <p>{ &one.message }</p>
            { meta(one) }
            <div class="alert-actions">
                { for one.action.as_ref().filter(|action| props.here.as_ref() != Some(&action.target)).map(|action| html! {
                    <a class={classes!("button", firing.then_some("primary"))} href={route::href(&action.target)} onclick={seen}>
                        { &action.label }
                    </a>
                }) }
                if firing {
                    <button class="button" data-testid={format!("notification-ack-{id}")} onclick={acknowledge}>{ "Acknowledge" }</button>
                }
                <button class="button quiet alert-dismiss" data-testid={format!("notification-dismiss-{id}")} onclick={dismiss}
                    aria-label={format!("Dismiss: {}", one.title)} title="Remove from the center">{ "Dismiss" }</button>
            </div>
        </article>
    }
}

fn meta(one: &NotificationView) -> Html {
    let mut parts = Vec::new();
    if one.state == NotificationState::Acknowledged {
        parts.push("Acknowledged".to_owned());
    }
    if one.state == NotificationState::Snoozed {
        parts.push("Snoozed".to_owned());
    }
    if one.occurrences > 1 {
        parts.push(format!("raised {} times", one.occurrences));
    }
    if one.suppressed > 0 {
        parts.push(format::count(one.suppressed as usize, "repeat not shown", "repeats not shown"));
    }
    if parts.is_empty() {
        return Html::default();
    }
    html! { <p class="alert-meta">{ parts.join(" · ") }</p> }
}

pub(crate) fn alert_icon(one: &NotificationView) -> Html {
    match (one.state, one.tone) {
        (NotificationState::Resolved, _) | (_, Tone::Success) => Icon::Check.html(),
        (_, Tone::Info) if one.severity == Level::Low => Icon::Info.html(),
        _ => level_icon(Some(one.severity), Freshness::Live),
    }
}

pub(crate) fn state_style(state: NotificationState) -> &'static str {
    match state {
        NotificationState::Firing => "firing",
        NotificationState::Acknowledged => "acknowledged",
        NotificationState::Snoozed => "snoozed",
        NotificationState::Resolved => "resolved",
    }
}
