use domain::UnixMillis;

use crate::format::fixed;
use crate::live::{Point, Trend};
#[cfg(feature = "recorded")]
use yew::prelude::*;

const WIDTH: f64 = 120.0;
const HEIGHT: f64 = 22.0;
/// Longer than a feed is silent that is watched, in milliseconds.
const GAP: i64 = 6 * 60_000;
/// Swings below this many percent points are drawn flat: noise must not look like a move.
const LEAST_SPAN: f64 = 1.0;

/// The trend as a line, where it is not written by hand; nothing while there are fewer than two points.
#[cfg(feature = "recorded")]
pub(crate) fn sparkline(trend: &Trend) -> Html {
    let Some(path) = spark_path(trend) else { return Html::default() };
    html! {
        <svg class="sparkline" viewBox={format!("0 0 {WIDTH} {HEIGHT}")} preserveAspectRatio="none" aria-hidden="true">
            <path d={path} />
        </svg>
    }
}

/// The line alone, in the units of a drawing of 120 by 22, whose width is an hour that ends with the last point; `None` while
/// there are fewer than two points.
pub(crate) fn spark_path(trend: &Trend) -> Option<String> {
    let points = trend.points();
    let mut ends = points.clone();
    let (_, last) = (ends.next()?, ends.next_back()?);
    let (low, high) = points.clone().fold((f64::MAX, f64::MIN), |(low, high), point| {
        (low.min(point.room), high.max(point.room))
    });
    let middle = f64::midpoint(low, high);
    let span = (high - low).max(LEAST_SPAN);
    let mut path = String::with_capacity(Trend::SLOTS * 12);
    let gap = gap(points.clone());
    let mut before = None;
    for point in points {
        let ago = last.at.0.saturating_sub(point.at.0) as f64;
        let x = (1.0 - ago / Trend::HOUR as f64).max(0.0) * WIDTH;
        let y = HEIGHT / 2.0 - (point.room - middle) / span * (HEIGHT - 6.0);
        let before = before.replace(point.at);
        let goes_on = before.is_some_and(|before: UnixMillis| point.at.0 - before.0 <= gap);
        path.push(if goes_on { 'L' } else { 'M' });
        path.push_str(&fixed(x, 1));
        path.push(' ');
        path.push_str(&fixed(y, 1));
        if !goes_on {
            // A point, where no line follows.
            path.push_str("h0");
        }
    }
    Some(path)
}

/// Milliseconds without a figure that are no line: [`GAP`], unless most figures are farther apart.
fn gap(points: impl Iterator<Item = Point> + Clone) -> i64 {
    let distances = points.clone().zip(points.skip(1)).map(|(one, next)| next.at.0 - one.at.0);
    let balance: i32 = distances.map(|distance| if distance <= GAP { 1 } else { -1 }).sum();
    if balance < 0 { Trend::HOUR } else { GAP }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_width_is_an_hour_and_a_fall_goes_down() {
        let mut trend = Trend::default();
        trend.record(UnixMillis(0), 20.0);
        assert_eq!(spark_path(&trend), None);
        trend.record(UnixMillis(4 * 60_000), 10.0);
        assert_eq!(spark_path(&trend).unwrap(), "M112.0 3.0h0L120.0 19.0");
    }

    #[test]
    fn where_nothing_was_recorded_there_is_no_line() {
        let mut trend = Trend::default();
        for minute in [0, 1, 2, 30] {
            trend.record(UnixMillis(minute * 60_000), 20.0);
        }
        let path = spark_path(&trend).unwrap();
        assert_eq!(path.matches('M').count(), 2, "{path}");
        let mut seldom = Trend::default();
        for minute in [0, 10, 20, 31] {
            seldom.record(UnixMillis(minute * 60_000), 20.0);
        }
        let path = spark_path(&seldom).unwrap();
        assert_eq!(path.matches('M').count(), 1, "{path}");
    }

    #[test]
    fn noise_is_drawn_nearly_flat() {
        let mut trend = Trend::default();
        trend.record(UnixMillis(0), 20.0);
        trend.record(UnixMillis(4 * 60_000), 20.02);
        assert_eq!(spark_path(&trend).unwrap(), "M112.0 11.2h0L120.0 10.8");
    }
}
