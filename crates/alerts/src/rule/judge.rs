use domain::solvency::Solvency;
use domain::{ChainId, Language, Level, UnixMillis, VaultId};

use super::book::RuleBook;
use super::definition::{NoData, Rule};
use super::figure::Figure;
use super::memory::{Live, Out};
use super::plan::{self, Check};
use super::words::{About, Words};
use crate::finding::alert;
use crate::lifecycle::{Seen, Turn};
use crate::{Condition, RuleId, Subject};
use crate::{Facts, Finding, Policy};

/// Holds figures against rules and keeps what is not normal.
pub(super) struct Judge<'a> {
    pub(super) book: &'a RuleBook,
    /// Of each rule, whether its schedule is closed.
    pub(super) closed: &'a [bool],
    pub(super) now: UnixMillis,
    /// What people are told in.
    pub(super) language: Language,
}

impl Judge<'_> {
    /// One evaluation of one rule. Nearly all of them end at the first comparison.
    #[inline]
    pub(super) fn check<'p>(
        &self,
        check: Check,
        figure: Figure,
        about: About<'_>,
        policy: impl FnOnce() -> std::borrow::Cow<'p, Policy>,
        live: &mut Vec<Live>,
        out: &mut Out<'_>,
    ) {
        let rule = self.book.rule(check.rule);
        let known = if live.is_empty() {
            None
        } else {
            live.iter().position(|live| live.name == check.name)
        };
        if known.is_none() && self.is_clear(check, rule, figure) {
            return;
        }
        let at = known.unwrap_or_else(|| {
            // Not four at once, as a list would by itself: most vaults have none, and few more than one.
            live.reserve_exact(1);
            live.push(Live::new(check.name, self.now));
            live.len() - 1
        });
        let entry = &mut live[at];
        let before = entry.life.clone();
        self.step(check, figure, about, &policy(), entry, out.effects);
        if known.is_none() || entry.life != before {
            out.dirty.insert(condition(rule, about));
        }
        if entry.life.is_normal() {
            live.swap_remove(at);
            if live.is_empty() {
                *live = Vec::new();
            }
        }
    }

    /// Whether nothing needs to be remembered of a figure of which nothing is remembered yet.
    #[inline]
    fn is_clear(&self, check: Check, rule: &Rule, figure: Figure) -> bool {
        match figure {
            Figure::Of(value) => {
                rule.ladder.is_clear(value) || self.closed[usize::from(check.rule)]
            }
            Figure::Fine => true,
            Figure::Unknown | Figure::Error => {
                rule.no_data != NoData::Alert || self.closed[usize::from(check.rule)]
            }
        }
    }

    fn seen(&self, check: Check, rule: &Rule, figure: Figure) -> Seen {
        let both = |level| Seen::Value { entered: level, kept: level };
        let seen = match (figure, rule.no_data) {
            (Figure::Of(value), _) => {
                Seen::Value { entered: rule.ladder.entered(value), kept: rule.ladder.kept(value) }
            }
            (Figure::Fine, _) | (Figure::Unknown | Figure::Error, NoData::Ok) => both(Level::Low),
            (Figure::Unknown | Figure::Error, NoData::Alert) => both(rule.ladder.least()),
            (Figure::Unknown, NoData::Keep) => Seen::NoData,
            (Figure::Error, NoData::Keep) => Seen::Error,
        };
        match seen {
            // Outside its hours a rule raises nothing, and what it raised still ends.
            Seen::Value { kept, .. } if self.closed[usize::from(check.rule)] => {
                Seen::Value { entered: Level::Low, kept }
            }
            seen => seen,
        }
    }

    fn step(
        &self,
        check: Check,
        figure: Figure,
        about: About<'_>,
        policy: &Policy,
        live: &mut Live,
        effects: &mut Vec<Finding>,
    ) {
        let rule = self.book.rule(check.rule);
        let now = self.now;
        live.life.observe(self.seen(check, rule, figure), now);
        let times = plan::times(self.book, check.rule, policy);
        let turn = live.life.settle(&times, Level::Low, now);
        let value = match figure {
            Figure::Of(value) => Some(value),
            Figure::Fine | Figure::Unknown | Figure::Error => None,
        };
        if figure != Figure::Fine && live.course.now != value {
            live.course.before = std::mem::replace(&mut live.course.now, value);
            live.outdated = true;
        }
        let firing = live.life.level() > Level::Low;
        if let (Some(value), true) = (value, firing) {
            let worst = live.course.worst;
            if worst.is_none_or(|worst| rule.ladder.when().reaches(value, worst)) {
                live.course.worst = Some(value);
            }
        }
        let (news, level) = match turn {
            Turn::Raised(level) => {
                live.raised = now;
                live.course.first = value;
                live.course.worst = value;
                (News::Raised, level)
            }
            Turn::Worse { to, .. } => (News::Worse, to),
            Turn::Eased { to, .. } => (News::Updated, to),
            Turn::Resolved(level) => (News::Over, level),
            Turn::None if firing && live.outdated => {
                let since = now.since(live.refreshed);
                if since < policy.refresh && now >= live.refreshed {
                    return;
                }
                (News::Updated, live.life.level())
            }
            Turn::None => return,
        };
        live.refreshed = now;
        live.outdated = false;
        effects.push(self.tell(rule, about, news, level, live));
    }

    fn tell(
        &self,
        rule: &Rule,
        about: About<'_>,
        news: News,
        level: Level,
        live: &Live,
    ) -> Finding {
        let solvency = match about {
            About::Vault(vault) => Some(Solvency::of(vault)),
            About::Chain(_) | About::Platform => None,
        };
        let words = Words {
            language: self.language,
            rule,
            about,
            solvency: solvency.as_ref(),
            level,
            course: &live.course,
        };
        let said = match news {
            News::Raised | News::Updated => words.raised(),
            News::Worse => words.worse(),
            News::Over => words.recovered(self.now.since(live.raised)),
        };
        let crossings = live.life.crossings();
        let alert = alert(condition(rule, about), level, said, live.raised, crossings);
        if news == News::Over {
            return Finding::Resolve(alert);
        }
        let alert = alert.evidence(words.evidence());
        let alert = match (about, &solvency) {
            (About::Vault(vault), Some(solvency)) => alert.facts(Facts::of(vault, solvency)),
            (About::Chain(chain), _) => alert.facts(Facts::of_chain(chain)),
            _ => alert,
        };
        match news {
            News::Raised => Finding::Raise(alert),
            News::Worse => Finding::Worsen(alert),
            News::Updated | News::Over => Finding::Update(alert),
        }
    }
}

/// What is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum News {
    Raised,
    Worse,
    Updated,
    Over,
}

/// What a rule's alert is about: `rule:NAME VAULT`, `rule:NAME@CHAIN`, `rule:NAME`.
pub(super) fn condition(rule: &Rule, about: About<'_>) -> Condition {
    match about {
        About::Vault(vault) => named(&rule.name, Some(&vault.id)),
        About::Chain(chain) => on_chain(&rule.name, chain),
        About::Platform => named(&rule.name, None),
    }
}

/// A rule's condition on a vault, or on the platform.
pub(super) fn named(name: &str, vault: Option<&VaultId>) -> Condition {
    let rule = RuleId::new(name).expect("a rule's name has no blanks and is short");
    Condition { vault: vault.cloned(), subject: Subject::Rule(rule) }
}

/// A rule's condition on a chain's market.
pub(super) fn on_chain(name: &str, chain: ChainId) -> Condition {
    named(&format!("{name}@{}", chain.0), None)
}
