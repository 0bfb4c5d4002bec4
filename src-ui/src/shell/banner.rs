use domain::view::{FeedState, Mode};
use yew::prelude::*;

use super::away::{WhileAway, is_unseen};
use super::connection;
use super::elsewhere::{Elsewhere, Paused};
use super::quiet::{Snoozed, is_all_snoozed};
use crate::design::Icon;
use crate::later::{Later, NotLoaded, Part};
use crate::live::Topic;
use crate::session::{use_live, use_session};
use crate::words::banner as say;

/// What has to be known on every page: demo data, a feed that is down, notifications that do not get through.
#[component]
pub(crate) fn Banners() -> Html {
    let session = use_session();
    let feed = use_live(Topic::Feed, |state| state.feed.clone());
    let blocked = use_live(Topic::Shell, |state| state.notifications_blocked.clone());
    let trouble = use_live(Topic::Shell, |state| state.trouble.clone());
    let shown = use_live(Topic::View, |state| state.board.vault_count() > 0);

    let demo = feed.as_ref().is_some_and(|feed| feed.mode == Mode::Demo);
    // Where the shell does not answer, nobody here knows how the feed is.
    let down =
        feed.as_ref().filter(|feed| feed.state != FeedState::Live && shown && trouble.is_none());
    let again = Callback::from(move |_: MouseEvent| session.attach());
    html! {
        <div class="banners" role="region" aria-label={say::notices()}>
            if demo {
                <div class="banner demo" data-testid="demo-banner">
                    <strong class="tag">{ say::demo() }</strong>
                    <span>{ say::demo_why() }</span>
                </div>
            }
            { for down.and_then(|feed| Some(html! {
                <div class="banner down" role="status" data-testid="feed-banner">
                    { connection::icon(&feed.state).html() }
                    <span><strong>{ say::last_known() }</strong>{ connection::explanation(feed)? }</span>
                </div>
            })) }
            { for blocked.map(|why| html! {
                <div class="banner blocked" role="status" data-testid="notifications-blocked">
                    { Icon::Warning.html() }
                    <span><strong>{ say::blocked() }</strong>{ sentence(&why) }
                    { say::blocked_still() }</span>
                    <a class="button" href="#/settings">{ say::test_it() }</a>
                </div>
            }) }
            <NotLoaded />
            <Paused />
            <Later part={Part::Notices} meanwhile={html! { <Places /> }} />
            { for trouble.map(|why| html! {
                <div class="banner down" role="alert" data-testid="shell-trouble">
                    { Icon::Warning.html() }
                    <span><strong>{ say::no_answer() }</strong>{ why.to_string() }</span>
                    <button class="button" onclick={again}>{ say::try_again() }</button>
                </div>
            }) }
        </div>
    }
}

/// Where [`Notices`] will stand: nothing moves under somebody's hand when they come.
#[component]
fn Places() -> Html {
    let due = use_session().live.read(|state| {
        [
            ("blocked", state.is_critical_elsewhere()),
            ("snoozed", is_all_snoozed(state.inbox.all())),
            ("away", is_unseen(state)),
        ]
    });
    let place = |(kind, _)| html! { <div class={classes!("banner", "place", kind)} /> };
    due.into_iter().filter(|(_, due)| *due).map(place).collect()
}

/// What is to be known, too, but not in the very first moment.
#[component]
pub(crate) fn Notices() -> Html {
    html! { <><Elsewhere /><Snoozed /><WhileAway /></> }
}

/// A reason as it comes from a library, made a sentence.
fn sentence(reason: &str) -> String {
    let mut letters = reason.trim().trim_end_matches('.').chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).chain(['.']).collect()
}
