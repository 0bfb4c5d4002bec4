//! Ways to reach somebody who is not at the screen: a webhook, an ntfy topic, and a ping whose absence tells.
//!
//! [`Caller`] makes single HTTP requests; [`Webhook`], [`Ntfy`] and [`DeadMan`] say what is in them. A gateway decides by
//! itself whom to call and when; an app has a [`Desk`] for that, which keeps on disk what is to be delivered and tries
//! until it is, or until somebody has looked.

mod book;
mod call;
mod clock;
mod config;
mod dead_man;
mod desk;
mod entry;
mod journal;
mod ntfy;
mod page;
mod pause;
mod secret;
mod settings;
mod signature;
mod webhook;

pub use book::{Book, Key, Outcome, Step};
pub use call::{Authorities, AuthorityError, CallError, Caller, Request, TIMEOUT};
pub use clock::Clock;
pub use config::{ChannelsEntry, SoundConfig};
pub use dead_man::DeadMan;
pub use desk::{Desk, DeskError, Report};
pub use entry::{DeadManEntry, EntryError, NtfyEntry, Reading, WebhookEntry};
pub use journal::{Journal, Record};
pub use ntfy::{Ntfy, Push, PushUrgency};
pub use page::{Event, Kind, Page, UnknownKind};
pub use pause::Attempts;
pub use secret::{NoSecrets, Secret, SecretError, SecretStore};
pub use settings::{ChannelError, NtfySettings, Settings, WebhookSettings};
pub use signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER, sign};
pub use webhook::{DELIVERY_HEADER, Webhook};
