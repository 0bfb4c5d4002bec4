use domain::UnixMillis;
use domain::view::{CircuitView, EndpointView, FeedState, FeedView, Mode, StateTime, SystemView};
use yew::prelude::*;

use crate::clock::{Age, Countdown, ago};
use crate::format::{self, NONE};
use crate::shell::connection;
use crate::words::{self, CORE, SLOT, system_connection as say};

/// How it is, since when, and how its time was spent.
pub(super) fn connection_card(feed: &FeedView, system: Option<&SystemView>) -> Html {
    let style = connection::style(&feed.state);
    let number = |number: u64| format::group(&number.to_string());
    let mode = match &feed.mode {
        Mode::Demo => say::demo().to_owned(),
        Mode::Profile(name) => say::profile(name),
    };
    html! {
        <section class="card" aria-label={say::title()}>
            <h2 class="card-head">{ say::title() }</h2>
            <div class="state-line" data-state={style}>
                <span class="dot" aria-hidden="true" />
                <strong>{ connection::word(&feed.state) }</strong>
                <span>{ words::set(&say::since(SLOT), [html! { <Age at={feed.since} /> }]) }</span>
            </div>
            { for connection::explanation(feed).map(|explanation| html! { <p class="state-cause">{ explanation }</p> }) }
            { for system.map(|system| states(&system.states)) }
            <div class="market-facts">
                <div class="fact"><span class="label">{ say::trip() }</span>
                    <span class="fact-value">{ feed.round_trip.filter(|_| feed.state == FeedState::Live).map_or_else(|| NONE.to_owned(), |millis| format!("{millis} ms")) }</span></div>
                <div class="fact"><span class="label">{ say::messages() }</span><span class="fact-value" data-testid="feed-messages">{ number(feed.messages) }</span></div>
                <div class="fact"><span class="label">{ say::invalid() }</span><span class="fact-value" data-testid="feed-invalid">{ number(feed.invalid) }</span></div>
                <div class="fact"><span class="label">{ say::duplicates() }</span><span class="fact-value">{ number(feed.duplicates) }</span></div>
            </div>
            <dl class="facts-list">
                <dt>{ say::source() }</dt><dd>{ mode }</dd>
                <dt>{ say::endpoint() }</dt><dd class="mono">{ &feed.endpoint }</dd>
                <dt>{ say::last_message() }</dt>
                <dd>{ feed.last_message.map_or_else(|| html! { { say::none_yet() } }, ago) }</dd>
            </dl>
        </section>
    }
}

/// The states of the client's own machine, with a share of the time each.
fn states(states: &[StateTime]) -> Html {
    let whole: u64 = states.iter().map(|state| state.millis).sum();
    let share = |state: &StateTime| state.millis as f64 * 100.0 / whole.max(1) as f64;
    let line = |state: &StateTime| {
        html! {
            <li class="state-time" key={state.name.as_str()} data-testid={format!("state-{}", state.name)} aria-current={state.now.then_some("true")}>
                <span lang={CORE}>{ &state.name }</span>
                <span class="state-share" aria-hidden="true"><i style={format!("width:{}%", format::fixed(share(state).max(0.4), 1))} /></span>
                <span>{ lasted(state.millis) }</span>
            </li>
        }
    };
    html! { <ul class="state-times" aria-label={say::state_times()}>{ for states.iter().map(line) }</ul> }
}

/// `0.8 s`, `48 s`, `20 min`, `3 h`, `2 d`.
fn lasted(millis: u64) -> String {
    match millis / 1_000 {
        0 => words::time::seconds(&format::decimal(millis as f64 / 1_000.0, 1)),
        seconds @ 1..120 => words::time::seconds(&seconds.to_string()),
        seconds @ 120..7_200 => words::time::minutes(&(seconds / 60).to_string()),
        seconds @ 7_200..172_800 => words::time::hours(&(seconds / 3_600).to_string()),
        seconds => words::time::days(&(seconds / 86_400).to_string()),
    }
}

pub(super) fn endpoints_card(system: &SystemView) -> Html {
    if system.endpoints.is_empty() {
        return Html::default();
    }
    html! {
        <section class="card" aria-label={say::addresses()} data-testid="endpoints">
            <h2 class="card-head">{ say::addresses() }<small>{ say::addresses_note() }</small></h2>
            <ul class="endpoints">{ for system.endpoints.iter().map(endpoint) }</ul>
        </section>
    }
}

fn endpoint(view: &EndpointView) -> Html {
    let latency = view
        .latency
        .map_or_else(|| say::never_opened().to_owned(), |millis| say::latency(&millis.to_string()));
    let failures = match view.failures {
        0 => String::new(),
        times => say::failed(times as usize),
    };
    let when = |text: String, at: UnixMillis| words::set(&text, [html! { <Countdown {at} /> }]);
    let (state, circuit) = match view.circuit {
        CircuitView::Closed if view.current => ("live", html! { { say::in_use() } }),
        CircuitView::Closed => ("waiting", html! { { say::ready() } }),
        CircuitView::Open(until) => ("retrying", when(say::left_out(SLOT), until)),
        CircuitView::Refused(until) => ("not-guarded", when(say::refused(SLOT), until)),
    };
    html! {
        <li class="endpoint" data-state={state} key={view.address.as_str()}>
            <span class="dot" aria-hidden="true" />
            <span class="endpoint-text"><code>{ &view.address }</code><small>{ latency }{ failures }</small></span>
            <span>{ circuit }</span>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Language, speak};

    #[test]
    fn a_time_is_told_in_the_largest_unit_that_tells() {
        for (millis, words) in [
            (12, "0.0 s"),
            (840, "0.8 s"),
            (48_000, "48 s"),
            (1_214_000, "20 min"),
            (10_800_000, "3 h"),
            (200_000_000, "2 d"),
        ] {
            assert_eq!(lasted(millis), words);
        }
        speak(Language::German);
        assert_eq!([lasted(840), lasted(200_000_000)], ["0,8 s", "2 T"]);
    }
}
