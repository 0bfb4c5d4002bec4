use crate::format::fixed;
use crate::live::Trend;
#[cfg(feature = "recorded")]
use yew::prelude::*;

const WIDTH: f64 = 120.0;
const HEIGHT: f64 = 22.0;
/// Milliseconds without a figure that are no line: nothing was recorded there.
const GAP: i64 = 5 * 60_000;
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
    let mut before = None;
    for point in points {
        let ago = last.at.0.saturating_sub(point.at.0) as f64;
        let x = (1.0 - ago / Trend::HOUR as f64).max(0.0) * WIDTH;
        let y = HEIGHT / 2.0 - (point.room - middle) / span * (HEIGHT - 6.0);
        let goes_on = before.replace(point.at).is_some_and(|before| point.at.0 - before.0 <= GAP);
        path.push(if goes_on { 'L' } else { 'M' });
        path.push_str(&fixed(x, 1));
        path.push(' ');
        path.push_str(&fixed(y, 1));
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use domain::UnixMillis;

    use super::*;

    #[test]
    fn its_width_is_an_hour_and_a_fall_goes_down() {
        let mut trend = Trend::default();
        trend.record(UnixMillis(0), 20.0);
        assert_eq!(spark_path(&trend), None);
        trend.record(UnixMillis(4 * 60_000), 10.0);
        assert_eq!(spark_path(&trend).unwrap(), "M112.0 3.0L120.0 19.0");
    }

    #[test]
    fn where_nothing_was_recorded_there_is_no_line() {
        let mut trend = Trend::default();
        for minute in [0, 1, 30] {
            trend.record(UnixMillis(minute * 60_000), 20.0);
        }
        let path = spark_path(&trend).unwrap();
        assert_eq!(path.matches('M').count(), 2, "{path}");
    }

    #[test]
    fn noise_is_drawn_nearly_flat() {
        let mut trend = Trend::default();
        trend.record(UnixMillis(0), 20.0);
        trend.record(UnixMillis(4 * 60_000), 20.02);
        assert_eq!(spark_path(&trend).unwrap(), "M112.0 11.2L120.0 10.8");
    }
}
