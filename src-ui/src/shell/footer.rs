use domain::view::FeedState;
use yew::prelude::*;

use crate::clock::Age;
use crate::live::Topic;
use crate::session::use_live;
use crate::words::{SLOT, set, shell as say};

/// Where the values come from and how well they come.
#[component]
pub(crate) fn Footer() -> Html {
    let feed = use_live(Topic::Feed, |state| state.feed.clone());
    let version = use_live(Topic::Shell, |state| state.version.clone());
    let Some(feed) = feed else {
        return html! { <footer class="foot"><span>{ say::starting() }</span></footer> };
    };
    let round_trip = feed
        .round_trip
        .filter(|_| feed.state == FeedState::Live)
        .map(|millis| format!(" · {millis} ms"))
        .unwrap_or_default();
    let invalid = match feed.invalid {
        0 => say::nothing_invalid().to_owned(),
        number => say::invalid(number as usize),
    };
    html! {
        <footer class="foot">
            <span class="foot-endpoint">{ format!("{}{round_trip}", feed.endpoint) }</span>
            <a class="foot-invalid" href="#/system">{ invalid }</a>
            <span class="foot-end">
                { for feed.last_message.map(|at| set(&say::last_message(SLOT), [html! { <Age {at} /> }])) }
            </span>
            <span class="foot-version">{ format!("VaultWatch {version}") }</span>
        </footer>
    }
}
