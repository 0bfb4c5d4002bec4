use domain::view::{CheckEnd, CheckLine, Origin};
use yew::prelude::*;

use crate::design::Icon;

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
                <span><strong>{ line.step.name() }</strong>{ " " }{ &line.detail }
                    { for line.remedy.as_ref().map(|remedy| html! { <small>{ remedy }</small> }) }</span>
            </li>
        }
    };
    html! {
        <div class="check" data-testid="check">
            <ol class="check-steps" aria-live="polite">
                { for lines.iter().map(line) }
                if *test == Test::Running { <li class="under-way">{ Icon::Wait.html() }<span>{ "Under way…" }</span></li> }
            </ol>
            { match test {
                Test::Ended(CheckEnd { ok: true, first }) => arrived(first.as_ref()),
                Test::Ended(_) => html! { <p class="check-end wrong" role="alert" data-testid="check-end">{ "The way ends there. Nothing was kept." }</p> },
                Test::Failed(why) => html! { <p class="check-end wrong" role="alert" data-testid="check-end">{ format!("It could not be tried: {why}") }</p> },
                Test::NotRun | Test::Running => Html::default(),
            } }
        </div>
    }
}

fn arrived(first: Option<&Origin>) -> Html {
    html! {
        <div class="check-end" data-testid="check-end">
            { match first {
                Some(first) => html! {
                    <>
                        <p>{ "Values come in. The first message:" }</p>
                        <pre class="origin" data-testid="first-message">{ &first.text }</pre>
                        if first.is_cut() { <p class="origin-cut">{ "and more" }</p> }
                    </>
                },
                None => html! { <p>{ "The feed is there, and says nothing at the moment." }</p> },
            } }
        </div>
    }
}
