//! A machine as the system bus tells of it: a logind and a NetworkManager that say what a test wants, on a bus of its own.
//!
//! Programs find it by `DBUS_SYSTEM_BUS_ADDRESS`. All of it panics where it cannot do its part.

mod logind;
mod network_manager;

pub use self::logind::{Knows, Logind};
pub use self::network_manager::NetworkManager;
pub use crate::bus::Bus;

/// The variable by which programs find the bus.
pub const VARIABLE: &str = "DBUS_SYSTEM_BUS_ADDRESS";
