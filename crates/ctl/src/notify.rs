use std::sync::Mutex;

use monitor::{MonitorHandle, OsNotification, Urgency};

/// Desktop notifications from the command line. The core is answered once there is one to answer.
#[derive(Default)]
pub(crate) struct Desktop {
    monitor: Mutex<Option<MonitorHandle>>,
}

impl Desktop {
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
        let notification = notification.clone();
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
