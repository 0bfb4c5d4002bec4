//! The window in a real browser, against the recorded backend: what a person does, and what stands on the page then.
//!
//! All tests share one page, as wasm-bindgen's runner has it; each begins by going to the page it is about.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod asked;
mod charts;
mod columns;
mod forms;
mod index;
mod keys;
mod language;
mod page;
mod profiles;
mod rules;
mod table;

use page::{Held, Page, named};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{HtmlInputElement, HtmlSelectElement};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn a_critical_toast_is_read_out_at_once_and_dismissing_it_keeps_the_alert() {
    let page = Page::open("settings").await;
    page.click("test-critical").await;
    let critical = ".toast[data-level=critical]";
    page.until("a critical toast", || page.exists(critical)).await;
    let toast = page.query(critical).unwrap();
    let name = toast.get_attribute("data-testid").unwrap();
    let region = toast.parent_element().unwrap();
    assert_eq!(region.get_attribute("aria-live").as_deref(), Some("assertive"));
    page.click_within(&toast, "[aria-label^=Dismiss]");
    page.wait_for_none(&name).await;
    page.query("[data-testid=test-dialog] [aria-label=Close]").unwrap().click();
    page.wait_for_none("test-dialog").await;
    page.go("alerts").await;
    page.wait(&name.replace("toast", "notification-item")).await;
}

#[wasm_bindgen_test]
async fn many_are_acknowledged_at_once_and_that_is_taken_back() {
    let page = Page::open("alerts").await;
    page.wait("notification-item-9").await;
    page.click("alerts-high").await;
    page.until("the filtered list", || page.find("notification-item-9").is_none()).await;
    page.click("select-all").await;
    page.click("bulk-ack").await;
    let bar = page.wait("undo-bar").await;
    // The incident, its six vaults, and the snoozed one; the one that anna has seen is not among them.
    assert!(named(&bar).starts_with("Acknowledged 8 alerts"), "{}", named(&bar));
    page.until("all acknowledged", || page.state("notification-item-3") == "acknowledged").await;
    assert!(page.find("notification-ack-2").is_none());
    page.click("undo").await;
    page.until("all back", || page.state("notification-item-3") == "firing").await;
    assert_eq!(page.state("notification-item-7"), "acknowledged", "not ours to take back");
    page.wait_for_none("undo-bar").await;
    // A filter stays as it was left, and the other tests want to see all.
    page.click("alerts-high").await;
    page.wait("notification-item-9").await;
}

#[wasm_bindgen_test]
async fn a_critical_alert_is_silenced_for_an_hour_at_most_and_says_until_when() {
    let page = Page::open("alerts").await;
    page.click("notification-snooze-8").await;
    let tomorrow = page.wait("snooze-tomorrow").await;
    assert!(named(&tomorrow).contains("1 hour at most"), "{}", named(&tomorrow));
    tomorrow.click();
    page.until("snoozed", || page.state("notification-item-8") == "snoozed").await;
    assert!(page.text("notification-item-8").contains("Snoozed until"));
    page.click("notification-menu-8").await;
    let end = page.wait_text("menuitem", "End snooze").await;
    end.click();
    page.until("speaking", || page.state("notification-item-8") == "firing").await;
}

#[wasm_bindgen_test]
async fn an_incident_holds_its_vaults_and_an_alert_its_evidence() {
    let page = Page::open("alerts").await;
    assert!(page.find("notification-item-20").is_none(), "folded at first");
    page.click("incident-toggle-3").await;
    page.wait("notification-item-20").await;
    assert_eq!(page.count("[data-testid=incident-3] .alert.within"), 6);
    page.click("incident-toggle-3").await;
    page.click("notification-evidence-9").await;
    let evidence = page.wait("evidence-9").await;
    for fact in
        ["critical at 8 % or less", "7.9 % → 6.5 %", "$0.5984", "Repay 36,100 USDC", "shown"]
    {
        assert!(named(&evidence).contains(fact), "{fact}: {}", named(&evidence));
    }
    let origin = "[data-testid=evidence-9] .origin";
    page.until("the message that raised it", || page.exists(origin)).await;
    let text = page.all_text(origin);
    assert!(text.starts_with(r#"{"type":"vault_update_"#) && text.contains("75.9700"), "{text}");
    assert!(!page.exists("[data-testid=evidence-9] .origin-cut"), "all of it");
    page.click("notification-evidence-8").await;
    page.until("that it is cut", || {
        page.all_text("[data-testid=evidence-8] .origin-cut").starts_with("Its first 4,096 of 4,")
    })
    .await;
    page.click("notification-evidence-8").await;
    page.click("notification-evidence-9").await;
}

#[wasm_bindgen_test]
async fn the_page_of_one_alert_shows_its_evidence_and_an_incidents_its_vaults() {
    let page = Page::open("alert/9").await;
    let evidence = page.wait("evidence-9").await;
    assert!(named(&evidence).contains("Repay 36,100 USDC"), "{}", named(&evidence));
    // From one to another without a page between them.
    page.go("alert/3").await;
    page.wait("notification-item-20").await;
    assert!(page.find("evidence-20").is_none(), "those of its vaults on demand");
    page.go("alert/9").await;
    page.wait("evidence-9").await;
}

#[wasm_bindgen_test]
async fn toasts_fly_where_they_are_wanted_and_nonsense_is_refused_at_the_field() {
    let page = Page::open("settings").await;
    page.click("toast-position-top-left").await;
    page.until("the new place", || {
        page.wait_now("toasts").get_attribute("data-position").as_deref() == Some("top-left")
    })
    .await;
    page.type_into("toast-limit", "0").await;
    page.until("a reason", || page.exists("#toast-limit[aria-invalid=true]")).await;
    assert!(page.all_text("#toast-limit-note").contains("from 1 to 20"));
    page.type_into("toast-limit", "7").await;
    page.until("no reason", || page.exists("#toast-limit[aria-invalid=false]")).await;
    page.click("toast-position-bottom-right").await;
}

#[wasm_bindgen_test]
async fn a_test_critical_asks_whether_it_was_seen_and_heard() {
    let page = Page::open("settings").await;
    page.click("test-critical").await;
    page.until("word of the system", || {
        page.find("test-dialog").is_some_and(|dialog| named(&dialog).contains("says that it shows"))
    })
    .await;
    page.click("test-seen").await;
    page.click("test-not-heard").await;
    let result = page.wait("test-result").await;
    assert!(named(&result).contains("volume"), "{}", named(&result));
    page.click("test-close").await;
    page.wait_for_none("test-dialog").await;
}

#[wasm_bindgen_test]
async fn columns_are_sorted_one_after_the_other_and_hidden() {
    let page = Page::open("overview").await;
    page.wait("vault-row-ETH-017").await;
    page.click("sort-chain").await;
    page.click_with("sort-debt", Held::Shift).await;
    page.until("two sorts", || page.count(".heads [data-sorted]") == 2).await;
    assert_eq!(page.count(".heads [aria-sort=ascending]"), 1, "only one may say so");
    page.click("columns").await;
    page.click("column-hf").await;
    page.until("one column less", || page.exists("[role=grid][aria-colcount='10']")).await;
    page.click("columns").await;
    page.click("column-hf").await;
    page.click("filter-worst-first").await;
}

#[wasm_bindgen_test]
async fn a_row_has_its_menu_by_pointer_and_by_keyboard() {
    let page = Page::open("overview").await;
    page.wait("vault-row-ARB-203").await;
    page.click("row-menu-ARB-203").await;
    page.wait("menu-copy-row").await;
    page.press("Escape");
    page.wait_for_none("menu-copy-row").await;
    assert_eq!(page.focused(), "vaults", "the focus is back at the table");
    page.press("ContextMenu");
    page.click("menu-open").await;
    page.wait("vault-detail").await;
}

#[wasm_bindgen_test]
async fn the_history_has_its_ranges_and_a_crosshair_for_the_keyboard() {
    let page = Page::open("vault/ETH-017").await;
    page.wait("vault-chart").await;
    page.until("a line", || page.exists("[data-testid=vault-chart] .chart-line")).await;
    page.click("range-30-d").await;
    page.until("chosen", || page.exists("[data-testid=range-30-d][aria-pressed=true]")).await;
    page.click("figure-ltv").await;
    page.until("a line", || page.exists("[data-testid=vault-chart] .chart-line")).await;
    page.focus(".chart");
    page.press("ArrowLeft");
    page.until("a value", || page.exists(".chart-tip")).await;
}

#[wasm_bindgen_test]
async fn everything_that_can_be_used_has_a_name_on_every_page() {
    let page = Page::open("overview").await;
    for target in [
        "overview",
        "alerts",
        "vault/ETH-017",
        "markets",
        "what-if",
        "system",
        "settings",
        "rules",
        "welcome",
    ] {
        page.go(target).await;
        page.until("the page", || page.exists("main.page")).await;
        assert_eq!(page.nameless(), Vec::<String>::new(), "on {target}");
        assert_eq!(page.doubled_ids(), Vec::<String>::new(), "on {target}");
    }
}

#[wasm_bindgen_test]
async fn a_letter_in_a_list_of_vaults_acknowledges_nothing() {
    let page = Page::open("overview").await;
    page.click("row-menu-ETH-017").await;
    page.press("Escape");
    page.go("alerts").await;
    page.focus("[data-testid=alerts-vault]");
    page.press("a");
    assert_eq!(page.state("notification-item-8"), "firing");
    assert!(page.find("undo-bar").is_none());
}

#[wasm_bindgen_test]
async fn what_was_dismissed_can_be_had_back() {
    let page = Page::open("alerts").await;
    let before = page.state("notification-item-2");
    page.click("notification-menu-2").await;
    page.click("notification-dismiss-2").await;
    page.wait_for_none("notification-item-2").await;
    assert!(page.said("undo-bar").await.starts_with("Dismissed 1 alert"));
    page.click("undo").await;
    page.wait("notification-item-2").await;
    assert_eq!(page.state("notification-item-2"), before);
}

#[wasm_bindgen_test]
async fn the_panel_has_the_filters_of_the_page() {
    let page = Page::open("markets").await;
    if page.find("notification-panel").is_none() {
        page.click("notification-bell").await;
    }
    page.wait("panel-filters").await;
    let listed = |page: &Page| page.count("[data-testid=notification-panel] .alert");
    let all = listed(&page);
    page.click("panel-critical").await;
    page.until("fewer", || listed(&page) < all).await;
    assert!(!page.exists("[data-testid=notification-panel] .alert[data-level=high]"));
    page.type_into("panel-text", "nothing like it").await;
    page.click("panel-clear").await;
    page.until("all of them", || listed(&page) == all).await;
    page.type_into("panel-text", "eth-017").await;
    page.until("one vault", || listed(&page) == 1).await;
    page.type_into("panel-text", "").await;
    // To and fro: an option that was picked once shows what it is set to all the same.
    for state in ["resolved", "all", "resolved"] {
        page.choose("panel-state", state).await;
        page.until(state, || (listed(&page) < all) == (state == "resolved")).await;
    }
    page.type_into("panel-text", "nothing like it").await;
    page.click("panel-clear").await;
    page.until("all of them", || listed(&page) == all).await;
    let select: HtmlSelectElement = page.wait("panel-state").await.unchecked_into();
    assert_eq!(select.value(), "all");
    page.click("notification-bell").await;
}

#[wasm_bindgen_test]
async fn what_watches_a_vault_is_told_in_words() {
    let page = Page::open("vault/ETH-017").await;
    let card = page.wait("vault-rules").await;
    let text = named(&card);
    assert!(
        text.contains("High is told after") && text.contains("by the policy for token WETH"),
        "{text}"
    );
    assert!(!text.contains("hold."), "{text}");
}

#[wasm_bindgen_test]
async fn a_link_to_an_alert_shows_it_alone_and_one_that_is_gone_is_said_to_be() {
    let page = Page::open("alert/9").await;
    page.wait("notification-item-9").await;
    assert_eq!(page.count("[data-testid=alert-page] .alert"), 1);
    // A vault of an incident stands on its own.
    page.go("alert/20").await;
    page.wait("notification-item-20").await;
    page.go("alert/4711").await;
    let said = page.text("alert-page");
    assert!(said.contains("No alert 4711 here"), "{said}");
    page.click("alerts-all").await;
    page.wait("alerts-page").await;
}

#[wasm_bindgen_test]
async fn a_link_to_a_vault_that_is_not_there_is_said_to_lead_nowhere() {
    let page = Page::open("vault/NO-SUCH").await;
    page.until("a word about it", || {
        page.all_text("main.page").contains("No vault NO-SUCH in this feed")
    })
    .await;
}

#[wasm_bindgen_test]
async fn the_start_with_the_session_is_switched_and_says_how() {
    let page = Page::open("settings").await;
    let switch: HtmlInputElement = page.wait("autostart").await.unchecked_into();
    assert!(!switch.checked());
    page.click("autostart").await;
    page.until("on", || page.all_text("main.settings").contains("again when it dies")).await;
    assert!(switch.checked());
    page.click("autostart").await;
    page.until("off", || page.all_text("main.settings").contains("In the tray, without a window"))
        .await;
    assert!(!switch.checked());
}

#[wasm_bindgen_test]
async fn a_channel_is_tried_by_its_button_and_says_what_came_of_it() {
    let page = Page::open("settings").await;
    page.wait("way-test-webhook").await;
    let note = |name: &str| page.text_now(&format!("way-note-{name}"));
    assert!(note("webhook").ends_with("not called yet"), "{}", note("webhook"));
    page.click("way-test-webhook").await;
    page.until("that it was taken", || note("webhook") == "Taken by the server.").await;
    assert!(note("ntfy").contains("was not taken"), "of the other one nothing is new");
    page.click("way-test-ntfy").await;
    page.until("why not", || note("ntfy") == "the server answered 403").await;
    assert!(page.exists("[data-testid=way-note-ntfy].failed"));
    assert!(!page.exists("[data-testid=way-note-webhook].failed"));
    page.click("way-test-alarm").await;
    page.until("that it was played", || note("alarm") == "Played to its end.").await;
}
