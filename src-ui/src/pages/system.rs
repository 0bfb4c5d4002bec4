//! How well the values come in, and how the platform says it is.

use domain::view::{FeedView, InvalidReport, Mode, StatusView};
use domain::{Amount, text};
use wire::InvalidKind;
use yew::prelude::*;

use crate::clock::Age;
use crate::design::{Empty, Icon};
use crate::live::Topic;
use crate::pages::export::DiagnosticsExport;
use crate::session::use_live;
use crate::shell::connection;

#[component]
pub(crate) fn System() -> Html {
    let feed = use_live(Topic::Feed, |state| state.feed.clone());
    let status = use_live(Topic::Status, |state| state.status.clone());
    let version = use_live(Topic::Shell, |state| state.version.clone());
    let Some(feed) = feed else {
        return html! {
            <main class="page"><Empty icon={Icon::Wait} title="Starting"><p>{ "The application has not answered yet." }</p></Empty></main>
        };
    };
    html! {
        <main class="page system" data-testid="system">
            <div class="columns">
                <div class="column">
                    { connection_card(&feed) }
                    { invalid_card(&feed.recent_invalid, feed.invalid) }
                </div>
                <div class="column side">
                    { platform_card(status.as_deref()) }
                    <section class="card" aria-label="Application">
                        <h2 class="card-head">{ "Application" }</h2>
                        <dl class="facts-list"><dt>{ "VaultWatch" }</dt><dd>{ version.to_string() }</dd></dl>
                        <DiagnosticsExport />
                    </section>
                </div>
            </div>
        </main>
    }
}

fn connection_card(feed: &FeedView) -> Html {
    let style = connection::style(&feed.state);
    let number = |number: u64| text::group(&number.to_string());
    let mode = match &feed.mode {
        Mode::Demo => "Embedded demo feed".to_owned(),
        Mode::Profile(name) => format!("Profile {name}"),
    };
    html! {
        <section class="card" aria-label="Connection">
            <h2 class="card-head">{ "Connection" }</h2>
            <div class="state-line" data-state={style}>
                <span class="dot" aria-hidden="true" />
                <strong>{ feed.state.word() }</strong>
                <span>{ "for " }<Age at={feed.since} /></span>
            </div>
            { for connection::explanation(feed).map(|explanation| html! { <p class="state-cause">{ explanation }</p> }) }
            <div class="market-facts">
                <div class="fact"><span class="label">{ "Round trip" }</span>
                    <span class="fact-value">{ feed.round_trip.map_or_else(|| "–".to_owned(), |millis| format!("{millis} ms")) }</span></div>
                <div class="fact"><span class="label">{ "Messages" }</span><span class="fact-value" data-testid="feed-messages">{ number(feed.messages) }</span></div>
                <div class="fact"><span class="label">{ "Invalid" }</span><span class="fact-value" data-testid="feed-invalid">{ number(feed.invalid) }</span></div>
                <div class="fact"><span class="label">{ "Duplicates" }</span><span class="fact-value">{ number(feed.duplicates) }</span></div>
            </div>
            <dl class="facts-list">
                <dt>{ "Source" }</dt><dd>{ mode }</dd>
                <dt>{ "Endpoint" }</dt><dd class="mono">{ &feed.endpoint }</dd>
                <dt>{ "Last message" }</dt>
                <dd>{ feed.last_message.map_or_else(|| html! { { "none yet" } }, |at| html! { <><Age {at} />{ " ago" }</> }) }</dd>
            </dl>
        </section>
    }
}

fn invalid_card(recent: &[InvalidReport], total: u64) -> Html {
    html! {
        <section class="card" aria-label="Invalid messages">
            <h2 class="card-head">{ "Invalid messages" }<small>{ format!("{} since the start", text::group(&total.to_string())) }</small></h2>
            if recent.is_empty() {
                <p class="card-empty">{ "Every message was understood." }</p>
            }
            <ol class="invalid" data-testid="invalid-list">
                { for recent.iter().map(|report| html! {
                    <li>
                        <div class="invalid-reason">
                            <span class="pill invalid-kind">{ kind(report.kind) }</span>
                            <span>{ &report.reason }</span>
                            if report.more > 0 { <span class="chip-count">{ format!("and {} more", report.more) }</span> }
                            <Age at={report.at} />
                        </div>
                        <code>{ &report.sample }</code>
                    </li>
                }) }
            </ol>
        </section>
    }
}

fn kind(kind: InvalidKind) -> &'static str {
    match kind {
        InvalidKind::NotText => "not text",
        InvalidKind::NotJson => "not JSON",
        InvalidKind::NotObject => "no object",
        InvalidKind::Envelope => "envelope",
        InvalidKind::Batch => "batch",
        InvalidKind::Payload => "payload",
        InvalidKind::TooLarge => "too large",
        InvalidKind::Control => "control message",
        InvalidKind::Compressed => "compression",
        InvalidKind::Encrypted => "encryption",
    }
}

fn platform_card(status: Option<&StatusView>) -> Html {
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
