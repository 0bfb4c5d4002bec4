//! The window by its test ids.

use std::cell::Cell;

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Document, Element, Event, EventInit, HtmlElement, HtmlInputElement, HtmlSelectElement,
    KeyboardEvent, KeyboardEventInit, MouseEvent, MouseEventInit, Node, PointerEvent,
    PointerEventInit,
};

const STYLES: [&str; 8] = [
    include_str!("../../src/design/tokens.css"),
    include_str!("../../src/design/base.css"),
    include_str!("../../src/design/components.css"),
    include_str!("../../src/shell/shell.css"),
    include_str!("../../src/shell/profiles.css"),
    include_str!("../../src/pages/overview/overview.css"),
    include_str!("../../src/pages/pages.css"),
    include_str!("../../src/pages/asked.css"),
];

/// Milliseconds that something may take to come.
const PATIENCE: u32 = 8_000;
const POLL: u32 = 20;

thread_local! {
    static STARTED: Cell<bool> = const { Cell::new(false) };
}

/// A key that is held while another one, or the pointer, is used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    Nothing,
    Shift,
    Ctrl,
}

pub(crate) struct Page {
    document: Document,
}

impl Page {
    /// The window at one of its pages; started by whoever comes first.
    pub(crate) async fn open(target: &str) -> Self {
        let document = web_sys::window().unwrap().document().unwrap();
        let page = Self { document };
        if !STARTED.replace(true) {
            page.start();
        }
        page.go(target).await;
        page
    }

    /// Into an element of its own: the runner writes its results into the body.
    fn start(&self) {
        let style = self.document.create_element("style").unwrap();
        style.set_text_content(Some(&STYLES.concat()));
        self.document.head().unwrap().append_child(&style).unwrap();
        let root = self.document.create_element("div").unwrap();
        root.set_attribute("style", "position:fixed;inset:0;background:var(--bg-0)").unwrap();
        self.document.body().unwrap().append_child(&root).unwrap();
        vaultwatch_ui::run_in(root);
    }

    pub(crate) async fn go(&self, target: &str) {
        web_sys::window().unwrap().location().set_hash(&format!("/{target}")).unwrap();
        sleep(POLL).await;
        self.until("a page", || self.exists("main.page")).await;
        // The last page may have been a page, too.
        sleep(2 * POLL).await;
    }

    /// What names the page: `#/rules`.
    pub(crate) fn address(&self) -> String {
        web_sys::window().unwrap().location().hash().unwrap()
    }

    pub(crate) fn find(&self, test_id: &str) -> Option<HtmlElement> {
        self.query(&format!("[data-testid='{test_id}']"))
    }

    pub(crate) fn query(&self, css: &str) -> Option<HtmlElement> {
        self.document.query_selector(css).unwrap().map(JsCast::unchecked_into)
    }

    pub(crate) fn exists(&self, css: &str) -> bool {
        self.query(css).is_some()
    }

    pub(crate) fn count(&self, css: &str) -> u32 {
        self.document.query_selector_all(css).unwrap().length()
    }

    pub(crate) async fn wait(&self, test_id: &str) -> HtmlElement {
        self.until(test_id, || self.find(test_id).is_some()).await;
        self.find(test_id).unwrap()
    }

    /// What must be there already.
    pub(crate) fn wait_now(&self, test_id: &str) -> HtmlElement {
        self.find(test_id).unwrap_or_else(|| panic!("no {test_id} on the page"))
    }

    pub(crate) async fn wait_for_none(&self, test_id: &str) {
        self.until(&format!("{test_id} to go"), || self.find(test_id).is_none()).await;
    }

    /// The element of this role that says this.
    pub(crate) async fn wait_text(&self, role: &str, text: &str) -> HtmlElement {
        let css = format!("[role={role}]");
        let find = || {
            let all = self.document.query_selector_all(&css).unwrap();
            (0..all.length())
                .filter_map(|index| all.item(index))
                .map(JsCast::unchecked_into::<HtmlElement>)
                .find(|element| named(element).contains(text))
        };
        self.until(text, || find().is_some()).await;
        find().unwrap()
    }

    pub(crate) async fn until(&self, what: &str, mut done: impl FnMut() -> bool) {
        for _ in 0..PATIENCE / POLL {
            if done() {
                return;
            }
            sleep(POLL).await;
        }
        let body = self.query("main").map(|main| named(&main)).unwrap_or_default();
        let (focused, dialogs) = (self.focused(), self.all_text("dialog"));
        let pressed = self.texts("[aria-pressed=true]").join(", ");
        panic!(
            "waited in vain for {what}; the focus: {focused}; pressed: {pressed}; a dialog: {dialogs}; the page: {body}"
        );
    }

    pub(crate) async fn click(&self, test_id: &str) {
        self.wait(test_id).await.click();
        sleep(POLL).await;
    }

    pub(crate) fn click_within(&self, element: &Element, css: &str) {
        let inner = element.query_selector(css).unwrap().unwrap();
        inner.unchecked_into::<HtmlElement>().click();
    }

    pub(crate) async fn click_with(&self, test_id: &str, held: Held) {
        let element = self.wait(test_id).await;
        let init = MouseEventInit::new();
        init.set_bubbles(true);
        init.set_cancelable(true);
        init.set_shift_key(held == Held::Shift);
        init.set_ctrl_key(held == Held::Ctrl);
        let event = MouseEvent::new_with_mouse_event_init_dict("click", &init).unwrap();
        element.dispatch_event(&event).unwrap();
        sleep(POLL).await;
    }

    /// A key where the focus is.
    pub(crate) fn press(&self, key: &str) {
        self.press_with(key, Held::Nothing);
    }

    /// A key where the focus is, while another one is held.
    pub(crate) fn press_with(&self, key: &str, held: Held) {
        let init = KeyboardEventInit::new();
        init.set_shift_key(held == Held::Shift);
        init.set_ctrl_key(held == Held::Ctrl);
        init.set_bubbles(true);
        init.set_cancelable(true);
        init.set_key(key);
        let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
        let target: Node = self
            .document
            .active_element()
            .map_or_else(|| self.document.body().unwrap().unchecked_into(), JsCast::unchecked_into);
        target.dispatch_event(&event).unwrap();
    }

    /// Pulls the pointer over an element, from one share of its width to another, with the button down.
    pub(crate) async fn drag(&self, css: &str, from: f64, to: f64) {
        let element = self.query(css).unwrap();
        let rect = element.get_bounding_client_rect();
        let at = |share: f64| (rect.left() + rect.width() * share) as i32;
        let y = (rect.top() + rect.height() / 2.0) as i32;
        for (name, x, buttons) in [
            ("pointerdown", at(from), 1),
            ("pointermove", at(f64::midpoint(from, to)), 1),
            ("pointermove", at(to), 1),
            ("pointerup", at(to), 0),
        ] {
            let init = PointerEventInit::new();
            init.set_bubbles(true);
            init.set_cancelable(true);
            init.set_client_x(x);
            init.set_client_y(y);
            init.set_buttons(buttons);
            let event = PointerEvent::new_with_event_init_dict(name, &init).unwrap();
            element.dispatch_event(&event).unwrap();
            sleep(POLL).await;
        }
    }

    pub(crate) fn width(&self, css: &str) -> f64 {
        self.query(css).unwrap().get_bounding_client_rect().width()
    }

    pub(crate) fn attribute(&self, css: &str, name: &str) -> String {
        self.query(css).and_then(|element| element.get_attribute(name)).unwrap_or_default()
    }

    /// The focus is nowhere.
    pub(crate) fn blur(&self) {
        if let Some(element) = self.document.active_element() {
            element.unchecked_into::<HtmlElement>().blur().unwrap();
        }
    }

    /// Types into a field and leaves it.
    pub(crate) async fn enter(&self, test_id: &str, text: &str) {
        self.type_into(test_id, text).await;
        let input = self.wait(test_id).await;
        let init = EventInit::new();
        init.set_bubbles(true);
        input.dispatch_event(&Event::new_with_event_init_dict("change", &init).unwrap()).unwrap();
        sleep(POLL).await;
    }

    pub(crate) fn focus(&self, css: &str) {
        self.query(css).unwrap().focus().unwrap();
    }

    /// The id of the element with the focus.
    pub(crate) fn focused(&self) -> String {
        self.document.active_element().map(|element| element.id()).unwrap_or_default()
    }

    pub(crate) async fn type_into(&self, test_id: &str, text: &str) {
        let input: HtmlInputElement = self.wait(test_id).await.unchecked_into();
        input.set_value(text);
        let init = EventInit::new();
        init.set_bubbles(true);
        input.dispatch_event(&Event::new_with_event_init_dict("input", &init).unwrap()).unwrap();
        sleep(POLL).await;
    }

    /// Chooses a line of a list.
    pub(crate) async fn choose(&self, test_id: &str, value: &str) {
        let select: HtmlSelectElement = self.wait(test_id).await.unchecked_into();
        select.set_value(value);
        let init = EventInit::new();
        init.set_bubbles(true);
        select.dispatch_event(&Event::new_with_event_init_dict("change", &init).unwrap()).unwrap();
        sleep(POLL).await;
    }

    /// Until the page has drawn what was done.
    pub(crate) async fn tick(&self) {
        sleep(POLL).await;
    }

    /// Until what was typed has been checked.
    pub(crate) async fn rest(&self) {
        sleep(15 * POLL).await;
    }

    pub(crate) fn value(&self, input: &HtmlElement) -> String {
        input.unchecked_ref::<HtmlInputElement>().value()
    }

    /// What it says, once it is there.
    pub(crate) async fn said(&self, test_id: &str) -> String {
        let element = self.wait(test_id).await;
        named(&element)
    }

    /// Nothing, where it is not there at the moment.
    pub(crate) fn text_now(&self, test_id: &str) -> String {
        self.find(test_id).map(|element| named(&element)).unwrap_or_default()
    }

    pub(crate) fn state(&self, test_id: &str) -> String {
        self.find(test_id)
            .and_then(|element| element.get_attribute("data-state"))
            .unwrap_or_default()
    }

    pub(crate) fn text(&self, test_id: &str) -> String {
        named(&self.wait_now(test_id))
    }

    pub(crate) fn all_text(&self, css: &str) -> String {
        self.query(css).map(|element| named(&element)).unwrap_or_default()
    }

    /// Of every element.
    pub(crate) fn texts(&self, css: &str) -> Vec<String> {
        let all = self.document.query_selector_all(css).unwrap();
        let elements = (0..all.length()).filter_map(|index| all.item(index));
        elements.map(|node| named(node.unchecked_ref())).collect()
    }

    /// Buttons, links and fields that a screen reader could not tell.
    pub(crate) fn nameless(&self) -> Vec<String> {
        let all = self
            .document
            .query_selector_all("button, a[href], input, select, [role=grid], dialog, [role=menu]")
            .unwrap();
        (0..all.length())
            .filter_map(|index| all.item(index))
            .map(JsCast::unchecked_into::<HtmlElement>)
            .filter(|element| !self.has_name(element))
            .map(|element| element.outer_html().chars().take(200).collect())
            .collect()
    }

    fn has_name(&self, element: &HtmlElement) -> bool {
        let attribute =
            |name| element.get_attribute(name).is_some_and(|text| !text.trim().is_empty());
        let labelled =
            || element.closest("label").unwrap().is_some_and(|label| !named(&label).is_empty());
        let label_for = || self.exists(&format!("label[for='{}']", element.id()));
        attribute("aria-label")
            || attribute("title")
            || !named(element).is_empty()
            || labelled()
            || label_for()
    }

    pub(crate) fn doubled_ids(&self) -> Vec<String> {
        let all = self.document.query_selector_all("[id]").unwrap();
        let mut ids: Vec<String> = (0..all.length())
            .filter_map(|index| all.item(index))
            .map(|node| node.unchecked_into::<Element>().id())
            .collect();
        ids.sort();
        let mut doubled: Vec<_> =
            ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone()).collect();
        doubled.dedup();
        doubled
    }
}

/// The text of an element, in one line.
pub(crate) fn named(element: &Element) -> String {
    let text = element.text_content().unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn sleep(millis: u32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        web_sys::window()
            .unwrap()
            .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, millis.cast_signed())
            .unwrap();
    });
    let _: JsValue = JsFuture::from(promise).await.unwrap();
}
