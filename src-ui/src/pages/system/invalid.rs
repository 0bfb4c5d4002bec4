use domain::view::InvalidReport;
use wire::InvalidKind;
use yew::prelude::*;

use crate::clock::Age;
use crate::format;
use crate::words::{CORE, system_events as say};

pub(super) fn invalid_card(recent: &[InvalidReport], total: u64) -> Html {
    html! {
        <section class="card" aria-label={say::invalid()}>
            <h2 class="card-head">{ say::invalid() }<small>{ say::invalid_since(&format::group(&total.to_string())) }</small></h2>
            if recent.is_empty() {
                <p class="card-empty">{ say::all_understood() }</p>
            }
            <ol class="invalid" data-testid="invalid-list">
                { for recent.iter().map(|report| html! {
                    <li>
                        <div class="invalid-reason">
                            <span class="pill invalid-kind">{ kind(report.kind) }</span>
                            <span lang={CORE}>{ &report.reason }</span>
                            if report.more > 0 { <span class="chip-count">{ say::and_more(&format::group(&report.more.to_string())) }</span> }
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
        InvalidKind::NotText => say::not_text(),
        InvalidKind::NotJson => say::not_json(),
        InvalidKind::NotObject => say::not_object(),
        InvalidKind::Envelope => say::envelope(),
        InvalidKind::Batch => say::batch(),
        InvalidKind::Payload => say::payload(),
        InvalidKind::TooLarge => say::too_large(),
        InvalidKind::Control => say::control(),
        InvalidKind::Compressed => say::compressed(),
        InvalidKind::Encrypted => say::encrypted(),
    }
}
