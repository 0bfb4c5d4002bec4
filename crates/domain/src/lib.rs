//! Vaults, markets, alerts and platform status; the units they are measured in; the risk formulas; and the
//! [`view`] types that cross the bridge to the window.
//!
//! Does no I/O, reads no clock, compiles to wasm: backend and window share every figure's meaning.

pub mod alert_state;
pub mod amount;
pub mod csv;
pub mod cure;
pub mod explorer;
pub mod fuzzy;
pub mod kind;
mod language;
pub mod level;
pub mod market;
pub mod moment;
pub mod patch;
pub mod payload;
pub mod platform_alert;
mod quick;
pub mod rules;
pub mod sample;
pub mod solvency;
pub mod status;
pub mod text;
pub mod tokens;
pub mod units;
pub mod vault;
pub mod view;
pub mod what_if;

pub use amount::Amount;
pub use kind::Kind;
pub use language::Language;
pub use level::Level;
pub use level::{Measure, Yardstick};
pub use sample::{Figure, Sample};
pub use units::{ChainId, HealthFactor, Percent, Usd, VaultId};
pub use vault::Vault;
pub use wire::UnixMillis;
