//! First run: a feed is connected, or the demo looked at. The address is tried before anything is kept of it, and at the
//! end somebody has seen and heard whether an alert would reach them.

mod address;
mod choices;
mod connect;
mod steps;

use domain::view::Target;
use yew::prelude::*;

pub(crate) use choices::FirstRun;

use choices::{Choices, Way};
use connect::Connect;

use crate::design::Icon;
use crate::pages::settings::Proof;
use crate::session::use_session;
use crate::shell::route;
use crate::words::welcome as say;

/// Leads to the form for another feed.
pub(crate) fn add_feed() {
    choices::open(Way::Feed);
}

/// How far the wizard has come.
#[derive(Clone, PartialEq)]
enum Stage {
    Choosing,
    Connecting(Way),
    /// It is watched; what is to be known of it besides.
    Kept {
        name: String,
        remark: Option<String>,
    },
}

#[component]
pub(crate) fn Welcome() -> Html {
    let session = use_session();
    // Whoever chose on the overview has chosen.
    let stage = use_state_eq(|| match choices::take_chosen() {
        Some(way @ (Way::Feed | Way::OneVault)) => Stage::Connecting(way),
        Some(Way::Demo) | None => Stage::Choosing,
    });
    let choose = {
        let stage = stage.setter();
        Callback::from(move |way: Way| match way {
            Way::Feed | Way::OneVault => stage.set(Stage::Connecting(way)),
            Way::Demo => {
                session.change_preferences(|preferences| preferences.welcomed = true);
                route::open(&Target::Overview);
            }
        })
    };
    let back = {
        let stage = stage.setter();
        Callback::from(move |()| stage.set(Stage::Choosing))
    };
    let kept = {
        let stage = stage.setter();
        Callback::from(move |(name, remark): (String, Option<String>)| {
            stage.set(Stage::Kept { name, remark });
        })
    };
    html! {
        <main class="page welcome" data-testid="welcome">
            { match &*stage {
                Stage::Choosing => html! {
                    <section class="card" aria-label={say::choose()}>
                        <h2 class="card-head">{ say::choose() }</h2>
                        <Choices {choose} />
                    </section>
                },
                Stage::Connecting(way) => html! { <Connect way={*way} {back} {kept} /> },
                Stage::Kept { name, remark } => html! { <Done name={name.clone()} remark={remark.clone()} /> },
            } }
        </main>
    }
}

#[derive(PartialEq, Properties)]
struct DoneProps {
    name: String,
    remark: Option<String>,
}

/// The last question: whether an alert would reach whoever is meant by it.
#[component]
fn Done(props: &DoneProps) -> Html {
    html! {
        <>
            <section class="card" aria-label={say::watched()} data-testid="welcome-done">
                <h2 class="card-head">{ Icon::Check.html() }{ say::is_watched(&props.name) }</h2>
                <div class="proof">
                    <p>{ say::watched_about() }</p>
                    { for props.remark.as_ref().map(|remark| html! { <p>{ remark }</p> }) }
                </div>
            </section>
            <Proof />
            <p class="welcome-end"><a class="button primary" href={route::href(&Target::Overview)} data-testid="welcome-overview">{ say::to_overview() }</a></p>
        </>
    }
}
