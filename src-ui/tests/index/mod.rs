//! The index beside the settings: what is on the page, and what of it is being read.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::Page;

const LINKS: &str = ".page-index a";

/// The text of the link that is marked; of all, were there several.
fn marked(page: &Page) -> Vec<String> {
    page.texts(&format!("{LINKS}[aria-current=true]"))
}

fn top(page: &Page, css: &str) -> f64 {
    let begins = page.query("main.settings").unwrap().get_bounding_client_rect().top();
    page.query(css).unwrap().get_bounding_client_rect().top() - begins
}

#[wasm_bindgen_test]
async fn each_card_has_a_link_in_its_order() {
    let page = Page::open("settings").await;
    let (links, heads) = (page.texts(LINKS), page.texts(".settings-cards > .card > h2"));
    assert_eq!(links.len(), heads.len(), "{links:?} {heads:?}");
    for (link, head) in links.iter().zip(&heads) {
        // Behind its name a head has a note.
        assert!(head.starts_with(link.as_str()), "{link} is not {head}");
    }
}

/// An earlier test may have left it anywhere.
async fn back_to_the_top(page: &Page) {
    page.query("main.settings").unwrap().set_scroll_top(0);
    page.until("the first to be read", || marked(page) == ["Would an alert reach you?"]).await;
}

#[wasm_bindgen_test]
async fn a_link_scrolls_its_card_to_the_top_and_the_address_stays() {
    let page = Page::open("settings").await;
    back_to_the_top(&page).await;
    page.click("index-settings-channels").await;
    page.until("the card at the top", || (0.0..40.0).contains(&top(&page, "#settings-channels")))
        .await;
    page.until("the mark", || marked(&page) == ["Sound and channels"]).await;
    assert_eq!(page.address(), "#/settings");
    // By the keyboard one goes on from there.
    assert_eq!(page.focused(), "settings-channels");

    // It cannot come up to the top, for little is below it.
    page.click("index-settings-toasts").await;
    let list = page.query("main.settings").unwrap();
    let rest = || list.scroll_height() - list.scroll_top() - list.client_height();
    page.until("the end of the page", || rest() < 2).await;
    page.until("the chosen one to be read", || marked(&page) == ["Toasts"]).await;
    back_to_the_top(&page).await;
}
