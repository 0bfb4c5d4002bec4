use std::rc::Rc;

use domain::view::NotificationId;
use yew::prelude::*;

use crate::backend::ExportFormat;
use crate::design::{Choice, Icon, Menu, choices};
use crate::pages::export::use_export;
use crate::session::use_session;
use crate::words::export as say;

/// Writes alerts to a file: the menu for that, and where the file is. `ids` is what is written: the selection, or all that
/// is listed.
#[hook]
pub(super) fn use_alerts_export(ids: Rc<Vec<NotificationId>>) -> (Html, Html) {
    let session = use_session();
    let export = use_export();
    let told = export.told("export-path", "");
    let disabled = ids.is_empty();
    let list = choices(move || {
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
    });
    let menu = html! {
        <Menu label={say::alerts()} icon={Icon::Save} class="icon-button small export-menu" test_id="export-alerts" choices={list} {disabled} />
    };
    (menu, html! { <p class="bulk-note" role="status">{ told }</p> })
}
