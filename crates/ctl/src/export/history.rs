use domain::VaultId;
use domain::sample::Figure;
use store::{History, HistoryPoint, HistoryReader, SeriesKey, StoreErrorKind};

use super::alerts::vault;
use super::table::{Cell, Table};
use super::{ExportArgs, must_exist, rfc3339};
use crate::End;

#[derive(clap::Args)]
pub(crate) struct HistoryArgs {
    #[command(flatten)]
    export: ExportArgs,
    /// Only of this vault; repeatable. Without it of all vaults and prices
    #[arg(long = "vault", value_name = "ID", value_parser = vault)]
    vaults: Vec<VaultId>,
}

/// Those before the figures.
const COLUMNS: [&str; 6] = ["time", "at", "seconds", "vault", "chain", "token"];

pub(super) fn run(args: &HistoryArgs) -> anyhow::Result<End> {
    let path = History::path_beside(&args.export.store_path()?);
    let range = args.export.range()?;
    must_exist(&path)?;
    let reader = HistoryReader::open(&path)?;
    let all = match args.vaults.is_empty() {
        true => reader.series()?,
        false => args.vaults.iter().cloned().map(SeriesKey::Vault).collect(),
    };
    let mut columns = COLUMNS.map(str::to_owned).to_vec();
    for figure in Figure::ALL {
        columns.extend(["min", "max", "last"].map(|of| format!("{}_{of}", figure.name())));
    }
    let mut table = Table::begin(args.export.format, columns, args.export.output()?)?;
    let mut unreadable = 0;
    for series in all {
        for point in reader.samples(&series, range.clone())? {
            match point {
                Ok(point) => table.row(cells(&series, &point))?,
                Err(error) if error.kind == StoreErrorKind::Malformed => unreadable += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }
    let rows = table.finish()?;
    if args.export.out.is_some() {
        crate::remark(&format!("{rows} points written."));
    }
    if unreadable > 0 {
        crate::remark(&format!("{unreadable} stretches of time cannot be read and are left out."));
        return Ok(End::Wrong);
    }
    Ok(End::AsAsked)
}

fn cells(series: &SeriesKey, point: &HistoryPoint) -> Vec<Cell> {
    let (vault, chain, token) = match series {
        SeriesKey::Vault(id) => (Some(id), None, None),
        SeriesKey::Price { chain, token } => (None, Some(chain.0), Some(token)),
    };
    let seconds = i64::try_from(point.step.as_secs()).unwrap_or(i64::MAX);
    let mut cells = vec![
        Cell::Text(rfc3339(point.at)),
        Cell::Number(point.at.0),
        Cell::Number(seconds),
        Cell::some(vault),
        Cell::some(chain),
        Cell::some(token),
    ];
    for figure in Figure::ALL {
        let spread = point.get(figure);
        cells.push(Cell::some(spread.map(|spread| spread.min)));
        cells.push(Cell::some(spread.map(|spread| spread.max)));
        cells.push(Cell::some(spread.map(|spread| spread.last)));
    }
    cells
}
