//! Whether the desktop silences notifications. There is no one way to ask; each desktop is asked in its own.

use std::sync::Arc;
use std::time::Duration;

use gtk::gio;
use gtk::gio::prelude::SettingsExt as _;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use zbus::Connection;
use zbus::proxy::{CacheProperties, MethodFlags};
use zbus::zvariant::{DynamicType, OwnedValue};

use super::super::{Tell, Told};
use super::service::DESKTOP_ENTRY;
use super::{NAME, PATH};

/// Between two looks. Nobody tells everybody when it changes.
const EVERY: Duration = Duration::from_secs(15);
/// One that takes longer is passed over.
const PATIENCE: Duration = Duration::from_secs(2);

/// Looks again and again, and tells when something has changed. Ends when it is dropped.
pub(super) struct Hush {
    task: JoinHandle<()>,
    now: Arc<Notify>,
}

impl Hush {
    pub(super) fn watch(bus: &Connection, tell: &Tell) -> Self {
        let (bus, tell, now) = (bus.clone(), Arc::clone(tell), Arc::new(Notify::new()));
        let asked = Arc::clone(&now);
        let task = tokio::spawn(async move {
            let mut last = None;
            loop {
                let cause = look(&bus).await;
                if cause != last {
                    tracing::info!(?cause, "whether notifications are silenced has changed");
                    tell(Told::Hushed(cause.clone()));
                    last = cause;
                }
                // Elapsed or asked for, it is time to look.
                let _ = timeout(EVERY, asked.notified()).await;
            }
        });
        Self { task, now }
    }

    /// The service is another one.
    pub(super) fn look_again(&mut self) {
        self.now.notify_one();
    }
}

impl Drop for Hush {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What silences notifications; `None`: nothing that is known of.
pub(super) async fn look(bus: &Connection) -> Option<String> {
    // KDE, and whoever follows it.
    if property(bus, NAME, PATH, NAME, "Inhibited").await == Some(true) {
        return Some("Do Not Disturb is on".to_owned());
    }
    if property(bus, NAME, PATH, "org.dunstproject.cmd0", "paused").await == Some(true) {
        return Some("dunst is paused (`dunstctl set-paused false`)".to_owned());
    }
    if xfce(bus).await == Some(true) {
        return Some("Do Not Disturb is on in Xfce's notification settings".to_owned());
    }
    let gnome = tokio::task::spawn_blocking(gnome);
    timeout(PATIENCE, gnome).await.ok()?.ok()?
}

async fn property(
    bus: &Connection,
    service: &'static str,
    path: &'static str,
    interface: &str,
    name: &str,
) -> Option<bool> {
    let properties = "org.freedesktop.DBus.Properties";
    ask(bus, (service, path, properties), "Get", &(interface, name)).await
}

async fn xfce(bus: &Connection) -> Option<bool> {
    let xfconf = ("org.xfce.Xfconf", "/org/xfce/Xfconf", "org.xfce.Xfconf");
    ask(bus, xfconf, "GetProperty", &("xfce4-notifyd", "/do-not-disturb")).await
}

/// Asks whoever is there; nobody is started for it.
async fn ask<B>(
    bus: &Connection,
    (service, path, interface): (&'static str, &'static str, &'static str),
    method: &str,
    arguments: &B,
) -> Option<bool>
where
    B: serde::Serialize + DynamicType,
{
    let answer = async {
        let proxy = zbus::proxy::Builder::<zbus::Proxy<'_>>::new(bus)
            .destination(service)?
            .path(path)?
            .interface(interface)?
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        proxy.call_with_flags(method, MethodFlags::NoAutoStart.into(), arguments).await
    };
    let value: OwnedValue = timeout(PATIENCE, answer).await.ok()?.ok()??;
    bool::try_from(value).ok()
}

/// GNOME's settings, where they are installed. Reading them needs nobody's answer.
fn gnome() -> Option<String> {
    const SCHEMA: &str = "org.gnome.desktop.notifications";
    const APPLICATION: &str = "org.gnome.desktop.notifications.application";
    let schemas = gio::SettingsSchemaSource::default()?;
    let is_gnome = std::env::var("XDG_CURRENT_DESKTOP");
    let is_gnome = is_gnome.is_ok_and(|names| names.split(':').any(|name| name == "GNOME"));
    if !is_gnome {
        // Others install its settings and do not follow them.
        return None;
    }
    if schemas.lookup(SCHEMA, true)?.has_key("show-banners")
        && !gio::Settings::new(SCHEMA).boolean("show-banners")
    {
        return Some("Do Not Disturb is on".to_owned());
    }
    if schemas.lookup(APPLICATION, true)?.has_key("enable") {
        let folder = DESKTOP_ENTRY.to_lowercase();
        let path = format!("/org/gnome/desktop/notifications/application/{folder}/");
        if !gio::Settings::with_path(APPLICATION, &path).boolean("enable") {
            return Some(
                "notifications of VaultWatch are switched off in the desktop's settings".to_owned(),
            );
        }
    }
    None
}
