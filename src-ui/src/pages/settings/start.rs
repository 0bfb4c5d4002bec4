use domain::view::AutostartView;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::backend::BackendError;
use crate::design::Switch;
use crate::live::Topic;
use crate::session::{use_live, use_session};
use crate::words::settings as say;

/// What is known of the start with the session.
#[derive(Clone, PartialEq)]
enum Known {
    Waiting,
    Stands(AutostartView),
    Failed(String),
}

impl From<Result<AutostartView, BackendError>> for Known {
    fn from(answer: Result<AutostartView, BackendError>) -> Self {
        match answer {
            Ok(view) => Self::Stands(view),
            Err(error) => Self::Failed(error.in_words()),
        }
    }
}

/// Whether the app is there when somebody has logged in, and when the window is closed.
#[component]
pub(super) fn Start() -> Html {
    let session = use_session();
    let close_quits = use_live(Topic::Preferences, |state| state.preferences.close_quits);
    // Renders again even where the same comes back: the browser has switched already what was refused.
    let known = use_state(|| Known::Waiting);
    {
        let (session, known) = (session.clone(), known.setter());
        use_effect_with((), move |()| {
            spawn_local(async move { known.set(session.autostart().await.into()) });
        });
    }
    let onclose = {
        let session = session.clone();
        Callback::from(move |stays: bool| {
            session.change_preferences(|preferences| preferences.close_quits = !stays);
        })
    };
    let onchange = {
        let known = known.setter();
        Callback::from(move |on: bool| {
            let (session, known) = (session.clone(), known.clone());
            spawn_local(async move { known.set(session.set_autostart(on).await.into()) });
        })
    };
    let (on, remarks) = match &*known {
        Known::Waiting => (false, Vec::new()),
        Known::Stands(view) => (view.on, view.remarks.clone()),
        Known::Failed(why) => (false, vec![why.clone()]),
    };
    html! {
        <section id="settings-start" class="card" aria-label={say::start()}>
            <h2 class="card-head">{ say::start() }<small>{ say::start_note() }</small></h2>
            <div class="settings-column padded">
                <Switch id="autostart" label={say::autostart()} hint={hint(&known)} {on} {onchange} />
                <Switch id="close-to-tray" label={say::watch_on()} hint={close_hint(close_quits)} on={!close_quits} onchange={onclose} />
            </div>
            <div role="status" data-testid="autostart-remarks">
                { for remarks.into_iter().map(|remark| html! { <p class="ways-none">{ remark }</p> }) }
            </div>
        </section>
    }
}

fn close_hint(quits: bool) -> &'static str {
    if quits { say::close_quits() } else { say::close_to_tray() }
}

fn hint(known: &Known) -> &'static str {
    let by = match known {
        Known::Stands(view) if view.on => view.by.as_deref(),
        _ => None,
    };
    match by {
        Some("systemd") => say::by_systemd(),
        Some("launch-agent") => say::by_launchd(),
        Some(_) => say::by_desktop(),
        None => say::by_none(),
    }
}
