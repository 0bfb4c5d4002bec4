//! Profiles under watch, side by side. Each [`Watch`] has its own feed, store, history, outbox, call-outs, rules and
//! notifications; the tray icon, the alarm and the window are one for all, and see them through [`Watches`]. The
//! [`Keeper`] alone starts and ends them, as the settings' file and the window's settings want it.

mod edits;
mod keeper;
mod lineup;
mod one;
mod watches;

pub(crate) use keeper::{Edit, Keeper, watched};
pub(crate) use lineup::Sight;
pub(crate) use one::Watch;
pub(crate) use watches::Watches;
