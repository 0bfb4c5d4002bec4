//! The cells of a row, built once from a template and from then on written into, each when its figure is another one.

use std::rc::Rc;

use domain::view::{Target, VaultRow};
use domain::{ChainId, UnixMillis, VaultId, text};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlTemplateElement, Node};

use crate::clock;
use crate::design::{bar_places, level_shape, spark_path, style_of};
use crate::format::{self, NONE};
use crate::live::Entry;
use crate::shell::route;

/// In the order of the columns; fixed, so that nothing a feed says is ever read as markup.
const TEMPLATE: &str = concat!(
    r#"<div role="gridcell" class="c-level"><svg class="level-icon" viewBox="0 0 12 12" aria-hidden="true"><path/></svg><span class="level-word"></span></div>"#,
    r#"<div role="gridcell" class="c-vault"><a tabindex="-1" class="vault-id"></a><span class="vault-tokens"></span>"#,
    r#"<button type="button" class="row-more" tabindex="-1" aria-haspopup="menu"><svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M5.5 12h.1M12 12h.1M18.5 12h.1"/></svg></button></div>"#,
    r#"<div role="gridcell" class="c-room"><span class="figure"></span></div>"#,
    r#"<div role="gridcell" class="c-hf"></div>"#,
    r#"<div role="gridcell" class="c-ltv"><span class="figure"></span><span class="bar" aria-hidden="true"><span class="bar-fill"></span><span class="bar-max"></span><span class="bar-limit"></span></span></div>"#,
    r#"<div role="gridcell" class="c-price"></div>"#,
    r#"<div role="gridcell" class="c-debt"></div>"#,
    r#"<div role="gridcell" class="c-cure"></div>"#,
    r#"<div role="gridcell" class="c-trend"><svg class="sparkline" viewBox="0 0 120 22" preserveAspectRatio="none" aria-hidden="true"><path/></svg></div>"#,
    r#"<div role="gridcell" class="c-chain"></div>"#,
    r#"<div role="gridcell" class="c-age"><time class="age"></time></div>"#,
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
    level_word: Element,
    level: Element,
    vault: Element,
    tokens: Element,
    room: Flashing,
    health: Element,
    ltv: Element,
    ltv_figure: Flashing,
    bar: [Element; 3],
    price: Element,
    debt: Element,
    cure: Element,
    trend: Element,
    chain: Element,
    age: Element,
    shown: Option<Rc<VaultRow>>,
    /// The last point of the trend that is drawn.
    trend_at: Option<UnixMillis>,
}

impl Cells {
    /// Into an empty row. `None` where the page is not what it was built as.
    pub(crate) fn build(row: &Element, id: &VaultId) -> Option<Self> {
        let content: Node =
            PARSED.with(|parsed| parsed.as_ref()?.content().clone_node_with_deep(true).ok())?;
        row.replace_children_with_node_1(&content);
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

        set(&link, "href", &route::href(&Target::Vault(id.clone())));
        link.set_text_content(Some(id.as_str()));
        set(&more, "aria-label", &format!("What can be done with {id}"));
        set(&more, "data-testid", &format!("row-menu-{id}"));
        for (cell, name) in [(&level, "level"), (&health, "hf"), (&ltv, "ltv")] {
            set(cell, "data-testid", &format!("vault-{name}-{id}"));
        }
        Some(Self {
            row: row.clone(),
            level_path: level_icon.first_element_child()?,
            level_icon,
            level_word,
            level,
            vault,
            tokens,
            room: Flashing::new(room.first_element_child()?),
            health,
            ltv,
            ltv_figure: Flashing::new(ltv_figure),
            bar: [of_bar.step()?, of_bar.step()?, of_bar.step()?],
            price,
            debt,
            cure,
            trend: trend.first_element_child()?.first_element_child()?,
            chain,
            age: age.first_element_child()?,
            shown: None,
            trend_at: None,
        })
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
            set_or_remove(&self.vault, "title", row.name.as_deref());
        }
        if changed(|a, b| a.tokens != b.tokens) {
            self.tokens.set_text_content(Some(row.tokens.as_str()));
        }
        if changed(|a, b| a.room != b.room) {
            self.room.write(row.room.map_or_else(|| NONE.to_owned(), text::room));
        }
        if changed(|a, b| a.health != b.health) {
            self.health.set_text_content(Some(&format::health(row.health)));
        }
        if changed(|a, b| a.ltv != b.ltv) {
            let exact = row.ltv.map(|ltv| ltv.to_string());
            set_or_remove(&self.ltv, "data-value", exact.as_deref());
            let title = exact.map(|exact| format!("LTV {exact} %"));
            set_or_remove(&self.ltv, "title", title.as_deref());
            self.ltv_figure.write(row.ltv.map_or_else(|| NONE.to_owned(), text::percent));
        }
        if changed(|a, b| (a.ltv, a.max_ltv, a.limit) != (b.ltv, b.max_ltv, b.limit)) {
            self.paint_bar(row);
        }
        if changed(|a, b| a.liquidation_price != b.liquidation_price) {
            write(&self.price, row.liquidation_price.map(text::price));
        }
        if changed(|a, b| a.debt != b.debt) {
            write(&self.debt, row.debt.map(format::bare_usd));
        }
        if changed(|a, b| a.cure != b.cure) {
            write(&self.cure, row.cure.map(format::bare_usd));
        }
        if changed(|a, b| a.chain_id != b.chain_id) {
            let name = row.chain_id.map(ChainId::name).unwrap_or_default();
            self.chain.set_text_content(Some(&*name));
        }
        if changed(|a, b| a.received != b.received) {
            clock::write_age(&self.age, row.received);
        }
        let trend_at = entry.trend.points().last().map(|point| point.at);
        if trend_at != self.trend_at {
            self.trend_at = trend_at;
            set(&self.trend, "d", &spark_path(&entry.trend).unwrap_or_default());
        }
    }

    fn paint_level(&self, row: &VaultRow) {
        let word = row.level.map_or("Unknown", domain::Level::word);
        let shape = level_shape(row.level, row.freshness);
        set(&self.row, "data-level", style_of(row));
        set(&self.level, "data-value", word);
        set(&self.level_icon, "class", shape.class);
        set(&self.level_path, "d", shape.path);
        self.level_word.set_text_content(Some(word));
    }

    fn paint_bar(&self, row: &VaultRow) {
        let places = bar_places(row);
        let [fill, max, limit] = &self.bar;
        set(fill, "style", &format!("width:{:.2}%", places.filled));
        for (mark, place) in [(max, places.max), (limit, places.limit)] {
            match place {
                Some(place) => set(mark, "style", &format!("left:{place:.2}%")),
                None => set(mark, "style", "display:none"),
            }
        }
    }
}

/// A figure that flashes once, in grey, when it changes after it was first seen: as [`crate::design::Figure`] does.
struct Flashing {
    element: Element,
    text: Option<String>,
    /// Two animations of one look take turns: changing the name is what makes the browser start anew.
    odd: bool,
}

impl Flashing {
    fn new(element: Element) -> Self {
        Self { element, text: None, odd: false }
    }

    fn write(&mut self, text: String) {
        // A digit may have changed that is not shown.
        if self.text.as_ref() == Some(&text) {
            return;
        }
        self.element.set_text_content(Some(&text));
        if self.text.replace(text).is_some() {
            self.odd = !self.odd;
            self.element.set_class_name(if self.odd { "figure flash-1" } else { "figure flash-2" });
        }
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

fn set(element: &Element, name: &str, value: &str) {
    // Only refuses names with spaces in them.
    drop(element.set_attribute(name, value));
}

fn set_or_remove(element: &Element, name: &str, value: Option<&str>) {
    match value {
        Some(value) => set(element, name, value),
        // Cannot fail.
        None => drop(element.remove_attribute(name)),
    }
}

/// What is not known is a dash, and grey.
fn write(cell: &Element, figure: Option<String>) {
    cell.set_text_content(Some(figure.as_deref().unwrap_or(NONE)));
    let known = if figure.is_some() { "true" } else { "false" };
    set(cell, "data-known", known);
}
