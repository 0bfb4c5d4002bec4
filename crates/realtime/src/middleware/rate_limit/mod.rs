mod held;
mod merge;

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use smol_str::SmolStr;
use tokio::time::Instant;
use wire::{Invalid, InvalidKind, Message};

use self::held::Held;
use super::{Middleware, Verdict};
use crate::Topic;

/// Limits how many messages of a topic pass in a second, by a token bucket for each topic.
///
/// Inbound it is for state types only: the newest message of each type is kept, merged with the parts before it, and
/// handed on when its turn comes, so that the last value always arrives. Events each count and must not be named
/// here. What is encrypted cannot be merged: its parts are kept one by one and arrive together. A value that waits here
/// when the program is killed goes with it, like the others that it knew: the next run
/// [begins with a snapshot](crate::Builder::begin_with_snapshot), or has to do without. Outbound, what is beyond the limit
/// is refused with [`ErrorKind::Rejected`](crate::ErrorKind::Rejected).
///
/// ```
/// use realtime::{RateLimit, Topic};
///
/// let limit = RateLimit::new()
///     .state(Topic::parse("vault_update_*")?, 100, 200)
///     .outbound(Topic::parse("*")?, 20, 50);
/// # Ok::<(), realtime::InvalidTopic>(())
/// ```
#[derive(Debug)]
pub struct RateLimit {
    clock: fn() -> Instant,
    rules: Mutex<Rules>,
}

#[derive(Debug, Default)]
struct Rules {
    inbound: Vec<Rule>,
    outbound: Vec<Rule>,
    held: Held,
    /// More is held back than may be: all of it goes at once.
    overflow: bool,
}

#[derive(Debug)]
struct Rule {
    topic: Topic,
    bucket: Bucket,
    /// Types that wait for a token, the first one first.
    waiting: VecDeque<SmolStr>,
}

/// Tokens: full at first, one spent for each message.
#[derive(Debug)]
struct Bucket {
    per_second: f64,
    burst: f64,
    tokens: f64,
    at: Option<Instant>,
}

impl Default for RateLimit {
    fn default() -> Self {
        Self::new()
    }
}

impl RateLimit {
    /// No limits yet, by Tokio's clock.
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(Instant::now)
    }

    /// By another clock.
    #[must_use]
    pub fn with_clock(clock: fn() -> Instant) -> Self {
        Self { clock, rules: Mutex::default() }
    }

    /// At most this many messages a second of state types that this topic selects come in, after a burst of up to
    /// that many. The first rule that selects a type counts.
    ///
    /// # Panics
    /// When one of the figures is 0: nothing would ever pass.
    #[must_use]
    pub fn state(self, topic: Topic, per_second: u32, burst: u32) -> Self {
        self.rules().inbound.push(Rule::new(topic, per_second, burst));
        self
    }

    /// At most this many messages a second that this topic selects go out, after a burst of up to that many. The
    /// first rule that selects a type counts.
    ///
    /// # Panics
    /// As [`state`](Self::state).
    #[must_use]
    pub fn outbound(self, topic: Topic, per_second: u32, burst: u32) -> Self {
        self.rules().outbound.push(Rule::new(topic, per_second, burst));
        self
    }

    /// How long a message of this type would have to wait to pass outbound; zero when it passes now. Whoever sends many
    /// asks before each, and is not refused.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), realtime::InvalidTopic> {
    /// use realtime::{RateLimit, Topic};
    ///
    /// let limit = RateLimit::new().outbound(Topic::parse("note")?, 10, 1);
    /// # let note = realtime::wire::Message::new("note", &1, realtime::wire::UnixMillis(0), None).unwrap();
    /// assert!(limit.outbound_wait("note").is_zero());
    /// # realtime::Middleware::outbound(&limit, &note);
    /// // One was sent: the next one's turn comes in 100 ms.
    /// tokio::time::sleep(limit.outbound_wait("note")).await;
    /// # assert!(limit.outbound_wait("note").is_zero());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn outbound_wait(&self, ty: &str) -> Duration {
        let mut rules = self.rules();
        let now = (self.clock)();
        let rule = rules.outbound.iter_mut().find(|rule| rule.topic.matches(ty));
        rule.map_or(Duration::ZERO, |rule| rule.bucket.wait(now))
    }

    fn rules(&self) -> MutexGuard<'_, Rules> {
        // Held for no call of anybody else's code, so nothing can be half-done.
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Middleware for RateLimit {
    fn name(&self) -> &str {
        "rate-limit"
    }

    fn inbound(&self, message: &Message) -> Verdict {
        let mut rules = self.rules();
        let Rules { inbound, held, overflow, .. } = &mut *rules;
        let rule = inbound.iter_mut().find(|rule| rule.topic.matches(message.ty()));
        let Some(rule) = rule else { return Verdict::Pass };
        let is_held = held.holds(message.ty());
        // Whoever waits has the first token: otherwise a new type could overtake it for ever.
        if !is_held && rule.waiting.is_empty() && rule.bucket.take((self.clock)()) {
            return Verdict::Pass;
        }
        if !is_held {
            rule.waiting.push_back(message.ty().into());
        }
        *overflow |= !held.hold(message) || held.is_full();
        Verdict::Drop
    }

    fn outbound(&self, message: &Message) -> Verdict {
        let mut rules = self.rules();
        let rule = rules.outbound.iter_mut().find(|rule| rule.topic.matches(message.ty()));
        let Some(rule) = rule else { return Verdict::Pass };
        let now = (self.clock)();
        if rule.bucket.take(now) {
            return Verdict::Pass;
        }
        let reason = format!(
            "more than {} messages of `{}` a second; wait {} ms",
            rule.bucket.per_second,
            rule.topic,
            rule.bucket.missing().as_millis() + 1,
        );
        let ty = message.ty().as_bytes();
        Verdict::Reject(Invalid::new(InvalidKind::Envelope, reason, ty).with_field("type"))
    }

    fn due(&self) -> Option<Instant> {
        let rules = self.rules();
        let waiting = rules.inbound.iter().filter(|rule| !rule.waiting.is_empty());
        waiting.filter_map(|rule| rule.bucket.due()).min()
    }

    fn release(&self, released: &mut Vec<Result<Message, Invalid>>) {
        let mut rules = self.rules();
        let Rules { inbound, held, overflow, .. } = &mut *rules;
        for rule in inbound.iter_mut().filter(|rule| !rule.waiting.is_empty()) {
            let now = (self.clock)();
            while !rule.waiting.is_empty() && (rule.bucket.take(now) || *overflow) {
                let ty = rule.waiting.pop_front().expect("one is waiting");
                released.extend(held.take(&ty).into_iter().map(Ok));
            }
        }
        *overflow = false;
    }
}

impl Rule {
    fn new(topic: Topic, per_second: u32, burst: u32) -> Self {
        assert!(per_second > 0 && burst > 0, "a rate of 0 lets nothing pass, ever");
        let (per_second, burst) = (f64::from(per_second), f64::from(burst));
        let bucket = Bucket { per_second, burst, tokens: burst, at: None };
        Self { topic, bucket, waiting: VecDeque::new() }
    }
}

impl Bucket {
    fn take(&mut self, now: Instant) -> bool {
        self.fill(now);
        let enough = self.tokens >= 1.0;
        if enough {
            self.tokens -= 1.0;
        }
        enough
    }

    /// Until there is a token.
    fn wait(&mut self, now: Instant) -> Duration {
        self.fill(now);
        if self.tokens >= 1.0 { Duration::ZERO } else { self.missing() }
    }

    /// When there will be a token.
    fn due(&self) -> Option<Instant> {
        Some(self.at? + self.missing())
    }

    /// From the last look until there is a token. A little more than exact, or rounding could find none just then.
    fn missing(&self) -> Duration {
        let missing = (1.0 - self.tokens).max(0.0) / self.per_second;
        Duration::from_secs_f64(missing) + Duration::from_micros(1)
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.at.unwrap_or(now));
        self.tokens = (self.tokens + passed.as_secs_f64() * self.per_second).min(self.burst);
        self.at = Some(now);
    }
}
