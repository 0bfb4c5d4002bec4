//! What the machine and the login session tell a program: that the machine sleeps and wakes, that there is a network,
//! that the screen is locked.
//!
//! One task asks whoever knows; what it finds comes out as typed [`Event`]s, each change once. It only listens: nothing
//! is inhibited, started or held up by it, and whoever is not there, or goes, is missed by nobody.
//!
//! | | Linux | elsewhere |
//! |---|---|---|
//! | sleep | logind | – |
//! | network | NetworkManager and the kernel's routes | another way out, looked for every 2 s |
//! | screen lock | logind | – |
//!
//! ```no_run
//! # async fn example() {
//! let mut events = session::watch(session::Options::default());
//! while let Some(event) = events.next().await {
//!     println!("{event:?}");
//! }
//! # }
//! ```

mod event;
#[cfg(target_os = "linux")]
mod linux;
mod options;
#[cfg(any(not(target_os = "linux"), test))]
mod portable;
mod telling;
mod watch;

pub use event::{Event, Network, Screen};
pub use options::{Options, Trust, UnknownTrust};
pub use watch::{Events, watch};
