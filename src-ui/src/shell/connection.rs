//! The state of the feed, in the top bar as a word and under it as a sentence.

use domain::view::{FeedState, FeedView};
use yew::prelude::*;

use crate::clock::{Age, Countdown};
use crate::design::Icon;
use crate::live::Topic;
use crate::session::use_live;

/// The pill: dot and word; the cause and what is tried next stand in [`explanation`].
#[component]
pub(crate) fn Connection() -> Html {
    let feed = use_live(Topic::Feed, |state| state.feed.clone());
    let (style, word) = feed
        .as_ref()
        .map_or(("connecting", "Starting"), |feed| (style(&feed.state), feed.state.word()));
    let title = feed.as_ref().map(|feed| {
        let cause = feed.state.cause().map(|cause| format!(": {cause}")).unwrap_or_default();
        format!("{} {}{cause}", feed.state.word(), feed.endpoint)
    });
    html! {
        <a href="#/system" class="pill connection" data-testid="connection-state" data-state={style} {title}>
            <span class="dot" aria-hidden="true" />
            <span role="status">{ word }</span>
        </a>
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
            <span>{ format!("Not connected yet: {cause}. Your vaults are not watched.") }</span>
        },
        FeedState::Connecting { attempt } if *attempt <= 1 => html! {
            <span>{ format!("Connecting to {}", feed.endpoint) }</span>
        },
        FeedState::Connecting { attempt } => html! {
            <span>{ format!("Connecting to {}, attempt {attempt}", feed.endpoint) }</span>
        },
        FeedState::Retrying { attempt, retry_at, cause } => html! {
            <span>
                { format!("Connection lost: {cause}. Attempt {attempt} ") }
                <Countdown at={*retry_at} />
                { ". Check the lender directly if a vault is close." }
            </span>
        },
        FeedState::Offline => html! {
            <span>
                { "This machine has no network since " }
                <Age at={feed.since} />
                { ". Your vaults are not watched. It connects by itself as soon as there is one." }
            </span>
        },
        FeedState::NotGuarded { cause, retry_at: None } => html! {
            <span>{ format!("Not connected: {cause}. Your vaults are not watched.") }</span>
        },
        FeedState::NotGuarded { cause, retry_at: Some(at) } => html! {
            <span>
                { format!("The server refused: {cause}. Your vaults are not watched. Tried again ") }
                <Countdown at={*at} />
                { ". Check the address and the token." }
            </span>
        },
    })
}
