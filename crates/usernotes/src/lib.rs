//! `UNUserNotificationCenter` behind safe functions: notifications with buttons that are replaced in place, closed, and
//! tell what was clicked, also when the click is what starts the program.
//!
//! What a notification says and what its buttons mean is the caller's. Everywhere but on macOS this is empty.

#[cfg(target_os = "macos")]
mod center;

#[cfg(target_os = "macos")]
pub use center::{Button, Category, Center, Clicked, Note};

/// What the system calls a click on the notification itself, as the identifier of an action.
pub const DEFAULT_ACTION: &str = "com.apple.UNNotificationDefaultActionIdentifier";
