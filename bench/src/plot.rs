//! Reports as pictures.
//!
//! Three parts, each only when there is something for it: how far each bar was met or missed, every measured value of every
//! round, and distributions as curves.

use std::fmt::Write;

use serde::Serialize;

use crate::bar::{Limit, figure};
use crate::{Bar, Report, Series};

const WIDTH: f64 = 860.0;
const LEFT: f64 = 300.0;
const RIGHT: f64 = 120.0;
const ROW: f64 = 22.0;
const CURVES: f64 = 260.0;
const COLOURS: [&str; 6] = ["#2563eb", "#d97706", "#059669", "#9333ea", "#dc2626", "#475569"];

/// A distribution: sorted samples, thinned to what a picture can show.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Curve {
    pub name: String,
    pub unit: &'static str,
    /// Share of the samples, and the value they do not exceed.
    pub points: Vec<(f64, f64)>,
}

impl Curve {
    /// Quantiles of the samples, closer to each other towards the end, where latencies are interesting.
    #[must_use]
    pub fn of(series: &Series) -> Self {
        let shares = (1..20).map(|n| f64::from(n) / 20.0).chain([0.99, 0.999, 1.0]);
        let points = shares.map(|share| (share, series.quantile(share))).collect();
        Self { name: series.name.clone(), unit: series.unit, points }
    }
}

/// The whole report as one SVG document.
#[must_use]
pub fn svg(report: &Report) -> String {
    let mut page = Page { body: String::new(), y: 20.0 };
    page.text(12.0, "start", "700", report.benchmark);
    page.y += 20.0;
    page.text(12.0, "start", "400", &report.what);
    page.bars(&report.bars);
    let mut units: Vec<&str> = report.series.iter().map(|series| series.unit).collect();
    units.dedup();
    for unit in units {
        let of_unit = report.series.iter().filter(|series| series.unit == unit);
        page.strips(unit, &of_unit.collect::<Vec<_>>());
    }
    page.curves(&report.curves);
    let height = page.y + 12.0;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{}</svg>\n",
        page.body
    )
}

struct Page {
    body: String,
    y: f64,
}

impl Page {
    fn add(&mut self, element: std::fmt::Arguments<'_>) {
        // Into memory.
        let _ = self.body.write_fmt(element);
        self.body.push('\n');
    }

    fn text(&mut self, x: f64, anchor: &str, weight: &str, text: &str) {
        let y = self.y;
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        self.add(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-weight=\"{weight}\" fill=\"#111827\">{text}</text>"
        ));
    }

    fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), colour: &str) {
        self.add(format_args!(
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{colour}\"/>"
        ));
    }

    fn heading(&mut self, text: &str) {
        self.y += 28.0;
        self.text(12.0, "start", "600", text);
        self.y += 6.0;
    }

    /// Each as its share of the limit, which is where the line is.
    fn bars(&mut self, bars: &[Bar]) {
        if bars.is_empty() {
            return;
        }
        self.heading("Measured, as a share of the bar");
        let share = |bar: &Bar, value: f64| value / bar.limit.value();
        let most = bars.iter().map(|bar| share(bar, bar.measured)).fold(1.25, f64::max).min(4.0);
        let x = |share: f64| LEFT + (share / most).clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT);
        let top = self.y;
        for bar in bars {
            self.y += ROW;
            let (y, end) = (self.y - 12.0, x(share(bar, bar.measured)));
            let colour = if bar.met { "#059669" } else { "#dc2626" };
            let width = if end.is_finite() { end - LEFT } else { 0.0 };
            self.add(format_args!(
                "<rect x=\"{LEFT}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"14\" fill=\"{colour}\" fill-opacity=\"0.75\"/>"
            ));
            self.text(LEFT - 8.0, "end", "400", &bar.what);
            let sign = match bar.limit {
                Limit::AtLeast(_) => "≥",
                Limit::AtMost(_) => "≤",
            };
            let told = format!("{} ({sign} {})", figure(bar.measured), figure(bar.limit.value()));
            self.text(WIDTH - RIGHT + 8.0, "start", "600", &told);
        }
        let bottom = self.y + 6.0;
        self.line((x(1.0), top), (x(1.0), bottom), "#111827");
        self.y = bottom;
    }

    /// A dot for each round, a tick at the median.
    fn strips(&mut self, unit: &str, series: &[&Series]) {
        let most = series.iter().map(|series| series.highest()).fold(0.0, f64::max);
        if most <= 0.0 {
            return;
        }
        self.heading(&format!("Every round, {unit}"));
        let x = |value: f64| LEFT + value / most * (WIDTH - LEFT - RIGHT);
        for series in series {
            self.y += ROW;
            let y = self.y - 5.0;
            self.text(LEFT - 8.0, "end", "400", &series.name);
            self.line((LEFT, y), (WIDTH - RIGHT, y), "#e5e7eb");
            for value in &series.values {
                let cx = x(*value);
                self.add(format_args!(
                    "<circle cx=\"{cx:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"#2563eb\" fill-opacity=\"0.5\"/>"
                ));
            }
            let median = x(series.median());
            self.line((median, y - 8.0), (median, y + 8.0), "#111827");
            self.text(WIDTH - RIGHT + 8.0, "start", "600", &figure(series.median()));
        }
        self.y += 6.0;
    }

    /// Value over share, the values on a logarithmic axis.
    fn curves(&mut self, curves: &[Curve]) {
        let values = || curves.iter().flat_map(|curve| &curve.points).map(|(_, value)| *value);
        let positive = || values().filter(|value| *value > 0.0);
        let (least, most) =
            (positive().fold(f64::INFINITY, f64::min), positive().fold(0.0, f64::max));
        if most <= 0.0 {
            return;
        }
        let unit = curves[0].unit;
        self.heading(&format!("Value that this share of the samples does not exceed, {unit}"));
        let (first, last) =
            (least.log10().floor(), (most.log10().ceil()).max(least.log10().floor() + 1.0));
        let (top, left, right) = (self.y + 8.0, 80.0, WIDTH - 220.0);
        let y =
            |value: f64| top + CURVES * (1.0 - (value.max(least).log10() - first) / (last - first));
        // Nines are as far from each other as halves: 90 %, 99 % and 99.9 % at equal steps.
        let x = |share: f64| left + (-(1.0 - share.min(0.9995)).log10() / 3.35) * (right - left);
        for decade in first as i32..=last as i32 {
            let value = 10_f64.powi(decade);
            self.line((left, y(value)), (right, y(value)), "#e5e7eb");
            self.y = y(value) + 4.0;
            self.text(left - 6.0, "end", "400", &figure(value));
        }
        for (share, name) in [(0.5, "50 %"), (0.9, "90 %"), (0.99, "99 %"), (0.999, "99.9 %")] {
            self.line((x(share), top), (x(share), top + CURVES), "#e5e7eb");
            self.y = top + CURVES + 16.0;
            self.text(x(share), "middle", "400", name);
        }
        for (i, curve) in curves.iter().enumerate() {
            let colour = COLOURS[i % COLOURS.len()];
            let points: Vec<String> = curve
                .points
                .iter()
                .map(|(share, value)| format!("{:.1},{:.1}", x(*share), y(*value)))
                .collect();
            self.add(format_args!(
                "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" points=\"{}\"/>",
                points.join(" ")
            ));
            self.y = top + 12.0 + ROW * i as f64;
            self.line((right + 12.0, self.y - 4.0), (right + 30.0, self.y - 4.0), colour);
            self.text(right + 36.0, "start", "400", &curve.name);
        }
        self.y = top + CURVES + 24.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_a_well_formed_picture() {
        let mut report = Report::new("example", "ours < theirs & so on");
        let mut series = Series::new("ours", "1/s");
        series.values = vec![1.0, 3.0, 2.0];
        report.bars.push(Bar::of("ours", &series, Limit::AtLeast(1.0)));
        report.bars.push(Bar::once("not measured", "ms", f64::NAN, Limit::AtMost(1.0)));
        report.curves.push(Curve::of(&series));
        report.series.push(series);
        let svg = svg(&report);
        assert!(svg.contains("ours &lt; theirs &amp; so on"));
        assert_eq!(svg.matches("<circle").count(), 3);
        assert_eq!(svg.matches("<polyline").count(), 1);
        assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
        assert!(!svg.contains("NaN\""), "no coordinate is undefined: {svg}");
    }

    #[test]
    fn without_figures_there_is_no_chart() {
        let svg = svg(&Report::new("example", "nothing"));
        assert!(!svg.contains("Every round") && !svg.contains("polyline"));
    }
}
