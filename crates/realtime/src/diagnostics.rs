use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::{Event, Metrics, Secret, StageMetrics};

/// Everything worth seeing of a connection: how it is, what it counted, and what happened last.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnostics {
    /// The figures so far.
    pub metrics: Metrics,
    /// What the stages did, the one next to the socket first.
    pub stages: Vec<StageMetrics>,
    /// The oldest first, at most [`Diagnostics::EVENTS`].
    pub events: Vec<Event>,
    #[serde(skip)]
    secrets: Vec<Secret>,
}

impl Diagnostics {
    /// How many events are kept.
    pub const EVENTS: usize = 500;

    pub(crate) fn new(metrics: Metrics, stages: Vec<StageMetrics>, ring: &EventRing) -> Self {
        let ring = ring.lock();
        Self {
            metrics,
            stages,
            events: ring.events.iter().cloned().collect(),
            secrets: ring.secrets.iter().cloned().collect(),
        }
    }

    /// As JSON, for a person or a report. A server may repeat in an error what it was sent: tokens are taken out
    /// wherever they stand.
    #[must_use]
    pub fn to_json(&self) -> String {
        let json = serde_json::to_string(self).expect("diagnostics have string keys only");
        without(json, &self.secrets)
    }

    /// A text about an event, with tokens taken out of it, too.
    #[must_use]
    pub fn redacted(&self, mut text: String) -> String {
        for secret in self.secrets.iter().map(Secret::expose).filter(|text| !text.is_empty()) {
            if text.contains(secret) {
                text = text.replace(secret, "***");
            }
        }
        text
    }

    /// The events alone, for whoever is not to see what came in: as [`to_json`](Self::to_json) writes them, but without
    /// the [samples](wire::Invalid::sample) of invalid messages.
    #[must_use]
    pub fn events_json(&self) -> String {
        let mut events = self.events.clone();
        for event in &mut events {
            if let Event::Invalid { invalid, .. } = event {
                invalid.sample.clear();
            }
        }
        let json = serde_json::to_string(&events).expect("events have string keys only");
        without(json, &self.secrets)
    }
}

/// JSON with tokens taken out.
fn without<'a>(mut json: String, secrets: impl IntoIterator<Item = &'a Secret>) -> String {
    for secret in secrets {
        let text = serde_json::to_string(secret.expose()).expect("a text is JSON");
        let text = text.trim_matches('"');
        if !text.is_empty() {
            json = json.replace(text, "***");
        }
    }
    json
}

/// The last events, and the tokens that must not be seen in them.
#[derive(Debug, Default)]
pub(crate) struct EventRing(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    events: VecDeque<Event>,
    secrets: VecDeque<Secret>,
}

/// A token may be repeated after it was renewed.
const SECRETS: usize = 8;

impl EventRing {
    pub(crate) fn push(&self, event: Event) {
        let kept = &mut *self.lock();
        if kept.events.len() == Diagnostics::EVENTS {
            kept.events.pop_front();
        }
        kept.events.push_back(event);
    }

    pub(crate) fn hide(&self, secret: &Secret) {
        let kept = &mut *self.lock();
        if kept.secrets.contains(secret) {
            return;
        }
        if kept.secrets.len() == SECRETS {
            kept.secrets.pop_front();
        }
        kept.secrets.push_back(secret.clone());
    }

    pub(crate) fn event_json(&self, event: &Event) -> String {
        let json = serde_json::to_string(event).expect("an event has string keys only");
        without(json, &self.lock().secrets)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Whoever panicked with the lock held left at most one event out.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics() -> Metrics {
        let now = crate::machine::Monotonic::default();
        let (state, queue) = (crate::ConnectionState::Idle, crate::QueueDepth::default());
        crate::metrics::Counters::default().snapshot(state, queue, (0, 0), now)
    }

    fn counts(ring: &EventRing) -> Vec<u64> {
        let count = |event: &Event| match event {
            Event::Missed { count } => *count,
            other => panic!("{other:?}"),
        };
        ring.lock().events.iter().map(count).collect()
    }

    #[test]
    fn the_last_500_events_are_kept_and_the_oldest_goes() {
        let ring = EventRing::default();
        for count in 0..500 {
            ring.push(Event::Missed { count });
        }
        assert_eq!(counts(&ring), (0..500).collect::<Vec<_>>());
        ring.push(Event::Missed { count: 500 });
        assert_eq!(counts(&ring), (1..=500).collect::<Vec<_>>());
        for count in 501..2_000 {
            ring.push(Event::Missed { count });
        }
        assert_eq!(counts(&ring), (1_500..2_000).collect::<Vec<_>>());
    }

    #[test]
    fn what_came_in_is_for_the_person_alone() {
        let ring = EventRing::default();
        let invalid = wire::Invalid {
            kind: wire::InvalidKind::NotJson,
            field: None,
            reason: "no JSON".into(),
            sample: "76.54321".to_owned(),
        };
        ring.push(Event::Invalid { at: wire::UnixMillis(0), invalid, suppressed: 0 });
        let diagnostics = Diagnostics::new(metrics(), Vec::new(), &ring);
        assert!(diagnostics.to_json().contains("76.54321"));
        let told = diagnostics.events_json();
        assert!(told.contains("no JSON") && !told.contains("76.54321"), "{told}");
    }

    #[test]
    fn the_last_tokens_are_hidden_wherever_they_stand() {
        let ring = EventRing::default();
        for n in 0..=SECRETS {
            ring.hide(&Secret::new(format!("hush-{n}")));
        }
        let reason =
            |text: &str| Event::TokenFailed { at: wire::UnixMillis(0), reason: text.into() };
        let told = ring.event_json(&reason("not hush-8, nor hush-1"));
        assert!(told.contains("not ***, nor ***"), "{told}");
        let diagnostics = Diagnostics::new(metrics(), Vec::new(), &ring);
        assert_eq!(diagnostics.redacted("hush-8 or hush".to_owned()), "*** or hush");
        assert!(
            ring.event_json(&reason("hush-0")).contains("hush-0"),
            "so long ago that it is over"
        );
    }
}
