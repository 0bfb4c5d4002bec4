use domain::Level;
use domain::view::Target;
use realtime::Event;

/// Something a person should be told once: it is no condition that is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Critical ones go to the operating system, too.
    pub severity: Level,
    pub title: String,
    pub message: String,
    /// Where more is to be seen.
    pub target: Target,
}

impl Notice {
    /// About the program itself: what happened, what it does about it, what the person can do.
    #[must_use]
    pub fn system(severity: Level, title: impl Into<String>, message: impl Into<String>) -> Self {
        Self { severity, title: title.into(), message: message.into(), target: Target::System }
    }

    /// What an event of the connection means to a person; most mean nothing.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        match event {
            Event::Snapshot { lost_events: Some(lost @ 1..), .. } => Some(Self::system(
                Level::High,
                format!("{lost} platform messages were missed"),
                "The server keeps them only for a while, and the connection was away for longer. The vaults are up \
                 to date; alerts the platform sent in between are not among these.",
            )),
            Event::Snapshot { lost_events: None, .. } => Some(Self::system(
                Level::Medium,
                "Platform messages may have been missed",
                "The server cannot tell: it keeps them only for a while, or was started anew. The vaults are up to date.",
            )),
            Event::Parked { ty, code, message, .. } => Some(Self::system(
                Level::Medium,
                "A message was refused",
                format!("{ty}: {message} ({code}). See `vaultwatchctl outbox list`."),
            )),
            Event::Persistence { doing, reason, .. } => Some(Self::system(
                Level::High,
                "The disk does not do its part",
                format!(
                    "While {doing}: {reason}. Watching goes on; look for free space and permissions."
                ),
            )),
            Event::TokenFailed { reason, .. } => Some(Self::system(
                Level::High,
                "The access token could not be renewed",
                format!("{reason}. When the old one expires the connection is lost."),
            )),
            _ => None,
        }
    }

    /// What became of a plugin, where somebody should know: nobody should believe in a watch that does not run.
    pub(crate) fn of_plugin(change: &plugins::Change) -> Option<Self> {
        use plugins::Change;
        let (title, message) = match change {
            Change::Broken { plugin, error, kept } => (
                format!("The plugin {plugin} does not load"),
                format!(
                    "{error}. {}",
                    if *kept { "Its last good version runs on." } else { "It does not run." }
                ),
            ),
            Change::Paused { plugin, error, .. } => (
                format!("The plugin {plugin} is paused"),
                format!("It failed too often: {error}. It is tried again in a minute."),
            ),
            Change::TooMany { files, limit } => (
                "Too many plugins".to_owned(),
                format!("There are {files} files; the first {limit} run."),
            ),
            Change::Unreadable { reason } => (
                "The plugins cannot be read".to_owned(),
                format!("{reason}. What was loaded runs on."),
            ),
            Change::Loaded { .. } | Change::Removed { .. } => return None,
        };
        Some(Self::system(Level::Medium, title, message))
    }
}

impl From<plugins::Notification> for Notice {
    fn from(notification: plugins::Notification) -> Self {
        Self {
            severity: notification.severity,
            title: notification.title,
            // Whose word it is must be seen: it is no finding of the watch itself.
            message: format!("{} (plugin {})", notification.message, notification.plugin),
            target: Target::Alerts,
        }
    }
}
