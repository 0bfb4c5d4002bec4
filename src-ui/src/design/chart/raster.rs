//! A picture as pixels.

use js_sys::JsString;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, Path2d};

use super::picture::{Anchor, HEIGHT, ORIGIN, Shape, WIDTH};
use crate::format::fixed;

/// Pixels of the file for one of the picture's units.
const DENSITY: f64 = 2.0;
const FONT: &str = "Inter, system-ui, sans-serif";

/// The bytes of a PNG, in base 64. Drawn by hand instead of from the SVG: the page may load no picture that is not part
/// of it.
///
/// # Errors
/// What the browser says; where it has no canvas, for instance.
pub(super) fn png(shapes: &[Shape<'_>]) -> Result<String, JsValue> {
    let none = || JsValue::from(JsString::from("no canvas"));
    let document = web_sys::window().and_then(|window| window.document()).ok_or_else(none)?;
    let canvas: HtmlCanvasElement = document.create_element("canvas")?.dyn_into()?;
    canvas.set_width((WIDTH * DENSITY) as u32);
    canvas.set_height((HEIGHT * DENSITY) as u32);
    let context: CanvasRenderingContext2d =
        canvas.get_context("2d")?.ok_or_else(none)?.dyn_into()?;
    context.scale(DENSITY, DENSITY)?;
    for shape in shapes {
        paint(&context, shape)?;
    }
    let address = canvas.to_data_url_with_type("image/png")?;
    let (_, content) = address.split_once(',').ok_or_else(none)?;
    Ok(content.to_owned())
}

fn paint(context: &CanvasRenderingContext2d, shape: &Shape<'_>) -> Result<(), JsValue> {
    context.save();
    match shape {
        Shape::Rect { x, y, width, height, fill, opacity } => {
            context.set_global_alpha(*opacity);
            context.set_fill_style_str(fill);
            context.fill_rect(*x, *y, *width, *height);
        }
        Shape::Filled { path, fill, opacity } => {
            context.translate(ORIGIN.0, ORIGIN.1)?;
            context.set_global_alpha(*opacity);
            context.set_fill_style_str(fill);
            context.fill_with_path_2d(&Path2d::new_with_path_string(path)?);
        }
        Shape::Stroked { path, stroke, width } => {
            context.translate(ORIGIN.0, ORIGIN.1)?;
            context.set_line_join("round");
            context.set_line_width(*width);
            context.set_stroke_style_str(stroke);
            context.stroke_with_path(&Path2d::new_with_path_string(path)?);
        }
        Shape::Text { x, y, size, weight, anchor, fill, text } => {
            context.set_font(&format!("{weight} {}px {FONT}", fixed(*size, 0)));
            context.set_text_align(match anchor {
                Anchor::Start => "left",
                Anchor::Middle => "center",
                Anchor::End => "right",
            });
            context.set_fill_style_str(fill);
            context.fill_text(text, *x, *y)?;
        }
    }
    context.restore();
    Ok(())
}
