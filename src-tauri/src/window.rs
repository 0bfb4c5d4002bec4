//! The one window. It is destroyed when it is closed and made again when it is wanted: a hidden webview would keep
//! its memory, and on Linux a window that was hidden can come back with a dead title bar.

use domain::view::Mode;
use monitor::MonitorHandle;
use tauri::webview::{DownloadEvent, NewWindowResponse, PermissionResponse};
use tauri::{
    AppHandle, Manager as _, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent,
};
use tokio::sync::mpsc;

use crate::tray::Tray;

/// The window's name in events and capabilities.
pub(crate) const LABEL: &str = "main";

const SIZE: (f64, f64) = (1280.0, 800.0);
const SMALLEST: (f64, f64) = (360.0, 480.0);

/// Requests that may wait. More of the same change nothing.
const REQUESTS: usize = 16;

pub(crate) fn title(mode: &Mode) -> &'static str {
    match mode {
        Mode::Demo => "VaultWatch DEMO",
        Mode::Profile(_) => "VaultWatch",
    }
}

/// Asks for the window, from any thread, without waiting. One task carries the requests out one after the other, so
/// two clicks cannot make two windows.
#[derive(Clone, Debug)]
pub(crate) struct WindowKeeper {
    requests: mpsc::Sender<Request>,
}

#[derive(Clone, Copy, Debug)]
enum Request {
    Show,
    Close,
}

/// The other end of a [`WindowKeeper`].
pub(crate) struct Requests(mpsc::Receiver<Request>);

impl WindowKeeper {
    pub(crate) fn new() -> (Self, Requests) {
        let (requests, queue) = mpsc::channel(REQUESTS);
        (Self { requests }, Requests(queue))
    }

    /// Brings the window up, or makes one.
    pub(crate) fn show(&self) {
        self.ask(Request::Show);
    }

    fn close(&self) {
        self.ask(Request::Close);
    }

    fn ask(&self, request: Request) {
        // Full: the same is asked already. Closed: the application is quitting.
        if let Err(error) = self.requests.try_send(request) {
            tracing::debug!(%error, ?request, "the window is not asked");
        }
    }
}

/// Carries out what is asked of the window, until the last keeper is gone.
pub(crate) async fn keep(
    app: AppHandle,
    title: &'static str,
    tray: Tray,
    Requests(mut requests): Requests,
) {
    while let Some(request) = requests.recv().await {
        let window = app.get_webview_window(LABEL);
        let done = match (request, window) {
            (Request::Show, Some(window)) => bring_up(&window),
            (Request::Show, None) => create(&app, title),
            (Request::Close, Some(window)) => close(&window, &tray).await,
            (Request::Close, None) => Ok(()),
        };
        if let Err(error) = done {
            tracing::error!(%error, ?request, "the window does not do what is asked");
        }
    }
}

/// Gone where the tray leads back to it; never out of reach.
async fn close(window: &WebviewWindow, tray: &Tray) -> tauri::Result<()> {
    if tray.is_reachable().await {
        tracing::info!("the window is closed; watching from the tray");
        window.destroy()
    } else {
        tracing::info!("nothing shows tray items; the window is minimised instead of closed");
        window.minimize()
    }
}

fn bring_up(window: &WebviewWindow) -> tauri::Result<()> {
    window.unminimize()?;
    window.show()?;
    window.set_focus()
}

fn create(app: &AppHandle, title: &str) -> tauri::Result<()> {
    let page = WebviewUrl::App("index.html".into());
    WebviewWindowBuilder::new(app, LABEL, page)
        .title(title)
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(SMALLEST.0, SMALLEST.1)
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
    Ok(())
}

/// Hears the window from its first moment: a listener of the window's own is attached only after it was made, and a
/// close that comes before that would destroy the window, tray or not.
pub(crate) fn on_event(app: &AppHandle, keeper: &WindowKeeper, event: &WindowEvent) {
    match event {
        WindowEvent::CloseRequested { api, .. } => {
            // Whether it may close is asked of the bus, and the main thread must not wait for that.
            api.prevent_close();
            keeper.close();
        }
        WindowEvent::Destroyed => {
            if let Some(monitor) = app.try_state::<MonitorHandle>() {
                monitor.detach();
            }
        }
        _ => {}
    }
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
}
