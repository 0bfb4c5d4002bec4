//! Files that are written when somebody asks for them, and where they are: a list of alerts, a drawing of a chart, one for
//! support.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::backend::{BackendError, Plot};
use crate::session::use_session;
use crate::words::{self, SLOT, export as say};

/// A file, and what became of it.
#[derive(Clone)]
pub(super) struct Export(UseStateHandle<State>);

#[derive(Clone, PartialEq)]
enum State {
    NotAsked,
    UnderWay,
    Written { path: AttrValue },
    Failed { why: AttrValue },
}

#[hook]
pub(super) fn use_export() -> Export {
    Export(use_state_eq(|| State::NotAsked))
}

impl Export {
    /// Begins. The answer is the path.
    pub(super) fn begin(
        &self,
        written: impl Future<Output = Result<String, BackendError>> + 'static,
    ) {
        let state = self.0.setter();
        state.set(State::UnderWay);
        spawn_local(async move {
            state.set(match written.await {
                Ok(path) => State::Written { path: path.into() },
                Err(error) => State::Failed { why: error.in_words().into() },
            });
        });
    }

    fn is_under_way(&self) -> bool {
        *self.0 == State::UnderWay
    }

    /// What became of it; before anybody asked for it, `before`. The path is found by `test_id`.
    pub(super) fn told(&self, test_id: &'static str, before: &'static str) -> Html {
        match &*self.0 {
            State::NotAsked => html! { { before } },
            State::UnderWay => html! { { say::writing() } },
            State::Written { path } => words::set(
                &say::written(SLOT),
                [html! { <span class="mono" data-testid={test_id}>{ path }</span> }],
            ),
            State::Failed { why } => html! { { say::not_written(why) } },
        }
    }
}

#[component]
pub(crate) fn DiagnosticsExport() -> Html {
    let session = use_session();
    let export = use_export();
    let onclick = {
        let export = export.clone();
        Callback::from(move |_: MouseEvent| {
            let session = session.clone();
            export.begin(async move { session.export_diagnostics().await });
        })
    };
    html! {
        <div class="export">
            <button type="button" class="button" data-testid="diagnostics-export" disabled={export.is_under_way()} {onclick}>
                { say::diagnostics() }
            </button>
            <p class="export-note" role="status">{ export.told("diagnostics-path", say::diagnostics_note()) }</p>
        </div>
    }
}

/// For a chart that can be saved: what takes its drawing, and what to say of it below the chart.
#[hook]
pub(crate) fn use_plot_export() -> (Callback<Plot>, Html) {
    let session = use_session();
    let export = use_export();
    let note = html! { <p class="export-note chart-note" role="status">{ export.told("plot-path", "") }</p> };
    let save = Callback::from(move |plot: Plot| {
        let session = session.clone();
        export.begin(async move { session.export_plot(plot).await });
    });
    (save, note)
}
