use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::sync::Notify;
use zbus::message::Type;
use zbus::names::InterfaceName;
use zbus::{MatchRule, Message, MessageStream};

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

/// Tells whenever a panel comes or goes while the watcher stays, for as long as the bus is there. That the watcher itself
/// comes or goes is told to the item.
pub(super) async fn follow(changed: Arc<Notify>) {
    let mut signals = match signals().await {
        Ok(signals) => signals,
        Err(error) => return tracing::debug!(%error, "nobody tells of panels"),
    };
    while let Some(signal) = signals.next().await {
        if signal.is_ok_and(|signal| is_about_hosts(&signal)) {
            changed.notify_one();
        }
    }
}

async fn signals() -> zbus::Result<MessageStream> {
    let bus = zbus::Connection::session().await?;
    let rule =
        MatchRule::builder().msg_type(Type::Signal).path(WATCHER_PATH)?.interface(WATCHER)?.build();
    MessageStream::for_match_rule(rule, &bus, None).await
}

fn is_about_hosts(signal: &Message) -> bool {
    let header = signal.header();
    header.member().is_some_and(|name| name.starts_with("StatusNotifierHost"))
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
