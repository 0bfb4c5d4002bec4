use std::rc::Rc;

use domain::view::NotificationId;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::backend::ExportFormat;
use crate::design::{Choice, Menu, choices};
use crate::session::use_session;

#[derive(Clone, PartialEq)]
enum Written {
    Nothing,
    UnderWay,
    To(String),
    Failed(String),
}

#[derive(PartialEq, Properties)]
pub(super) struct ExportProps {
    /// What is written: the selection, or all that is listed.
    pub(super) ids: Rc<Vec<NotificationId>>,
}

/// Writes alerts to a file, and says where it is.
#[component]
pub(super) fn Export(props: &ExportProps) -> Html {
    let session = use_session();
    let written = use_state_eq(|| Written::Nothing);
    let list = {
        let (ids, written) = (Rc::clone(&props.ids), written.setter());
        choices(move || {
            let choice = |format: ExportFormat, name: &'static str, note: &'static str| {
                let (session, ids, written) = (session.clone(), Rc::clone(&ids), written.clone());
                let export = move || {
                    let (session, ids, written) =
                        (session.clone(), Rc::clone(&ids), written.clone());
                    written.set(Written::UnderWay);
                    spawn_local(async move {
                        let answer = session.export_notifications(format, ids.to_vec()).await;
                        written.set(match answer {
                            Ok(path) => Written::To(path),
                            Err(error) => Written::Failed(error.in_words()),
                        });
                    });
                };
                Choice::new(name, export).note(note)
            };
            vec![
                choice(ExportFormat::Csv, "CSV", "for spreadsheets").test_id("export-csv"),
                choice(ExportFormat::Json, "JSON", "everything, for programs")
                    .test_id("export-json"),
            ]
        })
    };
    html! {
        <span class="bulk-end">
            <span class="bulk-note" role="status">
                { match &*written {
                    Written::Nothing => Html::default(),
                    Written::UnderWay => html! { "Writing…" },
                    Written::To(path) => html! { <>{ "Written to " }<span class="mono" data-testid="export-path">{ path }</span></> },
                    Written::Failed(why) => html! { { format!("Not written: {why}") } },
                } }
            </span>
            <Menu label="Export" test_id="export-alerts" choices={list} />
        </span>
    }
}
