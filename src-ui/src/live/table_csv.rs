//! Rows of the overview for a spreadsheet, with every digit that is known.

use domain::solvency::{Health, Limit};
use domain::view::{Freshness, VaultRow};
use domain::{Level, csv, moment};

use super::{Column, ColumnOrder};

/// The figures that a column of the table stands for, and what goes with them: the name of each, and how it is written.
type Field = (&'static str, fn(&VaultRow) -> String);

/// A line of names, and one for each row. First which vault it is, then everything in the order of the table's columns,
/// those that are not shown as well. For programs too: the same in every language.
pub(crate) fn table_csv<'a>(
    order: ColumnOrder,
    rows: impl Iterator<Item = &'a VaultRow>,
) -> String {
    let others = order.iter().filter(|column| *column != Column::Vault);
    let all: Vec<Field> =
        fields(Column::Vault).iter().chain(others.flat_map(fields)).copied().collect();
    let mut csv = String::new();
    csv::push_line(&mut csv, all.iter().map(|(name, _)| *name));
    for row in rows {
        let texts: Vec<_> = all.iter().map(|(_, write)| write(row)).collect();
        csv::push_line(&mut csv, texts.iter().map(String::as_str));
    }
    csv
}

fn fields(column: Column) -> &'static [Field] {
    match column {
        Column::Level => &[
            ("level", |row| row.level.map_or("Unknown", Level::word).to_owned()),
            ("freshness", |row| freshness(row.freshness).to_owned()),
        ],
        Column::Vault => &[
            ("vault", |row| row.id.to_string()),
            ("name", |row| row.name.as_deref().unwrap_or_default().to_owned()),
            ("tokens", |row| row.tokens.to_string()),
        ],
        Column::Room => &[("to liquidation %", |row| text(row.room))],
        Column::Health => &[("health factor", |row| health(row.health))],
        Column::Ltv => &[
            ("ltv %", |row| text(row.ltv)),
            ("max ltv %", |row| text(row.max_ltv)),
            ("liquidation threshold %", |row| threshold(row.limit)),
        ],
        Column::LiquidationPrice => &[("liquidation price $", |row| text(row.liquidation_price))],
        Column::Debt => {
            &[("collateral $", |row| text(row.collateral)), ("debt $", |row| text(row.debt))]
        }
        Column::Cure => &[("cure $", |row| text(row.cure))],
        // A drawing of what this window has seen.
        Column::Trend => &[],
        Column::Chain => &[("chain", |row| {
            row.chain_id.map(|chain| chain.name().into_owned()).unwrap_or_default()
        })],
        Column::Age => &[("received", |row| moment::iso(row.received))],
    }
}

fn freshness(freshness: Freshness) -> &'static str {
    match freshness {
        Freshness::Stale => "stale",
        Freshness::Live => "live",
    }
}

fn health(health: Health) -> String {
    match health {
        Health::Unknown => String::new(),
        Health::NoDebt => "no debt".to_owned(),
        Health::Factor(factor) => factor.to_string(),
    }
}

fn threshold(limit: Option<Limit>) -> String {
    match limit {
        Some(Limit::LiquidationThreshold(limit)) => limit.to_string(),
        Some(Limit::MaxLtv(_)) | None => String::new(),
    }
}

fn text(figure: Option<impl ToString>) -> String {
    figure.map(|figure| figure.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::Side;
    use crate::live::fixture::row;
    use crate::words::{Language, speak};

    fn lines(order: ColumnOrder) -> Vec<String> {
        let rows = [row("ETH-017").tokens("WETH, wstETH").critical("7.912345678901234567")];
        let csv = table_csv(order, rows.iter().map(|row| &row.0));
        csv.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_row_keeps_every_digit() {
        let lines = lines(ColumnOrder::default());
        assert_eq!(lines[0].split(',').count(), 16);
        assert_eq!(
            lines[1],
            "ETH-017,,\"WETH, wstETH\",Critical,live,7.912345678901234567,,,,,,,,,,1970-01-01T00:00:00Z"
        );
    }

    #[test]
    fn the_figures_stand_in_the_order_of_the_columns_in_any_language() {
        speak(Language::German);
        let order = ColumnOrder::default().beside(Column::Age, Column::Room, Side::Left).beside(
            Column::Debt,
            Column::Age,
            Side::Right,
        );
        let lines = lines(order);
        assert!(
            lines[0].starts_with(
                "vault,name,tokens,level,freshness,received,collateral $,debt $,to liquidation %,"
            ),
            "{}",
            lines[0]
        );
        assert!(
            lines[1].contains(",Critical,live,1970-01-01T00:00:00Z,,,7.912345678901234567,"),
            "{}",
            lines[1]
        );
    }
}
