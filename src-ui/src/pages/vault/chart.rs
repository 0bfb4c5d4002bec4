//! Distance to liquidation since the window opened, over the bands of the levels.

use std::rc::Rc;

use domain::{Level, Measure, Yardstick};
use rust_decimal::prelude::ToPrimitive;
use yew::prelude::*;

use crate::clock::Age;
use crate::design::level_style;
use crate::live::{Point, Trend};

#[derive(PartialEq, Properties)]
pub(crate) struct RoomChartProps {
    pub(crate) trend: Rc<Trend>,
    pub(crate) measure: Option<Measure>,
}

#[component]
pub(crate) fn RoomChart(props: &RoomChartProps) -> Html {
    let points = props.trend.points();
    let [first, .., last] = points else {
        return html! {
            <section class="card" data-testid="vault-chart">
                <h2 class="card-head">{ "Distance to liquidation" }</h2>
                <p class="card-empty">{ "Drawn from the second update on." }</p>
            </section>
        };
    };
    let top = scale(points);
    let percent_down = |room: f64| (1.0 - room / top) * 100.0;
    let bands = bands(props.measure);
    html! {
        <section class="card" data-testid="vault-chart">
            <h2 class="card-head">{ "Distance to liquidation" }<small>{ "% left, since this window opened" }</small></h2>
            <div class="chart">
                { for bands.iter().filter(|(_, _, lower)| *lower < top).map(|(level, upper, lower)| {
                    // One that begins above the axis shows no line it does not have there.
                    let cut = *upper > top;
                    let label = if cut { level.word().to_owned() } else { format!("{} {}", level.word(), tidy(*upper)) };
                    let (upper, lower) = (percent_down(upper.min(top)), percent_down(*lower));
                    html! {
                        <div class={classes!("band", cut.then_some("cut"))} data-level={level_style(Some(*level))}
                            style={format!("top:{upper:.2}%;height:{:.2}%", lower - upper)}>
                            <span>{ label }</span>
                        </div>
                    }
                }) }
                <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img"
                    aria-label={format!("From {:.1} to {:.1} percent left", first.room, last.room)}>
                    <path d={path(points, top)} />
                </svg>
                <span class="chart-last" style={format!("top:{:.2}%", percent_down(last.room))}>{ format!("{:.1}", floor(last.room)) }</span>
            </div>
            <div class="chart-axis"><span><Age at={first.at} />{ " ago" }</span><span>{ "now" }</span></div>
        </section>
    }
}

/// The upper end of the axis: somewhat above the highest value, 12 at least.
fn scale(points: &[Point]) -> f64 {
    let highest = points.iter().map(|point| point.room).fold(0.0, f64::max);
    (highest * 1.25).clamp(12.0, 100.0)
}

/// Level, upper and lower bound in percent left.
fn bands(measure: Option<Measure>) -> Vec<(Level, f64, f64)> {
    let yardstick = match measure {
        Some(Measure::CorrelatedRoom(_)) => Yardstick::CorrelatedRoom,
        _ => Yardstick::Room,
    };
    let mut lower = 0.0;
    let mut bands = Vec::new();
    for level in [Level::Critical, Level::High, Level::Medium] {
        if let Some(upper) = yardstick.threshold(level).and_then(|at| at.to_f64()) {
            bands.push((level, upper, lower));
            lower = upper;
        }
    }
    bands
}

fn tidy(number: f64) -> String {
    if number.fract() == 0.0 { format!("{number:.0}") } else { format!("{number:.1}") }
}

/// Towards safety, as everywhere.
fn floor(room: f64) -> f64 {
    (room * 10.0).floor() / 10.0
}

fn path(points: &[Point], top: f64) -> String {
    let start = points.first().map_or(0, |point| point.at.0);
    let duration = points.last().map_or(1, |point| (point.at.0 - start).max(1)) as f64;
    let mut path = String::with_capacity(points.len() * 14);
    for (index, point) in points.iter().enumerate() {
        let x = (point.at.0 - start) as f64 / duration * 1_000.0;
        let y = (1.0 - point.room / top) * 1_000.0;
        path.push_str(&format!("{}{x:.1} {y:.1}", if index == 0 { 'M' } else { 'L' }));
    }
    path
}

#[cfg(test)]
mod tests {
    use domain::UnixMillis;

    use super::*;

    #[test]
    fn the_line_runs_from_edge_to_edge_and_zero_is_at_the_bottom() {
        let point = |at, room| Point { at: UnixMillis(at), room };
        let points = [point(5_000, 20.0), point(7_000, 0.0)];
        assert_eq!(scale(&points), 25.0);
        assert_eq!(path(&points, 25.0), "M0.0 200.0L1000.0 1000.0");
    }

    #[test]
    fn correlated_pairs_have_their_own_bands() {
        assert_eq!(bands(None)[0], (Level::Critical, 8.0, 0.0));
        let correlated = bands(Some(Measure::CorrelatedRoom("4".parse().unwrap())));
        assert_eq!(correlated[2], (Level::Medium, 10.0, 5.0));
    }
}
