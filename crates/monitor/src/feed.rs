//! The connection as people need to know it, made from the client's own states.

use std::collections::VecDeque;
use std::time::Duration;

use domain::UnixMillis;
use domain::view::{FeedState, FeedView, InvalidReport, Mode};
use realtime::{ConnectionState, Metrics};
use wire::{Invalid, InvalidKind};

use crate::Statistics;

/// A server that refused for good is asked again after this long: somebody is to be guarded, and the refusal may
/// have been a captive portal's.
pub(crate) const ASK_AGAIN: Duration = Duration::from_secs(300);

/// The feed's state and the invalid messages told of.
#[derive(Debug)]
pub(crate) struct Feed {
    mode: Mode,
    endpoint: String,
    state: FeedState,
    since: UnixMillis,
    invalid: VecDeque<InvalidReport>,
    /// When each kind of fault was last told of, and where in the list.
    told: Vec<(InvalidKind, UnixMillis)>,
}

impl Feed {
    pub(crate) fn new(mode: Mode, endpoint: String, state: FeedState, now: UnixMillis) -> Self {
        Self { mode, endpoint, state, since: now, invalid: VecDeque::new(), told: Vec::new() }
    }

    pub(crate) fn state(&self) -> &FeedState {
        &self.state
    }

    /// Since when it is in this state.
    pub(crate) fn since(&self) -> UnixMillis {
        self.since
    }

    pub(crate) fn mode(&self) -> &Mode {
        &self.mode
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// What the feed is called in notifications: the profile and its host.
    pub(crate) fn name(&self) -> String {
        let host = self.endpoint.split("://").nth(1).unwrap_or(&self.endpoint);
        let host = host.split('/').next().unwrap_or(host);
        match &self.mode {
            Mode::Demo => "demo feed".to_owned(),
            Mode::Profile(name) => format!("{name} ({host})"),
        }
    }

    /// Takes over the client's state; returns whether anything a person sees has changed.
    pub(crate) fn note(
        &mut self,
        state: &ConnectionState,
        endpoint: Option<String>,
        now: UnixMillis,
    ) -> bool {
        let next = match state {
            ConnectionState::Connected { .. } => FeedState::Live,
            ConnectionState::Connecting { attempt } | ConnectionState::Handshaking { attempt } => {
                FeedState::Connecting { attempt: *attempt }
            }
            ConnectionState::Backoff { attempt, retry_at, cause }
            | ConnectionState::Suspended { attempt, retry_at, cause } => FeedState::Retrying {
                attempt: *attempt,
                retry_at: *retry_at,
                cause: cause.to_string(),
            },
            ConnectionState::Offline => FeedState::Offline,
            ConnectionState::Failed { error } => FeedState::NotGuarded {
                cause: error.to_string(),
                retry_at: Some(now.plus(ASK_AGAIN)),
            },
            ConnectionState::Idle | ConnectionState::Closing | ConnectionState::Closed => {
                FeedState::NotGuarded { cause: "Disconnected.".to_owned(), retry_at: None }
            }
        };
        let moved = endpoint.is_some_and(|endpoint| {
            let moved = endpoint != self.endpoint;
            self.endpoint = endpoint;
            moved
        });
        self.set(next, now) || moved
    }

    /// Takes over what is no state of the client's; returns whether it has changed.
    pub(crate) fn set(&mut self, next: FeedState, now: UnixMillis) -> bool {
        let changed = next != self.state;
        if changed {
            self.state = next;
            self.since = now;
        }
        changed
    }

    /// Keeps an invalid message for the diagnostics: one per kind and minute, the others counted. Returns whether
    /// it was such a first one.
    pub(crate) fn note_invalid(&mut self, invalid: &Invalid, now: UnixMillis) -> bool {
        let recent = self.told.iter_mut().find(|(kind, _)| *kind == invalid.kind);
        let reason = invalid.to_string();
        match recent {
            Some((_, at)) if now.since(*at) < Duration::from_secs(60) && now >= *at => {
                let at = *at;
                let same = self.invalid.iter_mut().find(|r| r.at == at && r.kind == invalid.kind);
                if let Some(report) = same {
                    report.more += 1;
                    return false;
                }
            }
            Some((_, at)) => *at = now,
            None => self.told.push((invalid.kind, now)),
        }
        self.invalid.truncate(FeedView::INVALID_LIMIT - 1);
        let sample = invalid.sample.clone();
        self.invalid.push_front(InvalidReport {
            at: now,
            kind: invalid.kind,
            reason,
            sample,
            more: 0,
        });
        true
    }

    pub(crate) fn view(&self, statistics: &Statistics, metrics: &Metrics) -> FeedView {
        FeedView {
            state: self.state.clone(),
            mode: self.mode.clone(),
            endpoint: self.endpoint.clone(),
            since: self.since,
            // Whole milliseconds; a loopback's fraction is one.
            round_trip: metrics.rtt.last.map(|ms| ms.max(1.0).round() as u32),
            messages: statistics.messages,
            invalid: statistics.invalid,
            duplicates: metrics.duplicates,
            last_message: statistics.last_message,
            recent_invalid: self.invalid.iter().cloned().collect(),
        }
    }
}
