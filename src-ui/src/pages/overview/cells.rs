//! A row and its cells, built once from a template and from then on written into, each when its figure is another one.
//!
//! Texts are written into nodes that stay, and no attribute is set to what it is: both are what a page spends its time on.

use std::rc::Rc;

use domain::view::{Target, VaultRow};
use domain::{ChainId, UnixMillis, VaultId};
use wasm_bindgen::JsCast;
use web_sys::{CssStyleDeclaration, Element, HtmlElement, HtmlTemplateElement, Text};

use crate::clock;
use crate::design::{Flash, bar_filled, bar_marks, level_shape, level_word, spark_path, style_of};
use crate::format::{self, NONE, fixed};
use crate::live::{ColumnOrder, Entry, Point};
use crate::shell::route;
use crate::words::{local, overview as say};

/// In the order that the columns have at first; fixed, so that nothing a feed says is ever read as markup. Where a text comes there is one.
const TEMPLATE: &str = concat!(
    r#"<div class="row" role="row">"#,
    r#"<div role="gridcell" class="c-level"><svg class="level-icon" viewBox="0 0 12 12" aria-hidden="true"><path/></svg><span class="level-word">-</span></div>"#,
    r#"<div role="gridcell" class="c-vault"><a tabindex="-1" class="vault-id">-</a><span class="vault-tokens">-</span>"#,
    r#"<button type="button" class="row-more" tabindex="-1" aria-haspopup="menu"><svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M5.5 11a1 1 0 1 0 0 2a1 1 0 1 0 0-2M12 11a1 1 0 1 0 0 2a1 1 0 1 0 0-2M18.5 11a1 1 0 1 0 0 2a1 1 0 1 0 0-2"/></svg></button></div>"#,
    r#"<div role="gridcell" class="c-room"><span class="figure">-</span></div>"#,
    r#"<div role="gridcell" class="c-hf">-</div>"#,
    r#"<div role="gridcell" class="c-ltv"><span class="figure">-</span><span class="bar" aria-hidden="true"><span class="bar-fill"></span><span class="bar-max"></span><span class="bar-limit"></span></span></div>"#,
    r#"<div role="gridcell" class="c-price">-</div>"#,
    r#"<div role="gridcell" class="c-debt">-</div>"#,
    r#"<div role="gridcell" class="c-cure">-</div>"#,
    r#"<div role="gridcell" class="c-trend"><svg class="sparkline" viewBox="0 0 120 22" preserveAspectRatio="none" aria-hidden="true"><path/></svg></div>"#,
    r#"<div role="gridcell" class="c-chain">-</div>"#,
    r#"<div role="gridcell" class="c-age"><time class="age">-</time></div>"#,
    "</div>",
);

thread_local! {
    static PARSED: Option<HtmlTemplateElement> = parsed();
}

fn parsed() -> Option<HtmlTemplateElement> {
    let document = web_sys::window()?.document()?;
    let template: HtmlTemplateElement =
        document.create_element("template").ok()?.dyn_into().ok()?;
    template.set_inner_html(TEMPLATE);
    Some(template)
}

/// What is written into, and what stands there.
pub(crate) struct Cells {
    row: Element,
    level_icon: Element,
    level_path: Element,
    level_word: Text,
    vault: HtmlElement,
    tokens: Text,
    room: Flashing,
    health: Written,
    ltv: HtmlElement,
    ltv_figure: Flashing,
    fill: CssStyleDeclaration,
    max: CssStyleDeclaration,
    limit: CssStyleDeclaration,
    price: Figure,
    debt: Figure,
    cure: Figure,
    trend: Element,
    chain: Text,
    age: Element,
    age_text: Text,
    /// In which the cells stand in the row.
    order: ColumnOrder,
    shown: Option<Rc<VaultRow>>,
    /// Of the trend that is drawn.
    trend_shape: Option<(UnixMillis, u8, Option<Point>)>,
}

impl Cells {
    /// In a row of their own, which stands nowhere yet. `None` where the page is not what it was built as.
    pub(crate) fn build(id: &VaultId) -> Option<Self> {
        let row: Element = PARSED.with(|parsed| {
            let row = parsed.as_ref()?.content().first_child()?;
            row.clone_node_with_deep(true).ok()?.dyn_into().ok()
        })?;
        let mut cells = Walk(row.first_element_child());
        let (level, vault, room, health, ltv) =
            (cells.step()?, cells.step()?, cells.step()?, cells.step()?, cells.step()?);
        let (price, debt, cure, trend, chain, age) = (
            cells.step()?,
            cells.step()?,
            cells.step()?,
            cells.step()?,
            cells.step()?,
            cells.step()?,
        );
        let mut of_level = Walk(level.first_element_child());
        let (level_icon, level_word) = (of_level.step()?, of_level.step()?);
        let mut of_vault = Walk(vault.first_element_child());
        let (link, tokens, more) = (of_vault.step()?, of_vault.step()?, of_vault.step()?);
        let mut of_ltv = Walk(ltv.first_element_child());
        let (ltv_figure, bar) = (of_ltv.step()?, of_ltv.step()?);
        let mut of_bar = Walk(bar.first_element_child());
        let (fill, max, limit) = (of_bar.step()?, of_bar.step()?, of_bar.step()?);
        let age = age.first_element_child()?;

        set(&link, "href", &route::href(&Target::Vault(id.clone())));
        text_of(&link)?.set_data(id.as_str());
        set(&more, "aria-label", &say::row_menu(id.as_str()));
        set(&more, "data-testid", &format!("row-menu-{id}"));
        for (cell, name) in [(&level, "level"), (&health, "hf"), (&ltv, "ltv")] {
            set(cell, "data-testid", &format!("vault-{name}-{id}"));
        }
        Some(Self {
            row,
            level_path: level_icon.first_element_child()?,
            level_icon,
            level_word: text_of(&level_word)?,
            tokens: text_of(&tokens)?,
            vault: vault.dyn_into().ok()?,
            room: Flashing::new(room.first_element_child()?)?,
            health: Written::new(&health)?,
            ltv: ltv.dyn_into().ok()?,
            ltv_figure: Flashing::new(ltv_figure)?,
            fill: style_for(fill)?,
            max: style_for(max)?,
            limit: style_for(limit)?,
            price: Figure::new(price)?,
            debt: Figure::new(debt)?,
            cure: Figure::new(cure)?,
            trend: trend.first_element_child()?.first_element_child()?,
            chain: text_of(&chain)?,
            age_text: text_of(&age)?,
            age,
            order: ColumnOrder::default(),
            shown: None,
            trend_shape: None,
        })
    }

    pub(crate) fn row(&self) -> &Element {
        &self.row
    }

    /// Puts the cells into this order. They stay the same ones: what stands in them does, too.
    pub(crate) fn arrange(&mut self, order: ColumnOrder) {
        if order == self.order {
            return;
        }
        let mut walk = Walk(self.row.first_element_child());
        let cells: Vec<Element> = std::iter::from_fn(|| walk.step()).collect();
        for column in order.iter() {
            if let Some(cell) = cells.get(self.order.place(column)) {
                // Refuses only what would hold itself.
                drop(self.row.append_child(cell));
            }
        }
        self.order = order;
    }

    /// Writes what is not what stands there.
    pub(crate) fn paint(&mut self, entry: &Entry) {
        let row = &*entry.row;
        let before = self.shown.replace(Rc::clone(&entry.row));
        let changed = |differs: fn(&VaultRow, &VaultRow) -> bool| {
            before.as_ref().is_none_or(|before| differs(before, row))
        };
        if changed(|a, b| (a.level, a.freshness) != (b.level, b.freshness)) {
            self.paint_level(row);
        }
        if changed(|a, b| a.name != b.name) {
            self.vault.set_title(row.name.as_deref().unwrap_or_default());
        }
        if changed(|a, b| a.tokens != b.tokens) {
            self.tokens.set_data(&row.tokens);
        }
        if changed(|a, b| a.room != b.room) {
            self.room.write(row.room.map_or_else(|| NONE.to_owned(), format::room));
        }
        if changed(|a, b| a.health != b.health) {
            self.health.write(format::health(row.health));
        }
        if changed(|a, b| a.ltv != b.ltv) {
            let exact = row.ltv.map(|ltv| format!("LTV {} %", local(ltv.to_string())));
            self.ltv.set_title(exact.as_deref().unwrap_or_default());
            self.ltv_figure.write(row.ltv.map_or_else(|| NONE.to_owned(), format::percent));
            self.fill.set_css_text(&format!("width:{}%", fixed(bar_filled(row), 2)));
        }
        if changed(|a, b| (a.max_ltv, a.limit) != (b.max_ltv, b.limit)) {
            let places = bar_marks(row);
            for (mark, place) in [(&self.max, places.max), (&self.limit, places.limit)] {
                let style = place.map(|place| format!("left:{}%", fixed(place, 2)));
                mark.set_css_text(style.as_deref().unwrap_or("display:none"));
            }
        }
        if changed(|a, b| a.liquidation_price != b.liquidation_price) {
            self.price.write(row.liquidation_price.map(format::price));
        }
        if changed(|a, b| a.debt != b.debt) {
            self.debt.write(row.debt.map(format::bare_usd));
        }
        if changed(|a, b| a.cure != b.cure) {
            self.cure.write(row.cure.map(format::bare_usd));
        }
        if changed(|a, b| a.chain_id != b.chain_id) {
            self.chain.set_data(&row.chain_id.map(ChainId::name).unwrap_or_default());
        }
        if changed(|a, b| a.received != b.received) {
            set(&self.age, clock::SINCE, &row.received.to_string());
            self.age_text.set_data(&format::age(row.received, clock::now()));
        }
        let shape = Some(entry.trend.shape());
        if shape != self.trend_shape {
            self.trend_shape = shape;
            set(&self.trend, "d", &spark_path(&entry.trend).unwrap_or_default());
        }
    }

    fn paint_level(&self, row: &VaultRow) {
        let shape = level_shape(row.level, row.freshness);
        set(&self.row, "data-level", style_of(row));
        set(&self.level_icon, "class", shape.class);
        set(&self.level_path, "d", shape.path);
        self.level_word.set_data(level_word(row.level));
    }
}

/// A text that is written by this alone, and only where it is another one: most often a digit has changed that is not shown,
/// and the browser would lay out the same text once more.
struct Written {
    node: Text,
    text: Option<String>,
}

/// What became of a text that was to be written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrote {
    /// It stood there already.
    Nothing,
    First,
    Another,
}

impl Written {
    fn new(element: &Element) -> Option<Self> {
        Some(Self { node: text_of(element)?, text: None })
    }

    fn write(&mut self, text: String) -> Wrote {
        if self.text.as_ref() == Some(&text) {
            return Wrote::Nothing;
        }
        self.node.set_data(&text);
        if self.text.replace(text).is_some() { Wrote::Another } else { Wrote::First }
    }
}

/// A figure that flashes when it changes after it was first seen, as [`crate::design::Figure`] does.
struct Flashing {
    text: Written,
    flash: Flash,
}

impl Flashing {
    fn new(element: Element) -> Option<Self> {
        Some(Self { text: Written::new(&element)?, flash: Flash::of(element) })
    }

    fn write(&mut self, text: String) {
        if self.text.write(text) == Wrote::Another {
            self.flash.start();
        }
    }
}

/// A figure that may be unknown: a dash then, and grey.
struct Figure {
    cell: Element,
    text: Written,
    known: bool,
}

impl Figure {
    fn new(cell: Element) -> Option<Self> {
        Some(Self { text: Written::new(&cell)?, cell, known: true })
    }

    fn write(&mut self, figure: Option<String>) {
        if self.known != figure.is_some() {
            self.known = figure.is_some();
            set(&self.cell, "data-known", if self.known { "true" } else { "false" });
        }
        self.text.write(figure.unwrap_or_else(|| NONE.to_owned()));
    }
}

/// Elements beside each other, one after the other.
struct Walk(Option<Element>);

impl Walk {
    fn step(&mut self) -> Option<Element> {
        let here = self.0.take()?;
        self.0 = here.next_element_sibling();
        Some(here)
    }
}

/// Kept at hand: the browser makes a new one for each time it is asked for.
fn style_for(element: Element) -> Option<CssStyleDeclaration> {
    Some(element.dyn_into::<HtmlElement>().ok()?.style())
}

/// The text that an element of the template has.
fn text_of(element: &Element) -> Option<Text> {
    element.first_child()?.dyn_into().ok()
}

pub(super) fn set(element: &Element, name: &str, value: &str) {
    // Only refuses names with spaces in them.
    drop(element.set_attribute(name, value));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::Column;

    #[test]
    fn the_template_has_every_column_in_its_order() {
        let classes: Vec<_> = TEMPLATE
            .split(r#"role="gridcell" class="c-"#)
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert_eq!(classes, Column::ALL.map(Column::name));
    }
}
