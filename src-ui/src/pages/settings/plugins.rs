use domain::view::{PluginState, PluginView};
use yew::prelude::*;

use crate::design::Icon;
use crate::live::Topic;
use crate::session::{Asked, Pace, use_asked, use_live};
use crate::words::settings as say;

/// A plugin is looked at again when its file changes, which is seldom.
const PACE: Pace = Pace { settle: 0, period: 10_000 };

/// The user's own scripts, which are put in place outside of the window.
#[component]
pub(super) fn Plugins() -> Html {
    let asked = use_asked((), PACE, |session, ()| session.system());
    let path = use_live(Topic::Config, |state| match &state.config {
        Some(Ok(config)) => Some(config.path.clone()),
        _ => None,
    });
    let folder = path.as_deref().and_then(|path| path.rsplit_once(['/', '\\']));
    let folder =
        folder.map_or(say::plugins_folder().to_owned(), |(folder, _)| format!("{folder}/plugins"));
    let body = match &asked {
        Asked::Waiting => html! { <div class="form-part"><div class="skeleton-line" /></div> },
        Asked::Failed(why) => html! { <p class="card-note" role="alert">{ why }</p> },
        Asked::Answer(system) if system.plugins.is_empty() => html! {
            <p class="card-note">{ say::no_plugin(&folder) }</p>
        },
        Asked::Answer(system) => html! {
            <>
                <ul class="verdicts">{ for system.plugins.iter().map(line) }</ul>
                <p class="card-note">{ say::plugins_lie(&folder) }</p>
            </>
        },
    };
    html! {
        <section id="settings-plugins" class="card" aria-label={say::plugins()}>
            <h2 class="card-head">{ say::plugins() }</h2>
            { body }
        </section>
    }
}

fn line(plugin: &PluginView) -> Html {
    let (class, icon) = match plugin.state {
        PluginState::Running => ("applies", Icon::Check),
        PluginState::Outdated | PluginState::Paused | PluginState::Broken => ("not", Icon::Warning),
    };
    html! {
        <li {class} key={plugin.name.as_str()}>{ icon.html() }<span><strong>{ &plugin.name }</strong><small>{ &plugin.detail }</small></span></li>
    }
}
