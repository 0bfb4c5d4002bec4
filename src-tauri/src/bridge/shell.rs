use domain::view::{NotificationId, WindowEvent};
use monitor::{OsNotification, Shell, TrayView};
use tauri::{AppHandle, Emitter as _, Manager as _};

use crate::notify::Wishes;
use crate::tray::Tray;
use crate::window::{self, WindowKeeper};

/// What the monitor sees of the desktop. Every call queues and returns.
pub(crate) struct Bridge {
    pub(crate) app: AppHandle,
    pub(crate) window: WindowKeeper,
    pub(crate) tray: Tray,
    pub(crate) wishes: Wishes,
}

impl Shell for Bridge {
    fn window(&self, event: &WindowEvent) {
        if self.app.get_webview_window(window::LABEL).is_none() {
            return;
        }
        if let Err(error) = self.app.emit_to(window::LABEL, WindowEvent::NAME, event) {
            tracing::warn!(%error, "an event did not reach the window");
        }
    }

    fn tray(&self, tray: &TrayView) {
        self.tray.show(tray);
    }

    fn notify(&self, notification: &OsNotification) {
        self.wishes.show(notification.clone());
    }

    fn withdraw(&self, id: NotificationId) {
        self.wishes.withdraw(id);
    }

    fn show_window(&self) {
        self.window.show();
    }
}
