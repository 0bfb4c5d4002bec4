//! Charts: looked at more closely, and saved.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Held, Page};

const FRAME: &str = "[data-testid=vault-chart] .chart-frame";

async fn chart() -> Page {
    let page = Page::open("vault/ETH-017").await;
    page.wait("vault-chart").await;
    page.until("a line", || page.exists("[data-testid=vault-chart] .chart-line")).await;
    page
}

fn zoomed(page: &Page) -> bool {
    page.attribute(FRAME, "data-zoomed") == "true"
}

fn axis(page: &Page) -> String {
    page.all_text("[data-testid=vault-chart] .chart-axis")
}

#[wasm_bindgen_test]
async fn a_stretch_is_looked_at_more_closely_by_keyboard_alone() {
    let page = chart().await;
    assert!(axis(&page).ends_with("now") && !zoomed(&page), "{}", axis(&page));
    page.focus(".chart");
    page.press("End");
    page.tick().await;
    page.press("+");
    page.until("half of it", || zoomed(&page)).await;
    let strip = page.wait("chart-strip").await;
    assert_eq!(strip.get_attribute("aria-valuenow").unwrap(), "75", "the later half");
    page.press("PageUp");
    page.until("earlier", || page.attribute("[data-testid=chart-strip]", "aria-valuenow") == "35")
        .await;
    assert!(!axis(&page).contains("now"), "{}", axis(&page));
    page.focus("[data-testid=chart-strip]");
    page.press("End");
    page.until("the latest", || {
        page.attribute("[data-testid=chart-strip]", "aria-valuenow") == "75"
    })
    .await;
    page.focus(".chart");
    page.press("0");
    page.until("the whole", || !zoomed(&page)).await;
    page.wait_for_none("chart-strip").await;

    page.press("Home");
    page.tick().await;
    for _ in 0..10 {
        page.press_with("ArrowRight", Held::Shift);
        page.tick().await;
    }
    assert!(page.exists(".chart-brush"));
    page.press("Enter");
    page.until("a tenth of it", || zoomed(&page)).await;
    page.press("Escape");
    page.until("the whole", || !zoomed(&page)).await;
}

#[wasm_bindgen_test]
async fn a_stretch_is_marked_with_the_pointer_and_buttons_lead_back() {
    let page = chart().await;
    page.drag(".chart", 0.2, 0.4).await;
    page.until("the stretch", || zoomed(&page)).await;
    let now = page.attribute("[data-testid=chart-strip]", "aria-valuenow");
    assert_eq!(now, "30");
    page.click("chart-out").await;
    page.click("chart-whole").await;
    page.until("the whole", || !zoomed(&page)).await;
    page.drag(".chart", 0.5, 0.501).await;
    assert!(!zoomed(&page), "a click is no stretch");
}

#[wasm_bindgen_test]
async fn a_chart_is_saved_as_a_picture_and_as_a_drawing() {
    let page = chart().await;
    for (format, least) in [("svg", 4_000), ("png", 8_000)] {
        page.click("chart-save").await;
        page.click(&format!("chart-{format}")).await;
        page.until(format, || page.text_now("plot-path").ends_with(&format!(".{format}"))).await;
        let path = page.text("plot-path");
        assert!(path.contains("ETH-017"), "{path}");
        let size = path.split_once(" (").and_then(|(_, rest)| rest.split_once(' ')).unwrap().0;
        assert!(size.parse::<u32>().unwrap() > least, "{path}");
    }
}
