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

#[cfg(test)]
mod tests {
    use realtime::wire::control::{ErrorReport, Goodbye, ServerState, ServerStatus};
    use realtime::wire::{Invalid, InvalidKind, UnixMillis};
    use realtime::{ConnectionState, Endpoint, Options, ProtocolFault, StateChange};

    use super::*;

    const AT: UnixMillis = UnixMillis(1_763_800_000_000);

    fn endpoint() -> Endpoint {
        Options::new("wss://feed.example/ws").validate().unwrap().endpoints()[0].clone()
    }

    fn snapshot(lost_events: Option<u64>) -> Event {
        Event::Snapshot { at: AT, offset: 9, keys: 2, lost_events }
    }

    /// How urgent what a person is told is, and a word of it; `None`: nothing is told.
    type Told = Option<(Level, &'static str)>;

    /// Every event there is, by the name under which `watch` prints it, and what a person is told of it: how urgent it is,
    /// and a word of it.
    fn all() -> Vec<(&'static str, Event, Told)> {
        let status = |state| {
            let status = ServerStatus { state, reason: Some("the database".into()) };
            Event::ServerStatus { at: AT, status }
        };
        let state = StateChange {
            at: AT,
            previous: ConnectionState::Idle,
            current: ConnectionState::Connecting { attempt: 1 },
            cause: None,
            endpoint: endpoint(),
            attempt: 1,
            delay: None,
        };
        let error = ErrorReport {
            code: "rate_limited".into(),
            message: "too many".into(),
            retry_after_ms: None,
        };
        let goodbye = Goodbye { reason: "restart".into(), retry_after_ms: Some(1) };
        let second = std::time::Duration::from_secs(1);
        let invalid = Invalid::new(InvalidKind::NotJson, "oops", b"{");
        let doing = "noting the position";
        vec![
            // The feed's own state and its alert tell of these.
            ("state", Event::State(state), None),
            (
                "max_reconnect_attempts_reached",
                Event::MaxReconnectAttemptsReached { at: AT, attempts: 3 },
                None,
            ),
            // Counted in the feed's view.
            ("invalid", Event::Invalid { at: AT, invalid, suppressed: 0 }, None),
            // Told when it is known to be lost: `core::missed`.
            ("gap", Event::Gap { at: AT, from: 1, to: 2, recovered: false }, None),
            ("snapshot", snapshot(Some(0)), None),
            ("snapshot", snapshot(Some(7)), Some((Level::High, "7 platform messages"))),
            ("snapshot", snapshot(None), Some((Level::Medium, "may have been missed"))),
            (
                "parked",
                Event::Parked {
                    at: AT,
                    id: "m-1".into(),
                    ty: "alert_state".into(),
                    code: "forbidden".into(),
                    message: "not yours".into(),
                },
                Some((Level::Medium, "alert_state: not yours (forbidden)")),
            ),
            (
                "persistence",
                Event::Persistence { at: AT, doing, reason: "full".into() },
                Some((Level::High, "noting the position: full")),
            ),
            (
                "token_failed",
                Event::TokenFailed { at: AT, reason: "no answer".into() },
                Some((Level::High, "no answer")),
            ),
            // For the diagnostics.
            ("expired", Event::Expired { at: AT, count: 1, first_type: "note".into() }, None),
            ("woke", Event::Woke { at: AT, slept: second }, None),
            (
                "protocol_fault",
                Event::ProtocolFault { at: AT, fault: ProtocolFault::WelcomeTwice },
                None,
            ),
            ("server_status", status(ServerState::Degraded), None),
            ("server_status", status(ServerState::Ok), None),
            ("server_error", Event::ServerError { at: AT, error }, None),
            ("goodbye", Event::Goodbye { at: AT, goodbye }, None),
            ("slow_consumer", Event::SlowConsumer { at: AT, conflated: 5 }, None),
            ("missed", Event::Missed { count: 5 }, None),
        ]
    }

    #[test]
    fn what_each_event_of_the_connection_means_to_a_person() {
        for (name, event, expected) in all() {
            assert_eq!(serde_json::to_value(&event).unwrap()["event"], name);
            let told = Notice::of(&event);
            let severity = told.as_ref().map(|notice| notice.severity);
            assert_eq!(severity, expected.map(|(severity, _)| severity), "{name}: {told:?}");
            if let (Some((_, words)), Some(notice)) = (expected, told) {
                let text = format!("{}. {}", notice.title, notice.message);
                assert!(text.contains(words), "{name}: {text}");
                assert_eq!(notice.target, Target::System);
            }
        }
    }

    /// By the page that names all of them: a new event does not come without somebody saying what it means.
    #[test]
    fn no_event_is_left_out() {
        let page = include_str!("../../../docs/events.md");
        let (_, table) = page.split_once("\n## `vaultwatchctl watch --json`\n").unwrap();
        let known: Vec<_> = all().into_iter().map(|(name, ..)| name).collect();
        // What `watch` makes of them itself, or has from elsewhere.
        let others =
            ["failed", "vault", "market", "status", "alert", "custom", "stats", "summary", "event"];
        let rows = table.split("\n## ").next().unwrap().lines();
        let cells = rows.filter_map(|row| row.strip_prefix("| ")?.split_once(" |"));
        let named: Vec<_> = cells
            .flat_map(|(cell, _)| cell.split(", ").map(|name| name.trim_matches('`')))
            .collect();
        assert!(named.len() > 20, "{named:?}");
        for name in &named {
            assert!(known.contains(name) || others.contains(name), "{name}");
        }
        for name in known {
            assert!(named.contains(&name), "docs/events.md does not name {name}");
        }
    }
}
