//! Forms that hold something unsaved, and what would cover their buttons.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::Page;

async fn rules() -> Page {
    let page = Page::open("rules").await;
    page.wait("rule-list").await;
    page
}

/// The question is there, and has the focus.
async fn asked(page: &Page, what: &str) {
    page.until(what, || page.find("discard-dialog").is_some()).await;
    page.until("the focus at what loses nothing", || page.focused() == "discard-keep").await;
}

#[wasm_bindgen_test]
async fn a_changed_policy_is_not_thrown_away_unasked() {
    let page = rules().await;
    page.click("policy-new").await;
    page.until("the focus in the dialog", || page.focused() == "policy-kind").await;
    page.press("Escape");
    page.wait_for_none("policy-dialog").await;
    assert!(page.find("discard-dialog").is_none(), "nothing was changed");

    page.click("policy-new").await;
    page.type_into("policy-high", "5s").await;
    page.rest().await;
    page.focus("#policy-high");
    page.press("Escape");
    asked(&page, "the question after Esc").await;
    assert_eq!(page.nameless(), Vec::<String>::new());
    page.click("discard-keep").await;
    page.wait_for_none("discard-dialog").await;
    assert_eq!(page.value(&page.wait_now("policy-high")), "5s");
    page.until("the focus where it was", || page.focused() == "policy-high").await;

    // A click beside it, which hits the dialog itself.
    page.wait_now("policy-dialog").click();
    asked(&page, "the question after a click beside").await;
    page.click("discard").await;
    page.wait_for_none("policy-dialog").await;
    page.wait_for_none("discard-dialog").await;

    page.click("policy-new").await;
    page.type_into("policy-high", "5s").await;
    page.rest().await;
    page.focus("#policy-high");
    page.press("Escape");
    asked(&page, "the question before it is answered by Esc").await;
    page.press("Escape");
    page.wait_for_none("policy-dialog").await;
    assert!(page.find("policy-1").is_none(), "nothing was saved");

    page.click("label-new").await;
    page.until("the focus in the dialog", || page.focused() == "label-name").await;
    page.type_into("label-name", "desk").await;
    page.rest().await;
    page.press("Escape");
    asked(&page, "the question about a label").await;
    page.press("Escape");
    page.wait_for_none("label-dialog").await;
    assert!(page.find("label-desk").is_none());
}

#[wasm_bindgen_test]
async fn a_changed_rule_is_asked_about_on_every_way_out() {
    let page = rules().await;
    page.click("rule-new").await;
    page.wait("rule-form").await;
    page.focus("#rule-name");
    page.press("Escape");
    page.wait("rule-list").await;

    page.click("rule-new").await;
    page.type_into("rule-name", "mine").await;
    page.rest().await;
    page.focus("#rule-name");
    page.press("Escape");
    asked(&page, "the question about a rule").await;
    page.click("discard-keep").await;
    page.wait_for_none("discard-dialog").await;
    assert_eq!(page.value(&page.wait_now("rule-name")), "mine");
    page.until("the focus where it was", || page.focused() == "rule-name").await;

    // Another page waits, and so does its address.
    page.click("nav-markets").await;
    asked(&page, "the question about a link").await;
    assert_eq!(page.address(), "#/rules");
    page.click("discard-keep").await;
    page.wait_for_none("discard-dialog").await;
    assert_eq!(page.value(&page.wait_now("rule-name")), "mine");
    page.click("nav-markets").await;
    asked(&page, "the question about a link again").await;
    page.press("Escape");
    page.until("the other page", || page.address() == "#/markets").await;
    page.wait_for_none("rule-form").await;
    page.wait_for_none("discard-dialog").await;

    // What is left by its own button needs no question, and neither does what was saved.
    page.go("rules").await;
    page.click("rule-new").await;
    page.type_into("rule-name", "mine").await;
    page.rest().await;
    page.click("rule-cancel").await;
    page.wait("rule-list").await;
    page.click("nav-markets").await;
    page.until("the other page", || page.address() == "#/markets").await;
    assert!(page.find("discard-dialog").is_none());
}

#[wasm_bindgen_test]
async fn no_toast_flies_over_a_forms_save() {
    let page = Page::open("settings").await;
    page.click("toast-position-bottom-left").await;
    let edges = |test_id: &str| {
        let rect = page.wait_now(test_id).get_bounding_client_rect();
        (rect.top(), rect.bottom())
    };
    page.go("rules").await;
    page.wait("rule-list").await;
    if page.find("dismiss-toasts").is_some() {
        page.click("dismiss-toasts").await;
    }
    let (_, page_ends) = edges("rules-page");
    assert!(page_ends - edges("toasts").1 < 40.0, "at the lower edge, where they are wanted");
    page.click("rule-new").await;
    page.wait("rule-save").await;
    page.until("toasts above", || edges("toasts").1 <= edges("rule-save").0).await;
    page.click("rule-cancel").await;
    page.go("settings").await;
    page.click("toast-position-bottom-right").await;
}
