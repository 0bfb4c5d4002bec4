//! A shock to prices, and what it would do to all vaults: which fall, in what order, and what would keep them.

mod falls;
mod shocks;

use std::rc::Rc;

use domain::text;
use domain::view::{Shock, WhatIfView};
use yew::prelude::*;

use falls::falls;
use shocks::{Shocks, ShocksCard};

use crate::design::{Empty, Icon};
use crate::format;
use crate::session::{Asked, Pace, use_asked};

/// A slider is followed at once, and values that move are looked at again.
const PACE: Pace = Pace { settle: 90, period: 3_000 };

#[component]
pub(crate) fn WhatIf() -> Html {
    let shocks = use_state_eq(|| None::<Shocks>);
    let question: Vec<Shock> = shocks.as_ref().map(Shocks::all).unwrap_or_default();
    let asked = use_asked(question, PACE, |session, shocks| session.what_if(shocks.clone()));
    // The tokens come with the first answer: then there is something to ask about.
    let first = match &asked {
        Asked::Answer(view) if !view.tokens.is_empty() => Some(Shocks::first(&view.tokens)),
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
    let view = match &asked {
        Asked::Answer(view) => Rc::clone(view),
        Asked::Waiting => return waiting(),
        Asked::Failed(why) => {
            return html! {
                <main class="page what-if-page" data-testid="what-if">
                    <Empty icon={Icon::Warning} title="This cannot be told now">
                        <p>{ why }</p>
                        <p>{ "Monitoring is not affected. It is asked again every few seconds." }</p>
                    </Empty>
                </main>
            };
        }
    };
    if view.tokens.is_empty() {
        return html! {
            <main class="page what-if-page" data-testid="what-if">
                <Empty icon={Icon::WhatIf} title="Nothing to be shocked yet">
                    <p>{ "As soon as vaults come whose tokens are known, a shock to their prices can be tried here." }</p>
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
            { falls(&view, &shown) }
        </main>
    }
}

fn waiting() -> Html {
    html! {
        <main class="page what-if-page" role="status" aria-label="Looking at all vaults">
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
    let vaults = |count: u32| format::count(count as usize, "vault", "vaults");
    let of = format!("of {}", vaults(view.vaults));
    let mut left_out = Vec::new();
    if view.stale > 0 {
        left_out.push(format!("{} stale", view.stale));
    }
    if view.unknown > 0 {
        left_out.push(format!("{} with too little known", view.unknown));
    }
    html! {
        <section class="totals what-if-totals" aria-label="Outcome" role="status">
            { total("Fall", "what-if-fallen", text::group(&view.fallen.to_string()), of) }
            { total("Their debt", "what-if-debt", text::usd_compact(view.debt), String::new()) }
            { total("Repay", "what-if-total-repay", text::usd_compact(view.repay), "to 15 % left".to_owned()) }
            { total("Or add", "what-if-total-add", text::usd_compact(view.add), "at the shocked prices".to_owned()) }
            { total("Stand, but critical", "what-if-critical", text::group(&view.critical.to_string()), format!("{} high", view.high)) }
            if !left_out.is_empty() { <p class="what-if-note">{ format!("Not judged: {}.", left_out.join(", ")) }</p> }
        </section>
    }
}
