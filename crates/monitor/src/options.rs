use std::sync::Arc;

use alerts::Policy;
use domain::view::Mode;

use crate::{Clock, SystemClock};

/// What one monitor watches.
#[derive(Clone, Debug)]
pub struct Options {
    /// Demo data wake nobody after the first notification.
    pub mode: Mode,
    /// The connection: addresses, token and all the numbers.
    pub connection: realtime::Options,
    /// Only messages of these types are looked at; empty: all.
    pub topics: Vec<realtime::Topic>,
    pub policy: Policy,
    /// The version shown in the window.
    pub version: String,
    pub clock: Arc<dyn Clock>,
}

impl Options {
    #[must_use]
    pub fn new(mode: Mode, connection: realtime::Options) -> Self {
        Self {
            mode,
            connection,
            topics: Vec::new(),
            policy: Policy::default(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            clock: Arc::new(SystemClock),
        }
    }
}
