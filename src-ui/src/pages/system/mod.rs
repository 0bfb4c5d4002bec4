//! How well the values come in, and how the platform says it is.

mod connection;
mod events;
mod invalid;
mod platform;
mod plots;

use std::rc::Rc;

use domain::view::{FactGroup, PluginState, PluginView, SystemView};
use yew::prelude::*;

use connection::{connection_card, endpoints_card};
use events::Events;
use invalid::invalid_card;
use platform::platform_card;
use plots::Plots;

use crate::design::{Empty, Icon};
use crate::live::Topic;
use crate::pages::export::DiagnosticsExport;
use crate::session::{Asked, Pace, use_asked, use_live};
use crate::words::{CORE, system as say};

/// The page is for watching what goes on.
const PACE: Pace = Pace { settle: 0, period: 2_000 };

#[component]
pub(crate) fn System() -> Html {
    let feed = use_live(Topic::Feed, |state| state.feed.clone());
    let status = use_live(Topic::Status, |state| state.status.clone());
    let version = use_live(Topic::Shell, |state| state.version.clone());
    let asked = use_asked((), PACE, |session, ()| session.system());
    let Some(feed) = feed else {
        return html! {
            <main class="page"><Empty icon={Icon::Wait} title={say::starting()}><p>{ say::starting_why() }</p></Empty></main>
        };
    };
    let system = match &asked {
        Asked::Answer(system) => Some(Rc::clone(system)),
        Asked::Waiting | Asked::Failed(_) => None,
    };
    let last_event = system.as_ref().and_then(|system| system.last_event);
    html! {
        <main class="page system" data-testid="system">
            <div class="columns">
                <div class="column">
                    { connection_card(&feed, system.as_deref()) }
                    { match &asked {
                        Asked::Answer(system) => html! { <Plots system={Rc::clone(system)} /> },
                        Asked::Waiting => html! { <section class="card plots-waiting" role="status" aria-label={say::reading()} /> },
                        Asked::Failed(why) => html! {
                            <section class="card" aria-label={say::figures()}><p class="card-empty" role="alert">{ say::failed(why) }</p></section>
                        },
                    } }
                    { for system.as_deref().map(endpoints_card) }
                    { invalid_card(&feed.recent_invalid, feed.invalid) }
                    <Events newest={last_event} />
                </div>
                <div class="column side">
                    { platform_card(status.as_deref()) }
                    { for system.as_deref().map(figures) }
                    { for system.as_deref().map(|system| plugins(&system.plugins)) }
                    <section class="card" aria-label={say::application()}>
                        <h2 class="card-head">{ say::application() }</h2>
                        <dl class="facts-list"><dt>{ "VaultWatch" }</dt><dd>{ version.to_string() }</dd></dl>
                        <DiagnosticsExport />
                    </section>
                </div>
            </div>
        </main>
    }
}

fn figures(system: &SystemView) -> Html {
    let group = |group: &FactGroup| {
        html! {
            <section class="card" lang={CORE} aria-label={group.title.clone()} key={group.title.as_str()}>
                <h2 class="card-head">{ &group.title }</h2>
                <dl class="facts-list">{ for group.facts.iter().map(|(name, value)| html! { <><dt>{ name }</dt><dd>{ value }</dd></> }) }</dl>
            </section>
        }
    };
    html! { <>{ for system.groups.iter().map(group) }</> }
}

fn plugins(plugins: &[PluginView]) -> Html {
    let line = |plugin: &PluginView| {
        let (word, trouble) = match plugin.state {
            PluginState::Running => (say::plugin_running(), false),
            PluginState::Outdated => (say::plugin_outdated(), true),
            PluginState::Paused => (say::plugin_paused(), true),
            PluginState::Broken => (say::plugin_broken(), true),
        };
        let icon = if trouble { Icon::Warning } else { Icon::Check };
        html! {
            <li class={if trouble { "not" } else { "applies" }} key={plugin.name.as_str()}>
                { icon.html() }<span><strong>{ &plugin.name }</strong><small>{ format!("{word}: {}", plugin.detail) }</small></span>
            </li>
        }
    };
    html! {
        <section class="card" aria-label={say::plugins()} data-testid="plugins">
            <h2 class="card-head">{ say::plugins() }</h2>
            if plugins.is_empty() {
                <p class="card-empty">{ say::no_plugins() }</p>
            } else {
                <ul class="verdicts">{ for plugins.iter().map(line) }</ul>
            }
        </section>
    }
}
