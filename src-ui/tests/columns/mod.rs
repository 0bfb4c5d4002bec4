//! Columns that are put into another order.

use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{
    Element, HtmlElement, KeyboardEvent, KeyboardEventInit, PointerEvent, PointerEventInit,
};

use crate::page::Page;

const ROW: &str = "[data-testid=vault-row-ETH-017]";
const USUAL: &str = "level vault room hf ltv price debt cure trend chain age";

async fn table() -> Page {
    let page = Page::open("overview").await;
    page.wait("vault-row-ETH-017").await;
    page
}

/// The columns of the cells in this row of the page, in their order there.
fn cells(page: &Page, row: &str) -> String {
    let row = page.query(row).unwrap();
    let mut names = Vec::new();
    let mut next = row.first_element_child();
    while let Some(cell) = next {
        names.extend(cell.class_name().strip_prefix("c-").map(str::to_owned));
        next = cell.next_element_sibling();
    }
    names.join(" ")
}

/// `expected`: in the heads and in a row.
async fn until_order(page: &Page, expected: &str) {
    page.until(expected, || cells(page, ".row.heads") == expected && cells(page, ROW) == expected)
        .await;
}

/// `Shift+Alt` and this key, where the focus is.
fn press_moving(key: &str) {
    let init = KeyboardEventInit::new();
    init.set_shift_key(true);
    init.set_alt_key(true);
    init.set_bubbles(true);
    init.set_cancelable(true);
    init.set_key(key);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    focused().dispatch_event(&event).unwrap();
}

fn focused() -> Element {
    web_sys::window().unwrap().document().unwrap().active_element().unwrap()
}

/// The column whose head has the focus.
fn focused_head() -> Option<String> {
    focused().closest("[data-column]").unwrap()?.get_attribute("data-column")
}

fn head(column: &str) -> String {
    format!(".heads [data-column={column}] > button")
}

/// The left edge and the right one, in the window.
fn edges(page: &Page, column: &str) -> (i32, i32) {
    let head = page.query(&format!(".heads [data-column={column}]")).unwrap();
    let rect = head.get_bounding_client_rect();
    (rect.left() as i32, rect.right() as i32)
}

/// The pointer on a head, with the button down but for `pointerup`.
async fn point(page: &Page, name: &str, column: &str, x: i32) {
    let init = PointerEventInit::new();
    init.set_bubbles(true);
    init.set_cancelable(true);
    init.set_client_x(x);
    init.set_buttons(u16::from(name != "pointerup"));
    let event = PointerEvent::new_with_event_init_dict(name, &init).unwrap();
    page.query(&head(column)).unwrap().dispatch_event(&event).unwrap();
    page.tick().await;
}

/// The head whose place something would be dropped at, and at which side of it.
fn mark(page: &Page) -> Option<(String, String)> {
    let marked: HtmlElement = page.query(".heads [data-drop]")?.unchecked_into();
    Some((marked.get_attribute("data-column")?, marked.get_attribute("data-drop")?))
}

fn at(column: &str, side: &str) -> Option<(String, String)> {
    Some((column.to_owned(), side.to_owned()))
}

#[wasm_bindgen_test]
async fn a_head_is_pulled_to_another_place_and_escape_leaves_it_where_it_was() {
    let page = table().await;
    until_order(&page, USUAL).await;
    let from = edges(&page, "debt").0 + 8;
    let before_room = edges(&page, "room").0 + 2;

    point(&page, "pointerdown", "debt", from).await;
    point(&page, "pointermove", "debt", from + 2).await;
    assert!(!page.exists(".heads [data-dragged]"), "that may become a click");
    point(&page, "pointermove", "debt", from - 20).await;
    assert!(page.exists(".heads .c-debt[data-dragged]"));
    point(&page, "pointermove", "debt", before_room).await;
    assert_eq!(mark(&page), at("room", "left"));
    // Not before the name of the vault either, however far it is pulled.
    point(&page, "pointermove", "debt", 0).await;
    assert_eq!(mark(&page), at("room", "left"));
    page.press("Escape");
    page.until("no mark", || mark(&page).is_none()).await;
    point(&page, "pointerup", "debt", before_room).await;
    until_order(&page, USUAL).await;

    point(&page, "pointerdown", "debt", from).await;
    point(&page, "pointermove", "debt", before_room).await;
    point(&page, "pointerup", "debt", before_room).await;
    until_order(&page, "level vault debt room hf ltv price cure trend chain age").await;
    assert!(!page.exists(".heads [data-drop], .heads [data-dragged]"));
    assert_eq!(page.attribute(".heads .c-debt", "aria-colindex"), "3");
    assert!(!page.exists(".heads [data-sorted]"), "it was not clicked");
    page.click("sort-debt").await;
    page.until("a click that sorts", || page.exists(".heads .c-debt[data-sorted]")).await;
    page.click("filter-worst-first").await;

    let to = edges(&page, "age").1;
    let from = edges(&page, "debt").0 + 8;
    point(&page, "pointerdown", "debt", from).await;
    point(&page, "pointermove", "debt", to).await;
    assert_eq!(mark(&page), at("age", "right"));
    point(&page, "pointerup", "debt", to).await;
    until_order(&page, "level vault room hf ltv price cure trend chain age debt").await;
    page.click("columns").await;
    page.click("usual-order").await;
    until_order(&page, USUAL).await;
}

#[wasm_bindgen_test]
async fn the_keyboard_moves_a_column_and_keeps_the_focus_at_its_head() {
    let page = table().await;
    page.focus(&head("cure"));
    press_moving("ArrowLeft");
    until_order(&page, "level vault room hf ltv price cure debt trend chain age").await;
    page.until("the focus at the head", || focused_head().as_deref() == Some("cure")).await;
    press_moving("ArrowRight");
    until_order(&page, USUAL).await;
    page.until("the focus at the head", || focused_head().as_deref() == Some("cure")).await;
    // The first columns stay the first.
    page.focus(&head("vault"));
    press_moving("ArrowRight");
    page.focus(&head("room"));
    press_moving("ArrowLeft");
    page.tick().await;
    until_order(&page, USUAL).await;
}

#[wasm_bindgen_test]
async fn what_is_hidden_is_passed_over_and_the_menu_of_a_head_does_the_same() {
    let page = table().await;
    page.focus(&head("hf"));
    page.press("ContextMenu");
    page.click("head-hide").await;
    page.until("one head less", || page.count(".heads > *") == 10).await;
    page.focus(&head("ltv"));
    page.press("ContextMenu");
    page.click("head-left").await;
    page.until("past the one that is hidden", || {
        cells(&page, ROW) == "level vault ltv room hf price debt cure trend chain age"
    })
    .await;
    page.focus(&head("ltv"));
    page.press("ContextMenu");
    page.until("the first place", || page.exists("[data-testid=head-left]:disabled")).await;
    // The menu takes the focus once it is drawn.
    page.tick().await;
    page.press("Escape");
    page.wait_for_none("head-left").await;
    page.click("columns").await;
    page.click("column-hf").await;
    page.until("all heads", || page.count(".heads > *") == 11).await;
    assert_eq!(cells(&page, ".row.heads"), cells(&page, ROW));
    page.click("views").await;
    page.click("view-usual").await;
    until_order(&page, USUAL).await;
}

#[wasm_bindgen_test]
async fn a_row_that_comes_later_and_the_cells_under_the_keyboard_follow_the_order() {
    let page = table().await;
    page.focus(&head("room"));
    for _ in 0..8 {
        press_moving("ArrowRight");
        page.tick().await;
        page.until("the focus at the head", || focused_head().as_deref() == Some("room")).await;
    }
    let order = "level vault hf ltv price debt cure trend chain age room";
    until_order(&page, order).await;
    page.go("markets").await;
    page.go("overview").await;
    page.wait("vault-row-ETH-017").await;
    until_order(&page, order).await;
    page.focus("[role=grid]");
    page.press("Home");
    for _ in 0..3 {
        page.press("ArrowRight");
        page.tick().await;
    }
    page.until("the third cell", || page.exists(".row .c-hf[data-at]")).await;
    page.press("Escape");
    page.tick().await;
    page.press("Escape");
    page.click("views").await;
    page.click("view-usual").await;
    until_order(&page, USUAL).await;
}
