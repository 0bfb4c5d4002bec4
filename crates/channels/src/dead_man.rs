use std::time::Duration;

use http::Method;
use url::Url;

use crate::{CallError, Caller, Request};

/// An address that is called while the watch is live. Whoever answers there raises an alarm when it is *not*: that
/// tells of a machine that sleeps or lost its power, which nothing on it could.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadMan {
    pub url: Url,
    /// Between two pings.
    pub every: Duration,
}

impl DeadMan {
    pub const EVERY: Duration = Duration::from_secs(60);

    #[must_use]
    pub fn request(&self) -> Request {
        let (method, url) = (Method::GET, self.url.clone());
        Request { method, url, headers: Vec::new(), body: Vec::new() }
    }

    /// Pings as long as it is polled, at once and then every [`DeadMan::every`], while `live` says that the watch is:
    /// asked before each ping. A ping that fails is not repeated: the next one follows, and that one is late is what
    /// the other side is there to notice.
    pub async fn ping<L: Future<Output = bool>>(
        &self,
        caller: &Caller,
        live: impl Fn() -> L,
        told: impl Fn(Result<(), CallError>),
    ) {
        let mut beat = tokio::time::interval(self.every);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            beat.tick().await;
            if live().await {
                told(caller.call(self.request()).await);
            }
        }
    }
}
