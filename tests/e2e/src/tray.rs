//! The tray seen from the bus: a watcher that remembers, and the items that register with whichever watcher there is.

use std::cmp::Ordering;
use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use futures_util::StreamExt;
use zbus::{
    message::Header,
    names::OwnedBusName,
    object_server::SignalEmitter,
    proxy::CacheProperties,
    zvariant::{OwnedObjectPath, OwnedValue, Structure, Value},
};

use crate::{Desktop, patience::until};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const WATCHER_PATH: &str = "/StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
const ITEM_PATH: &str = "/StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

/// Whether the watcher says that somebody shows the items. GNOME without its extension has nobody who does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    Present,
    Absent,
}

/// A watcher of the tests' own. Dropping it takes the tray off the desktop.
#[derive(Debug)]
pub struct Tray {
    bus: zbus::Connection,
}

impl Tray {
    /// Takes the watcher's name on the bus.
    ///
    /// # Errors
    /// When the name is taken or the bus is gone.
    pub async fn serve(desktop: &Desktop, host: Host) -> Result<Self> {
        let hosts = usize::from(host == Host::Present);
        let watcher = Watcher { items: Vec::new(), hosts };
        let bus = desktop.serve(WATCHER, WATCHER_PATH, watcher).await?;
        let leavers = desktop.bus().await?;
        let serving = bus.clone();
        tokio::spawn(async move { forget_leavers(leavers, serving).await });
        Ok(Self { bus })
    }

    /// So many panels show the items from now on; the watcher stays.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn set_hosts(&self, hosts: usize) -> Result<()> {
        let watcher = self.bus.object_server().interface::<_, Watcher>(WATCHER_PATH).await?;
        let before = std::mem::replace(&mut watcher.get_mut().await.hosts, hosts);
        let emitter = watcher.signal_emitter();
        match hosts.cmp(&before) {
            Ordering::Greater => Watcher::status_notifier_host_registered(emitter).await?,
            Ordering::Less => Watcher::status_notifier_host_unregistered(emitter).await?,
            Ordering::Equal => {}
        }
        Ok(())
    }

    /// Takes the tray off the desktop, as a crash of the panel does.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn leave(self) -> Result<()> {
        Ok(self.bus.close().await?)
    }
}

/// An item whose owner leaves the bus is not in the tray any more.
async fn forget_leavers(bus: zbus::Connection, serving: zbus::Connection) -> Result<()> {
    let dbus = zbus::fdo::DBusProxy::new(&bus).await?;
    let mut changes = dbus.receive_name_owner_changed().await?;
    while let Some(change) = changes.next().await {
        let args = change.args()?;
        if args.new_owner().is_some() {
            continue;
        }
        let name = args.name().to_string();
        let watcher = serving.object_server().interface::<_, Watcher>(WATCHER_PATH).await?;
        let gone: Vec<String> = {
            let mut watcher = watcher.get_mut().await;
            let (gone, stay) =
                watcher.items.drain(..).partition(|item| item.starts_with(&format!("{name}/")));
            watcher.items = stay;
            gone
        };
        for item in gone {
            Watcher::status_notifier_item_unregistered(watcher.signal_emitter(), &item).await?;
        }
    }
    Ok(())
}

struct Watcher {
    /// Bus name and object path in one, as hosts expect them.
    items: Vec<String>,
    hosts: usize,
}

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    async fn register_status_notifier_item(
        &mut self,
        service: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        // Some register the path of the item and mean the connection that calls.
        let item = if service.starts_with('/') {
            format!("{}{service}", header.sender().map_or("", |sender| sender.as_str()))
        } else {
            format!("{service}{ITEM_PATH}")
        };
        if !self.items.contains(&item) {
            self.items.push(item.clone());
            Self::status_notifier_item_registered(&emitter, &item).await?;
        }
        Ok(())
    }

    fn register_status_notifier_host(&mut self, _service: &str) {
        self.hosts += 1;
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.items.clone()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        self.hosts > 0
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(signal)]
    async fn status_notifier_item_registered(
        emitter: &SignalEmitter<'_>,
        service: &str,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_item_unregistered(
        emitter: &SignalEmitter<'_>,
        service: &str,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_host_registered(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_host_unregistered(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}

/// What the watcher on the bus, ours or a real panel's, answers.
#[derive(Clone, Debug)]
pub struct TrayState {
    pub host: Host,
    /// Bus name and object path in one.
    pub items: Vec<String>,
}

impl TrayState {
    /// # Errors
    /// When there is no watcher.
    pub async fn of(desktop: &Desktop) -> Result<Self> {
        let bus = desktop.bus().await?;
        let watcher = uncached(&bus, WATCHER, WATCHER_PATH, WATCHER).await?;
        let host = if watcher.get_property("IsStatusNotifierHostRegistered").await? {
            Host::Present
        } else {
            Host::Absent
        };
        Ok(Self { host, items: watcher.get_property("RegisteredStatusNotifierItems").await? })
    }
}

/// An item as a panel sees it.
#[derive(Debug)]
pub struct TrayItem {
    bus: zbus::Connection,
    owner: OwnedBusName,
    path: OwnedObjectPath,
}

impl TrayItem {
    /// Waits for the one item in the tray.
    ///
    /// # Errors
    /// When there is none within [`crate::patience::PATIENCE`], or more than one.
    pub async fn only(desktop: &Desktop) -> Result<Self> {
        let items = until("an item in the tray", async || {
            let state = TrayState::of(desktop).await?;
            Ok((!state.items.is_empty()).then_some(state.items))
        })
        .await?;
        let [item] = items.as_slice() else { bail!("several items in the tray: {items:?}") };
        let (owner, _) = item.split_once('/').context("an item without a path")?;
        let path = item[owner.len()..].to_owned();
        Ok(Self { bus: desktop.bus().await?, owner: owner.try_into()?, path: path.try_into()? })
    }

    /// Whether it still is in the tray.
    ///
    /// # Errors
    /// When there is no watcher.
    pub async fn is_registered(&self, desktop: &Desktop) -> Result<bool> {
        let own = format!("{}{}", self.owner, self.path.as_str());
        Ok(TrayState::of(desktop).await?.items.contains(&own))
    }

    /// # Errors
    /// When the item is gone.
    pub async fn title(&self) -> Result<String> {
        Ok(self.item().await?.get_property("Title").await?)
    }

    /// `Active`, `Passive` or `NeedsAttention`.
    ///
    /// # Errors
    /// When the item is gone.
    pub async fn status(&self) -> Result<String> {
        Ok(self.item().await?.get_property("Status").await?)
    }

    /// What stands in the tooltip: title, then text.
    ///
    /// # Errors
    /// When the item is gone or has none.
    pub async fn tooltip(&self) -> Result<(String, String)> {
        type Pixmap = (i32, i32, Vec<u8>);
        let (_, _, title, text): (String, Vec<Pixmap>, String, String) =
            self.item().await?.get_property("ToolTip").await?;
        Ok((title, text))
    }

    /// What a panel shows at this moment: the attention icon while attention is needed, the plain one otherwise.
    ///
    /// # Errors
    /// When the item is gone.
    pub async fn icon(&self) -> Result<Icon> {
        let item = self.item().await?;
        let attention = self.status().await? == "NeedsAttention";
        let kind = if attention { "AttentionIcon" } else { "Icon" };
        let icon = Icon {
            name: item.get_property(&format!("{kind}Name")).await?,
            pixmaps: item.get_property(&format!("{kind}Pixmap")).await?,
        };
        // A panel falls back to the plain icon when there is none for attention.
        if attention && icon.name.is_empty() && icon.pixmaps.is_empty() {
            let name = item.get_property("IconName").await?;
            return Ok(Icon { name, pixmaps: item.get_property("IconPixmap").await? });
        }
        Ok(icon)
    }

    /// A left click.
    ///
    /// # Errors
    /// When the item is gone.
    pub async fn activate(&self) -> Result<()> {
        Ok(self.item().await?.call("Activate", &(0, 0)).await?)
    }

    /// The same as a tray under Wayland does it, with a token by which the window may come to the front.
    ///
    /// # Errors
    /// When the item is gone.
    pub async fn activate_with(&self, token: &str) -> Result<()> {
        let item = self.item().await?;
        let () = item.call("ProvideXdgActivationToken", &(token,)).await?;
        Ok(item.call("Activate", &(0, 0)).await?)
    }

    /// The entries of its menu, those of submenus after their parent, separators left out.
    ///
    /// # Errors
    /// When the item is gone or has no menu.
    pub async fn menu(&self) -> Result<Vec<MenuEntry>> {
        let menu = self.menu_proxy().await?;
        // A host says before it opens a menu; some applications fill it only then.
        let _: bool = menu.call("AboutToShow", &(0,)).await?;
        type Node = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);
        let arguments = (0_i32, -1_i32, Vec::<String>::new());
        let (_, (_, _, children)): (u32, Node) = menu.call("GetLayout", &arguments).await?;
        let mut entries = Vec::new();
        for child in &children {
            collect(child, &mut entries)?;
        }
        Ok(entries)
    }

    /// Clicks the menu entry with that label.
    ///
    /// # Errors
    /// When there is no such entry, or the item is gone.
    pub async fn click(&self, label: &str) -> Result<()> {
        let entries = self.menu().await?;
        let entry = entries
            .iter()
            .find(|entry| entry.label == label)
            .with_context(|| format!("no menu entry {label:?} among {entries:?}"))?;
        let menu = self.menu_proxy().await?;
        // The specification wants some value beside the event.
        Ok(menu.call("Event", &(entry.id, "clicked", Value::from(0_i32), 0_u32)).await?)
    }

    async fn item(&self) -> Result<zbus::Proxy<'static>> {
        uncached(&self.bus, self.owner.as_str(), self.path.as_str(), ITEM).await
    }

    async fn menu_proxy(&self) -> Result<zbus::Proxy<'static>> {
        let path: OwnedObjectPath = self.item().await?.get_property("Menu").await?;
        uncached(&self.bus, self.owner.as_str(), path.as_str(), MENU).await
    }
}

#[derive(Clone, PartialEq, Eq)]
pub struct Icon {
    /// Of the icon theme; empty when there are pixmaps.
    pub name: String,
    /// Width, height, ARGB.
    pub pixmaps: Vec<(i32, i32, Vec<u8>)>,
}

impl Icon {
    /// Whether there is anything to see.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        let opaque = |argb: &[u8]| argb.chunks_exact(4).any(|pixel| pixel[0] > 0);
        !self.name.is_empty() || self.pixmaps.iter().any(|(_, _, argb)| opaque(argb))
    }
}

impl std::fmt::Debug for Icon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sizes: Vec<_> = self.pixmaps.iter().map(|(w, h, _)| (w, h)).collect();
        f.debug_struct("Icon").field("name", &self.name).field("sizes", &sizes).finish()
    }
}

#[derive(Clone, Debug)]
pub struct MenuEntry {
    pub id: i32,
    /// Without the underscore that marks its key.
    pub label: String,
    pub enabled: bool,
}

fn collect(node: &OwnedValue, entries: &mut Vec<MenuEntry>) -> Result<()> {
    let node: &Structure<'_> = node.downcast_ref()?;
    let [id, properties, children] = node.fields() else { bail!("not a menu entry: {node:?}") };
    let properties: HashMap<String, OwnedValue> = properties.try_clone()?.try_into()?;
    if let Some(label) = properties.get("label") {
        let label: &str = label.downcast_ref()?;
        let enabled = properties.get("enabled").is_none_or(|e| e.downcast_ref().unwrap_or(true));
        entries.push(MenuEntry { id: id.downcast_ref()?, label: label.replace('_', ""), enabled });
    }
    let children: Vec<OwnedValue> = children.try_clone()?.try_into()?;
    children.iter().try_for_each(|child| collect(child, entries))
}

/// Properties are asked for each time: not every item announces its changes as a cache needs it.
async fn uncached(
    bus: &zbus::Connection,
    owner: &str,
    path: &str,
    interface: &str,
) -> Result<zbus::Proxy<'static>> {
    let proxy = zbus::proxy::Builder::new(bus)
        .destination(owner.to_owned())?
        .path(path.to_owned())?
        .interface(interface.to_owned())?
        .cache_properties(CacheProperties::No);
    Ok(proxy.build().await?)
}
