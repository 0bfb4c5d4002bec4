use std::sync::Arc;

use domain::view::{NotificationId, WindowEvent};
use monitor::{Alarm, CallOut, OsNotification, Shell, Standing, TrayView};

use crate::call_out::CallOuts;
use crate::notify::Wishes;
use crate::watch::Watches;

/// What the monitor of a profile sees of the desktop: its own notifications and calls, and the tray, the alarm and the
/// window that it shares with the others. Every call queues and returns.
pub(crate) struct Bridge {
    pub(crate) watches: Watches,
    pub(crate) profile: Arc<str>,
    pub(crate) wishes: Wishes,
    pub(crate) call_outs: CallOuts,
}

impl Bridge {
    /// With the profile's name in front, where there are several.
    fn named(&self, notification: &OsNotification) -> OsNotification {
        let mut named = notification.clone();
        if let Some(prefix) = self.watches.prefix(&self.profile) {
            named.title.insert_str(0, &prefix);
            // Without a title there are no veiled words, and none are made up.
            if !named.veiled.title.is_empty() {
                named.veiled.title.insert_str(0, &prefix);
            }
        }
        named
    }
}

impl Shell for Bridge {
    fn window(&self, event: &WindowEvent) {
        self.watches.page_of(&self.profile, event);
    }

    fn tray(&self, tray: &TrayView) {
        self.watches.tray_of(&self.profile, tray);
    }

    fn standing(&self, standing: &Standing) {
        self.watches.standing_of(&self.profile, standing);
    }

    fn notify(&self, notification: &OsNotification) {
        self.wishes.show(self.named(notification));
    }

    fn withdraw(&self, id: NotificationId) {
        self.wishes.withdraw(id);
    }

    fn alarm(&self, alarm: Alarm) {
        self.watches.alarm_of(&self.profile, alarm);
    }

    fn call_out(&self, call: &CallOut) {
        self.call_outs.order(call);
    }

    fn reconcile_calls(&self, calls: &[CallOut]) {
        self.call_outs.reconcile(calls);
    }

    fn reconcile_screen(&self, shown: &[OsNotification]) {
        self.wishes.reconcile(shown.iter().map(|shown| self.named(shown)).collect());
    }

    fn show_window(&self) {
        self.watches.show_window();
    }
}
