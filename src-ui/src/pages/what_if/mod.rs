//! A shock to prices, and what it would do to all vaults: which fall, in what order, and what would keep them.

mod falls;
mod shocks;

use std::rc::Rc;

use domain::view::WhatIfView;
use yew::prelude::*;

use falls::falls;
use shocks::{Shocks, ShocksCard};

use crate::design::{Empty, Icon};
use crate::format;
use crate::session::{Asked, Pace, use_asked};
use crate::words::what_if as say;

/// Percent that a slider moves a price by.
pub(super) const LEAST: i32 = -90;
pub(super) const MOST: i32 = 100;

/// A slider is followed at once, and values that move are looked at again.
const PACE: Pace = Pace { settle: 90, period: 3_000 };

/// An answer, with what it was asked for: the sliders may have moved since.
#[derive(Clone)]
struct Outcome {
    supposed: Option<Shocks>,
    view: Rc<WhatIfView>,
}

#[component]
pub(crate) fn WhatIf() -> Html {
    let shocks = use_state_eq(|| None::<Shocks>);
    let asked = use_asked((*shocks).clone(), PACE, |session, shocks| {
        let supposed = shocks.clone();
        let answer = session.what_if(shocks.as_ref().map(Shocks::all).unwrap_or_default());
        Box::pin(async move { Ok(Outcome { supposed, view: Rc::new(answer.await?) }) })
    });
    // The tokens come with the first answer: then there is something to ask about.
    let first = match &asked {
        Asked::Answer(outcome) if !outcome.view.tokens.is_empty() => {
            Some(Shocks::first(&outcome.view.tokens))
        }
        _ => None,
    };
    {
        let shocks = shocks.clone();
        use_effect_with(first.is_some(), move |_| {
            if shocks.is_none() {
                shocks.set(first);
            }
        });
    }
    let Outcome { supposed, view } = match &asked {
        Asked::Answer(outcome) => (**outcome).clone(),
        Asked::Waiting => return waiting(),
        Asked::Failed(why) => {
            return html! {
                <main class="page what-if-page" data-testid="what-if">
                    <Empty icon={Icon::Warning} title={say::failed()}>
                        <p>{ why }</p>
                        <p>{ say::failed_note() }</p>
                    </Empty>
                </main>
            };
        }
    };
    if view.tokens.is_empty() {
        return html! {
            <main class="page what-if-page" data-testid="what-if">
                <Empty icon={Icon::WhatIf} title={say::nothing()}>
                    <p>{ say::nothing_why() }</p>
                </Empty>
            </main>
        };
    }
    let shown = (*shocks).clone().unwrap_or_else(|| Shocks::first(&view.tokens));
    let onchange = {
        let shocks = shocks.setter();
        Callback::from(move |next: Shocks| shocks.set(Some(next)))
    };
    html! {
        <main class="page what-if-page" data-testid="what-if">
            <ShocksCard shocks={shown.clone()} tokens={Rc::new(view.tokens.clone())} {onchange} />
            { outcome(&view) }
            { falls(&view, supposed.as_ref().unwrap_or(&shown)) }
        </main>
    }
}

fn waiting() -> Html {
    html! {
        <main class="page what-if-page" role="status" aria-label={say::waiting()}>
            <div class="skeleton"><div class="skeleton-totals" /><div class="skeleton-totals" /><div class="skeleton-table" /></div>
        </main>
    }
}

/// The strip of sums.
fn outcome(view: &WhatIfView) -> Html {
    let total = |label: &'static str, id: &'static str, figure: String, note: String| {
        html! {
            <div class="total">
                <span class="label">{ label }</span>
                <span class="total-figure" data-testid={id}>{ figure }{ " " }<small>{ note }</small></span>
            </div>
        }
    };
    let count = |vaults: u32| format::group(&vaults.to_string());
    let of = say::fall_of(view.vaults as usize);
    let mut left_out = Vec::new();
    if view.stale > 0 {
        left_out.push(say::stale(&count(view.stale)));
    }
    if view.unknown > 0 {
        left_out.push(say::unknown(&count(view.unknown)));
    }
    html! {
        <section class="totals what-if-totals" aria-label={say::outcome()} role="status">
            { total(say::fall(), "what-if-fallen", count(view.fallen), of) }
            { total(say::debt(), "what-if-debt", format::usd(view.debt), String::new()) }
            { total(say::repay(), "what-if-total-repay", format::usd(view.repay), say::repay_note().to_owned()) }
            { total(say::add(), "what-if-total-add", format::usd(view.add), say::add_note().to_owned()) }
            { total(say::stand(), "what-if-critical", count(view.critical), say::stand_high(&count(view.high))) }
            if !left_out.is_empty() { <p class="what-if-note">{ say::left_out(&left_out.join(", ")) }</p> }
        </section>
    }
}
