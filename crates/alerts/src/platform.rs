//! Conditions that only the platform, or a vault's status, can tell of.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use domain::platform_alert::{Category, PlatformAlert};
use domain::{Language, Level, UnixMillis, VaultId};
use foldhash::fast::FixedState;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::say;
use crate::words::{about, sentences, shortened};
use crate::{Alert, Condition, Facts, Finding, Policy, Subject};

/// Most conditions remembered at once; a platform that invents more has its oldest forgotten.
const LIMIT: usize = 10_000;
/// Longest title, in characters.
const TITLE: usize = 120;
/// Of so many liquidations of a vault the ids are known again.
const IDS: usize = 16;
/// A vault's status and the platform's alert that come within this of each other tell of one liquidation.
const CONFIRMATION: Duration = Duration::from_secs(300);
/// The same words under another id within this are the same message.
const REPETITION: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(crate) struct PlatformAlerts {
    open: HashMap<Condition, Open, FixedState>,
    /// What is to be kept anew.
    dirty: BTreeSet<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Open {
    severity: Level,
    raised: UnixMillis,
    heard: UnixMillis,
    suppressed: u32,
    said: (String, String),
    /// Of a liquidation.
    #[serde(default)]
    event: Option<Event>,
}

/// The last liquidation of a vault that was told, to tell the next one from a repetition of this one.
#[derive(Debug, Serialize, Deserialize)]
struct Event {
    told: UnixMillis,
    by: Witness,
    /// The vault's status and the platform's alert both have told of it.
    confirmed: bool,
    /// The platform's ids of this vault's liquidations, the last ones.
    ids: VecDeque<SmolStr>,
}

/// Who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Witness {
    Platform,
    /// The vault's status became another one.
    Status,
}

/// What somebody says about a condition that has no figures.
pub(crate) struct Said {
    pub(crate) severity: Level,
    pub(crate) words: (String, String),
    pub(crate) facts: Facts,
    pub(crate) source: Option<SmolStr>,
    pub(crate) witness: Witness,
}

impl Event {
    fn new(said: &Said, now: UnixMillis) -> Self {
        let ids = said.source.iter().cloned().collect();
        Self { told: now, by: said.witness, confirmed: false, ids }
    }

    /// Whether this is another liquidation than the one told of last; takes it down.
    fn is_another(
        &mut self,
        vault: Option<&VaultId>,
        said: &Said,
        last: (&(String, String), UnixMillis),
        now: UnixMillis,
    ) -> bool {
        let known = said.source.as_ref().is_some_and(|id| self.ids.contains(id));
        if let Some(id) = said.source.as_ref().filter(|_| !known) {
            if self.ids.len() >= IDS {
                self.ids.pop_front();
            }
            self.ids.push_back(id.clone());
        }
        if known {
            return false;
        }
        let confirms = self.by != said.witness && !self.confirmed;
        if confirms && now.since(self.told) <= CONFIRMATION {
            self.confirmed = true;
            return false;
        }
        // Ids are random on some platforms: the same words again at once, or without any id, are the same message.
        let same_words =
            said.witness == Witness::Platform && same_words(vault, last.0, &said.words);
        if same_words && (said.source.is_none() || now.since(last.1) < REPETITION) {
            return false;
        }
        (self.told, self.by, self.confirmed) = (now, said.witness, false);
        true
    }
}

impl Witness {
    fn other(self) -> Self {
        match self {
            Self::Platform => Self::Status,
            Self::Status => Self::Platform,
        }
    }
}

impl PlatformAlerts {
    pub(crate) fn holds(&self, condition: &Condition) -> bool {
        self.open.contains_key(condition)
    }

    pub(crate) fn restore(&mut self, condition: &Condition, severity: Level, raised: UnixMillis) {
        let open = Open {
            severity,
            raised,
            heard: raised,
            suppressed: 0,
            said: Default::default(),
            event: None,
        };
        self.open.insert(condition.clone(), open);
    }

    /// Raises the condition, makes it worse, or counts one more of the same.
    pub(crate) fn claim(
        &mut self,
        language: Language,
        condition: Condition,
        said: Said,
        now: UnixMillis,
        findings: &mut Vec<Finding>,
    ) {
        self.dirty.insert(condition.to_string());
        let liquidation = condition.subject == Subject::Liquidation;
        let event = liquidation.then(|| Event::new(&said, now));
        if let Some(open) = self.open.get_mut(&condition) {
            let last = (&open.said, open.heard);
            let raised = open.raised;
            // What was taken up without its memory may have been told by anybody.
            let unknown = || Event {
                told: raised,
                by: said.witness.other(),
                confirmed: false,
                ids: VecDeque::new(),
            };
            let vault = condition.vault.as_ref();
            let another = liquidation
                && open.event.get_or_insert_with(unknown).is_another(vault, &said, last, now);
            open.heard = now;
            let Said { severity, words, facts, source, .. } = said;
            let worse = severity > open.severity || another;
            open.severity = open.severity.max(severity);
            if !worse {
                open.suppressed = open.suppressed.saturating_add(1);
            }
            let changed = open.said != words;
            open.said.clone_from(&words);
            let alert = Alert::new(condition, open.severity, words, open.raised);
            let alert = Alert { source, ..alert.suppressed(open.suppressed).facts(facts) };
            if worse {
                findings.push(Finding::Worsen(alert));
            } else if changed || open.suppressed.is_power_of_two() {
                // The same words ten thousand times are not worth ten thousand writes.
                findings.push(Finding::Update(alert));
            }
            return;
        }
        let Said { severity, words, facts, source, .. } = said;
        if self.open.len() >= LIMIT
            && let Some(oldest) = self.open.iter().min_by_key(|(_, open)| open.heard)
        {
            let oldest = oldest.0.clone();
            findings.extend(self.end(language, &oldest, None));
        }
        let alert = Alert::new(condition.clone(), severity, words.clone(), now).facts(facts);
        findings.push(Finding::Raise(Alert { source, ..alert }));
        let open = Open { severity, raised: now, heard: now, suppressed: 0, said: words, event };
        self.open.insert(condition, open);
    }

    pub(crate) fn resolve(
        &mut self,
        language: Language,
        condition: &Condition,
        by: &PlatformAlert,
        findings: &mut Vec<Finding>,
    ) {
        findings.extend(self.end(language, condition, Some(words_of(language, by))));
    }

    /// What nobody resolved or repeated for a day is over.
    pub(crate) fn expire(&mut self, policy: &Policy, now: UnixMillis, findings: &mut Vec<Finding>) {
        let expired =
            |(_, open): &(&Condition, &Open)| now.since(open.heard) >= policy.platform_age;
        let mut over: Vec<_> =
            self.open.iter().filter(expired).map(|(c, open)| (open.raised, c.clone())).collect();
        over.sort_by_cached_key(|(raised, condition)| (*raised, condition.to_string()));
        for (_, condition) in over {
            findings.extend(self.end(policy.language, &condition, None));
        }
    }

    /// Without other words, it was just not heard of any more.
    fn end(
        &mut self,
        language: Language,
        condition: &Condition,
        said: Option<(String, String)>,
    ) -> Option<Finding> {
        let open = self.open.remove(condition)?;
        self.dirty.insert(condition.to_string());
        let said = said.unwrap_or_else(|| {
            let (title, message) = open.said;
            (title, sentences([message.trim_start(), say::platform::not_repeated(language)]))
        });
        let alert = Alert::new(condition.clone(), open.severity, said, open.raised);
        Some(Finding::Resolve(alert.suppressed(open.suppressed)))
    }

    pub(crate) fn take_memory(&mut self, put: &mut impl FnMut(&str, Option<String>)) {
        for key in std::mem::take(&mut self.dirty) {
            let condition = key.parse::<Condition>().ok();
            let open = condition.and_then(|condition| self.open.get(&condition));
            put(&key, open.map(crate::memory::json));
        }
    }

    pub(crate) fn recall(&mut self, key: &str, value: &str) -> Option<()> {
        let open = serde_json::from_str(value).ok()?;
        self.open.insert(key.parse().ok()?, open);
        Some(())
    }
}

/// The platform's own words, within bounds.
pub(crate) fn words_of(language: Language, alert: &PlatformAlert) -> (String, String) {
    let title = alert.title.as_deref().filter(|title| !title.trim().is_empty());
    let title = match title {
        Some(title) => shortened(title, TITLE),
        None => our_title(language, alert.category, alert.vault_id.as_ref()),
    };
    (title, shortened(&alert.message, 1_000))
}

/// Of what the platform gives no title.
fn our_title(language: Language, category: Option<Category>, vault: Option<&VaultId>) -> String {
    let subject = vault.map_or(say::common::platform(language), VaultId::as_str);
    shortened(&say::platform::about(language, subject, about(language, category)), TITLE)
}

/// Whether the platform says of a vault's liquidation what it said before: a title that it did not give may have been
/// written in another language.
fn same_words(vault: Option<&VaultId>, a: &(String, String), b: &(String, String)) -> bool {
    let ours = |title: &String| {
        let category = Some(Category::Liquidation);
        Language::ALL.into_iter().any(|language| our_title(language, category, vault) == *title)
    };
    a.1 == b.1 && (a.0 == b.0 || (ours(&a.0) && ours(&b.0)))
}
