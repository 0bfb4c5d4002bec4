use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::view::Mode;
use ksni::menu::{MenuItem, StandardItem, SubMenu};
use ksni::{Category, OfflineReason, Status, ToolTip, TrayMethods as _};
use monitor::{Attention, TrayView};
use tokio::sync::{Notify, watch};

use super::model::{ALERTS, Item, Picture, Snooze};
use super::{OnRequest, TrayRequest, host, icon};
use crate::host::Host;
use crate::say::{self, tray as words};
use crate::window::Token;

/// Without a session bus there is no tray; it is tried again after this long.
const RETRY: Duration = Duration::from_secs(30);
/// A tray that does not let go in this time is left to the end of the process.
const FAREWELL: Duration = Duration::from_millis(500);

/// Our item on the bus. It registers by itself whenever a tray comes up, before us or after us.
#[derive(Clone, Debug)]
pub(crate) struct Tray {
    /// The newest state wins; the task below sends it when the bus has taken the one before.
    wanted: watch::Sender<Wanted>,
    reach: Arc<Reach>,
}

/// Whether a watcher has our item.
#[derive(Debug, Default)]
struct Reach {
    registered: AtomicBool,
    changed: Arc<Notify>,
}

impl Reach {
    fn set(&self, registered: bool) {
        self.registered.store(registered, Ordering::Release);
        self.changed.notify_one();
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    Shown(Item),
    Gone,
}

impl Tray {
    /// Starts it in the background, on the current Tokio runtime. Never fails: a desktop without a tray is one
    /// where [`Tray::is_reachable`] says no.
    pub(crate) fn start(_host: &Host, mode: &Mode, on_request: OnRequest) -> Self {
        let (wanted, changes) =
            watch::channel(Wanted::Shown(Item::starting(say::systems_language(), mode)));
        let reach = Arc::<Reach>::default();
        tokio::spawn(run(changes, on_request, Arc::clone(&reach)));
        tokio::spawn(host::follow(Arc::clone(&reach.changed)));
        Self { wanted, reach }
    }

    pub(crate) fn show(&self, view: &TrayView) {
        self.wanted.send_replace(Wanted::Shown(view.into()));
    }

    /// Whether somebody who looks for us in the tray finds us there.
    pub(crate) async fn is_reachable(&self) -> bool {
        self.reach.registered.load(Ordering::Acquire) && host::is_present().await
    }

    /// Waits until [`Tray::is_reachable`] may answer otherwise. For one who waits at a time. Cancel safe.
    pub(crate) async fn changed(&self) {
        self.reach.changed.notified().await;
    }

    /// Takes the item out of the tray.
    pub(crate) async fn leave(&self) {
        self.wanted.send_replace(Wanted::Gone);
        // An elapsed limit is fine: the bus drops the item with the process.
        let _ = tokio::time::timeout(FAREWELL, self.wanted.closed()).await;
    }
}

async fn run(mut changes: watch::Receiver<Wanted>, on_request: OnRequest, reach: Arc<Reach>) {
    let (handle, mut shown) = loop {
        let Wanted::Shown(item) = changes.borrow_and_update().clone() else { return };
        let first = item.clone();
        // Set first: the watcher's absence is told while it is spawned.
        reach.set(true);
        let (on_request, reach_of_item) = (Arc::clone(&on_request), Arc::clone(&reach));
        let tray = StatusItem { item, on_request, reach: reach_of_item };
        match tray.assume_sni_available(true).spawn().await {
            Ok(handle) => break (handle, first),
            Err(error) => {
                reach.set(false);
                tracing::warn!(%error, "no tray; trying again in {RETRY:?}");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(RETRY) => {}
            Ok(_) = changes.wait_for(|wanted| *wanted == Wanted::Gone) => return,
        }
    };
    while changes.changed().await.is_ok() {
        let wanted = changes.borrow_and_update().clone();
        match wanted {
            // Many a message changes nothing that is to be seen, and each change is several signals.
            Wanted::Shown(item) if item == shown => {}
            Wanted::Shown(item) => {
                shown = item.clone();
                // `None`: the service has ended, with the bus.
                if handle.update(|tray| tray.item = item).await.is_none() {
                    reach.set(false);
                }
            }
            Wanted::Gone => break,
        }
    }
    handle.shutdown().await;
}

struct StatusItem {
    item: Item,
    on_request: OnRequest,
    reach: Arc<Reach>,
}

impl StatusItem {
    /// Within the event of a click, for only there its token is known.
    fn ask(&self, request: TrayRequest) {
        let token = ksni::current_xdg_activation_token();
        if let Some(token) = token.as_deref().and_then(Token::new) {
            (self.on_request)(TrayRequest::Activation(token));
        }
        (self.on_request)(request);
    }
}

impl ksni::Tray for StatusItem {
    fn id(&self) -> String {
        "vaultwatch".to_owned()
    }

    fn category(&self) -> Category {
        Category::ApplicationStatus
    }

    fn title(&self) -> String {
        self.item.title.clone()
    }

    fn status(&self) -> Status {
        match self.item.attention {
            Attention::Normal => Status::Active,
            Attention::Needed => Status::NeedsAttention,
        }
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        pixmaps(self.item.picture)
    }

    fn attention_icon_pixmap(&self) -> Vec<ksni::Icon> {
        pixmaps(self.item.picture)
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip {
            title: self.item.title.clone(),
            description: self.item.tooltip.clone(),
            ..ToolTip::default()
        }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.ask(TrayRequest::Open);
    }

    /// Of the same shape each time, so that trays change the items they have.
    fn menu(&self) -> Vec<MenuItem<Self>> {
        let language = self.item.language;
        let mut menu = vec![entry(words::open(language), TrayRequest::Open).into()];
        let state = StandardItem {
            label: plain(&self.item.state_line),
            enabled: false,
            ..StandardItem::default()
        };
        menu.push(state.into());
        for line in 0..ALERTS {
            menu.push(match self.item.alerts.get(line) {
                Some((text, target)) => entry(text, TrayRequest::GoTo(target.clone())).into(),
                None => StandardItem { visible: false, ..entry("", TrayRequest::Open) }.into(),
            });
        }
        // They are few and change seldom: a menu is built anew for them.
        let lines = self.item.profiles.iter();
        let profiles = lines.map(|(text, to)| entry(text, TrayRequest::GoTo(to.clone())).into());
        menu.push(
            SubMenu {
                label: words::profiles(language).into(),
                visible: !self.item.profiles.is_empty(),
                submenu: profiles.collect(),
                ..SubMenu::default()
            }
            .into(),
        );
        let snooze =
            |snooze: Snooze| entry(snooze.label(language), TrayRequest::SnoozeAll(snooze)).into();
        let submenu = Snooze::ALL.map(snooze).into();
        let label = words::snooze(language).into();
        let snooze = SubMenu { label, submenu, ..SubMenu::default() };
        menu.extend([
            MenuItem::Separator,
            snooze.into(),
            entry(words::test(language), TrayRequest::TestCritical).into(),
            MenuItem::Separator,
            entry(words::quit(language), TrayRequest::Quit).into(),
        ]);
        menu
    }

    fn watcher_online(&self) {
        tracing::info!("the tray is there");
        self.reach.set(true);
    }

    fn watcher_offline(&self, reason: OfflineReason) -> bool {
        tracing::info!(?reason, "no tray; waiting for one");
        self.reach.set(false);
        true
    }
}

fn entry(label: &str, request: TrayRequest) -> StandardItem<StatusItem> {
    StandardItem {
        label: plain(label),
        activate: Box::new(move |tray: &mut StatusItem| tray.ask(request.clone())),
        ..StandardItem::default()
    }
}

/// In menu labels an underscore marks a key.
fn plain(label: &str) -> String {
    label.replace('_', "__")
}

fn pixmaps(picture: Picture) -> Vec<ksni::Icon> {
    let pixmap = |image: &tauri::image::Image<'_>| ksni::Icon {
        width: image.width().cast_signed(),
        height: image.height().cast_signed(),
        data: icon::argb(image.rgba()),
    };
    icon::images(picture).iter().map(pixmap).collect()
}

#[cfg(test)]
mod tests {
    use domain::Language;
    use domain::view::{Destination, Target};

    use super::*;

    fn tray(item: Item) -> StatusItem {
        StatusItem { item, on_request: Arc::new(|_| {}), reach: Arc::default() }
    }

    /// What is to be seen: labels, those of a submenu after its own, and whether they can be clicked.
    fn labels(menu: Vec<MenuItem<StatusItem>>) -> Vec<(String, bool)> {
        let entry = |entry| match entry {
            MenuItem::Standard(item) if !item.visible => Vec::new(),
            MenuItem::Standard(item) => vec![(item.label, item.enabled)],
            MenuItem::Separator => vec![("-".to_owned(), true)],
            MenuItem::SubMenu(menu) if !menu.visible => Vec::new(),
            MenuItem::SubMenu(menu) => {
                let mut all = vec![(menu.label, menu.enabled)];
                all.extend(labels(menu.submenu));
                all
            }
            other => panic!("{other:?}"),
        };
        menu.into_iter().flat_map(entry).collect()
    }

    #[test]
    fn the_menu_opens_tells_snoozes_tests_and_quits() {
        let mut item = Item::starting(Language::English, &Mode::Demo);
        item.state_line = "Live · a_b".into();
        item.alerts = vec![("ETH_017: 7.9 % to liquidation".into(), Target::Alerts.into())];
        let tray = tray(item);
        let expected = [
            ("Open", true),
            ("Live · a__b", false),
            ("ETH__017: 7.9 % to liquidation", true),
            ("-", true),
            ("Snooze all", true),
            ("For 15 minutes", true),
            ("For 1 hour", true),
            ("Until tomorrow", true),
            ("Send a test critical", true),
            ("-", true),
            ("Quit", true),
        ]
        .map(|(label, enabled)| (label.to_owned(), enabled));
        assert_eq!(labels(ksni::Tray::menu(&tray)), expected);
    }

    #[test]
    fn a_germans_menu_is_german() {
        let mut item = Item::starting(Language::German, &Mode::Demo);
        item.profiles = vec![("acme: Live".into(), Target::Overview.into())];
        let labels = labels(ksni::Tray::menu(&tray(item)));
        let labels: Vec<_> = labels.iter().map(|(label, _)| label.as_str()).collect();
        let expected = [
            "Öffnen",
            "Startet",
            "Profile",
            "acme: Live",
            "-",
            "Alle zurückstellen",
            "Für 15 Minuten",
            "Für 1 Stunde",
            "Bis morgen",
            "Kritischen Testalarm senden",
            "-",
            "Beenden",
        ];
        assert_eq!(labels, expected);
    }

    #[test]
    fn the_menu_has_the_same_shape_with_and_without_alerts() {
        let mut item = Item::starting(Language::English, &Mode::Demo);
        let without = ksni::Tray::menu(&tray(item.clone())).len();
        item.alerts = vec![("a".into(), Target::Alerts.into()); ALERTS];
        assert_eq!(ksni::Tray::menu(&tray(item)).len(), without);
    }

    #[test]
    fn several_profiles_have_a_menu_of_their_own_that_leads_to_each() {
        let mut item = Item::starting(Language::English, &Mode::Demo);
        let to = Destination::of("acme", Target::Overview);
        item.profiles = vec![("acme: Live · 3 vaults".into(), to.clone())];
        let mut tray = tray(item);
        let listed = labels(ksni::Tray::menu(&tray));
        let at = listed.iter().position(|(label, _)| label == "Profiles").unwrap();
        assert_eq!(listed[at + 1].0, "acme: Live · 3 vaults");
        let (told, asked) = std::sync::mpsc::channel();
        tray.on_request = Arc::new(move |request| told.send(request).unwrap());
        let line = ksni::Tray::menu(&tray).into_iter().find_map(|entry| match entry {
            MenuItem::SubMenu(mut menu) if menu.label == "Profiles" => menu.submenu.pop(),
            _ => None,
        });
        let Some(MenuItem::Standard(line)) = line else { panic!("a line") };
        (line.activate)(&mut tray);
        assert_eq!(asked.try_recv(), Ok(TrayRequest::GoTo(to)));
    }

    #[test]
    fn a_line_leads_to_its_alert() {
        let (told, asked) = std::sync::mpsc::channel();
        let mut tray = tray(Item::starting(Language::English, &Mode::Demo));
        tray.item.alerts = vec![("a".into(), Target::System.into())];
        tray.on_request = Arc::new(move |request| told.send(request).unwrap());
        let MenuItem::Standard(line) = ksni::Tray::menu(&tray).remove(2) else { panic!("a line") };
        (line.activate)(&mut tray);
        assert_eq!(asked.try_recv(), Ok(TrayRequest::GoTo(Target::System.into())));
    }

    #[test]
    fn attention_is_asked_for_with_the_same_picture() {
        let mut item = Item::starting(Language::English, &Mode::Demo);
        assert_eq!(ksni::Tray::status(&tray(item.clone())), Status::Active);
        item.attention = Attention::Needed;
        item.picture = Picture::Critical { count: 2 };
        let tray = tray(item);
        assert_eq!(ksni::Tray::status(&tray), Status::NeedsAttention);
        let icons = ksni::Tray::attention_icon_pixmap(&tray);
        assert_eq!(icons.iter().map(|icon| icon.width).collect::<Vec<_>>(), [22, 32, 48]);
        assert_eq!(icons[0].data.len(), 22 * 22 * 4);
    }
}
