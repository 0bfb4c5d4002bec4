//! A figure over time: bands, marks, gaps, a crosshair that tells what was at a moment, and a stretch that is looked at
//! more closely.
//!
//! Drag over the plot, or `Shift` and the arrows from the crosshair, marks a stretch; letting go, or `Enter`, zooms into
//! it. While zoomed the whole stands below as a strip on which the stretch is moved.

mod decimate;
mod drawing;
mod export;
mod keys;
mod picture;
mod plot;
mod raster;
mod scale;
mod span;
mod strip;

use std::rc::Rc;

use domain::{Level, UnixMillis};
use yew::prelude::*;

pub(crate) use decimate::Sample;
pub(crate) use plot::Chart;
pub(crate) use scale::{Fit, Scale};
pub(crate) use span::Span;

use crate::backend::Plot;
use crate::format::fixed;
use crate::words;

/// Columns drawn: about one for each pixel of the widest chart there is.
const COLUMNS: u32 = 720;
/// The drawing's own units; it is stretched to whatever room there is.
const UNITS: drawing::Room = drawing::Room { width: 1_000.0, height: 1_000.0 };

/// A stretch of values that belongs to a level.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Band {
    pub(crate) level: Level,
    pub(crate) lower: f64,
    pub(crate) upper: f64,
    pub(crate) label: AttrValue,
}

impl Band {
    /// Whether any of it can be seen.
    pub(crate) fn is_on(&self, scale: Scale) -> bool {
        self.lower < scale.top && self.upper > scale.bottom
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mark {
    pub(crate) at: UnixMillis,
    pub(crate) level: Level,
    pub(crate) title: AttrValue,
}

#[derive(PartialEq, Properties)]
pub(crate) struct ChartProps {
    /// What is drawn, for those who do not see it, and for a file of it.
    pub(crate) label: AttrValue,
    pub(crate) samples: Rc<Vec<Sample>>,
    pub(crate) from: UnixMillis,
    pub(crate) to: UnixMillis,
    pub(crate) scale: Scale,
    /// How the scale follows what is in view while zoomed; without it, it stays.
    #[prop_or_default]
    pub(crate) fit: Option<Fit>,
    /// Decimals of the values told.
    pub(crate) decimals: usize,
    #[prop_or_default]
    pub(crate) unit: AttrValue,
    #[prop_or_default]
    pub(crate) bands: Vec<Band>,
    #[prop_or_default]
    pub(crate) marks: Vec<Mark>,
    /// Whether the end is the present.
    #[prop_or_default]
    pub(crate) until_now: bool,
    /// Told which stretch is looked at; `None`: the whole.
    #[prop_or_default]
    pub(crate) on_zoom: Option<Callback<Option<Span>>>,
    /// Finer samples of a stretch, drawn while it holds what is looked at.
    #[prop_or_default]
    pub(crate) detail: Option<Rc<Vec<Sample>>>,
    /// Takes a drawing of what is shown. Without it there is no menu for that.
    #[prop_or_default]
    pub(crate) on_export: Option<Callback<Plot>>,
}

/// With two decimals at the most, and no needless ones.
fn tidy(number: f64) -> String {
    let text = fixed(number, 2);
    words::local(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Language, speak};

    #[test]
    fn ticks_are_written_without_needless_digits() {
        assert_eq!([tidy(10.0), tidy(1.25), tidy(0.0)], ["10", "1.25", "0"]);
        speak(Language::German);
        assert_eq!([tidy(10.0), tidy(1.25), tidy(0.0)], ["10", "1,25", "0"]);
    }
}
