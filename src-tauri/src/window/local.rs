//! The window in this process. Written against Tauri's documentation and compiled by design, for there was no machine to
//! run it on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::view::WindowMessage;
use tauri::{AppHandle, Emitter as _, Manager as _, WindowEvent};

use super::page::{self, LABEL, Making, Whereabouts};
use super::{Memory, Request, WindowKeeper};
use crate::host::Host;
use crate::parts::Parts;

/// Why there is no window.
pub(super) type NoWindow = tauri::Error;

/// A window that is destroyed is gone after this long, or something holds it.
const GOING: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(10);

/// Where the window is, while there is one.
#[derive(Clone, Debug, Default)]
pub(super) struct Current(Arc<Mutex<Option<Arc<Whereabouts>>>>);

impl Current {
    pub(super) fn tell(&self, host: &Host, message: &WindowMessage) {
        let app = host.app();
        if app.get_webview_window(LABEL).is_none() {
            return;
        }
        if let Err(error) = app.emit_to(LABEL, WindowMessage::NAME, message) {
            tracing::warn!(%error, "an event did not reach the window");
        }
    }

    /// A display always is there.
    pub(super) fn has_display(&self) -> bool {
        true
    }

    fn whereabouts(&self) -> Option<Arc<Whereabouts>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[derive(Clone)]
pub(super) struct Window {
    app: AppHandle,
    memory: Arc<Memory>,
    whereabouts: Arc<Whereabouts>,
}

/// A window that is about to be made.
pub(super) struct Coming {
    app: AppHandle,
    memory: Arc<Memory>,
    keeper: WindowKeeper,
}

impl Coming {
    pub(super) fn begin(parts: &Parts, keeper: &WindowKeeper) -> Result<Self, NoWindow> {
        let Parts { host, memory, .. } = parts;
        Ok(Self { app: host.app().clone(), memory: Arc::clone(memory), keeper: keeper.clone() })
    }

    /// There is nothing to wait for: the toolkit is up.
    pub(super) async fn ready(&mut self) {}

    pub(super) fn show(self, making: Making) -> Result<Window, NoWindow> {
        let Self { app, memory, keeper } = self;
        let whereabouts = Arc::new(Whereabouts::new(making.place));
        *keeper.current.0.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Arc::clone(&whereabouts));
        page::build(&app, &making, |_| {})?;
        let window = Window { app, memory, whereabouts };
        let followed = window.clone();
        tokio::spawn(async move {
            while followed.is_there() {
                followed.whereabouts.rests().await;
                followed.note();
            }
        });
        Ok(window)
    }
}

impl Window {
    pub(super) fn is_there(&self) -> bool {
        self.app.get_webview_window(LABEL).is_some()
    }

    pub(super) fn bring_up(&self) {
        self.told("comes up", page::bring_up);
    }

    pub(super) fn minimise(&self) {
        self.told("is minimised", tauri::WebviewWindow::minimize);
    }

    pub(super) async fn close(&mut self) {
        self.note();
        self.told("is closed", tauri::WebviewWindow::destroy);
        // Until then it could be brought up, and be gone with that click.
        let gone = async {
            while self.is_there() {
                tokio::time::sleep(LOOK).await;
            }
        };
        if tokio::time::timeout(GOING, gone).await.is_err() {
            tracing::warn!("the window is still there after {GOING:?}");
        }
    }

    pub(super) fn close_if_minimised(&self) {
        self.told("is closed", |window| match window.is_minimized()? {
            true => window.destroy(),
            false => Ok(()),
        });
    }

    /// Where it is now.
    fn note(&self) {
        let window = self.app.get_webview_window(LABEL);
        if let Some(place) = window.and_then(|window| self.whereabouts.look(&window)) {
            self.memory.set_place(place);
        }
    }

    fn told(&self, what: &str, tell: impl Fn(&tauri::WebviewWindow) -> tauri::Result<()>) {
        let Some(window) = self.app.get_webview_window(LABEL) else { return };
        if let Err(error) = tell(&window) {
            tracing::error!(%error, "the window does not do what is asked: it {what}");
        }
    }
}

/// Hears the window from its first moment: a listener of the window's own is attached only after it was made, and a
/// close that comes before that would destroy the window, tray or not.
pub(crate) fn on_event(keeper: &WindowKeeper, event: &WindowEvent) {
    match event {
        WindowEvent::CloseRequested { api, .. } => {
            // Whether it may close is asked of the tray, and the main thread must not wait for that.
            api.prevent_close();
            keeper.ask(Request::Close);
        }
        WindowEvent::Moved(_) | WindowEvent::Resized(_) => {
            if let Some(whereabouts) = keeper.current.whereabouts() {
                whereabouts.moved();
            }
        }
        WindowEvent::Destroyed => keeper.ask(Request::Gone),
        _ => {}
    }
}
