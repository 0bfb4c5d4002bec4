use domain::view::StatusView;
use domain::{Amount, text};
use yew::prelude::*;

use crate::clock::Age;

pub(super) fn platform_card(status: Option<&StatusView>) -> Html {
    let Some(status) = status else {
        return html! {
            <section class="card" aria-label="Platform">
                <h2 class="card-head">{ "Platform" }</h2>
                <p class="card-empty">{ "The platform has not told its status." }</p>
            </section>
        };
    };
    let metrics = &status.metrics;
    let digits = |amount: &Amount| text::group(&amount.to_string());
    let whole = |number: u64| text::group(&number.to_string());
    let known = [
        ("Checks", metrics.total_checks.as_ref().map(digits)),
        (
            "Response time",
            metrics.average_response_time.as_ref().map(|time| format!("{} ms", digits(time))),
        ),
        ("Success rate", metrics.success_rate.as_ref().map(|rate| format!("{} %", digits(rate)))),
        ("Errors", metrics.error_count.as_ref().map(digits)),
        ("Alerts sent", status.alerts_count.map(whole)),
        ("Market updates", status.market_data_count.map(whole)),
    ];
    html! {
        <section class="card" aria-label="Platform" data-testid="platform-status">
            <h2 class="card-head">{ "Platform" }<small><Age at={status.received} />{ " ago" }</small></h2>
            <div class="state-line" data-state={if status.is_running { "live" } else { "not-guarded" }}>
                <span class="dot" aria-hidden="true" />
                <strong>{ if status.is_running { "Running" } else { "Stopped" } }</strong>
                <span>{ "by its own account" }</span>
            </div>
            <dl class="facts-list">
                { for known.into_iter().filter_map(|(name, value)| Some(html! { <><dt>{ name }</dt><dd>{ value? }</dd></> })) }
                { for status.extra.iter().map(|(name, value)| html! { <><dt class="mono">{ name.as_str() }</dt><dd class="mono">{ value }</dd></> }) }
            </dl>
        </section>
    }
}
