use std::time::Duration;

use domain::{Language, Level, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::{Alert, Condition, Finding, Policy, words};

/// How often the time in the alert's text follows the clock.
const REFRESH: Duration = Duration::from_secs(60);

/// What is unwatched while no data arrive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposure {
    /// The feed's name in notifications.
    pub feed: String,
    pub vaults: usize,
    pub critical: usize,
    /// Vaults under 15 % room, the critical ones included.
    pub at_risk: usize,
    /// This machine has no network: it is not the feed's fault, and no attempts are made.
    #[serde(default)]
    pub no_network: bool,
}

/// The condition "no data".
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct FeedWatch {
    lost: Option<UnixMillis>,
    firing: Option<(Level, UnixMillis)>,
    name: String,
    /// What was told, and of what.
    #[serde(default)]
    told: Option<Told>,
    #[serde(skip)]
    pub(crate) changed: bool,
}

/// What the open alert says: nothing arrives meanwhile, so only its times change.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Told {
    exposure: Exposure,
    words: (String, String),
    at: UnixMillis,
}

impl FeedWatch {
    pub(crate) fn raised(level: Level, raised: UnixMillis) -> Self {
        Self { lost: Some(raised), firing: Some((level, raised)), ..Self::default() }
    }

    pub(crate) fn waits(&self) -> bool {
        self.lost.is_some() && self.firing.is_none()
    }

    /// It was told that no data arrive.
    pub(crate) fn fires(&self) -> bool {
        self.firing.is_some()
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.lost.is_some()
    }

    pub(crate) fn lost(&mut self, now: UnixMillis) {
        if self.lost.is_none() {
            self.lost = Some(now);
            self.changed = true;
        }
    }

    pub(crate) fn back(
        &mut self,
        language: Language,
        now: UnixMillis,
        findings: &mut Vec<Finding>,
    ) {
        let lost = self.lost.take();
        self.changed |= lost.is_some();
        self.told = None;
        if let Some((level, raised)) = self.firing.take() {
            let gone = now.since(lost.unwrap_or(raised));
            let said = words::feed_back(language, &self.name, gone);
            findings.push(Finding::Resolve(Alert::new(Condition::feed(), level, said, raised)));
        }
    }

    pub(crate) fn tick(
        &mut self,
        policy: &Policy,
        exposure: &Exposure,
        now: UnixMillis,
        findings: &mut Vec<Finding>,
    ) {
        let Some(lost) = &mut self.lost else { return };
        *lost = (*lost).min(now);
        let gone = now.since(*lost);
        if let Some((level, raised)) = self.firing {
            let Some(told) = &mut self.told else { return };
            told.at = told.at.min(now);
            if now.since(told.at) < REFRESH {
                return;
            }
            told.exposure.no_network = exposure.no_network;
            let (language, zone) = (policy.language, &policy.zone);
            let said = words::feed_down(language, &told.exposure, gone, *lost, zone);
            told.at = now;
            if told.words != said {
                told.words.clone_from(&said);
                self.changed = true;
                findings.push(Finding::Update(Alert::new(Condition::feed(), level, said, raised)));
            }
            return;
        }
        let exposed = exposure.at_risk > 0;
        let patience = if exposed { policy.feed_down_exposed } else { policy.feed_down };
        if gone >= patience {
            let level = if exposed { Level::Critical } else { Level::High };
            self.name.clone_from(&exposure.feed);
            let (language, zone) = (policy.language, &policy.zone);
            let said = words::feed_down(language, exposure, gone, *lost, zone);
            let told = Told { exposure: exposure.clone(), words: said.clone(), at: now };
            self.told = Some(told);
            findings.push(Finding::Raise(Alert::new(Condition::feed(), level, said, now)));
            self.firing = Some((level, now));
            self.changed = true;
        }
    }
}
