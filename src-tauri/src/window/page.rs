//! The window with the page in it, in whichever process that is.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tauri::webview::{DownloadEvent, NewWindowResponse, PageLoadEvent, PermissionResponse};
use tauri::window::Color;
use tauri::{AppHandle, Monitor, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};
use tokio::sync::Notify;

use super::first_frame;
use super::place::{Place, Placement, SMALLEST, Screen, Shape};

/// The window's name in events and capabilities.
pub(super) const LABEL: &str = "main";

/// Whoever moves a window moves it by many small steps; where it is counts once it rests.
const SETTLE: Duration = Duration::from_millis(500);

/// All that is known of a window before it is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Making {
    pub(super) title: String,
    /// Where it was when it was there last.
    pub(super) place: Option<Place>,
    /// What the page finds when it begins, in JSON.
    pub(super) first_frame: String,
    /// Red, green and blue of what is seen before the page draws; `None`: the desktop's own.
    pub(super) background: Option<[u8; 3]>,
    pub(super) shown: Shown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Shown {
    Up,
    /// Nobody has asked for it, but somebody may look for it.
    Minimised,
}

/// `loaded` is called on the main thread, whenever the page has loaded.
pub(super) fn build(
    app: &AppHandle,
    making: &Making,
    loaded: impl Fn(&WebviewWindow) + Send + Sync + 'static,
) -> tauri::Result<WebviewWindow> {
    let page = WebviewUrl::App("index.html".into());
    let screens: Vec<_> = app.available_monitors()?.iter().map(screen).collect();
    let Placement { position, size: (width, height), shape } =
        Placement::of(making.place, &screens);
    let mut builder = WebviewWindowBuilder::new(app, LABEL, page)
        .title(&making.title)
        .inner_size(width, height)
        .min_inner_size(SMALLEST.0, SMALLEST.1)
        .maximized(shape == Shape::Maximized)
        .initialization_script(first_frame::script(&making.first_frame));
    builder = match position {
        Some((x, y)) => builder.position(x, y),
        None => builder.center(),
    };
    if let Some([red, green, blue]) = making.background {
        builder = builder.background_color(Color(red, green, blue, u8::MAX));
    }
    let window = builder
        .on_page_load(move |window, load| {
            if load.event() == PageLoadEvent::Finished {
                loaded(&window);
            }
        })
        .on_navigation(is_own_page)
        .on_new_window(|url, _| {
            tracing::warn!(%url, "the page wanted another window");
            NewWindowResponse::Deny
        })
        .on_download(|_, event| {
            if let DownloadEvent::Requested { url, .. } = event {
                tracing::warn!(%url, "the page wanted to download");
            }
            false
        })
        .on_permission_request(|_, kind| {
            tracing::warn!(?kind, "the page wanted a permission");
            PermissionResponse::Deny
        })
        .build()?;
    if making.shown == Shown::Minimised {
        window.minimize()?;
    }
    Ok(window)
}

fn screen(monitor: &Monitor) -> Screen {
    let (room, scale) = (monitor.work_area(), monitor.scale_factor());
    let at = room.position.to_logical::<f64>(scale);
    let size = room.size.to_logical::<f64>(scale);
    Screen { x: at.x, y: at.y, width: size.width, height: size.height }
}

pub(super) fn bring_up(window: &WebviewWindow) -> tauri::Result<()> {
    window.unminimize()?;
    window.show()?;
    window.set_focus()
}

/// Whether the webview may go there: the embedded page, or the development server of a development build.
fn is_own_page(url: &Url) -> bool {
    let own = match (url.scheme(), url.host_str()) {
        ("tauri", Some("localhost")) => true,
        // Windows has no schemes of its own.
        ("http" | "https", Some("tauri.localhost")) => cfg!(windows) && url.port().is_none(),
        ("http", Some("localhost")) => tauri::is_dev() && url.port() == Some(1420),
        _ => false,
    };
    if !own {
        tracing::warn!(%url, "the page wanted to leave");
    }
    own
}

/// Where the window is, by and by.
#[derive(Debug)]
pub(super) struct Whereabouts {
    moved: Notify,
    last: Mutex<Option<Place>>,
}

impl Whereabouts {
    pub(super) fn new(place: Option<Place>) -> Self {
        Self { moved: Notify::new(), last: Mutex::new(place) }
    }

    /// It is being moved, or has become another size.
    pub(super) fn moved(&self) {
        self.moved.notify_one();
    }

    /// Waits until it was moved, and is not any more. Cancel safe.
    pub(super) async fn rests(&self) {
        self.moved.notified().await;
        while tokio::time::timeout(SETTLE, self.moved.notified()).await.is_ok() {}
    }

    /// Where it is now; `None` where it is nowhere: a minimised window tells the place of its icon, or none.
    pub(super) fn look(&self, window: &WebviewWindow) -> Option<Place> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match place_of(window, *last) {
            Ok(Some(place)) => *last = Some(place),
            Ok(None) => return None,
            // It may be going at this moment.
            Err(error) => {
                tracing::debug!(%error, "the window does not tell where it is");
                return None;
            }
        }
        *last
    }
}

fn place_of(window: &WebviewWindow, before: Option<Place>) -> tauri::Result<Option<Place>> {
    if window.is_minimized()? || window.is_fullscreen()? {
        return Ok(None);
    }
    let scale = window.scale_factor()?;
    let at = window.outer_position()?.to_logical::<f64>(scale);
    let size = window.inner_size()?.to_logical::<f64>(scale);
    let free =
        Place { x: at.x, y: at.y, width: size.width, height: size.height, shape: Shape::Free };
    Ok(Some(match window.is_maximized()? {
        true => Place { shape: Shape::Maximized, ..before.unwrap_or(free) },
        false => free,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_goes_nowhere_else() {
        let own = |url: &str| is_own_page(&url.parse().unwrap());
        assert!(own("tauri://localhost/index.html#/vault/ETH-001"));
        for foreign in [
            "https://example.com/",
            "tauri://elsewhere/index.html",
            "http://localhost:3001/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "data:text/html,<p>",
            "about:blank",
        ] {
            assert!(!own(foreign), "{foreign}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_rests_when_it_has_not_moved_for_a_moment() {
        let whereabouts = Whereabouts::new(None);
        let begun = tokio::time::Instant::now();
        let moving = async {
            for _ in 0..10 {
                whereabouts.moved();
                tokio::time::sleep(SETTLE / 2).await;
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = whereabouts.rests() => {}
            () = moving => {}
        }
        assert!(begun.elapsed() >= SETTLE * 5, "{:?}", begun.elapsed());
    }
}
