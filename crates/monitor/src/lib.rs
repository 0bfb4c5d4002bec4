//! The application core: feed → validate → last values → alerts → store → shell. Knows no Tauri.
//!
//! [`start`] spawns one task that owns everything; a [`MonitorHandle`] sends it commands, and it speaks to the
//! outside through a [`Shell`]. A notification is stored before it is shown.

mod board;
mod center;
mod clock;
pub mod config;
mod core;
mod detail;
mod diagnostics;
pub mod encryption;
mod feed;
mod handle;
mod notice;
mod options;
mod place;
mod scripts;
mod shell;
mod statistics;
mod tray;
mod window;

pub use clock::{Clock, SystemClock};
pub use diagnostics::Diagnostics;
pub use handle::{MonitorHandle, StartError, start};
pub use notice::Notice;
pub use options::Options;
pub use shell::{AlertState, Observed, OsNotification, Shell, TickSink, Urgency};
pub use statistics::Statistics;
pub use tray::{TrayIcon, TrayView};
