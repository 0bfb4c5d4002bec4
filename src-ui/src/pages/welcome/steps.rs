use domain::view::{CheckEnd, CheckLine, CheckStep, Origin};
use yew::prelude::*;

use crate::design::Icon;
use crate::words::welcome as say;

/// How a test of the address stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    NotRun,
    Running,
    Ended(CheckEnd),
    /// It could not be made at all.
    Failed(String),
}

/// The way to the first message, step by step as they are done.
pub(super) fn steps(lines: &[CheckLine], test: &Test) -> Html {
    if *test == Test::NotRun {
        return Html::default();
    }
    let line = |line: &CheckLine| {
        let (class, icon) = match (line.ok, &line.remedy) {
            (true, None) => ("right", Icon::Check),
            (true, Some(_)) => ("remark", Icon::Info),
            (false, _) => ("wrong", Icon::Warning),
        };
        html! {
            <li {class} data-testid={format!("step-{}", line.step.name().replace(' ', "-").to_lowercase())}>
                { icon.html() }
                <span><strong>{ word(line.step) }</strong>{ " " }{ &line.detail }
                    { for line.remedy.as_ref().map(|remedy| html! { <small>{ remedy }</small> }) }</span>
            </li>
        }
    };
    html! {
        <div class="check" data-testid="check">
            <ol class="check-steps" aria-live="polite">
                { for lines.iter().map(line) }
                if *test == Test::Running { <li class="under-way">{ Icon::Wait.html() }<span>{ say::under_way() }</span></li> }
            </ol>
            { match test {
                Test::Ended(CheckEnd { ok: true, first }) => arrived(first.as_ref()),
                Test::Ended(_) => html! { <p class="check-end wrong" role="alert" data-testid="check-end">{ say::ends_there() }</p> },
                Test::Failed(why) => html! { <p class="check-end wrong" role="alert" data-testid="check-end">{ say::not_tried(why) }</p> },
                Test::NotRun | Test::Running => Html::default(),
            } }
        </div>
    }
}

fn word(step: CheckStep) -> &'static str {
    match step {
        CheckStep::Configuration => say::step_configuration(),
        CheckStep::Token => say::step_token(),
        CheckStep::Proxy => say::step_proxy(),
        CheckStep::Certificate => say::step_certificate(),
        CheckStep::Upgrade => say::step_upgrade(),
        CheckStep::Keys => say::step_keys(),
        CheckStep::Hello => say::step_hello(),
        CheckStep::FirstMessage => say::step_first_message(),
        CheckStep::RoundTrip => say::step_round_trip(),
        // These are called so everywhere.
        CheckStep::Dns | CheckStep::Tcp | CheckStep::Tls => step.name(),
    }
}

fn arrived(first: Option<&Origin>) -> Html {
    html! {
        <div class="check-end" data-testid="check-end">
            { match first {
                Some(first) => html! {
                    <>
                        <p>{ say::values_come() }</p>
                        <pre class="origin" data-testid="first-message">{ &first.text }</pre>
                        if first.is_cut() { <p class="origin-cut">{ say::and_more() }</p> }
                    </>
                },
                None => html! { <p>{ say::says_nothing() }</p> },
            } }
        </div>
    }
}
