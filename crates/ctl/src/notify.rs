use std::sync::Mutex;

use monitor::config::HideAmounts;
use monitor::{MonitorHandle, OsNotification, Urgency};

/// Desktop notifications from the command line. The core is answered once there is one to answer.
pub(crate) struct Desktop {
    monitor: Mutex<Option<MonitorHandle>>,
    veil: Mutex<Veil>,
}

/// What is shown depends on this. It counts for what is shown from now on: what is there is not kept hold of.
struct Veil {
    wish: HideAmounts,
    /// `None`: nobody can tell.
    locked: Option<bool>,
}

impl Desktop {
    pub(crate) fn new(hide_amounts: HideAmounts) -> Self {
        let veil = Veil { wish: hide_amounts, locked: None };
        Self { monitor: Mutex::default(), veil: Mutex::new(veil) }
    }

    pub(crate) fn hide_amounts(&self, wish: HideAmounts) {
        self.veil.lock().expect("nothing panics while holding it").wish = wish;
    }

    /// `None`: nobody can tell whether it is locked.
    pub(crate) fn screen_is(&self, locked: Option<bool>) {
        self.veil.lock().expect("nothing panics while holding it").locked = locked;
    }

    fn hides(&self) -> bool {
        let veil = self.veil.lock().expect("nothing panics while holding it");
        veil.wish.hides(veil.locked)
    }

    pub(crate) fn answer_to(&self, monitor: MonitorHandle) {
        *self.monitor.lock().expect("nothing panics while holding it") = Some(monitor);
    }

    /// Shows it on a thread of its own: a notification service may take its time.
    pub(crate) fn show(&self, notification: &OsNotification) {
        let Some(monitor) = self.monitor.lock().expect("nothing panics while holding it").clone()
        else {
            // Not answered: the core tries again in ten seconds.
            return;
        };
        let mut notification = notification.clone();
        if self.hides() {
            notification.title.clone_from(&notification.veiled.title);
            notification.body.clone_from(&notification.veiled.body);
        }
        tokio::task::spawn_blocking(move || match show(&notification) {
            Ok(()) => monitor.delivered(notification.id),
            Err(error) => monitor.undelivered(notification.id, error.to_string()),
        });
    }
}

fn show(notification: &OsNotification) -> Result<(), notify_rust::error::Error> {
    let mut message = notify_rust::Notification::new();
    message.appname("VaultWatch").summary(&notification.title).body(&notification.body);
    #[cfg(all(unix, not(target_os = "macos")))]
    message.urgency(match notification.urgency {
        Urgency::Low => notify_rust::Urgency::Low,
        Urgency::Normal => notify_rust::Urgency::Normal,
        Urgency::Critical => notify_rust::Urgency::Critical,
    });
    if notification.urgency == Urgency::Critical {
        message.timeout(notify_rust::Timeout::Never);
    }
    message.show().map(|_| ())
}
