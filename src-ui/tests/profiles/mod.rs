//! Several profiles: added, told apart, changed and removed, with one of them in the window at a time.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Held, Page, named};

async fn add(page: &Page, name: &str) {
    page.go("settings").await;
    page.click("profile-add").await;
    page.type_into("connect-url", &format!("wss://feed.{name}.example/ws")).await;
    assert_eq!(page.value(&page.wait("connect-name").await), name);
    page.click("connect-test").await;
    page.wait("first-message").await;
    page.click("connect-keep").await;
    page.wait("welcome-done").await;
    page.go("settings").await;
    page.wait(&format!("profile-line-{name}")).await;
}

#[wasm_bindgen_test]
async fn another_profile_is_added_shown_paused_and_removed() {
    let page = Page::open("settings").await;
    assert!(page.text("profile-line-demo").contains("Not to be changed here"));
    add(&page, "globex").await;
    assert_eq!(page.nameless(), Vec::<String>::new());
    assert_eq!(page.doubled_ids(), Vec::<String>::new());

    // One is shown at a time, and the button says which.
    page.go("overview").await;
    page.wait("vault-row-ARB-203").await;
    assert!(page.exists("[data-testid=profile-demo][aria-current=true]"));
    page.click("profile-globex").await;
    page.until("globex", || page.exists("[data-testid=profile-globex][aria-current=true]")).await;
    page.until("no banner of the demo", || page.find("demo-banner").is_none()).await;
    page.wait("profile-switch").await.click();
    let back = page.wait("switch-demo").await;
    assert!(named(&back).contains("Live"), "{}", named(&back));
    back.click();
    page.wait("demo-banner").await;

    page.go("settings").await;
    page.click("profile-pause-globex").await;
    page.until("paused", || page.text("profile-state-globex") == "Paused").await;
    page.click("profile-globex").await;
    page.wait("profile-paused").await;
    page.click("profile-resume").await;
    page.wait_for_none("profile-paused").await;
    page.click("profile-demo").await;
    page.choose("profile-colour-globex", "violet").await;
    page.until("violet", || {
        page.attribute("[data-testid=profile-line-globex]", "data-colour") == "violet"
    })
    .await;

    page.click("profile-remove-globex").await;
    let kept = page.said("profile-kept").await;
    assert!(kept.contains("12 MB") && kept.contains("alert log"), "{kept}");
    assert!(kept.contains("vaultwatch/profiles/globex"), "{kept}");
    page.press("Escape");
    page.wait_for_none("profile-remove-dialog").await;
    assert!(page.find("profile-line-globex").is_some(), "nothing is removed without an answer");
    page.click("profile-remove-globex").await;
    page.until("it can be", || page.exists("[data-testid=profile-remove-delete]:enabled")).await;
    page.click("profile-remove-delete").await;
    page.wait_for_none("profile-line-globex").await;
    page.wait_for_none("profile-globex").await;
}

#[wasm_bindgen_test]
async fn a_name_that_cannot_be_is_told_where_it_is_typed() {
    let page = Page::open("settings").await;
    add(&page, "umbra").await;
    page.click("profile-rename-umbra").await;
    page.type_into("profile-new-name", "Umbra Desk").await;
    page.click("profile-rename-save").await;
    page.until("why not", || page.exists("#profile-new-name[aria-invalid=true]")).await;
    assert!(page.all_text("#profile-new-name-note").contains("a to z"));
    page.type_into("profile-new-name", "umbra-eu").await;
    page.click("profile-rename-save").await;
    page.wait_for_none("profile-rename-dialog").await;
    page.wait("profile-line-umbra-eu").await;
    assert!(page.find("profile-line-umbra").is_none());
    page.click("profile-remove-umbra-eu").await;
    page.until("it can be", || page.exists("[data-testid=profile-remove-keep]:enabled")).await;
    page.click("profile-remove-keep").await;
    page.wait_for_none("profile-line-umbra-eu").await;
}

/// Looks for a profile in the palette, from the keyboard.
async fn switch(page: &Page, name: &str) {
    page.press_with("k", Held::Ctrl);
    page.type_into("palette-input", name).await;
    let line = format!("[data-testid=palette-profile-{name}][aria-selected=true]");
    page.until("the profile on top", || page.exists(&line)).await;
    page.press("Enter");
    page.wait_for_none("palette").await;
}

#[wasm_bindgen_test]
async fn the_palette_leads_to_another_profile_and_loses_nothing_unasked() {
    let page = Page::open("settings").await;
    add(&page, "initech").await;
    let shown =
        |name: &str| page.exists(&format!("[data-testid=profile-{name}][aria-current=true]"));
    page.go("markets").await;
    page.blur();
    page.press_with("k", Held::Ctrl);
    page.wait("palette-profile-initech").await;
    assert!(page.find("palette-profile-demo").is_none(), "it is the one that is shown");
    page.press("Escape");
    page.wait_for_none("palette").await;
    switch(&page, "initech").await;
    page.until("initech", || shown("initech")).await;

    page.go("settings").await;
    page.click("profile-add").await;
    page.type_into("connect-url", "wss://feed.hooli.example/ws").await;
    switch(&page, "demo").await;
    page.wait("discard-dialog").await;
    page.click("discard-keep").await;
    page.wait_for_none("discard-dialog").await;
    assert!(shown("initech") && page.find("connect-url").is_some(), "nothing was lost");
    switch(&page, "demo").await;
    page.click("discard").await;
    page.until("demo", || shown("demo")).await;

    page.go("settings").await;
    page.click("profile-remove-initech").await;
    page.until("it can be", || page.exists("[data-testid=profile-remove-delete]:enabled")).await;
    page.click("profile-remove-delete").await;
    page.wait_for_none("profile-line-initech").await;
}
