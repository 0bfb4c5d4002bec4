//! A past that was never recorded: it is made up from the row, so that a chart has something to draw.

use domain::view::{HistoryQuery, HistoryView, PointView, SeriesView, VaultRow};
use domain::{Figure, HealthFactor, Percent, UnixMillis};
use rust_decimal::Decimal;

pub(super) fn nothing_kept() -> HistoryView {
    HistoryView { step: 60, series: Vec::new() }
}

/// A past that ends where the row is: waves, one crash, and half an hour without data. Each vault has its own.
pub(super) fn history(query: &HistoryQuery, row: &VaultRow) -> HistoryView {
    const POINTS: i64 = 720;
    let width = query.to.0 - query.from.0;
    let step = (width / POINTS).max(60_000);
    let seed: i64 = query.vault.as_str().bytes().map(i64::from).sum();
    // Some have got better of late.
    let way = if seed % 3 == 0 { -1 } else { 1 };
    let series = query.figures.iter().filter_map(|figure| {
        let (now, swing) = match figure {
            Figure::Room => (row.room?.0, 1i64),
            Figure::Ltv => (row.ltv?.0, -1),
            Figure::Health => match row.health {
                domain::solvency::Health::Factor(factor) => {
                    return Some(SeriesView::Health(past(
                        query,
                        step,
                        factor.0,
                        (way, seed),
                        Decimal::new(2, 2),
                        HealthFactor,
                    )));
                }
                _ => return None,
            },
            _ => return None,
        };
        let points = past(query, step, now, (swing * way, seed), Decimal::ONE, Percent);
        Some(if *figure == Figure::Room {
            SeriesView::Room(points)
        } else {
            SeriesView::Ltv(points)
        })
    });
    let series = series.collect();
    HistoryView { step: u32::try_from(step / 1_000).unwrap_or(60), series }
}

fn past<T>(
    query: &HistoryQuery,
    step: i64,
    now: Decimal,
    (swing, seed): (i64, i64),
    unit: Decimal,
    of: impl Fn(Decimal) -> T,
) -> Vec<PointView<T>> {
    let count = (query.to.0 - query.from.0) / step;
    (0..count)
        .filter(|n| !(count * 55 / 100..count * 57 / 100).contains(n))
        .map(|n| {
            let back = count - n;
            // Triangles of three lengths, in thousandths, nought at the end.
            let wave = |length: i64, height: i64| {
                let phase = back % length;
                phase.min(length - phase) * height / length
            };
            let crash = if (count * 70 / 100..count * 71 / 100).contains(&n) { -2_500 } else { 0 };
            let thousandths = wave(211, 9_000) + wave(31 + seed % 29, 1_800) + wave(7, 500) + crash;
            let value = now + Decimal::new(swing * thousandths, 3) * unit;
            let value = value.max(Decimal::ZERO);
            let spread = Decimal::new(150, 3) * unit;
            PointView {
                at: UnixMillis(query.from.0 + n * step),
                min: of((value - spread).max(Decimal::ZERO)),
                max: of(value + spread),
                last: of(value),
            }
        })
        .collect()
}
