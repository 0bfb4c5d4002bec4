use domain::text;
use domain::view::InvalidReport;
use wire::InvalidKind;
use yew::prelude::*;

use crate::clock::Age;

pub(super) fn invalid_card(recent: &[InvalidReport], total: u64) -> Html {
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
