use std::path::PathBuf;
use std::sync::Arc;

use alerts::Policy;
use domain::view::Mode;

use crate::encryption::Keys;
use crate::{Clock, Notice, SystemClock};

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
    /// Where messages that must arrive and positions in the log are kept over restarts; `None`: nowhere.
    pub persistence: Option<Arc<dyn realtime::Persistence>>,
    /// Where figures over time are kept; `None`: nowhere.
    pub history: Option<store::History>,
    /// Stages of the connection, the one next to the socket first.
    pub stages: Vec<Arc<dyn realtime::Middleware>>,
    /// The keys that one of the stages waits for; `None`: none. The connection is made when they are there, or after
    /// [`Keys::PATIENCE`]; what comes encrypted after that waits for them.
    pub keys: Option<Keys>,
    /// Where the user's plugins lie; `None`: none run.
    pub plugin_dir: Option<PathBuf>,
    /// What the person should be told at the start.
    pub notices: Vec<Notice>,
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
            persistence: None,
            history: None,
            stages: Vec::new(),
            keys: None,
            plugin_dir: None,
            notices: Vec::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            clock: Arc::new(SystemClock),
        }
    }
}
