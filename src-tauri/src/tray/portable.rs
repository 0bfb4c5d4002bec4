//! Windows and macOS: the tray that Tauri brings. Written against its documentation and compiled by design, for
//! there was no machine to run it on.

use std::sync::{Arc, Mutex, PoisonError};

use domain::Language;
use domain::view::{Destination, Mode};
use monitor::TrayView;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem, Submenu};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Wry};

use super::model::{ALERTS, Item, Snooze};
use super::{OnRequest, TrayRequest, icon};
use crate::host::Host;
use crate::say::{self, tray as words};

/// Our item in the tray. Without one, `parts` is empty and the window minimises instead of closing.
#[derive(Clone)]
pub(crate) struct Tray {
    parts: Option<Arc<Parts>>,
}

struct Parts {
    app: AppHandle,
    icon: TrayIcon<Wry>,
    state_line: MenuItem<Wry>,
    alerts: [MenuItem<Wry>; ALERTS],
    targets: Targets,
    around: Around,
}

/// What says the same in each state, in another language after a choice.
struct Around {
    open: MenuItem<Wry>,
    snooze: Submenu<Wry>,
    /// In the order of [`Snooze::ALL`].
    snoozes: [MenuItem<Wry>; Snooze::ALL.len()],
    test: MenuItem<Wry>,
    quit: MenuItem<Wry>,
}

/// Where the lines of the alerts lead.
type Targets = Arc<Mutex<Vec<Destination>>>;

impl Tray {
    /// Never fails: a desktop without a tray is one where [`Tray::is_reachable`] says no.
    pub(crate) fn start(host: &Host, mode: &Mode, on_request: OnRequest) -> Self {
        let parts = build(host.app(), &Item::starting(say::systems_language(), mode), on_request);
        let parts = parts.inspect_err(|error| tracing::warn!(%error, "no tray")).ok();
        Self { parts: parts.map(Arc::new) }
    }

    pub(crate) fn show(&self, view: &TrayView) {
        let Some(parts) = self.parts.clone() else { return };
        let item = Item::from(view);
        let app = parts.app.clone();
        // Menus belong to the main thread.
        let shown = app.run_on_main_thread(move || {
            if let Err(error) = parts.show(&item) {
                tracing::warn!(%error, "the tray could not be changed");
            }
        });
        if let Err(error) = shown {
            tracing::warn!(%error, "the tray could not be changed");
        }
    }

    /// Whether somebody who looks for us in the tray finds us there.
    pub(crate) async fn is_reachable(&self) -> bool {
        self.parts.is_some()
    }

    /// Waits until [`Tray::is_reachable`] answers otherwise, which it never does: there is no word of a tray that goes.
    pub(crate) async fn changed(&self) {
        std::future::pending().await
    }

    /// The item goes with the process.
    pub(crate) async fn leave(&self) {}
}

impl Parts {
    fn show(&self, item: &Item) -> tauri::Result<()> {
        let [_, picture, _] = icon::images(item.picture);
        self.icon.set_icon(Some(picture))?;
        self.icon.set_tooltip(Some(format!("{}\n{}", item.title, item.tooltip)))?;
        // A menu cannot hide a line here; an empty one cannot be clicked.
        for (line, entry) in self.alerts.iter().enumerate() {
            let text = item.alerts.get(line).map_or("", |(text, _)| text.as_str());
            entry.set_text(text)?;
            entry.set_enabled(!text.is_empty())?;
        }
        let targets = item.alerts.iter().map(|(_, target)| target.clone()).collect();
        *self.targets.lock().unwrap_or_else(PoisonError::into_inner) = targets;
        self.around.speak(item.language)?;
        self.state_line.set_text(&item.state_line)
    }
}

impl Around {
    fn build(app: &AppHandle, language: Language) -> tauri::Result<Self> {
        let entry = |id: &str, label: &str| MenuItem::with_id(app, id, label, true, None::<&str>);
        let [quarter, hour, tomorrow] = Snooze::ALL.map(|choice| choice.label(language));
        Ok(Self {
            open: entry("open", words::open(language))?,
            snooze: Submenu::new(app, words::snooze(language), true)?,
            snoozes: [
                entry("snooze-0", quarter)?,
                entry("snooze-1", hour)?,
                entry("snooze-2", tomorrow)?,
            ],
            test: entry("test", words::test(language))?,
            quit: entry("quit", words::quit(language))?,
        })
    }

    fn speak(&self, language: Language) -> tauri::Result<()> {
        self.open.set_text(words::open(language))?;
        self.snooze.set_text(words::snooze(language))?;
        for (entry, choice) in self.snoozes.iter().zip(Snooze::ALL) {
            entry.set_text(choice.label(language))?;
        }
        self.test.set_text(words::test(language))?;
        self.quit.set_text(words::quit(language))
    }
}

fn build(app: &AppHandle, item: &Item, on_request: OnRequest) -> tauri::Result<Parts> {
    let around = Around::build(app, item.language)?;
    let state_line = MenuItem::with_id(app, "state", &item.state_line, false, None::<&str>)?;
    let separator = PredefinedMenuItem::separator(app)?;
    let alert =
        |line: usize| MenuItem::with_id(app, format!("alert-{line}"), "", false, None::<&str>);
    let alerts = [alert(0)?, alert(1)?, alert(2)?];
    for choice in &around.snoozes {
        around.snooze.append(choice)?;
    }
    let menu = Menu::with_items(
        app,
        &[
            &around.open,
            &state_line,
            &alerts[0],
            &alerts[1],
            &alerts[2],
            &separator,
            &around.snooze,
            &around.test,
            &around.quit,
        ],
    )?;
    let targets = Targets::default();
    let leads = Arc::clone(&targets);
    let on_click = Arc::clone(&on_request);
    let [_, picture, _] = icon::images(item.picture);
    let icon = TrayIconBuilder::with_id("vaultwatch")
        .icon(picture)
        .tooltip(&item.title)
        .menu(&menu)
        .show_menu_on_left_click(false)
        .on_menu_event(move |_, event| {
            if let Some(request) = request(event.id().as_ref(), &leads) {
                on_request(request);
            }
        })
        .on_tray_icon_event(move |_, event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            {
                on_click(TrayRequest::Open);
            }
        })
        .build(app)?;
    Ok(Parts { app: app.clone(), icon, state_line, alerts, targets, around })
}

fn request(id: &str, targets: &Targets) -> Option<TrayRequest> {
    match id.split_once('-') {
        None if id == "open" => Some(TrayRequest::Open),
        None if id == "test" => Some(TrayRequest::TestCritical),
        None if id == "quit" => Some(TrayRequest::Quit),
        Some(("alert", line)) => {
            let targets = targets.lock().unwrap_or_else(PoisonError::into_inner);
            targets.get(line.parse::<usize>().ok()?).cloned().map(TrayRequest::GoTo)
        }
        Some(("snooze", index)) => {
            let snooze = Snooze::ALL.get(index.parse::<usize>().ok()?)?;
            Some(TrayRequest::SnoozeAll(*snooze))
        }
        _ => None,
    }
}
