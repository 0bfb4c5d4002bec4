use std::time::Duration;

use zbus::names::InterfaceName;

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const WATCHER_PATH: &str = "/StatusNotifierWatcher";
/// Somebody has clicked and waits.
const PATIENCE: Duration = Duration::from_millis(500);

/// Whether some panel shows tray items at this moment. Asked anew each time: panels crash, and extensions are
/// switched off. No answer is a no, for then an item that nobody shows would be the only way to the window.
pub(super) async fn is_present() -> bool {
    match tokio::time::timeout(PATIENCE, ask()).await {
        Ok(Ok(present)) => present,
        Ok(Err(error)) => {
            tracing::debug!(%error, "no tray host");
            false
        }
        Err(_) => {
            tracing::warn!("the tray's watcher did not answer within {PATIENCE:?}");
            false
        }
    }
}

async fn ask() -> zbus::Result<bool> {
    let bus = zbus::Connection::session().await?;
    let properties =
        zbus::fdo::PropertiesProxy::builder(&bus).destination(WATCHER)?.path(WATCHER_PATH)?;
    let properties = properties.cache_properties(zbus::proxy::CacheProperties::No).build().await?;
    let interface = InterfaceName::from_static_str_unchecked(WATCHER);
    let present = properties.get(interface, "IsStatusNotifierHostRegistered").await?;
    Ok(present.try_into()?)
}
