use std::rc::Rc;

use domain::view::NotificationId;
use yew::prelude::*;

use crate::backend::ExportFormat;
use crate::design::{Choice, Menu, choices};
use crate::pages::export::use_export;
use crate::session::use_session;
use crate::words::export as say;

#[derive(PartialEq, Properties)]
pub(super) struct ExportProps {
    /// What is written: the selection, or all that is listed.
    pub(super) ids: Rc<Vec<NotificationId>>,
}

/// Writes alerts to a file, and says where it is.
#[component]
pub(super) fn Export(props: &ExportProps) -> Html {
    let session = use_session();
    let export = use_export();
    let list = {
        let (ids, export) = (Rc::clone(&props.ids), export.clone());
        choices(move || {
            let choice = |format: ExportFormat, name: &'static str, note: &'static str| {
                let (session, ids, export) = (session.clone(), Rc::clone(&ids), export.clone());
                let write = move || {
                    let (session, ids) = (session.clone(), ids.to_vec());
                    export.begin(async move { session.export_notifications(format, ids).await });
                };
                Choice::new(name, write).note(note)
            };
            vec![
                choice(ExportFormat::Csv, say::csv(), say::csv_note()).test_id("export-csv"),
                choice(ExportFormat::Json, say::json(), say::json_note()).test_id("export-json"),
            ]
        })
    };
    html! {
        <span class="bulk-end">
            <span class="bulk-note" role="status">{ export.told("export-path", "") }</span>
            <Menu label={say::alerts()} test_id="export-alerts" choices={list} />
        </span>
    }
}
