//! The overview before there is a vault to show.

use domain::view::FeedState;
use yew::prelude::*;

use crate::design::{Empty, Icon};
use crate::live::Topic;
use crate::session::use_live;
use crate::shell::connection;

/// A skeleton while it may be a matter of moments, else what happened and what can be done.
#[component]
pub(crate) fn Nothing() -> Html {
    let feed = use_live(Topic::Feed, |state| state.feed.clone());
    let begun = use_live(Topic::View, |state| state.board.begun);
    let Some(feed) = feed else { return skeleton() };
    let title = match &feed.state {
        FeedState::Live if begun => {
            format!("Connected to {} · waiting for the first vault", feed.endpoint)
        }
        FeedState::Live => return skeleton(),
        FeedState::Waiting { .. } => "Not connected yet".to_owned(),
        FeedState::Connecting { attempt } if *attempt <= 1 => return skeleton(),
        FeedState::Connecting { .. } => "Connecting".to_owned(),
        FeedState::Retrying { .. } => "The feed cannot be reached".to_owned(),
        FeedState::Offline => "No network".to_owned(),
        FeedState::NotGuarded { .. } => "Your vaults are not watched".to_owned(),
    };
    let icon = match &feed.state {
        FeedState::Live => Icon::Wait,
        state => connection::icon(state),
    };
    html! {
        <Empty {icon} {title}>
            { match connection::explanation(&feed) {
                Some(explanation) => html! {
                    <>
                        <p>{ explanation }</p>
                        <p>{ "VaultWatch keeps trying by itself, with growing pauses. " }<a href="#/system">{ "What is known of the connection" }</a></p>
                    </>
                },
                None => html! {
                    <p>{ "The feed sends no vaults yet. They appear here as soon as it does. " }
                    <a href="#/system">{ "What was received so far" }</a></p>
                },
            } }
        </Empty>
    }
}

/// The shape of the page to come.
fn skeleton() -> Html {
    html! {
        <div class="skeleton" role="status" aria-label="Loading the vaults">
            <div class="skeleton-totals" />
            <div class="skeleton-table">
                { for (0..40).map(|_| html! {
                    <div class="skeleton-row"><i /><i /><i /><i /></div>
                }) }
            </div>
        </div>
    }
}
