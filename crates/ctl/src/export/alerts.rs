use domain::VaultId;
use store::{AlertRecord, LogQuery, LogReader, LogSequence};

use super::table::{Cell, Table};
use super::{ExportArgs, must_exist, rfc3339};
use crate::End;

#[derive(clap::Args)]
pub(crate) struct AlertsArgs {
    #[command(flatten)]
    export: ExportArgs,
    /// Only of this vault
    #[arg(long, value_name = "ID", value_parser = vault)]
    vault: Option<VaultId>,
}

const COLUMNS: [&str; 17] = [
    "time",
    "at",
    "change",
    "severity",
    "vault",
    "title",
    "message",
    "by",
    "until",
    "cause",
    "condition",
    "notification",
    "incident",
    "evidence",
    "raised_by",
    "raised_by_bytes",
    "seq",
];

pub(super) fn run(args: &AlertsArgs) -> anyhow::Result<End> {
    let path = args.export.store_path()?;
    let range = args.export.range()?;
    must_exist(&path)?;
    let reader = LogReader::open(&path)?;
    let columns = COLUMNS.map(str::to_owned).to_vec();
    let mut table = Table::begin(args.export.format, columns, args.export.output()?)?;
    let mut after = LogSequence::default();
    loop {
        let query = LogQuery {
            since: Some(range.start),
            until: Some(range.end),
            vault: args.vault.clone(),
            after,
            ..LogQuery::default()
        };
        let page = reader.read(&query)?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        for logged in page {
            table.row(cells(logged.seq, logged.record))?;
        }
    }
    let rows = table.finish()?;
    if args.export.out.is_some() {
        crate::remark(&format!("{rows} changes written."));
    }
    Ok(End::AsAsked)
}

fn cells(seq: LogSequence, record: AlertRecord) -> Vec<Cell> {
    let change = record.change;
    let bytes = record.origin.as_ref().and_then(|origin| i64::try_from(origin.bytes).ok());
    vec![
        Cell::Text(rfc3339(record.at)),
        Cell::Number(record.at.0),
        Cell::Text(change.word().to_owned()),
        Cell::Text(record.severity.word().to_uppercase()),
        Cell::some(record.vault),
        Cell::Text(record.title),
        Cell::Text(record.message),
        Cell::some(change.party()),
        Cell::some(change.until().map(rfc3339)),
        Cell::some(change.cause()),
        Cell::Text(record.condition),
        Cell::Number(record.notification.0),
        record.incident.map_or(Cell::None, |incident| Cell::Number(incident.0)),
        record.evidence.map_or(Cell::None, Cell::Json),
        // A text in JSON, too: as JSON, its figures would lose digits.
        Cell::some(record.origin.map(|origin| origin.text)),
        bytes.map_or(Cell::None, Cell::Number),
        Cell::Number(seq.0),
    ]
}

pub(super) fn vault(text: &str) -> Result<VaultId, String> {
    VaultId::new(text).map_err(|why| format!("a vault's id {why}"))
}
