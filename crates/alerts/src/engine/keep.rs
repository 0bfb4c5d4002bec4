//! What outlives the program: the engine's memory, and what is taken up of it at the next start.

use domain::VaultId;
use domain::view::{NotificationId, NotificationView};

use super::Engine;
use crate::feed::FeedWatch;
use crate::solvency::SolvencyWatch;
use crate::{Condition, Subject};

impl Engine {
    /// Takes up what [`take_memory`](Self::take_memory) gave: what was told is not told again, what is open is not
    /// forgotten. What cannot be read is left out.
    pub fn recall<'a>(&mut self, memory: impl IntoIterator<Item = (&'a str, &'a str)>) {
        for (key, value) in memory {
            let (kind, name) = key.split_once(':').unwrap_or((key, ""));
            let _unreadable: Option<()> = match kind {
                "v" => (|| {
                    let watch = serde_json::from_str(value).ok()?;
                    self.solvency.insert(VaultId::new(name).ok()?, watch);
                    Some(())
                })(),
                "c" => self.platform.recall(name, value),
                "s" => self.stale.recall(name, value),
                "f" => serde_json::from_str(value).ok().map(|feed| self.feed = feed),
                "p" => serde_json::from_str(value).ok().map(|prices| self.prices = prices),
                "a" | "g" => self.attention.recall(key, value),
                "rule" => {
                    self.rules.remember(key, value);
                    Some(())
                }
                _ => None,
            };
        }
    }

    /// Takes up an alert of the center of which nothing else may be known.
    pub fn adopt(&mut self, view: NotificationView, condition: Condition) {
        let (severity, raised) = (view.severity, view.timestamp);
        match (&condition.vault, &condition.subject) {
            (_, Subject::Notice | Subject::Away | Subject::Settings) => {}
            (_, Subject::Test | Subject::Incident(_)) => {}
            (Some(vault), Subject::Solvency) => {
                let watch = || SolvencyWatch::raised(severity, raised);
                let watch = self.solvency.entry(vault.clone()).or_insert_with(watch);
                if !watch.fires() {
                    *watch = SolvencyWatch::raised(severity, raised);
                }
            }
            (Some(vault), Subject::Stale) if !self.stale.holds(vault) => {
                self.stale.restore(vault, severity, raised);
            }
            (_, Subject::Feed) if !self.feed.fires() => {
                self.feed = FeedWatch::raised(severity, raised);
            }
            (_, Subject::Stale | Subject::Feed) => {}
            (_, Subject::Rule(_)) => self.rules.restore(&condition, severity, raised),
            _ if !self.platform.holds(&condition) => {
                self.platform.restore(&condition, severity, raised);
            }
            _ => {}
        }
        self.attention.adopt(view, condition);
    }

    /// New notifications get ids beyond this one.
    pub fn begin_after(&mut self, id: NotificationId) {
        self.attention.begin_after(id);
    }

    /// What changed since the last call, under names; `None`: forgotten.
    pub fn take_memory(&mut self) -> Vec<(String, Option<String>)> {
        let mut all = Vec::new();
        for id in std::mem::take(&mut self.touched) {
            let watch = self.solvency.get(&id).map(crate::memory::json);
            all.push((format!("v:{id}"), watch));
        }
        self.platform.take_memory(&mut |key, value| all.push((format!("c:{key}"), value)));
        self.stale.take_memory(&mut |key, value| all.push((format!("s:{key}"), value)));
        if std::mem::take(&mut self.feed.changed) {
            all.push(("f".to_owned(), Some(crate::memory::json(&self.feed))));
        }
        if self.prices.take_changed() {
            all.push(("p".to_owned(), Some(crate::memory::json(&self.prices))));
        }
        let rules = self.rules.take_memory().into_iter();
        all.extend(rules.map(|(k, v)| (k.into(), Some(v).filter(|v| !v.is_empty()))));
        self.attention.take_memory(&mut |key, value| all.push((key.to_owned(), value)));
        all
    }
}
