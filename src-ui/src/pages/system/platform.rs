use domain::Amount;
use domain::view::StatusView;
use yew::prelude::*;

use crate::clock::ago;
use crate::format;
use crate::words::system as say;

pub(super) fn platform_card(status: Option<&StatusView>) -> Html {
    let Some(status) = status else {
        return html! {
            <section class="card" aria-label={say::platform()}>
                <h2 class="card-head">{ say::platform() }</h2>
                <p class="card-empty">{ say::no_status() }</p>
            </section>
        };
    };
    let metrics = &status.metrics;
    let digits = |amount: &Amount| format::group(&amount.to_string());
    let whole = |number: u64| format::group(&number.to_string());
    let known = [
        (say::checks(), metrics.total_checks.as_ref().map(digits)),
        (
            say::response_time(),
            metrics.average_response_time.as_ref().map(|time| format!("{} ms", digits(time))),
        ),
        (
            say::success_rate(),
            metrics.success_rate.as_ref().map(|rate| format!("{} %", digits(rate))),
        ),
        (say::errors(), metrics.error_count.as_ref().map(digits)),
        (say::alerts_sent(), status.alerts_count.map(whole)),
        (say::market_updates(), status.market_data_count.map(whole)),
    ];
    html! {
        <section class="card" aria-label={say::platform()} data-testid="platform-status">
            <h2 class="card-head">{ say::platform() }<small>{ ago(status.received) }</small></h2>
            <div class="state-line" data-state={if status.is_running { "live" } else { "not-guarded" }}>
                <span class="dot" aria-hidden="true" />
                <strong>{ if status.is_running { say::running() } else { say::stopped() } }</strong>
                <span>{ say::own_account() }</span>
            </div>
            <dl class="facts-list">
                { for known.into_iter().filter_map(|(name, value)| Some(html! { <><dt>{ name }</dt><dd>{ value? }</dd></> })) }
                { for status.extra.iter().map(|(name, value)| html! { <><dt class="mono">{ name.as_str() }</dt><dd class="mono">{ value }</dd></> }) }
            </dl>
        </section>
    }
}
