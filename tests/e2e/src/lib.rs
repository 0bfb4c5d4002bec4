//! A private desktop for the real binaries: display, session bus, window manager, tray, notification service, feeds.
//!
//! Nothing here pretends to be the app. The tests in `tests/` start what users start, and look at it from outside:
//! through the bus, the window manager, WebDriver, the process list and the socket.
//!
//! Each piece is started by the test that needs it on a [`Desktop`], and everything ends with the `Desktop`. The logs
//! of all processes are printed at that moment; the test runner shows them for a failed test only.

pub mod app;
pub mod browser;
pub mod clean_root;
pub mod ctl;
pub mod desktop;
pub mod dunst;
pub mod feed;
pub mod fixtures;
pub mod keyring;
pub mod likeness;
pub mod node;
pub mod notifications;
pub mod packages;
pub mod page;
pub mod panel;
pub mod patience;
pub mod pixels;
pub mod processes;
pub mod python_feed;
pub mod receiver;
pub mod record;
pub mod rpm;
pub mod screen;
pub mod screenshots;
pub mod site;
pub mod sway;
pub mod terminal;
pub mod tray;
pub mod webdriver;
pub mod windows;

pub use app::{App, Launch};
pub use browser::Browser;
pub use desktop::Desktop;
pub use page::Page;
