use domain::UnixMillis;
use domain::view::ConnectionEvent;
use realtime::wire::control::ServerState;
use realtime::{ConnectionState, Event, Handle, StateChange};

/// What happened to the connection last, the newest first, with tokens taken out wherever they stand.
pub(crate) fn events(connection: &Handle) -> Vec<ConnectionEvent> {
    let diagnostics = connection.diagnostics();
    let told = diagnostics.events.iter().rev().map(told);
    told.map(|event| ConnectionEvent { text: diagnostics.redacted(event.text), ..event }).collect()
}

fn told(event: &Event) -> ConnectionEvent {
    let good = |at: &UnixMillis, kind: &str, text: String| line(Some(*at), kind, text, false);
    let bad = |at: &UnixMillis, kind: &str, text: String| line(Some(*at), kind, text, true);
    match event {
        Event::State(change) => state(change),
        Event::Invalid { at, invalid, suppressed } => {
            let more = match suppressed {
                0 => String::new(),
                more => format!(", and {more} more of the kind since the last one told"),
            };
            bad(at, "invalid", format!("{invalid}{more}"))
        }
        Event::Expired { at, count, first_type } => bad(
            at,
            "expired",
            format!("{count} messages waited too long to be sent, the first a `{first_type}`"),
        ),
        Event::MaxReconnectAttemptsReached { at, attempts } => {
            bad(at, "gave up", format!("after {attempts} attempts"))
        }
        Event::Woke { at, slept } => {
            good(at, "woke", format!("this machine slept for {} s", slept.as_secs()))
        }
        Event::Gap { at, from, to, recovered: true } => {
            good(at, "gap", format!("messages after {from} up to {to} came late, but all of them"))
        }
        Event::Gap { at, from, to, recovered: false } => {
            bad(at, "gap", format!("messages after {from} up to {to} did not come"))
        }
        Event::Snapshot { at, offset, keys, lost_events } => {
            let text = format!("{keys} states as of {offset}");
            match lost_events {
                Some(0) => good(at, "snapshot", text),
                Some(lost) => bad(at, "snapshot", format!("{text}; {lost} events are lost")),
                None => {
                    bad(at, "snapshot", format!("{text}; how many events are lost nobody knows"))
                }
            }
        }
        Event::ProtocolFault { at, fault } => bad(at, "protocol", fault.to_string()),
        Event::ServerStatus { at, status } => {
            let reason = status.reason.clone().unwrap_or_default();
            match status.state {
                ServerState::Ok => good(at, "server", format!("is well again {reason}")),
                ServerState::Degraded => bad(at, "server", format!("has trouble: {reason}")),
            }
        }
        Event::ServerError { at, error } => {
            bad(at, "server", format!("{} ({})", error.message, error.code))
        }
        Event::Goodbye { at, goodbye } => {
            good(at, "goodbye", format!("the server closes: {}", goodbye.reason))
        }
        Event::Parked { at, id, ty, code, message } => {
            bad(at, "refused", format!("`{ty}` {id}: {message} ({code})"))
        }
        Event::Persistence { at, doing, reason } => {
            bad(at, "disk", format!("while {doing}: {reason}"))
        }
        Event::SlowConsumer { at, conflated } => {
            bad(at, "slow", format!("{conflated} states gave way to newer ones, unread"))
        }
        Event::TokenFailed { at, reason } => bad(at, "token", reason.clone()),
        Event::Missed { count } => {
            line(None, "missed", format!("{count} events went by untold"), true)
        }
        other => line(None, "event", format!("{other:?}"), false),
    }
}

fn line(at: Option<UnixMillis>, kind: &str, text: String, trouble: bool) -> ConnectionEvent {
    ConnectionEvent { at, kind: kind.to_owned(), text: text.trim_end().to_owned(), trouble }
}

fn state(change: &StateChange) -> ConnectionEvent {
    let StateChange { at, previous, current, cause, endpoint, attempt, delay } = change;
    let mut text = format!("{} → {}", previous.name(), current.name());
    if current.is_connecting() || current.is_connected() {
        text.push_str(&format!(", {endpoint}"));
    }
    if *attempt > 1 {
        text.push_str(&format!(", attempt {attempt}"));
    }
    if let Some(cause) = cause {
        text.push_str(&format!(": {cause}"));
    }
    if let Some(delay) = delay {
        text.push_str(&format!("; again in {:.1} s", delay.as_secs_f64()));
    }
    let trouble = matches!(
        current,
        ConnectionState::Backoff { .. }
            | ConnectionState::Suspended { .. }
            | ConnectionState::Failed { .. }
            | ConnectionState::Offline
    );
    line(Some(*at), "state", text, trouble)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use realtime::{Cause, Options};

    use super::*;

    const AT: UnixMillis = UnixMillis(5);

    fn change(current: ConnectionState, cause: Option<Cause>) -> Event {
        let endpoint = Options::new("wss://feed.example/ws?key=hush").validate().unwrap();
        Event::State(StateChange {
            at: AT,
            previous: ConnectionState::Connecting { attempt: 2 },
            current,
            delay: cause.as_ref().map(|_| Duration::from_millis(1_500)),
            cause,
            endpoint: endpoint.endpoints()[0].clone(),
            attempt: 2,
        })
    }

    #[test]
    fn a_change_of_state_says_what_led_to_it() {
        let up = told(&change(ConnectionState::Connected { resumed: false }, None));
        assert_eq!(up.text, "connecting → connected, wss://feed.example/ws, attempt 2");
        assert_eq!((up.at, up.trouble), (Some(AT), false));
        let cause = Cause::Lost { reason: "reset by peer".to_owned() };
        let (attempt, retry_at) = (2, UnixMillis(1_505));
        let backoff = ConnectionState::Backoff { attempt, retry_at, cause: cause.clone() };
        let down = told(&change(backoff, Some(cause)));
        assert_eq!(
            down.text,
            "connecting → backoff, attempt 2: the connection was lost: reset by peer; again in 1.5 s"
        );
        assert!(down.trouble);
    }

    #[test]
    fn what_is_lost_is_trouble_and_what_came_late_is_not() {
        let gap = |recovered| told(&Event::Gap { at: AT, from: 1, to: 4, recovered });
        assert!(gap(false).trouble && !gap(true).trouble);
        let snapshot =
            |lost_events| told(&Event::Snapshot { at: AT, offset: 9, keys: 2, lost_events });
        assert!(!snapshot(Some(0)).trouble && snapshot(Some(1)).trouble && snapshot(None).trouble);
        assert_eq!(told(&Event::Missed { count: 3 }).at, None);
    }
}
