//! Rows of the overview for a spreadsheet, with every digit that is known.

use domain::solvency::{Health, Limit};
use domain::view::{Freshness, VaultRow};
use domain::{csv, moment};

/// A line of names, and one for each row.
pub(crate) fn table_csv<'a>(rows: impl Iterator<Item = &'a VaultRow>) -> String {
    let mut csv = String::new();
    csv::push_line(
        &mut csv,
        [
            "vault",
            "name",
            "tokens",
            "chain",
            "level",
            "freshness",
            "to liquidation %",
            "health factor",
            "ltv %",
            "max ltv %",
            "liquidation threshold %",
            "liquidation price $",
            "collateral $",
            "debt $",
            "cure $",
            "received",
        ],
    );
    for row in rows {
        let health = match row.health {
            Health::Unknown => String::new(),
            Health::NoDebt => "no debt".to_owned(),
            Health::Factor(factor) => factor.to_string(),
        };
        let threshold = match row.limit {
            Some(Limit::LiquidationThreshold(limit)) => limit.to_string(),
            Some(Limit::MaxLtv(_)) | None => String::new(),
        };
        let fields = [
            row.id.to_string(),
            row.name.as_deref().unwrap_or_default().to_owned(),
            row.tokens.to_string(),
            row.chain_id.map(|chain| chain.name().into_owned()).unwrap_or_default(),
            row.level.map_or("Unknown", domain::Level::word).to_owned(),
            if row.freshness == Freshness::Stale { "stale" } else { "live" }.to_owned(),
            text(row.room),
            health,
            text(row.ltv),
            text(row.max_ltv),
            threshold,
            text(row.liquidation_price),
            text(row.collateral),
            text(row.debt),
            text(row.cure),
            moment::iso(row.received),
        ];
        csv::push_line(&mut csv, fields.iter().map(String::as_str));
    }
    csv
}

fn text(figure: Option<impl ToString>) -> String {
    figure.map(|figure| figure.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::fixture::row;

    #[test]
    fn a_row_keeps_every_digit() {
        let rows = [row("ETH-017").tokens("WETH, wstETH").critical("7.912345678901234567")];
        let csv = table_csv(rows.iter().map(|row| &row.0));
        let lines: Vec<_> = csv.lines().collect();
        assert_eq!(lines[0].split(',').count(), 16);
        assert_eq!(
            lines[1],
            "ETH-017,,\"WETH, wstETH\",,Critical,live,7.912345678901234567,,,,,,,,,1970-01-01T00:00:00Z"
        );
    }
}
