//! Tokens: when to get another one.

use std::time::Duration;

use wire::UnixMillis;
use wire::control::Auth;

use super::{Machine, Now, Output, Outputs, Timer, TokenNews, TokenUse};
use crate::Event;

/// When to ask again after a failure.
const AGAIN: Duration = Duration::from_secs(30);
/// Whoever gives out tokens that last no time at all is not asked all the time.
const LEAST: Duration = Duration::from_secs(1);

/// Whether there are other tokens to be had, and whether one was tried for the last refusal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Renewal {
    /// There is one token, or none.
    #[default]
    Impossible,
    Possible,
    /// The server refused the last one; the next attempt takes a new one.
    Due,
    /// The new one was taken. If it is refused as well, the token is not what is wrong.
    Tried,
}

impl Renewal {
    pub(super) fn possible() -> Self {
        Self::Possible
    }

    /// Whether a refusal is worth another token. Once, until one was accepted.
    pub(super) fn renew_once(&mut self) -> bool {
        match self {
            Self::Possible => {
                *self = Self::Due;
                true
            }
            Self::Due => true,
            Self::Impossible | Self::Tried => false,
        }
    }

    pub(super) fn for_attempt(&mut self) -> TokenUse {
        match self {
            Self::Due => {
                *self = Self::Tried;
                TokenUse::Fresh
            }
            // It may have been renewed at its source meanwhile.
            Self::Tried => TokenUse::Fresh,
            Self::Impossible | Self::Possible => TokenUse::Present,
        }
    }

    pub(super) fn accepted(&mut self) {
        if matches!(self, Self::Due | Self::Tried) {
            *self = Self::Possible;
        }
    }
}

impl Machine {
    pub(super) fn token_due(&mut self, out: &mut Outputs) {
        if self.renewal != Renewal::Impossible {
            out.push(Output::RenewToken);
        }
    }

    pub(super) fn token_news(&mut self, news: TokenNews, now: Now, out: &mut Outputs) {
        match news {
            TokenNews::Renewed { token, renew_in } => {
                let auth = Auth { token: token.expose().to_owned() };
                if self.state.is_connected()
                    && let Some(text) = self.protocol.renew(&auth, now.wall)
                {
                    out.push(Output::Write { text, generation: self.generation });
                    if let Some(delay) = renew_in {
                        let at = now.monotonic.plus(delay.max(LEAST));
                        self.timers.set(Timer::Token, at, out);
                    }
                }
            }
            TokenNews::Failed { reason } => {
                self.counters.token_failures += 1;
                out.push(Output::Report(Event::TokenFailed { at: now.wall, reason }));
                if self.state.is_connected() {
                    self.timers.set(Timer::Token, now.monotonic.plus(AGAIN), out);
                }
            }
        }
    }

    /// The server knows the new token.
    pub(super) fn authorised(&mut self, expires: Option<UnixMillis>, now: Now, out: &mut Outputs) {
        self.renewal.accepted();
        self.counters.token_renewals += 1;
        self.renew_before(expires, now, out);
    }

    /// When the server will have enough of the token. It may know better than the token's source, and its word goes over
    /// the source's.
    pub(super) fn renew_before(
        &mut self,
        expires: Option<UnixMillis>,
        now: Now,
        out: &mut Outputs,
    ) {
        if let Some(expires) = expires
            && self.renewal != Renewal::Impossible
        {
            let share = f64::from(self.options.values().token_refresh_percent) / 100.0;
            let delay = expires.since(now.wall).mul_f64(share).max(LEAST);
            self.timers.set(Timer::Token, now.monotonic.plus(delay), out);
        }
    }
}
