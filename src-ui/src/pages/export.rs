//! Writes files, and says where they are: one for support, and drawings of charts.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::backend::Plot;
use crate::session::use_session;

#[derive(Clone, PartialEq)]
enum Export {
    None,
    UnderWay,
    Written(String),
    Failed(String),
}

#[component]
pub(crate) fn DiagnosticsExport() -> Html {
    let session = use_session();
    let export = use_state(|| Export::None);
    let onclick = {
        let export = export.clone();
        Callback::from(move |_: MouseEvent| {
            let (session, export) = (session.clone(), export.clone());
            export.set(Export::UnderWay);
            spawn_local(async move {
                export.set(match session.export_diagnostics().await {
                    Ok(path) => Export::Written(path),
                    Err(error) => Export::Failed(error.to_string()),
                });
            });
        })
    };
    let under_way = *export == Export::UnderWay;
    html! {
        <div class="export">
            <button type="button" class="button" data-testid="diagnostics-export" disabled={under_way} {onclick}>
                { "Export diagnostics" }
            </button>
            <p class="export-note" role="status">
                { match &*export {
                    Export::None => html! { "One file for support. It bears no token, no vault and no figure." },
                    Export::UnderWay => html! { "Writing…" },
                    Export::Written(path) => html! { <>{ "Written to " }<span class="mono" data-testid="diagnostics-path">{ path }</span></> },
                    Export::Failed(why) => html! { { format!("Not written: {why}") } },
                } }
            </p>
        </div>
    }
}

/// For a chart that can be saved: what takes its drawing, and what to say of it below the chart.
#[hook]
pub(crate) fn use_plot_export() -> (Callback<Plot>, Html) {
    let session = use_session();
    let export = use_state(|| Export::None);
    let save = {
        let export = export.setter();
        Callback::from(move |plot: Plot| {
            let (session, export) = (session.clone(), export.clone());
            export.set(Export::UnderWay);
            spawn_local(async move {
                export.set(match session.export_plot(plot).await {
                    Ok(path) => Export::Written(path),
                    Err(error) => Export::Failed(error.in_words()),
                });
            });
        })
    };
    let note = html! {
        <p class="export-note chart-note" role="status">
            { match &*export {
                Export::None => Html::default(),
                Export::UnderWay => html! { "Writing…" },
                Export::Written(path) => html! { <>{ "Written to " }<span class="mono" data-testid="plot-path">{ path }</span></> },
                Export::Failed(why) => html! { { format!("Not written: {why}") } },
            } }
        </p>
    };
    (save, note)
}
