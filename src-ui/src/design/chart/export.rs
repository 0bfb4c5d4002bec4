//! The buttons over a chart, and what is shown of it as a file.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

use super::decimate::Column;
use super::keys::Looking;
use super::picture::{Palette, Picture, shapes, svg};
use super::{ChartProps, Scale, Span, raster};
use crate::backend::{Plot, PlotFormat};
use crate::design::{Choice, Icon, Menu, choices};
use crate::words::design_chart as say;

/// What a button looks at.
type Act = Box<dyn Fn(&Looking) -> Option<Span>>;

/// Zooming in and out, the whole again, and the menu that saves it.
pub(super) fn tools(
    props: &ChartProps,
    looking: &Looking,
    span: Span,
    scale: Scale,
    runs: &Rc<Vec<Vec<Column>>>,
    moments: &[String],
) -> Html {
    let zoomed = looking.zoom.is_some();
    let button = |icon: Icon, name: &'static str, id: &'static str, disabled: bool, act: Act| {
        let looking = looking.clone();
        let onclick = Callback::from(move |_: MouseEvent| looking.look(act(&looking)));
        html! {
            <button type="button" class="icon-button small" aria-label={name} title={name} data-testid={id} {disabled} {onclick}>{ icon.html() }</button>
        }
    };
    let around = looking.cross.unwrap_or_else(|| span.at(0.5));
    let scaled = |factor: f64| -> Act {
        Box::new(move |looking: &Looking| Some(span.scaled(factor, around, looking.whole)))
    };
    let save = props.on_export.as_ref().map(|on_export| {
        let saved = Saved {
            label: props.label.to_string(),
            unit: props.unit.to_string(),
            runs: Rc::clone(runs),
            span,
            scale,
            bands: props.bands.clone(),
            marks: props.marks.clone(),
            moments: moments.to_vec(),
        };
        save_menu(saved, on_export.clone())
    });
    html! {
        <div class="chart-tools">
            { button(Icon::Minus, say::zoom_out(), "chart-out", !zoomed, scaled(2.0)) }
            { button(Icon::Plus, say::zoom_in(), "chart-in", false, scaled(0.5)) }
            { button(Icon::Whole, say::whole(), "chart-whole", !zoomed, Box::new(|_| None)) }
            { save.unwrap_or_default() }
        </div>
    }
}

/// A chart at the moment its menu was drawn.
struct Saved {
    label: String,
    unit: String,
    runs: Rc<Vec<Vec<Column>>>,
    span: Span,
    scale: Scale,
    bands: Vec<super::Band>,
    marks: Vec<super::Mark>,
    moments: Vec<String>,
}

fn save_menu(saved: Saved, on_export: Callback<Plot>) -> Html {
    let saved = Rc::new(saved);
    let list = choices(move || {
        let choice =
            |format: PlotFormat, name: &'static str, note: &'static str, id: &'static str| {
                let (saved, on_export) = (Rc::clone(&saved), on_export.clone());
                let save = move || match saved.drawn(format) {
                    Some(plot) => on_export.emit(plot),
                    None => web_sys::console::warn_1(&"the browser drew no chart".into()),
                };
                Choice::new(name, save).note(note).test_id(id)
            };
        vec![
            choice(PlotFormat::Png, say::save_png(), say::save_png_note(), "chart-png"),
            choice(PlotFormat::Svg, say::save_svg(), say::save_svg_note(), "chart-svg"),
        ]
    });
    html! { <Menu label={say::save()} icon={Icon::Save} class="icon-button small" test_id="chart-save" choices={list} /> }
}

impl Saved {
    fn drawn(&self, format: PlotFormat) -> Option<Plot> {
        let palette = palette()?;
        let picture = Picture {
            title: &self.label,
            moments: &self.moments,
            unit: &self.unit,
            runs: &self.runs,
            span: self.span,
            scale: self.scale,
            bands: &self.bands,
            marks: &self.marks,
        };
        let shapes = shapes(&picture, &palette);
        let content = match format {
            PlotFormat::Svg => svg(&shapes),
            PlotFormat::Png => raster::png(&shapes).ok()?,
        };
        Some(Plot { name: self.label.clone(), format, content })
    }
}

/// The theme's colours, of the first chart there is.
fn palette() -> Option<Palette> {
    let window = web_sys::window()?;
    let chart: Element = window.document()?.query_selector(".chart").ok()??.dyn_into().ok()?;
    let style = window.get_computed_style(&chart).ok()??;
    let color = |name: &str| Some(style.get_property_value(name).ok()?.trim().to_owned());
    Some(Palette {
        ground: color("--bg-1")?,
        text: color("--text-1")?,
        faint: color("--text-3")?,
        line: color("--line")?,
        critical: color("--critical")?,
        high: color("--high")?,
        medium: color("--medium")?,
    })
}
