use std::time::Duration;

use domain::sample::Figure;
use domain::view::PriceTrend;
use domain::{ChainId, UnixMillis};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use smol_str::SmolStr;
use store::{History, SeriesKey, StoreError};

/// A day.
const SPAN: Duration = Duration::from_secs(24 * 3_600);
/// So many points of the history that there is one for each half hour, however it is kept.
const POINTS: u32 = 6 * PriceTrend::POINTS as u32;

/// The prices of a chain's tokens over the last day, those that are recorded. It does not go through the core.
pub(crate) async fn trends(
    history: &History,
    chain: ChainId,
    tokens: Vec<SmolStr>,
    now: UnixMillis,
) -> Result<Vec<PriceTrend>, StoreError> {
    let from = now.minus(SPAN);
    let mut trends = Vec::new();
    for token in tokens.into_iter().take(PriceTrend::TOKENS) {
        let key = SeriesKey::Price { chain, token: token.clone() };
        let series = history.series(key, from..now, POINTS).await?;
        let prices = series
            .points
            .iter()
            .filter_map(|(at, point)| Some((*at, point.get(Figure::Price)?.last)));
        trends.push(PriceTrend { token, points: steps(prices, from) });
    }
    Ok(trends)
}

/// The last price of each half hour, against the first price there is.
fn steps(
    prices: impl Iterator<Item = (UnixMillis, Decimal)>,
    from: UnixMillis,
) -> Vec<Option<i32>> {
    let mut points = vec![None; PriceTrend::POINTS];
    let mut first = None;
    for (at, price) in prices {
        let since = at.since(from).as_secs_f64() / SPAN.as_secs_f64();
        let place = ((since * PriceTrend::POINTS as f64) as usize).min(PriceTrend::POINTS - 1);
        let base = *first.get_or_insert(price);
        points[place] = (price - base)
            .checked_mul(Decimal::from(10_000))
            .and_then(|moved| moved.checked_div(base))
            .map(|moved| moved.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero))
            .and_then(|moved| moved.to_i32());
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_half_hour_has_its_last_price_against_the_first_of_all() {
        let half = 30 * 60_000;
        let price = |at: i64, price: &str| (UnixMillis(at), price.parse().unwrap());
        let prices = [
            price(half + 1, "2000"),
            price(half + 60_000, "2001"),
            price(2 * half, "1904"),
            price(48 * half, "2100"),
        ];
        let points = steps(prices.into_iter(), UnixMillis(0));
        assert_eq!(points[..4], [None, Some(5), Some(-480), None]);
        assert_eq!((points.len(), points[47]), (48, Some(500)), "the end belongs to the last one");
        let trend = PriceTrend { token: "WETH".into(), points };
        assert_eq!(trend.change(), Some(500));
    }

    #[test]
    fn a_price_of_nothing_is_no_measure() {
        let prices = [(UnixMillis(0), Decimal::ZERO), (UnixMillis(1), Decimal::ONE)];
        assert!(steps(prices.into_iter(), UnixMillis(0)).iter().all(Option::is_none));
    }
}
