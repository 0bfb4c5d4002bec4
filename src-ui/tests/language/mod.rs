//! Another language: everything is said in it at once, and figures and moments are written as where it is spoken.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Page, named};

async fn speak(page: &Page, language: &str) {
    page.go("settings").await;
    let choice = format!("[data-testid=language-{language}] input");
    page.wait(&format!("language-{language}")).await;
    page.focus(&choice);
    page.query(&choice).unwrap().click();
    page.until("its name on the page", || page.attribute("html", "lang") == language).await;
    page.until("the choice", || page.exists(&format!("{choice}:checked"))).await;
    // All of it was drawn anew; whoever chose by the keyboard goes on from there.
    page.until("the focus where it was", || page.exists(&format!("{choice}:focus"))).await;
}

/// The name of a page in the rail, as it stands there and as it is read out.
fn rail(page: &Page, target: &str) -> (String, String) {
    let link = format!("[data-testid=nav-{target}]");
    (page.text(&format!("nav-{target}")), page.attribute(&link, "aria-label"))
}

/// How long the alert may be silenced at the most: until eight in the morning of the next day.
async fn next_morning(page: &Page) -> String {
    page.go("alerts").await;
    page.click("notification-snooze-3").await;
    let tomorrow = page.wait("snooze-tomorrow").await;
    let note = named(&tomorrow);
    page.press("Escape");
    page.wait_for_none("snooze-tomorrow").await;
    note
}

async fn ltv(page: &Page) -> String {
    page.go("overview").await;
    let percent = || page.text_now("vault-ltv-ETH-017");
    page.until("a figure", || percent().contains(|c: char| c.is_ascii_digit())).await;
    percent()
}

// The page is not loaded again: this test would not survive it.
#[wasm_bindgen_test]
async fn another_language_is_spoken_at_once() {
    let page = Page::open("settings").await;
    speak(&page, "de").await;
    assert_eq!(rail(&page, "overview"), ("Übersicht".to_owned(), "Übersicht".to_owned()));
    assert_eq!(page.all_text(".top h1"), "Einstellungen");
    let figure = ltv(&page).await;
    assert!(figure.contains(',') && !figure.contains('.'), "{figure}");
    let morning = next_morning(&page).await;
    // `27. Nov. 08:00`
    assert!(morning.ends_with(" 08:00") && morning.contains(". "), "{morning}");
    assert_eq!(page.nameless(), Vec::<String>::new());

    speak(&page, "en").await;
    assert_eq!(rail(&page, "overview"), ("Overview".to_owned(), "Overview".to_owned()));
    assert_eq!(page.all_text(".top h1"), "Settings");
    let figure = ltv(&page).await;
    assert!(figure.contains('.') && !figure.contains(','), "{figure}");
    let morning = next_morning(&page).await;
    assert!(morning.ends_with(" 08:00") && !morning.contains(". "), "{morning}");
}

/// What stands on the page of this vault, and on that of its alert.
async fn told(page: &Page) -> [String; 3] {
    page.go("vault/ETH-017").await;
    let rules = page.said("vault-rules").await;
    page.until("a verdict", || !page.all_text(".verdict").is_empty()).await;
    let verdict = page.all_text(".verdict");
    page.go("alert/9").await;
    page.wait("evidence-9").await;
    [verdict, rules, page.text("notification-item-9")]
}

#[wasm_bindgen_test]
async fn what_the_core_says_is_said_in_the_language_of_the_window() {
    let page = Page::open("settings").await;
    speak(&page, "de").await;
    let [verdict, rules, alert] = told(&page).await;
    assert!(verdict.starts_with("WETH darf noch 7,9 % fallen"), "{verdict}");
    assert!(rules.contains("für Etikett treasury"), "{rules}");
    for german in [
        "ARB-203: 6,5 % bis zur Liquidation",
        "36.100 USDC zurückzahlen → 15 %.",
        "Abstand zur Liquidation: kritisch bei 8 % oder weniger",
        "7,9 % → 6,5 %",
        "Health-Faktor",
        "1,070",
        "$0,5984 (ARB)",
    ] {
        assert!(alert.contains(german), "{german}: {alert}");
    }

    speak(&page, "en").await;
    let [verdict, rules, alert] = told(&page).await;
    assert!(verdict.starts_with("7.9 % to liquidation"), "{verdict}");
    assert!(rules.contains("for label treasury"), "{rules}");
    for english in ["ARB-203: 6.5 % to liquidation", "critical at 8 % or less", "1.070"] {
        assert!(alert.contains(english), "{english}: {alert}");
    }
}
