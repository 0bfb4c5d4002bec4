//! The state of the feed, in the top bar as a word and under it as a sentence.

use domain::view::{FeedState, FeedView};
use yew::prelude::*;

use crate::clock::{Age, Countdown};
use crate::design::Icon;
use crate::live::Topic;
use crate::session::use_live;
use crate::words::{SLOT, set, shell_connection as say};

/// The pill: dot and word; the cause and what is tried next stand in [`explanation`].
#[component]
pub(crate) fn Connection() -> Html {
    let feed = use_live(Topic::Feed, |state| state.feed.clone());
    let (state, said) = feed
        .as_ref()
        .map_or(("connecting", say::starting()), |feed| (style(&feed.state), word(&feed.state)));
    let title = feed.as_ref().map(|feed| {
        let cause = cause(&feed.state).map(|cause| format!(": {cause}")).unwrap_or_default();
        format!("{} {}{cause}", word(&feed.state), feed.endpoint)
    });
    html! {
        <a href="#/system" class="pill connection" data-testid="connection-state" data-state={state} {title}>
            <span class="dot" aria-hidden="true" />
            <span role="status">{ said }</span>
        </a>
    }
}

/// The word beside the dot.
pub(crate) fn word(state: &FeedState) -> &'static str {
    match state {
        FeedState::Waiting { .. } => say::waiting(),
        FeedState::Connecting { .. } => say::connecting(),
        FeedState::Live => say::live(),
        FeedState::Retrying { .. } => say::retrying(),
        FeedState::Offline => say::offline(),
        FeedState::NotGuarded { .. } => say::not_guarded(),
    }
}

/// Why it is not live, where there is more to say than the word.
pub(crate) fn cause(state: &FeedState) -> Option<&str> {
    match state {
        FeedState::Offline => Some(say::no_network()),
        state => state.cause(),
    }
}

/// For style sheets and tests.
pub(crate) fn style(state: &FeedState) -> &'static str {
    match state {
        FeedState::Waiting { .. } => "waiting",
        FeedState::Connecting { .. } => "connecting",
        FeedState::Live => "live",
        FeedState::Retrying { .. } => "retrying",
        FeedState::Offline => "offline",
        FeedState::NotGuarded { .. } => "not-guarded",
    }
}

pub(crate) fn icon(state: &FeedState) -> Icon {
    match state {
        FeedState::Waiting { .. } | FeedState::Connecting { .. } => Icon::Wait,
        FeedState::Live => Icon::Check,
        FeedState::Retrying { .. } | FeedState::Offline => Icon::Offline,
        FeedState::NotGuarded { .. } => Icon::Warning,
    }
}

/// What happened and what the application does about it, where it is not live.
pub(crate) fn explanation(feed: &FeedView) -> Option<Html> {
    Some(match &feed.state {
        FeedState::Live => return None,
        FeedState::Waiting { cause } => html! {
            <span>{ say::waiting_why(cause) }</span>
        },
        FeedState::Connecting { attempt } if *attempt <= 1 => html! {
            <span>{ say::connecting_to(&feed.endpoint) }</span>
        },
        FeedState::Connecting { attempt } => html! {
            <span>{ say::connecting_again(&feed.endpoint, &attempt.to_string()) }</span>
        },
        FeedState::Retrying { attempt, retry_at, cause } => html! {
            <span>{ set(&say::retrying_why(cause, &attempt.to_string(), SLOT), [html! { <Countdown at={*retry_at} /> }]) }</span>
        },
        FeedState::Offline => html! {
            <span>{ set(&say::offline_why(SLOT), [html! { <Age at={feed.since} /> }]) }</span>
        },
        FeedState::NotGuarded { cause, retry_at: None } => html! {
            <span>{ say::refused(cause) }</span>
        },
        FeedState::NotGuarded { cause, retry_at: Some(at) } => html! {
            <span>{ set(&say::refused_again(cause, SLOT), [html! { <Countdown at={*at} /> }]) }</span>
        },
    })
}
