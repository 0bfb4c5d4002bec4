//! The overview before there is a vault to show.

use domain::view::FeedState;
use yew::prelude::*;

use crate::design::{Empty, Icon};
use crate::live::Topic;
use crate::session::use_live;
use crate::shell::connection;
use crate::words::{self, SLOT, overview as say};

/// A skeleton while it may be a matter of moments, else what happened and what can be done.
#[component]
pub(crate) fn Nothing() -> Html {
    let feed = use_live(Topic::Feed, |state| state.feed.clone());
    let begun = use_live(Topic::View, |state| state.board.begun);
    let Some(feed) = feed else { return skeleton() };
    let title = match &feed.state {
        FeedState::Live if begun => say::first_vault(&feed.endpoint),
        FeedState::Live => return skeleton(),
        FeedState::Waiting { .. } => say::not_connected().to_owned(),
        FeedState::Connecting { attempt } if *attempt <= 1 => return skeleton(),
        FeedState::Connecting { .. } => say::connecting().to_owned(),
        FeedState::Retrying { .. } => say::unreachable().to_owned(),
        FeedState::Offline => say::no_network().to_owned(),
        FeedState::NotGuarded { .. } => say::not_watched().to_owned(),
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
                        <p>{ words::set(&say::keeps_trying(SLOT), [to_system(say::what_is_known())]) }</p>
                    </>
                },
                None => html! {
                    <p>{ words::set(&say::none_yet(SLOT), [to_system(say::received_so_far())]) }</p>
                },
            } }
        </Empty>
    }
}

fn to_system(words: &'static str) -> Html {
    html! { <a href="#/system">{ words }</a> }
}

/// The shape of the page to come.
fn skeleton() -> Html {
    html! {
        <div class="skeleton" role="status" aria-label={say::loading()}>
            <div class="skeleton-totals" />
            <div class="skeleton-table">
                { for (0..40).map(|_| html! {
                    <div class="skeleton-row"><i /><i /><i /><i /></div>
                }) }
            </div>
        </div>
    }
}
