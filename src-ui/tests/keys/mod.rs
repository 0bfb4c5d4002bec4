//! Keys that work wherever the focus is.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::Page;

/// Shows the overview with that vault marked, by keys.
async fn marked(page: &Page, vault: &str) {
    page.go("overview").await;
    page.wait(&format!("vault-row-{vault}")).await;
    page.focus("#vaults");
    page.press("Home");
    let row = format!("[data-testid=vault-row-{vault}][aria-selected=true]");
    for _ in 0..20 {
        page.tick().await;
        if page.exists(&row) {
            return;
        }
        page.press("ArrowDown");
    }
    panic!("{vault} is not among the first lines");
}

#[wasm_bindgen_test]
async fn a_and_s_mean_the_alert_that_can_be_seen() {
    let page = Page::open("overview").await;
    marked(&page, "ARB-203").await;
    page.go("alert/8").await;
    page.wait("notification-item-8").await;
    page.blur();
    page.press("a");
    page.until("acknowledged", || page.state("notification-item-8") == "acknowledged").await;
    page.press("z");
    page.until("taken back", || page.state("notification-item-8") == "firing").await;

    // The mark of the table is not seen here, and its vault not meant.
    page.go("alerts").await;
    page.wait("notification-item-9").await;
    for key in ["a", "s"] {
        page.blur();
        page.press(key);
        page.rest().await;
        assert_eq!(page.state("notification-item-9"), "firing", "by {key}");
        assert!(page.find("undo-bar").is_none(), "by {key}");
    }

    marked(&page, "ARB-203").await;
    page.press("s");
    assert!(page.said("undo-bar").await.starts_with("Snoozed"));
    page.go("alerts").await;
    page.until("snoozed", || page.state("notification-item-9") == "snoozed").await;
    page.blur();
    page.press("z");
    page.until("taken back", || page.state("notification-item-9") == "firing").await;

    page.press("/");
    assert_eq!(page.focused(), "search");
    page.blur();
}
