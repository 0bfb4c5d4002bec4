use domain::view::Target;
use domain::{Language, Level};
use realtime::Event;

use crate::Said;
use crate::say::{connection as say, plugins as of_plugin};

/// Something a person should be told once: it is no condition that is watched. It is stored in the language in which the
/// person was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Critical ones go to the operating system, too.
    pub severity: Level,
    pub said: Said,
    /// Where more is to be seen.
    pub target: Target,
}

impl Notice {
    /// About the program itself: what happened, what it does about it, what the person can do. `words` says it in each
    /// language, as title and message.
    #[must_use]
    pub fn system<T: Into<String>, M: Into<String>>(
        severity: Level,
        words: impl Fn(Language) -> (T, M),
    ) -> Self {
        Self { severity, said: Said::new(words), target: Target::System }
    }

    /// What an event of the connection means to a person; most mean nothing.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        Some(match event {
            Event::Snapshot { lost_events: Some(lost @ 1..), .. } => {
                let lost = usize::try_from(*lost).unwrap_or(usize::MAX);
                Self::system(Level::High, |language| {
                    (say::missed_by_platform(language, lost), say::missed_by_platform_how(language))
                })
            }
            Event::Snapshot { lost_events: None, .. } => Self::system(Level::Medium, |language| {
                (say::maybe_missed(language), say::maybe_missed_how(language))
            }),
            Event::Parked { ty, code, message, .. } => Self::system(Level::Medium, |language| {
                (say::refused(language), say::refused_how(language, ty, message, code))
            }),
            Event::Persistence { doing, reason, .. } => Self::system(Level::High, |language| {
                (say::disk(language), say::disk_how(language, doing, reason))
            }),
            Event::TokenFailed { reason, .. } => Self::system(Level::High, |language| {
                (say::token(language), say::token_how(language, reason))
            }),
            _ => return None,
        })
    }

    /// What became of a plugin, where somebody should know: nobody should believe in a watch that does not run.
    pub(crate) fn of_plugin(change: &plugins::Change) -> Option<Self> {
        use of_plugin as say;
        use plugins::Change;
        let words = |language| {
            Some(match change {
                Change::Broken { plugin, error, kept } => {
                    let reason = error.to_string();
                    let message = match kept {
                        true => say::broken_kept(language, &reason),
                        false => say::broken_gone(language, &reason),
                    };
                    (say::broken(language, plugin), message)
                }
                Change::Paused { plugin, error, .. } => {
                    let message = say::paused_how(language, &error.to_string());
                    (say::paused(language, plugin), message)
                }
                Change::TooMany { files, limit } => {
                    let (files, limit) = (files.to_string(), limit.to_string());
                    let message = say::too_many_how(language, &files, &limit);
                    (say::too_many(language).to_owned(), message)
                }
                Change::Unreadable { reason } => {
                    let message = say::unreadable_how(language, reason);
                    (say::unreadable(language).to_owned(), message)
                }
                Change::Loaded { .. } | Change::Removed { .. } => return None,
            })
        };
        words(Language::English)?;
        Some(Self::system(Level::Medium, |language| words(language).unwrap_or_default()))
    }
}

impl From<plugins::Notification> for Notice {
    fn from(notification: plugins::Notification) -> Self {
        let plugins::Notification { severity, title, message, plugin, .. } = notification;
        // Whose word it is must be seen: it is no finding of the watch itself.
        let said =
            Said::new(|language| (title.clone(), of_plugin::says(language, &message, &plugin)));
        Self { severity, said, target: Target::Alerts }
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
                let (title, message) = notice.said.clone().into_words(Language::English);
                let text = format!("{title}. {message}");
                assert!(text.contains(words), "{name}: {text}");
                let german = notice.said.title(Language::German);
                assert!(!german.is_empty() && german != title, "{name}: {german}");
                assert_eq!(notice.target, Target::System);
            }
        }
    }

    #[test]
    fn a_german_is_told_in_german_and_what_others_say_stays_theirs() {
        let said = |event: &Event| Notice::of(event).unwrap().said.into_words(Language::German);
        assert_eq!(said(&snapshot(Some(1))).0, "1 Nachricht der Plattform ging verloren");
        let parked = Event::Parked {
            at: AT,
            id: "m-1".into(),
            ty: "alert_state".into(),
            code: "forbidden".into(),
            message: "not yours".into(),
        };
        let (title, message) = said(&parked);
        assert_eq!(title, "Eine Nachricht wurde abgelehnt");
        assert_eq!(
            message,
            "alert_state: not yours (forbidden). Siehe `vaultwatchctl outbox list`."
        );
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
