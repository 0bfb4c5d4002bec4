//! What the window manager knows.

use std::sync::Arc;

use anyhow::{Context, Result};

use crate::{patience::until, processes::Session};

/// How the X server calls what is not there any more: by one name when it is asked for properties, by the other when it is
/// asked for the place.
const GONE: [&str; 2] = ["BadWindow", "BadDrawable"];

/// A window at the moment it was listed.
#[derive(Clone, Debug)]
pub struct Window {
    /// As X writes it, `0x…`.
    pub id: String,
    pub title: String,
    pub state: WindowState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowState {
    Shown,
    Minimised,
}

#[derive(Debug)]
pub struct Windows(Arc<Session>);

impl Windows {
    pub(crate) fn on(session: Arc<Session>) -> Self {
        Self(session)
    }

    /// The windows whose title holds `title`.
    ///
    /// # Errors
    /// When the window manager does not answer.
    pub fn titled(&self, title: &str) -> Result<Vec<Window>> {
        let listing = self.listing()?;
        let mut windows = Vec::new();
        for line in listing.lines() {
            // Identifier, desktop, host, title. The desktop of a panel is -1.
            let Some((id, rest)) = line.split_once(' ') else { continue };
            let Some((desktop, rest)) = rest.trim_start().split_once(' ') else { continue };
            let (_host, name) = rest.trim_start().split_once(' ').unwrap_or_default();
            if desktop == "-1" || !name.contains(title) {
                continue;
            }
            // It may have gone since it was listed.
            if let Ok(properties) = self.0.answer("xprop", &["-id", id, "WM_STATE"]) {
                let state = if properties.contains("Iconic") {
                    WindowState::Minimised
                } else {
                    WindowState::Shown
                };
                windows.push(Window { id: id.into(), title: name.into(), state });
            }
        }
        Ok(windows)
    }

    /// By which start or click it was brought to the front last, where that was told.
    ///
    /// # Errors
    /// When the window is gone.
    pub fn startup_id(&self, window: &Window) -> Result<Option<String>> {
        let told = self.0.answer("xprop", &["-id", &window.id, "_NET_STARTUP_ID"])?;
        Ok(told.split('"').nth(1).map(str::to_owned))
    }

    /// `wmctrl` fails when a window goes while it lists; the next time it is gone from the list.
    fn listing(&self) -> Result<String> {
        let mut listing = self.0.answer("wmctrl", &["-l"]);
        for _ in 0..10 {
            match &listing {
                Err(error) if GONE.iter().any(|gone| error.to_string().contains(gone)) => {
                    listing = self.0.answer("wmctrl", &["-l"]);
                }
                _ => break,
            }
        }
        listing
    }

    /// Waits for one window with `title` in that state.
    ///
    /// # Errors
    /// When there is none within [`crate::patience::PATIENCE`].
    pub async fn wait_for(&self, title: &str, state: WindowState) -> Result<Window> {
        let what = format!("a window titled {title:?} that is {state:?}");
        until(&what, async || Ok(self.titled(title)?.into_iter().find(|w| w.state == state)))
            .await
            .with_context(|| format!("windows: {:?}", self.titled("")))
    }

    /// Waits until no window with `title` is left.
    ///
    /// # Errors
    /// When there still is one after [`crate::patience::PATIENCE`].
    pub async fn wait_for_none(&self, title: &str) -> Result<()> {
        let what = format!("no window titled {title:?}");
        until(&what, async || Ok(self.titled(title)?.is_empty().then_some(()))).await
    }

    /// Where the window is, in pixels: left and top edge, width and height, without its frame.
    ///
    /// # Errors
    /// When it is gone.
    pub fn geometry(&self, window: &Window) -> Result<[i32; 4]> {
        let told = self.0.answer("xwininfo", &["-id", &window.id])?;
        let field = |name: &str| -> Result<i32> {
            let line = told.lines().find_map(|line| line.trim().strip_prefix(name));
            Ok(line.with_context(|| format!("no {name} in {told}"))?.trim().parse()?)
        };
        Ok([
            field("Absolute upper-left X:")?,
            field("Absolute upper-left Y:")?,
            field("Width:")?,
            field("Height:")?,
        ])
    }

    /// Moves and resizes the window, as somebody does who drags it.
    ///
    /// # Errors
    /// When the window manager refuses.
    pub fn put(&self, window: &Window, [x, y, width, height]: [i32; 4]) -> Result<()> {
        let place = format!("0,{x},{y},{width},{height}");
        self.0.answer("wmctrl", &["-i", "-r", &window.id, "-e", &place]).map(drop)
    }

    /// Maximises the window, or takes that back.
    ///
    /// # Errors
    /// When the window manager refuses.
    pub fn toggle_maximised(&self, window: &Window) -> Result<()> {
        let toggle = "toggle,maximized_vert,maximized_horz";
        self.0.answer("wmctrl", &["-i", "-r", &window.id, "-b", toggle]).map(drop)
    }

    /// Asks for the window to be closed, as its close button does.
    ///
    /// # Errors
    /// When the window manager refuses.
    pub fn close(&self, window: &Window) -> Result<()> {
        self.0.answer("wmctrl", &["-i", "-c", &window.id]).map(drop)
    }
}
