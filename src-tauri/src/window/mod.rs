//! The one window. It is destroyed when it is closed and made again when it is wanted: a hidden webview would keep
//! its memory, and on Linux a window that was hidden can come back with a dead title bar.
//!
//! On Linux it is a program of its own: what the toolkit and WebKit have taken for a window goes with its process, and
//! the watch has neither. Elsewhere it is in this one.

mod first_frame;
mod memory;
mod page;
mod place;

#[cfg(not(target_os = "linux"))]
#[path = "local.rs"]
mod platform;
#[cfg(target_os = "linux")]
#[path = "remote/mod.rs"]
mod platform;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::view::{Mode, WindowMessage};
use tokio::sync::mpsc;
use tokio::time::Instant;

pub(crate) use memory::Memory;
#[cfg(not(target_os = "linux"))]
pub(crate) use platform::on_event;
#[cfg(target_os = "linux")]
pub(crate) use platform::{Answer, Display, Link, Token, run};

use first_frame::Beginning;
use page::{Making, Shown};
use platform::{Coming, Current, NoWindow, Window};

use crate::host::Host;
use crate::parts::Parts;
use crate::tray::{OnRequest, Tray, TrayRequest};

/// Requests that may wait. More of the same change nothing.
const REQUESTS: usize = 16;
/// A panel that crashed, or was replaced, is back within this.
const PANEL_PATIENCE: Duration = Duration::from_secs(15);

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
    current: Current,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Request {
    Show,
    /// Somebody wants it to be closed.
    Close,
    /// It is gone, whoever wanted that.
    Gone,
}

/// The other end of a [`WindowKeeper`].
pub(crate) struct Requests(mpsc::Receiver<Request>);

impl WindowKeeper {
    pub(crate) fn new() -> (Self, Requests) {
        let (requests, queue) = mpsc::channel(REQUESTS);
        let keeper = Self { requests, current: Current::default() };
        #[cfg(target_os = "linux")]
        keeper.current.find_program();
        (keeper, Requests(queue))
    }

    /// Has what a window takes longest for be done meanwhile: one will be wanted as soon as there is something to show.
    #[cfg(target_os = "linux")]
    pub(crate) fn prepare(&self) {
        self.current.prepare();
    }

    /// Brings the window up, or makes one.
    pub(crate) fn show(&self) {
        self.ask(Request::Show);
    }

    /// By this the desktop lets the window come to the front when it is shown next.
    #[cfg(target_os = "linux")]
    pub(crate) fn activate_with(&self, token: Token) {
        self.current.activate_with(token);
    }

    /// The next window is shown there.
    #[cfg(target_os = "linux")]
    pub(crate) fn be_on(&self, display: Display) {
        self.current.be_on(display);
    }

    /// Where windows are shown.
    #[cfg(target_os = "linux")]
    pub(crate) fn display(&self) -> Display {
        self.current.display()
    }

    /// Whether there is one to show a window on at this moment.
    pub(crate) fn has_display(&self) -> bool {
        self.current.has_display()
    }

    /// Tells the page, if there is one.
    pub(crate) fn tell(&self, host: &Host, message: &WindowMessage) {
        self.current.tell(host, message);
    }

    fn ask(&self, request: Request) {
        // Full: the same is asked already. Closed: the application is quitting.
        if let Err(error) = self.requests.try_send(request) {
            tracing::debug!(%error, ?request, "the window is not asked");
        }
    }
}

/// Has the window be where it was in the last run, and remembers where it is left in this one.
pub(crate) fn remember(data_dir: &Path) -> Arc<Memory> {
    let memory = Arc::new(Memory::open(data_dir));
    let following = Arc::clone(&memory);
    tokio::spawn(async move { following.follow().await });
    memory
}

/// Carries out what is asked of the window, for as long as it is polled.
pub(crate) async fn keep(
    parts: Parts,
    (tray, on_request): (Tray, OnRequest),
    (asking, Requests(mut queue)): (WindowKeeper, Requests),
) {
    let mut keeper = Keeper { parts, tray, on_request, asking, window: None, substitute: false };
    let mut missed = None;
    loop {
        tokio::select! {
            request = queue.recv() => match request {
                Some(request) => {
                    keeper.carry_out(request).await;
                    // A window that failed may have been the only way.
                    if request == Request::Gone && keeper.is_out_of_reach().await {
                        missed = missed.or_else(|| Some(Instant::now() + PANEL_PATIENCE));
                    }
                }
                None => return,
            },
            () = keeper.tray.changed() => {
                keeper.tray_has_changed().await;
                let out_of_reach = keeper.is_out_of_reach().await;
                missed = out_of_reach.then(|| Instant::now() + PANEL_PATIENCE);
            }
            () = at(missed) => {
                missed = None;
                keeper.substitute().await;
            }
        }
    }
}

/// At that moment, or never.
async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

struct Keeper {
    parts: Parts,
    tray: Tray,
    on_request: OnRequest,
    asking: WindowKeeper,
    window: Option<Window>,
    /// There is a window because there is no tray, and nobody has asked for it.
    substitute: bool,
}

impl Keeper {
    async fn carry_out(&mut self, request: Request) {
        self.forget_gone();
        self.substitute &= request == Request::Gone;
        match request {
            Request::Show => match &self.window {
                Some(window) => window.bring_up(),
                None => self.make(Shown::Up).await,
            },
            Request::Close => self.close().await,
            Request::Gone => {}
        }
    }

    /// Gone where the tray leads back to it; never out of reach. Somebody who wants it so quits by it.
    async fn close(&mut self) {
        let quits = self.parts.watches.close_quits().await;
        let reachable = self.tray.is_reachable().await;
        let Some(window) = &mut self.window else { return };
        if quits {
            tracing::info!("the window is closed: quitting, as it is set");
            window.close().await;
            (self.on_request)(TrayRequest::Quit);
        } else if reachable {
            tracing::info!("the window is closed; watching from the tray");
            window.close().await;
        } else {
            tracing::info!("nothing shows tray items; the window is minimised instead of closed");
            window.minimise();
        }
        self.forget_gone();
    }

    fn forget_gone(&mut self) {
        if self.window.as_ref().is_some_and(|window| !window.is_there()) {
            self.window = None;
            // Nothing is gathered for a window that is not there.
            self.parts.watches.detach();
        }
    }

    async fn make(&mut self, shown: Shown) {
        match self.made(shown).await {
            Ok(window) => self.window = Some(window),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "there is no window");
            }
        }
    }

    async fn made(&mut self, shown: Shown) -> Result<Window, NoWindow> {
        let mut coming = Coming::begin(&self.parts, &self.asking)?;
        // What comes while it starts is in its first frame, too.
        coming.ready().await;
        let Parts { watches, memory, .. } = &self.parts;
        let Beginning { text, background } = first_frame::beginning(watches, memory.left()).await;
        let making = Making {
            title: watches.title().to_owned(),
            place: memory.place(),
            first_frame: text,
            background,
            shown,
        };
        coming.show(making)
    }

    /// Whether there is neither a window nor a way to one.
    async fn is_out_of_reach(&mut self) -> bool {
        self.forget_gone();
        self.window.is_none() && !self.tray.is_reachable().await
    }

    /// A window that was made for want of a tray, and that nobody has looked at, goes with the tray's return.
    async fn tray_has_changed(&mut self) {
        let reachable = self.tray.is_reachable().await;
        self.forget_gone();
        if reachable
            && std::mem::take(&mut self.substitute)
            && let Some(window) = &mut self.window
        {
            window.close_if_minimised();
        }
    }

    /// A minimised window where the tray has gone for good: someone who looks for VaultWatch finds it.
    async fn substitute(&mut self) {
        // A display that comes brings a start along.
        if !self.is_out_of_reach().await || !self.asking.has_display() {
            return;
        }
        tracing::warn!("the tray is gone: there is a minimised window instead");
        self.make(Shown::Minimised).await;
        self.substitute = self.window.is_some();
    }
}
