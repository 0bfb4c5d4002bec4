//! The application core: feed → validate → last values → alerts → store → shell. Knows no Tauri.
//!
//! [`start`] spawns one task that owns everything; a [`MonitorHandle`] sends it commands, and it speaks to the
//! outside through a [`Shell`]. A notification is stored before it is shown.
//!
//! [`Streams`] are for whoever wants one vault, one market, the alerts or the platform's health alone.

mod board;
mod center;
pub mod check;
mod clock;
pub mod config;
mod core;
mod detail;
mod diagnostics;
pub mod encryption;
mod feed;
mod feed_token;
mod handle;
mod history;
pub mod kept;
mod keys;
mod notice;
mod options;
mod origins;
pub mod past;
mod place;
pub mod rules;
mod said;
mod say;
mod scripts;
mod secrets;
pub mod settings;
mod shell;
mod standing;
mod statistics;
mod status;
mod streams;
mod system;
pub mod together;
mod topics;
mod tray;
mod window;

pub use clock::{Clock, SystemClock};
pub use diagnostics::Diagnostics;
pub use feed_token::FeedToken;
pub use handle::{MonitorHandle, StartError, start};
pub use notice::Notice;
pub use options::Options;
pub use plugins::PluginStatus;
pub use said::Said;
pub use secrets::ChannelSecrets;
pub use shell::{
    Alarm, AlertState, CallOut, CallOutKind, Observed, OsNotification, Shell, TickSink, Urgency,
    Veiled,
};
pub use standing::Standing;
pub use statistics::Statistics;
pub use streams::Streams;
pub use topics::topics_of;
pub use tray::{Attention, TrayAlert, TrayIcon, TrayProfile, TrayView};
