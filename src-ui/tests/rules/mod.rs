//! Rules, policies and labels in their forms. What is checked and played is so by the code that reads the file.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Page, named};

/// The list of the rules, as the recording has it.
async fn rules() -> Page {
    let page = Page::open("rules").await;
    page.wait("rule-list").await;
    page
}

#[wasm_bindgen_test]
async fn a_rule_is_refused_at_the_field_tried_out_saved_and_taken_back() {
    let page = rules().await;
    page.click("rule-new").await;
    page.wait("rule-form").await;
    assert_eq!(page.nameless(), Vec::<String>::new());
    assert!(!page.exists(".field.invalid"), "nobody has typed anything");
    page.click("rule-save").await;
    page.until("what is missing", || page.exists("#rule-name[aria-invalid=true]")).await;
    assert!(page.all_text("[aria-label=Levels] + .field-note").contains("At least one level"));
    page.type_into("rule-name", "low room").await;
    page.until("a reason", || page.all_text("#rule-name-note").contains("1 to 64 of a-z")).await;
    page.type_into("rule-name", "low-room").await;
    page.until("no reason", || page.exists("#rule-name[aria-invalid=false]")).await;
    page.type_into("rule-high-enter", "20").await;
    page.type_into("rule-high-exit", "15").await;
    page.until("the wrong side", || {
        page.all_text("#rule-high-exit-note").contains("on the wrong side of enter (20)")
    })
    .await;
    page.type_into("rule-high-exit", "22").await;
    page.type_into("rule-critical-enter", "25").await;
    page.until("the wrong order", || {
        page.all_text("#rule-critical-enter-note").contains("must lie below")
    })
    .await;
    page.type_into("rule-critical-enter", "10").await;
    page.type_into("rule-critical-for", "soon").await;
    page.until("no time", || {
        page.all_text("#rule-critical-for-note").contains("is no time")
            || page.all_text("#rule-critical-for-note").contains("Is no time")
    })
    .await;
    page.type_into("rule-critical-for", "").await;
    page.until("nothing wrong", || !page.exists(".field.invalid")).await;

    page.click("dry-run").await;
    page.until("what would have been", || {
        page.text("dry-run-result").contains("It would have fired")
    })
    .await;
    assert!(page.count("[data-testid=dry-run-timeline] .lane i") > 1);
    page.type_into("rule-vaults", "NOBODY").await;
    page.until("that it is another rule", || page.text("dry-run-result").contains("changed since"))
        .await;
    page.click("dry-run").await;
    page.until("nothing", || page.text("dry-run-result").contains("would not have fired")).await;
    page.type_into("rule-vaults", "").await;

    page.click("rule-save").await;
    let line = page.wait("rule-4").await;
    assert!(named(&line).contains("low-room"), "{}", named(&line));
    assert!(named(&line).contains("below 20 % (high), 10 % (critical)"), "{}", named(&line));
    assert!(page.said("undo-bar").await.starts_with("Added the rule low-room"));
    page.click("undo").await;
    page.wait_for_none("rule-4").await;
}

#[wasm_bindgen_test]
async fn every_metric_has_the_fields_it_needs() {
    let page = rules().await;
    page.click("rule-new").await;
    page.type_into("rule-name", "one").await;
    let metrics = [
        ("room", "12"),
        ("drop", "12"),
        ("ltv", "80"),
        ("ltv_of_limit", "95"),
        ("health_factor", "1.1"),
        ("utilization", "90"),
        ("collateral", "10000"),
        ("debt", "5000000"),
        ("price", "2000"),
        ("depeg", "1"),
        ("data_age", "5m"),
        ("volatility", "80"),
        ("gas_price", "200"),
        ("market_age", "3m"),
    ];
    for (metric, enter) in metrics {
        page.choose("rule-metric", metric).await;
        page.type_into("rule-high-enter", enter).await;
        page.until(&format!("{metric} to be right"), || !page.exists(".field.invalid")).await;
        // The check is on its way for a moment.
        page.rest().await;
        assert!(!page.exists(".field.invalid"), "{metric}: {}", page.all_text(".field.invalid"));
        let of_a_token = matches!(metric, "utilization" | "price" | "depeg");
        assert_eq!(page.find("rule-token").is_some(), of_a_token, "{metric}");
    }
    page.choose("rule-metric", "vault_status").await;
    assert!(page.find("rule-high-enter").is_none(), "there is nothing to compare");
    page.query(".ticks input").unwrap().click();
    page.choose("rule-severity", "critical").await;
    page.click("dry-run").await;
    page.until("why not", || page.text("dry-run-result").contains("not recorded")).await;
    page.choose("rule-metric", "status").await;
    page.type_into("rule-field", "mode").await;
    page.type_into("rule-is", "degraded, maintenance").await;
    page.rest().await;
    assert!(!page.exists(".field.invalid"), "{}", page.all_text(".field.invalid"));
    page.choose("rule-metric", "price").await;
    page.type_into("rule-token", "WETH").await;
    page.choose("rule-change", "percent").await;
    page.type_into("rule-high-enter", "-10").await;
    page.type_into("rule-over", "25h").await;
    page.until("too long", || page.exists("#rule-over[aria-invalid=true]")).await;
    page.type_into("rule-over", "30m").await;
    page.click("rule-hours").await;
    page.click("rule-day-mon").await;
    page.type_into("rule-zone", "Mars").await;
    page.until("no zone", || page.exists("#rule-zone[aria-invalid=true]")).await;
    page.type_into("rule-zone", "Europe/Berlin").await;
    page.until("a zone", || !page.exists(".field.invalid")).await;
    page.click("rule-save").await;
    let line = page.wait("rule-4").await;
    let text = named(&line);
    assert!(
        text.contains("Price of WETH, change in % over 30m") && text.contains("at certain hours"),
        "{text}"
    );
    page.click("undo").await;
    page.wait_for_none("rule-4").await;
}

#[wasm_bindgen_test]
async fn a_rule_is_switched_copied_changed_and_deleted_and_each_can_be_taken_back() {
    let page = rules().await;
    let name = |at: u32| page.all_text(&format!("[data-testid=rule-{at}] strong"));
    assert_eq!(name(2), "ltv-ladder");
    assert!(page.exists("[data-testid=rule-2][data-on=false]"));
    page.click("rule-switch-2").await;
    page.until("on", || page.exists("[data-testid=rule-2][data-on=true]")).await;
    assert!(page.said("undo-bar").await.starts_with("Switched ltv-ladder on"));
    page.click("undo").await;
    page.until("off again", || page.exists("[data-testid=rule-2][data-on=false]")).await;

    page.click("rule-menu-1").await;
    page.click("rule-duplicate-1").await;
    let copied = page.wait("rule-name").await;
    assert_eq!(page.value(&copied), "treasury-room-2");
    page.click("rule-save").await;
    page.wait("rule-4").await;
    assert_eq!(name(4), "treasury-room-2");

    page.click("rule-edit-4").await;
    page.type_into("rule-medium-enter", "35").await;
    page.type_into("rule-medium-exit", "").await;
    page.click("rule-save").await;
    page.until("the new value", || page.text_now("rule-4").contains("35 % (medium)")).await;

    page.click("rule-menu-4").await;
    page.click("rule-delete-4").await;
    page.wait_for_none("rule-4").await;
    assert!(page.said("undo-bar").await.starts_with("Deleted the rule treasury-room-2"));
    page.click("undo").await;
    page.wait("rule-4").await;
    page.click("rule-menu-4").await;
    page.click("rule-delete-4").await;
    page.wait_for_none("rule-4").await;
}

/// The form knows its rule by where it stood.
#[wasm_bindgen_test]
async fn a_form_writes_to_its_own_rule_when_the_others_have_moved() {
    let page = rules().await;
    let name = |at: u32| page.all_text(&format!("[data-testid=rule-{at}] strong"));
    let (first, second) = (name(0), name(1));
    page.click("rule-menu-0").await;
    page.click("rule-delete-0").await;
    page.until("one less", || name(0) == second).await;
    page.click("rule-edit-0").await;
    page.wait("rule-form").await;
    page.click("undo").await;
    page.wait_for_none("undo-bar").await;
    page.type_into("rule-name", "renamed").await;
    page.click("rule-save").await;
    page.until("both", || (name(0), name(1)) == (first.clone(), "renamed".into())).await;
    page.click("undo").await;
    page.until("as before", || name(1) == second).await;
}

#[wasm_bindgen_test]
async fn policies_and_labels_have_forms_of_their_own() {
    let page = rules().await;
    page.click("label-new").await;
    page.type_into("label-name", "desk").await;
    page.type_into("label-vaults", "ETH-0*, **").await;
    page.until("no vault", || page.exists("#label-vaults[aria-invalid=true]")).await;
    page.type_into("label-vaults", "ETH-0*").await;
    page.until("vaults", || page.exists("#label-vaults[aria-invalid=false]")).await;
    page.click("label-save").await;
    page.wait("label-desk").await;

    page.click("policy-new").await;
    assert_eq!(page.nameless(), Vec::<String>::new());
    page.choose("policy-kind", "label").await;
    page.type_into("policy-of", "nobody").await;
    page.until("no label", || page.exists("#policy-of[aria-invalid=true]")).await;
    page.type_into("policy-of", "desk").await;
    page.type_into("policy-high", "5").await;
    page.until("no time", || page.exists("#policy-high[aria-invalid=true]")).await;
    page.type_into("policy-high", "5s").await;
    page.choose("policy-rule-weth-drop", "off").await;
    page.until("nothing wrong", || !page.exists(".field.invalid")).await;
    page.click("policy-save").await;
    let line = page.wait("policy-1").await;
    assert!(named(&line).contains("label desk"), "{}", named(&line));
    assert!(named(&line).contains("high after 5s, weth-drop off"), "{}", named(&line));
    // A label that is used cannot go; what uses it is said.
    page.click("label-delete-desk").await;
    let why = page.wait("rules-refused").await;
    assert!(named(&why).contains("policy 2: label is not known"), "{}", named(&why));
    page.click("policy-delete-1").await;
    page.wait_for_none("policy-1").await;
    page.click("label-delete-desk").await;
    page.wait_for_none("label-desk").await;
}

#[wasm_bindgen_test]
async fn a_false_alarm_shows_what_the_rule_would_have_done() {
    let page = Page::open("alerts").await;
    page.click("notification-menu-6").await;
    page.click("notification-false-alarm-6").await;
    let dialog = page.wait("doubt-dialog").await;
    page.until("its rule", || named(&dialog).contains("usdc-depeg")).await;
    page.until("a result", || {
        page.text("dry-run-result").contains("fired")
            || page.text("dry-run-result").contains("no value is kept")
    })
    .await;
    page.click("doubt-edit").await;
    let form = page.wait("rule-form").await;
    assert!(form.get_attribute("aria-label").unwrap().contains("Change a rule"));
    assert_eq!(page.value(&page.wait("rule-name").await), "usdc-depeg");
    page.click("rule-cancel").await;
    page.wait("rule-list").await;

    page.go("alerts").await;
    page.click("notification-menu-9").await;
    page.click("notification-false-alarm-9").await;
    let dialog = page.wait("doubt-dialog").await;
    page.until("the ladder", || named(&dialog).contains("built in")).await;
    page.until("a result", || page.text("dry-run-result").contains("It would")).await;
    assert_eq!(page.state("notification-item-9"), "acknowledged");
    page.click("doubt-close").await;
    page.wait_for_none("doubt-dialog").await;
}
