use domain::view::{NotificationId, WindowEvent};
use monitor::{Alarm, CallOut, OsNotification, Shell, TrayView};
use tauri::{AppHandle, Emitter as _, Manager as _};

use crate::alarm::Siren;
use crate::call_out::CallOuts;
use crate::notify::Wishes;
use crate::tray::Tray;
use crate::window::{self, WindowKeeper};

/// What the monitor sees of the desktop. Every call queues and returns.
pub(crate) struct Bridge {
    pub(crate) app: AppHandle,
    pub(crate) window: WindowKeeper,
    pub(crate) tray: Tray,
    pub(crate) wishes: Wishes,
    pub(crate) siren: Siren,
    pub(crate) call_outs: CallOuts,
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

    fn alarm(&self, alarm: Alarm) {
        self.siren.set(alarm);
    }

    fn call_out(&self, call: &CallOut) {
        self.call_outs.order(call);
    }

    fn reconcile_calls(&self, calls: &[CallOut]) {
        self.call_outs.reconcile(calls);
    }

    fn show_window(&self) {
        self.window.show();
    }
}
