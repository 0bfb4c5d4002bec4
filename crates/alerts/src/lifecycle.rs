//! The life of a condition: normal → pending → firing → recovering → normal. One machine for solvency and for every
//! rule.
//!
//! It knows nothing of figures: whoever feeds it says which level a value has entered, and which one still holds for
//! somebody leaving. That there is no value, or none that can be calculated, is a state of its own: what fires keeps
//! firing, nothing recovers, and it is seen.

use std::time::Duration;

use domain::{Level, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::policy::LevelTimes;

/// How long things must last before they count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// At or beyond a level, before the alert is raised: medium 60 s, high 15 s, critical at once.
    pub hold: LevelTimes,
    /// Back above the exit threshold, before it is over: 2 min.
    pub recovery: Duration,
}

/// One look at the condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// `entered`: the level by the thresholds of entering. `kept`: the one by those of leaving, never lower.
    Value { entered: Level, kept: Level },
    /// There is nothing to judge by.
    NoData,
    /// There is, but it cannot be judged: a division by zero, a text where a number should be.
    Error,
}

/// What time and the last looks led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    None,
    Raised(Level),
    Worse {
        from: Level,
        to: Level,
    },
    /// Less bad, but not over.
    Eased {
        from: Level,
        to: Level,
    },
    Resolved(Level),
}

/// Where in its life a condition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Normal,
    Pending {
        level: Level,
        since: UnixMillis,
    },
    Firing {
        level: Level,
    },
    Recovering {
        level: Level,
        since: UnixMillis,
    },
    /// `firing`: what held when the values ended, [`Level::Low`] for nothing.
    NoData {
        since: UnixMillis,
        firing: Level,
    },
    Error {
        since: UnixMillis,
        firing: Level,
    },
}

/// The memory of one condition; [`Lifecycle::is_normal`] ones need not be kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifecycle {
    /// Since when the value has been at or beyond medium, high, critical, without a break.
    beyond: [Option<UnixMillis>; 3],
    entered: Level,
    firing: Option<Firing>,
    blind: Option<(Blind, UnixMillis)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Firing {
    level: Level,
    kept: Level,
    /// Since when the value has been back above the exit threshold of `level`.
    recovering: Option<UnixMillis>,
    /// How often the line was crossed again while the alert stood.
    crossings: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Blind {
    NoData,
    Error,
}

const LADDER: [Level; 3] = [Level::Medium, Level::High, Level::Critical];

/// A start in the future means that the clock was set back: then it is now.
fn start(since: Option<UnixMillis>, now: UnixMillis) -> UnixMillis {
    since.map_or(now, |since| since.min(now))
}

impl Lifecycle {
    /// An alert that was raised before, of which no more is known.
    #[must_use]
    pub fn raised(level: Level) -> Self {
        let firing = Firing { level, kept: level, recovering: None, crossings: 0 };
        Self { firing: Some(firing), ..Self::default() }
    }

    /// Takes a look in; [`settle`](Self::settle) says what it led to.
    pub fn observe(&mut self, seen: Seen, now: UnixMillis) {
        let (entered, kept) = match seen {
            Seen::Value { entered, kept } => (entered, kept.max(entered)),
            Seen::NoData | Seen::Error => {
                let kind = if seen == Seen::NoData { Blind::NoData } else { Blind::Error };
                let since = self.blind.filter(|(before, _)| *before == kind).map(|(_, at)| at);
                self.blind = Some((kind, start(since, now)));
                return;
            }
        };
        self.blind = None;
        for (rung, since) in LADDER.iter().zip(&mut self.beyond) {
            *since = (entered >= *rung).then(|| start(*since, now));
        }
        if let Some(firing) = &mut self.firing {
            firing.kept = kept;
            if entered >= firing.level && self.entered < firing.level {
                firing.crossings = firing.crossings.saturating_add(1);
            }
        }
        self.entered = entered;
    }

    /// What has become of it by now. `claimed` is the level that holds on somebody else's word, at once and for as long
    /// as it is given; [`Level::Low`] for none.
    pub fn settle(&mut self, times: &Times, claimed: Level, now: UnixMillis) -> Turn {
        let held = LADDER.iter().zip(&mut self.beyond).filter_map(|(level, since)| {
            let since = since.as_mut()?;
            *since = (*since).min(now);
            (now.since(*since) >= times.hold.of(*level)).then_some(*level)
        });
        let due = held.max().unwrap_or_default().max(claimed);
        let Some(firing) = &mut self.firing else {
            if due == Level::Low {
                return Turn::None;
            }
            let kept = self.entered.max(due);
            self.firing = Some(Firing { level: due, kept, recovering: None, crossings: 0 });
            return Turn::Raised(due);
        };
        if due > firing.level {
            let from = std::mem::replace(&mut firing.level, due);
            firing.kept = firing.kept.max(due);
            firing.recovering = None;
            return Turn::Worse { from, to: due };
        }
        let left = firing.kept.max(claimed);
        if left >= firing.level || self.blind.is_some() {
            firing.recovering = None;
            return Turn::None;
        }
        let since = start(firing.recovering, now);
        firing.recovering = Some(since);
        if now.since(since) < times.recovery {
            return Turn::None;
        }
        let from = firing.level;
        if left == Level::Low {
            self.firing = None;
            return Turn::Resolved(from);
        }
        firing.level = left;
        firing.recovering = None;
        Turn::Eased { from, to: left }
    }

    /// It is over, whatever the values say: the level it had.
    pub fn end(&mut self) -> Option<Level> {
        let firing = std::mem::take(self).firing;
        firing.map(|firing| firing.level)
    }

    /// Whoever claimed it takes it back: without values of our own that hold, it need not be waited for.
    pub fn retract(&mut self, times: &Times, now: UnixMillis) {
        if let Some(firing) = &mut self.firing
            && self.beyond.iter().all(Option::is_none)
        {
            firing.kept = Level::Low;
            firing.recovering = Some(now.minus(times.recovery));
            self.blind = None;
        }
    }

    /// Nothing needs to be remembered.
    #[must_use]
    pub fn is_normal(&self) -> bool {
        self.firing.is_none() && self.beyond.iter().all(Option::is_none) && self.blind.is_none()
    }

    /// Whether the mere passing of time can change anything.
    #[must_use]
    pub fn waits(&self) -> bool {
        let raised = self.level();
        let pending = LADDER.iter().zip(self.beyond).any(|(l, s)| s.is_some() && *l > raised);
        pending || self.firing.as_ref().is_some_and(|firing| firing.recovering.is_some())
    }

    /// Whether what fires is getting better at this moment, and will be over if that lasts.
    pub(crate) fn recovers(&self) -> bool {
        self.firing.as_ref().is_some_and(|firing| firing.recovering.is_some())
    }

    /// When time alone changes it next, unless another look comes before.
    #[must_use]
    pub fn due(&self, times: &Times) -> Option<UnixMillis> {
        let raised = self.level();
        let pending = LADDER.iter().zip(self.beyond).filter(|(level, _)| **level > raised);
        let pending = pending.filter_map(|(l, since)| Some(since?.plus(times.hold.of(*l))));
        let recovering = self.firing.as_ref().and_then(|firing| firing.recovering);
        pending.chain(recovering.map(|since| since.plus(times.recovery))).min()
    }

    /// The level that was raised; [`Level::Low`] while nothing fires.
    #[must_use]
    pub fn level(&self) -> Level {
        self.firing.as_ref().map(|firing| firing.level).unwrap_or_default()
    }

    /// The level the values themselves have reached, however short a time ago.
    #[must_use]
    pub fn measured(&self) -> Level {
        self.entered
    }

    /// Since when the value has been at or beyond this level without a break.
    #[must_use]
    pub fn since(&self, level: Level) -> Option<UnixMillis> {
        let place = LADDER.iter().position(|rung| *rung == level)?;
        self.beyond[place]
    }

    /// How often the line was crossed again while the alert stood, which was not told of.
    #[must_use]
    pub fn crossings(&self) -> u32 {
        self.firing.as_ref().map_or(0, |firing| firing.crossings)
    }

    #[must_use]
    pub fn state(&self) -> State {
        let firing = self.level();
        match (&self.blind, &self.firing) {
            (Some((Blind::NoData, since)), _) => State::NoData { since: *since, firing },
            (Some((Blind::Error, since)), _) => State::Error { since: *since, firing },
            (None, Some(Firing { level, recovering: Some(since), .. })) => {
                State::Recovering { level: *level, since: *since }
            }
            (None, Some(Firing { level, .. })) => State::Firing { level: *level },
            (None, None) => {
                let pending =
                    LADDER.iter().zip(self.beyond).rev().find_map(|(l, s)| Some((*l, s?)));
                pending.map_or(State::Normal, |(level, since)| State::Pending { level, since })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: Times = Times {
        hold: LevelTimes {
            medium: Duration::from_secs(60),
            high: Duration::from_secs(15),
            critical: Duration::ZERO,
        },
        recovery: Duration::from_secs(120),
    };

    /// Seconds.
    fn at(seconds: u64) -> UnixMillis {
        UnixMillis(1_000_000).plus(Duration::from_secs(seconds))
    }

    fn look(life: &mut Lifecycle, entered: Level, kept: Level, seconds: u64) -> Turn {
        life.observe(Seen::Value { entered, kept }, at(seconds));
        life.settle(&TIMES, Level::Low, at(seconds))
    }

    #[test]
    fn a_whole_life() {
        use Level::{Critical, High, Low, Medium};
        let mut life = Lifecycle::default();
        assert_eq!(life.state(), State::Normal);
        assert_eq!(look(&mut life, High, High, 0), Turn::None);
        assert_eq!(life.state(), State::Pending { level: High, since: at(0) });
        assert!(life.waits());
        assert_eq!(life.due(&TIMES), Some(at(15)));
        assert_eq!(life.settle(&TIMES, Low, at(14)), Turn::None);
        assert_eq!(life.settle(&TIMES, Low, at(15)), Turn::Raised(High));
        assert_eq!(life.state(), State::Firing { level: High });
        assert_eq!(
            look(&mut life, Critical, Critical, 20),
            Turn::Worse { from: High, to: Critical }
        );
        assert_eq!(look(&mut life, High, Critical, 30), Turn::None, "not left yet");
        assert_eq!(look(&mut life, Medium, Medium, 40), Turn::None);
        assert_eq!(life.state(), State::Recovering { level: Critical, since: at(40) });
        assert_eq!(
            look(&mut life, Medium, Medium, 160),
            Turn::Eased { from: Critical, to: Medium }
        );
        assert_eq!(look(&mut life, Low, Low, 170), Turn::None);
        assert_eq!(look(&mut life, Low, Low, 290), Turn::Resolved(Medium));
        assert!(life.is_normal());
    }

    #[test]
    fn no_value_is_no_recovery_and_is_seen() {
        use Level::{Critical, Low};
        let mut life = Lifecycle::default();
        assert_eq!(look(&mut life, Critical, Critical, 0), Turn::Raised(Critical));
        look(&mut life, Low, Low, 10);
        life.observe(Seen::NoData, at(20));
        assert_eq!(life.settle(&TIMES, Low, at(10_000)), Turn::None);
        assert_eq!(life.state(), State::NoData { since: at(20), firing: Critical });
        life.observe(Seen::Error, at(30));
        assert_eq!(life.state(), State::Error { since: at(30), firing: Critical });
        assert_eq!(look(&mut life, Low, Low, 40), Turn::None, "its two minutes begin anew");
        assert_eq!(look(&mut life, Low, Low, 160), Turn::Resolved(Critical));
        let mut unknown = Lifecycle::default();
        unknown.observe(Seen::NoData, at(0));
        assert!(!unknown.is_normal() && unknown.level() == Low);
    }

    #[test]
    fn crossings_are_counted_and_told_of_by_nobody() {
        use Level::{Critical, High};
        let mut life = Lifecycle::default();
        assert_eq!(look(&mut life, Critical, Critical, 0), Turn::Raised(Critical));
        for second in 1..=10 {
            let entered = if second % 2 == 0 { Critical } else { High };
            assert_eq!(look(&mut life, entered, Critical, second), Turn::None);
        }
        assert_eq!(life.crossings(), 5);
    }

    #[test]
    fn a_claim_holds_at_once_and_until_it_is_taken_back() {
        use Level::{Critical, Low};
        let mut life = Lifecycle::default();
        assert_eq!(life.settle(&TIMES, Critical, at(0)), Turn::Raised(Critical));
        assert_eq!(look(&mut life, Low, Low, 0), Turn::None);
        life.observe(Seen::Value { entered: Low, kept: Low }, at(9));
        assert_eq!(life.settle(&TIMES, Critical, at(9_000)), Turn::None);
        life.retract(&TIMES, at(9_000));
        assert_eq!(life.settle(&TIMES, Low, at(9_000)), Turn::Resolved(Critical));
    }

    #[test]
    fn a_clock_set_back_delays_nothing() {
        let mut life = Lifecycle::default();
        look(&mut life, Level::High, Level::High, 10_000);
        assert_eq!(life.settle(&TIMES, Level::Low, at(0)), Turn::None);
        assert_eq!(life.settle(&TIMES, Level::Low, at(15)), Turn::Raised(Level::High));
    }

    #[test]
    fn its_memory_is_small_and_survives() {
        let mut life = Lifecycle::default();
        look(&mut life, Level::Critical, Level::Critical, 0);
        let json = serde_json::to_string(&life).unwrap();
        assert_eq!(serde_json::from_str::<Lifecycle>(&json).unwrap(), life);
        assert!(size_of::<Lifecycle>() <= 104, "{}", size_of::<Lifecycle>());
    }
}
