//! No picture is asked of a page that cannot have one yet.
//!
//! Whenever the toolkit draws the page's part of the window and there is no picture of it, WebKit asks the page's
//! process for one, and waits for it on the main thread, for half a second at the most. A process that is still being
//! put together does not answer, and the page's own files come through that same thread: one window in five came up half
//! a second late. Until the page has loaded the toolkit therefore shows what lies below, the window's own colour.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gtk::glib::{self, Propagation};
use gtk::prelude::{ObjectExt as _, WidgetExt as _};
use tauri::WebviewWindow;

/// A page that does not load is shown all the same.
const LONGEST: Duration = Duration::from_secs(1);

/// Whether the page's part of the window is left undrawn. Of one page; once it is drawn it is drawn for good.
#[derive(Clone, Debug)]
pub(super) struct Held(Arc<AtomicBool>);

impl Held {
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }

    /// Holds the page of that window back. On the main thread, before the loop of events turns.
    pub(super) fn begin(&self, window: &WebviewWindow) -> tauri::Result<()> {
        let held = self.clone();
        window.with_webview(move |webview| {
            let view = webview.inner();
            let drawing = held.clone();
            view.connect_draw(move |_, _| drawing.on_draw());
            let view = view.downgrade();
            glib::timeout_add_local_once(LONGEST, move || {
                if held.let_go()
                    && let Some(view) = view.upgrade()
                {
                    view.queue_draw();
                }
            });
        })
    }

    /// From now on it is drawn.
    pub(super) fn end(&self, window: &WebviewWindow) {
        if !self.let_go() {
            return;
        }
        if let Err(error) = window.with_webview(|webview| webview.inner().queue_draw()) {
            // It is going at this moment; else it is drawn as soon as something on it changes.
            tracing::debug!(%error, "the page is not drawn at once");
        }
    }

    fn on_draw(&self) -> Propagation {
        match self.0.load(Ordering::Relaxed) {
            true => Propagation::Stop,
            false => Propagation::Proceed,
        }
    }

    /// Whether it was held until now.
    fn let_go(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_drawn_from_when_it_is_let_go_and_that_counts_once() {
        let held = Held::new();
        assert_eq!(held.on_draw(), Propagation::Stop);
        assert!(held.let_go());
        assert_eq!(held.on_draw(), Propagation::Proceed);
        assert!(!held.let_go(), "a page that is loaded again is not drawn twice");
        assert_eq!(held.on_draw(), Propagation::Proceed);
    }
}
