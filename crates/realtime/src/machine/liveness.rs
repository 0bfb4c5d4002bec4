use std::time::Duration;

use super::Monotonic;
use crate::Options;

/// Whether the peer is alive. Only what comes *in* proves it: a write into a dead connection succeeds for minutes.
///
/// A message costs no more than a note of the time; when the timer comes due is soon enough to look.
#[derive(Debug)]
pub(super) struct Liveness {
    /// What our side wants; the server may want something else.
    preferred: (Duration, Duration),
    interval: Duration,
    grace: Duration,
    at_least_every: Duration,
    last_inbound: Monotonic,
    last_heartbeat: Monotonic,
    /// The question that is open, if any.
    asked: Option<Asked>,
    paused: bool,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    until: Monotonic,
    reason: Reason,
}

/// Why a sign of life was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    Silence,
    /// Sleep, or a change of network.
    Doubt,
}

/// What to do at a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    Alive,
    /// Send a heartbeat.
    Remind,
    /// Send a heartbeat and a ping.
    Ask,
    Dead(Reason),
}

impl Liveness {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            preferred: (options.heartbeat_interval, options.heartbeat_grace),
            interval: options.heartbeat_interval,
            grace: options.heartbeat_grace,
            at_least_every: options.heartbeat_at_least_every,
            last_inbound: Monotonic::default(),
            last_heartbeat: Monotonic::default(),
            asked: None,
            paused: false,
        }
    }

    /// With the interval and grace that were agreed with the server, if any.
    pub(super) fn opened(&mut self, agreed: Option<(Duration, Duration)>, now: Monotonic) {
        (self.interval, self.grace) = agreed.unwrap_or(self.preferred);
        self.last_inbound = now;
        self.last_heartbeat = now;
        self.asked = None;
        self.paused = false;
    }

    pub(super) fn heard(&mut self, now: Monotonic) {
        self.last_inbound = now;
        self.asked = None;
    }

    /// Nothing is read for now: no verdict can be given.
    pub(super) fn pause(&mut self) {
        self.paused = true;
    }

    /// Reading goes on. It stopped with bytes waiting, so these count as heard.
    pub(super) fn resume(&mut self, now: Monotonic) {
        self.paused = false;
        self.heard(now);
    }

    /// Asks now, with a limit of its own. An earlier limit that is already running stays.
    pub(super) fn doubt(&mut self, limit: Duration, now: Monotonic) {
        let until = now.plus(limit);
        let until = self.asked.map_or(until, |asked| asked.until.min(until));
        self.asked = Some(Asked { until, reason: Reason::Doubt });
        self.last_heartbeat = now;
    }

    pub(super) fn check(&mut self, now: Monotonic) -> Check {
        if self.paused {
            self.asked = None;
        } else if let Some(asked) = self.asked {
            if now >= asked.until {
                return Check::Dead(asked.reason);
            }
        } else if now.since(self.last_inbound) >= self.interval {
            self.asked = Some(Asked { until: now.plus(self.grace), reason: Reason::Silence });
            self.last_heartbeat = now;
            return Check::Ask;
        }
        if now.since(self.last_heartbeat) >= self.at_least_every {
            self.last_heartbeat = now;
            return Check::Remind;
        }
        Check::Alive
    }

    /// When to look again.
    pub(super) fn next(&self, now: Monotonic) -> Monotonic {
        let remind = self.last_heartbeat.plus(self.at_least_every);
        let verdict = match self.asked {
            Some(asked) => asked.until,
            None if self.paused => now.plus(self.interval),
            None => self.last_inbound.plus(self.interval),
        };
        remind.min(verdict)
    }
}
