//! The table: its columns, its views, and what is chosen in it.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Held, Page, named};

const GRID: &str = "[role=grid]";

async fn table() -> Page {
    let page = Page::open("overview").await;
    page.wait("vault-row-ETH-017").await;
    // Whatever was chosen or looked for before.
    page.focus(GRID);
    for _ in 0..4 {
        page.press("Escape");
        page.tick().await;
    }
    page
}

/// The vaults whose rows say that they are chosen.
fn selected(page: &Page) -> u32 {
    page.count(".row[aria-selected=true]")
}

#[wasm_bindgen_test]
async fn a_row_has_every_figure_and_keeps_its_digits() {
    let page = table().await;
    let row = named(&page.wait_now("vault-row-ETH-017"));
    let level = page.text("vault-level-ETH-017");
    assert!(!level.is_empty() && row.starts_with(&level) && row.contains("ETH-017"), "{row}");
    let ltv = page.wait_now("vault-ltv-ETH-017");
    let exact = ltv.get_attribute("title").unwrap();
    let figure = |text: &str| text.trim().parse::<f64>().unwrap();
    let digits = exact.trim_start_matches("LTV ").trim_end_matches(" %");
    // `75.97` is shown as `76.0`.
    let off = figure(digits) - figure(&named(&ltv));
    assert!(off.abs() < 0.051, "{exact}: {}", named(&ltv));
    assert!(digits.len() >= named(&ltv).len(), "{exact}");
    let style = page.attribute("[data-testid=vault-row-ETH-017]", "data-level");
    assert_eq!(style, level.to_lowercase());
    assert!(page.exists("[data-testid=vault-row-ETH-017] .c-age time[data-since]"));
    assert!(page.attribute("[data-testid=vault-row-ETH-017] .bar-fill", "style").contains("width"));
    // Its figures change by themselves, and what changed flashes.
    page.until("a figure that flashes", || page.exists(".row .figure[data-flash]")).await;
}

#[wasm_bindgen_test]
async fn a_column_is_made_wider_by_keys_and_by_the_pointer_and_gets_its_width_back() {
    let page = table().await;
    let head = ".heads .c-debt";
    let usual = page.width(head);
    page.focus("[data-testid=width-debt]");
    page.press_with("ArrowRight", Held::Shift);
    page.until("a wider column", || page.width(head) > usual + 20.0).await;
    assert_eq!(
        page.width(head),
        page.width("[data-testid=vault-row-ETH-017] .c-debt"),
        "in every row"
    );
    assert_eq!(page.attribute("[data-testid=width-debt]", "aria-valuenow"), "116");
    page.press("ArrowLeft");
    page.until("a little less", || {
        page.attribute("[data-testid=width-debt]", "aria-valuenow") == "108"
    })
    .await;
    // From the grip's own place, ten of its widths to the right.
    page.drag("[data-testid=width-debt]", 0.5, 5.5).await;
    page.until("what was pulled", || page.width(head) > 135.0).await;
    page.press("Delete");
    page.until("the usual width", || page.width(head) == usual).await;
}

#[wasm_bindgen_test]
async fn a_view_is_saved_under_a_name_shown_again_and_deleted() {
    let page = table().await;
    page.click("filter-at-risk").await;
    page.click("sort-debt").await;
    page.click("columns").await;
    page.click("column-hf").await;
    page.click("views").await;
    page.click("view-save").await;
    page.until("the focus at the name", || page.focused() == "view-name").await;
    page.type_into("view-name", "  ").await;
    page.click("view-form-save").await;
    page.until("a reason", || page.exists("#view-name[aria-invalid=true]")).await;
    assert!(page.all_text("#view-name-note").contains("1 to 40 characters"));
    page.type_into("view-name", "Desk A").await;
    page.click("view-form-save").await;
    page.wait_for_none("view-dialog").await;
    page.until("its name on the button", || page.text("views") == "Desk A").await;

    page.click("views").await;
    page.click("view-usual").await;
    page.until("everything", || page.exists("[role=grid][aria-colcount='11']")).await;
    page.until("no name", || page.text("views") == "Views").await;
    assert!(page.exists("[data-testid=filter-at-risk][aria-pressed=false]"));

    page.click("views").await;
    page.click("view-Desk A").await;
    page.until("its columns", || page.exists("[role=grid][aria-colcount='10']")).await;
    assert!(page.exists("[data-testid=filter-at-risk][aria-pressed=true]"));
    assert!(page.exists(".heads .c-debt[aria-sort=descending]"));

    page.click("views").await;
    page.click("view-delete").await;
    assert_eq!(page.said("undo-bar").await, "Deleted the view Desk AUndo");
    page.click("undo").await;
    page.until("it is back", || page.text("views") == "Desk A").await;
    page.click("views").await;
    page.click("view-delete").await;
    page.click("views").await;
    assert!(page.find("view-Desk A").is_none());
    page.click("view-usual").await;
}

#[wasm_bindgen_test]
async fn lines_are_chosen_by_pointer_and_by_keyboard() {
    let page = table().await;
    page.click_with("vault-row-ETH-017", Held::Ctrl).await;
    page.click_with("vault-row-ARB-203", Held::Ctrl).await;
    page.until("two lines", || selected(&page) == 2).await;
    assert_eq!(page.text("copy-chosen"), "Copy 2 as CSV");
    assert!(page.exists("main.overview"), "no page was opened");
    page.click("row-menu-ETH-017").await;
    let copy = page.wait("menu-copy-row").await;
    assert_eq!(named(&copy), "Copy 2 rows as CSV");
    assert!(page.find("menu-open").is_none(), "two are not one page");
    // The menu takes the focus once it is drawn.
    page.tick().await;
    page.press("Escape");
    page.wait_for_none("menu-copy-row").await;
    page.click("release-chosen").await;
    page.wait_for_none("copy-chosen").await;

    page.focus(GRID);
    page.press("Home");
    page.press_with("ArrowDown", Held::Shift);
    page.press_with("ArrowDown", Held::Shift);
    page.until("three lines", || selected(&page) == 3).await;
    page.press("ArrowDown");
    page.until("one again", || selected(&page) == 1).await;
    assert!(page.find("copy-chosen").is_none());
    page.press_with("a", Held::Ctrl);
    page.wait("copy-chosen").await;
    assert!(selected(&page) > 3);
    page.press("Escape");
    page.wait_for_none("copy-chosen").await;
    page.press("Escape");
    page.until("no line", || selected(&page) == 0).await;
}

#[wasm_bindgen_test]
async fn the_keyboard_walks_through_the_cells_of_a_line() {
    let page = table().await;
    page.focus(GRID);
    page.press("Home");
    page.tick().await;
    let active = || page.attribute(GRID, "aria-activedescendant");
    let line = active();
    assert!(page.exists(&format!("[id='{line}'][role=row]")), "{line}");
    page.press("ArrowRight");
    page.tick().await;
    page.press("ArrowRight");
    page.until("the second cell", || active() == format!("{line}-1")).await;
    assert!(page.exists(&format!("[id='{line}-1'][role=gridcell].c-vault")));
    page.press("ArrowDown");
    page.until("the cell below", || active() != format!("{line}-1")).await;
    assert!(page.exists(&format!("[id='{}'].c-vault[data-at]", active())));
    assert_eq!(page.count("[data-at]"), 1);
    page.press("Escape");
    page.until("the line", || !active().ends_with("-1")).await;
    assert_eq!(page.count("[data-at]"), 0);
    page.press("Escape");
}
