use domain::sample::Figure;
use domain::view::{HistoryQuery, HistoryView, PointView, SeriesView};
use domain::{HealthFactor, Percent, Usd};
use rust_decimal::Decimal;
use store::{History, Series, SeriesKey, StoreError};

/// Asks the history. It does not go through the core: a chart must not keep an alert waiting.
pub(crate) async fn answer(
    history: &History,
    query: HistoryQuery,
) -> Result<HistoryView, StoreError> {
    let points = query.points.clamp(1, HistoryQuery::POINTS_LIMIT);
    let series =
        history.series(SeriesKey::Vault(query.vault), query.from..query.to, points).await?;
    let figures = match query.figures.is_empty() {
        true => Figure::ALL.to_vec(),
        false => query.figures,
    };
    Ok(HistoryView {
        step: u32::try_from(series.step.as_secs()).unwrap_or(u32::MAX),
        // Asked for twice, it is told twice: the caller's own list is the order.
        series: figures
            .into_iter()
            .take(Figure::ALL.len())
            .map(|figure| view(&series, figure))
            .collect(),
    })
}

fn view(series: &Series, figure: Figure) -> SeriesView {
    match figure {
        Figure::Ltv => SeriesView::Ltv(points(series, figure, Percent)),
        Figure::Limit => SeriesView::Limit(points(series, figure, Percent)),
        Figure::Room => SeriesView::Room(points(series, figure, Percent)),
        Figure::Health => SeriesView::Health(points(series, figure, HealthFactor)),
        Figure::Collateral => SeriesView::Collateral(points(series, figure, Usd)),
        Figure::Debt => SeriesView::Debt(points(series, figure, Usd)),
        Figure::Price => SeriesView::Price(points(series, figure, Usd)),
    }
}

fn points<T>(series: &Series, figure: Figure, unit: impl Fn(Decimal) -> T) -> Vec<PointView<T>> {
    let point = |(at, point): &(domain::UnixMillis, store::Point)| {
        let spread = point.get(figure)?;
        Some(PointView {
            at: *at,
            min: unit(spread.min),
            max: unit(spread.max),
            last: unit(spread.last),
        })
    };
    series.points.iter().filter_map(point).collect()
}
