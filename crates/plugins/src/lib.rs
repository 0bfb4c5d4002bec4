//! Plugins: `*.rhai` files that a user puts into a folder, with hooks that VaultWatch calls.
//!
//! | hook | called | may |
//! |---|---|---|
//! | `on_message(msg)` | for each message that came in | return a changed message, `drop()` it |
//! | `on_alert(alert)` | after the alert engine raised, worsened or resolved one | look |
//! | `on_state(state)` | when the connection's state changed | look |
//!
//! Each of them may `emit(type, data)` a custom message and `notify(severity, title, message)` a person. A plugin has
//! no files, no network, no clock and no other plugin; what it may use is bounded by [`Limits`], operations first,
//! because they are the same on every machine. Whatever goes wrong ends that call and nothing else: the message goes
//! on as it came, and [`Plugins::status`] shows what happened. What a plugin may never hide is [`Protection`]'s to say.
//!
//! [`Plugin`] is one script and knows no folder and no clock; [`Plugins`] are those of a folder, read again when they
//! change, and a stage ([`realtime::Middleware`]) of a connection.

mod acts;
mod error;
mod folder;
mod json;
mod limits;
mod memory;
mod output;
mod plugin;
mod plugins;
mod protection;
mod script;
mod status;
mod view;

pub use error::{ErrorKind, PluginError};
pub use folder::{FILE_LIMIT, SIZE_LIMIT};
pub use limits::Limits;
pub use output::{Change, Notification, Output, Outputs};
pub use plugin::{Outcome, Plugin, Refusal, Report};
pub use plugins::{PluginOptions, Plugins};
pub use protection::{Protection, VaultProtection};
pub use script::Hook;
pub use status::{PluginStatus, Refusals};
pub use view::{AlertStage, AlertView, StateView};
