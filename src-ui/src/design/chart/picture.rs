//! A chart as a picture for other programs: the shapes it is made of, and the same as an SVG.

use domain::Level;

use super::decimate::Column;
use super::drawing::{Room, line, spread};
use super::{Band, Mark, Scale, Span, tidy};
use crate::format::fixed;

/// In CSS pixels; a PNG has twice as many.
pub(super) const WIDTH: f64 = 1_200.0;
pub(super) const HEIGHT: f64 = 480.0;

/// The plot within the picture.
const LEFT: f64 = 24.0;
const TOP: f64 = 64.0;
const PLOT: Room = Room { width: 1_090.0, height: 372.0 };
/// What a mark is drawn as: a triangle above its moment.
const MARK: f64 = 10.0;

/// The colours of a theme, as the style sheet has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Palette {
    pub(super) ground: String,
    pub(super) text: String,
    pub(super) faint: String,
    pub(super) line: String,
    pub(super) critical: String,
    pub(super) high: String,
    pub(super) medium: String,
}

impl Palette {
    fn of(&self, level: Level) -> &str {
        match level {
            Level::Critical => &self.critical,
            Level::High => &self.high,
            Level::Medium => &self.medium,
            Level::Low => &self.faint,
        }
    }
}

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Picture<'a> {
    pub(super) title: &'a str,
    /// Below the plot, from left to right.
    pub(super) moments: &'a [String],
    pub(super) unit: &'a str,
    pub(super) runs: &'a [Vec<Column>],
    pub(super) span: Span,
    pub(super) scale: Scale,
    pub(super) bands: &'a [Band],
    pub(super) marks: &'a [Mark],
}

/// One part of a picture, in its own units.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape<'a> {
    Rect {
        x: f64,
        y: f64,
        width: f64,
        height: f64,
        fill: &'a str,
        opacity: f64,
    },
    /// A path that begins at the plot's upper left corner.
    Filled {
        path: String,
        fill: &'a str,
        opacity: f64,
    },
    Stroked {
        path: String,
        stroke: &'a str,
        width: f64,
    },
    Text {
        x: f64,
        y: f64,
        size: f64,
        weight: u16,
        anchor: Anchor,
        fill: &'a str,
        text: String,
    },
}

/// Which part of a text stands at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// Where paths begin.
pub(super) const ORIGIN: (f64, f64) = (LEFT, TOP);

/// From the ground up.
pub(super) fn shapes<'a>(picture: &Picture<'_>, colors: &'a Palette) -> Vec<Shape<'a>> {
    let text = |x: f64, y: f64, size: f64, anchor: Anchor, fill: &'a str, text: String| {
        let weight = if size > 14.0 { 600 } else { 400 };
        Shape::Text { x, y, size, weight, anchor, fill, text }
    };
    let rect = |x: f64, y: f64, width: f64, height: f64, fill: &'a str, opacity: f64| Shape::Rect {
        x,
        y,
        width,
        height,
        fill,
        opacity,
    };
    let (scale, span) = (picture.scale, picture.span);
    let down = |value: f64| TOP + scale.down(value) * PLOT.height;
    let mut all = vec![
        rect(0.0, 0.0, WIDTH, HEIGHT, &colors.ground, 1.0),
        text(LEFT, 38.0, 20.0, Anchor::Start, &colors.text, picture.title.to_owned()),
    ];
    for band in picture.bands.iter().filter(|band| band.is_on(scale)) {
        let (upper, lower) = (down(band.upper), down(band.lower));
        let color = colors.of(band.level);
        all.push(rect(LEFT, upper, PLOT.width, lower - upper, color, 0.08));
        if band.upper <= scale.top {
            all.push(rect(LEFT, upper, PLOT.width, 1.0, color, 0.6));
        }
        if lower - upper > 18.0 {
            let label = band.label.to_string();
            all.push(text(LEFT + 10.0, upper + 15.0, 12.0, Anchor::Start, color, label));
        }
    }
    for tick in scale.ticks(5) {
        let label = format!("{}{}", tidy(tick), picture.unit);
        let x = LEFT + PLOT.width + 8.0;
        all.push(text(x, down(tick) + 4.0, 12.0, Anchor::Start, &colors.faint, label));
    }
    all.push(rect(LEFT + PLOT.width, TOP, 1.0, PLOT.height, &colors.line, 1.0));
    all.push(rect(LEFT, TOP + PLOT.height, PLOT.width, 1.0, &colors.line, 1.0));
    for run in picture.runs {
        let path = spread(run, span, scale, PLOT);
        all.push(Shape::Filled { path, fill: &colors.text, opacity: 0.16 });
        let path = line(run, span, scale, PLOT);
        all.push(Shape::Stroked { path, stroke: &colors.text, width: 1.6 });
    }
    for mark in picture.marks.iter().filter(|mark| span.contains(mark.at)) {
        let (x, y) = (span.across(mark.at) * PLOT.width, PLOT.height);
        let [left, right, x, up, down] =
            [x - MARK / 2.0, x + MARK / 2.0, x, y - MARK, y].map(|place| fixed(place, 1));
        let path = format!("M{left} {down}L{right} {down}L{x} {up}Z");
        all.push(Shape::Filled { path, fill: colors.of(mark.level), opacity: 1.0 });
    }
    let last = picture.moments.len().saturating_sub(1).max(1) as f64;
    for (index, moment) in picture.moments.iter().enumerate() {
        let share = index as f64 / last;
        let anchor = match index {
            0 => Anchor::Start,
            index if index + 1 == picture.moments.len() => Anchor::End,
            _ => Anchor::Middle,
        };
        let (x, y) = (LEFT + share * PLOT.width, TOP + PLOT.height + 22.0);
        all.push(text(x, y, 12.0, anchor, &colors.faint, moment.clone()));
    }
    all
}

/// The text of a file that stands on its own.
pub(super) fn svg(shapes: &[Shape<'_>]) -> String {
    let [width, height] = [WIDTH, HEIGHT].map(|side| fixed(side, 0));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"Inter, system-ui, sans-serif\">"
    );
    let (left, top) = (fixed(ORIGIN.0, 0), fixed(ORIGIN.1, 0));
    for shape in shapes {
        let element = match shape {
            Shape::Rect { x, y, width, height, fill, opacity } => format!(
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\" fill-opacity=\"{}\"/>",
                fixed(*x, 1),
                fixed(*y, 1),
                fixed(*width, 1),
                fixed(*height, 1),
                escaped(fill),
                fixed(*opacity, 2)
            ),
            Shape::Filled { path, fill, opacity } => format!(
                "<path transform=\"translate({left} {top})\" d=\"{path}\" fill=\"{}\" fill-opacity=\"{}\"/>",
                escaped(fill),
                fixed(*opacity, 2)
            ),
            Shape::Stroked { path, stroke, width } => format!(
                "<path transform=\"translate({left} {top})\" d=\"{path}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"/>",
                escaped(stroke),
                fixed(*width, 1)
            ),
            Shape::Text { x, y, size, weight, anchor, fill, text } => format!(
                "<text x=\"{}\" y=\"{}\" font-size=\"{}\" font-weight=\"{weight}\" text-anchor=\"{}\" fill=\"{}\">{}</text>",
                fixed(*x, 1),
                fixed(*y, 1),
                fixed(*size, 0),
                anchor.word(),
                escaped(fill),
                escaped(text)
            ),
        };
        svg.push_str(&element);
    }
    svg.push_str("</svg>\n");
    svg
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use domain::UnixMillis;

    use super::*;

    fn palette() -> Palette {
        let color = |text: &str| text.to_owned();
        Palette {
            ground: color("#000"),
            text: color("#fff"),
            faint: color("#888"),
            line: color("#333"),
            critical: color("#f00"),
            high: color("#f80"),
            medium: color("#ff0"),
        }
    }

    #[test]
    fn a_picture_has_what_the_chart_has_and_stands_on_its_own() {
        let column = |at, last| Column { at: UnixMillis(at), min: last, max: last, last };
        let runs = [vec![column(0, 10.0), column(1_000, 5.0)], vec![column(3_000, 6.0)]];
        let bands =
            [Band { level: Level::Critical, lower: 0.0, upper: 8.0, label: "Critical 8".into() }];
        let at = |at| Mark { at: UnixMillis(at), level: Level::High, title: "x".into() };
        let picture = Picture {
            title: "A & B <over> 24 h",
            moments: &["00:00".to_owned(), "12:00".to_owned(), "24:00".to_owned()],
            unit: " %",
            runs: &runs,
            span: Span { from: UnixMillis(0), to: UnixMillis(4_000) },
            scale: Scale { bottom: 0.0, top: 20.0 },
            bands: &bands,
            marks: &[at(2_000), at(9_000)],
        };
        let colors = palette();
        let shapes = shapes(&picture, &colors);
        let svg = svg(&shapes);
        assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"), "{svg}");
        assert!(svg.contains("A &amp; B &lt;over&gt; 24 h"), "{svg}");
        assert!(svg.contains(">Critical 8<") && svg.contains(">10 %<"), "{svg}");
        assert_eq!(svg.matches("stroke=\"#fff\"").count(), 2, "a gap stays one");
        assert_eq!(svg.matches("fill=\"#f80\"").count(), 1, "what is outside is left out");
        assert!(svg.contains("text-anchor=\"end\" fill=\"#888\">24:00<"), "{svg}");
        assert!(
            !svg.contains("var(") && !svg.contains("class="),
            "nothing it would need a page for"
        );
    }
}
