use std::path::PathBuf;
use std::sync::Arc;

use alerts::Policy;
use alerts::rule::RuleBook;
use domain::Language;
use domain::view::{LanguageChoice, Mode};
use jiff::tz::TimeZone;
use smol_str::SmolStr;

use crate::config::Pen;
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
    /// What is told, when and how often. Its language is the person's choice, or [`system_language`](Self::system_language).
    pub policy: Policy,
    /// What people are told in unless they chose a language: English. [`Language::of_environment`] finds a Unix's.
    pub system_language: Language,
    /// What is spoken whatever was chosen, where programs read it; `None`: the person's, as above.
    pub only_language: Option<Language>,
    /// Who answers alerts here, as the other clients of a `vaultwatch.v1` server are told; `None`: they are not.
    pub answers_as: Option<SmolStr>,
    /// What the user wants to be told of besides, and the numbers of some vaults' alerts.
    pub rules: RuleBook,
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
    /// What the settings' file is written with: one for all who write into it.
    pub pen: Pen,
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
            policy: Policy { zone: TimeZone::system(), ..Policy::default() },
            system_language: Language::English,
            only_language: None,
            answers_as: user(),
            rules: RuleBook::default(),
            persistence: None,
            history: None,
            stages: Vec::new(),
            keys: None,
            plugin_dir: None,
            pen: Pen::default(),
            notices: Vec::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            clock: Arc::new(SystemClock),
        }
    }

    /// What people are told in, given what they chose.
    pub(crate) fn language(&self, choice: LanguageChoice) -> Language {
        self.only_language.unwrap_or_else(|| Language::chosen(choice, self.system_language))
    }
}

/// The name of whoever is logged in.
fn user() -> Option<SmolStr> {
    let name = std::env::var("USER").or_else(|_| std::env::var("USERNAME")).ok();
    name.filter(|name| !name.trim().is_empty()).map(SmolStr::from)
}
