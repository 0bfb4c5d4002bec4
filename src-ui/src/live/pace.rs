//! When the table may change its order: often enough to be true, seldom enough to be read.

use domain::UnixMillis;

use super::board::Members;

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    /// Held until then, unless somebody stirs again.
    held_until: Option<UnixMillis>,
    renewed: UnixMillis,
    /// Vaults came that the order does not have yet.
    incomplete: bool,
    /// The last order, or the last time that vaults were put where they belong by now.
    lifted: UnixMillis,
    /// Vaults became critical or high that do not stand there yet.
    worsened: bool,
}

/// Whether somebody is about to click or read a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Hold {
    #[default]
    Free,
    /// The pointer or the keyboard's focus is in the table.
    Held,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Put the lines in order now.
    Renew,
    /// Put where they belong those that became worse; all others stay.
    Lift,
    /// Only count what would move.
    Count,
    Wait,
}

impl Pace {
    /// Milliseconds between two orders.
    const RENEW: i64 = 5_000;
    /// New vaults are let in more often, so that the first screen fills up at once.
    const COMPLETE: i64 = 250;
    /// What became worse does not wait for the others; but there are thirty batches a second, and somebody is to read this.
    const LIFT: i64 = 250;
    /// A pointer that was only parked over the table holds nothing after this long.
    const HOLD: i64 = 30_000;

    pub(crate) fn members(&mut self, members: Members, now: UnixMillis) -> Step {
        match members {
            Members::Same => return Step::Wait,
            // What was under the pointer is gone.
            Members::Replaced => self.held_until = None,
            Members::Added => {}
        }
        self.incomplete = true;
        if members == Members::Replaced { Step::Renew } else { self.tick(now) }
    }

    /// Vaults became critical or high: nobody may find them where they stood when less was wrong with them. At once, unless
    /// that was done a moment ago, or somebody is about to click: then the clock counts them among what would move.
    pub(crate) fn worsened(&mut self, now: UnixMillis) -> Step {
        self.worsened = true;
        if self.is_held(now) { Step::Wait } else { self.tick(now) }
    }

    /// To be called again whenever the pointer moves.
    pub(crate) fn hold(&mut self, hold: Hold, now: UnixMillis) -> Step {
        let released = self.is_held(now) && hold == Hold::Free;
        self.held_until = match hold {
            Hold::Free => None,
            Hold::Held => Some(UnixMillis(now.0.saturating_add(Self::HOLD))),
        };
        if released { Step::Renew } else { Step::Wait }
    }

    fn is_held(&self, now: UnixMillis) -> bool {
        self.held_until.is_some_and(|until| now < until)
    }

    /// To be called a few times a second.
    pub(crate) fn tick(&mut self, now: UnixMillis) -> Step {
        if self.is_held(now) {
            return Step::Count;
        }
        let passed = |since: UnixMillis| now.0.saturating_sub(since.0);
        let interval = if self.incomplete { Self::COMPLETE } else { Self::RENEW };
        if passed(self.renewed) >= interval {
            Step::Renew
        } else if self.worsened && passed(self.lifted) >= Self::LIFT {
            Step::Lift
        } else {
            Step::Wait
        }
    }

    pub(crate) fn renewed(&mut self, now: UnixMillis) {
        self.renewed = now;
        self.incomplete = false;
        self.lifted(now);
    }

    pub(crate) fn lifted(&mut self, now: UnixMillis) {
        self.lifted = now;
        self.worsened = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> UnixMillis {
        UnixMillis(1_000_000 + millis)
    }

    #[test]
    fn the_order_is_renewed_every_five_seconds() {
        let mut pace = Pace::default();
        pace.renewed(at(0));
        assert_eq!(pace.tick(at(4_999)), Step::Wait);
        assert_eq!(pace.tick(at(5_000)), Step::Renew);
    }

    #[test]
    fn under_the_pointer_it_waits_and_is_renewed_on_leaving() {
        let mut pace = Pace::default();
        pace.renewed(at(0));
        assert_eq!(pace.hold(Hold::Held, at(40_000)), Step::Wait);
        assert_eq!(pace.tick(at(60_000)), Step::Count);
        assert_eq!(pace.members(Members::Added, at(60_000)), Step::Count);
        assert_eq!(pace.hold(Hold::Free, at(60_000)), Step::Renew);
    }

    #[test]
    fn new_vaults_come_in_within_a_quarter_of_a_second() {
        let mut pace = Pace::default();
        pace.renewed(at(0));
        assert_eq!(pace.members(Members::Same, at(100)), Step::Wait);
        assert_eq!(pace.members(Members::Added, at(100)), Step::Wait);
        assert_eq!(pace.tick(at(250)), Step::Renew);
    }

    #[test]
    fn what_became_worse_is_lifted_at_once_but_not_many_times_a_second() {
        let mut pace = Pace::default();
        pace.renewed(at(0));
        assert_eq!(pace.worsened(at(1_000)), Step::Lift);
        pace.lifted(at(1_000));
        assert_eq!(pace.worsened(at(1_249)), Step::Wait);
        assert_eq!(pace.tick(at(1_250)), Step::Lift, "the clock makes up for it");
        pace.lifted(at(1_250));
        assert_eq!(pace.tick(at(4_999)), Step::Wait);
        assert_eq!(pace.tick(at(5_000)), Step::Renew, "no sooner and no later for it");
    }

    #[test]
    fn what_became_worse_under_the_pointer_is_counted_and_put_in_order_on_leaving() {
        let mut pace = Pace::default();
        pace.renewed(at(0));
        pace.hold(Hold::Held, at(0));
        assert_eq!(pace.worsened(at(2_000)), Step::Wait);
        assert_eq!(pace.tick(at(2_100)), Step::Count);
        assert_eq!(pace.hold(Hold::Free, at(2_200)), Step::Renew);
        pace.renewed(at(2_200));
        assert_eq!(pace.tick(at(3_000)), Step::Wait, "with the order it is where it belongs");
    }

    #[test]
    fn another_feed_is_not_held_back() {
        let mut pace = Pace::default();
        pace.renewed(at(0));
        pace.hold(Hold::Held, at(0));
        assert_eq!(pace.members(Members::Replaced, at(1)), Step::Renew);
        assert_eq!(pace.tick(at(250)), Step::Renew, "and the hold is gone");
    }

    #[test]
    fn a_parked_pointer_lets_go_and_a_moving_one_does_not() {
        let mut pace = Pace::default();
        pace.renewed(at(0));
        pace.hold(Hold::Held, at(0));
        assert_eq!(pace.tick(at(29_999)), Step::Count);
        pace.hold(Hold::Held, at(29_999));
        assert_eq!(pace.tick(at(59_998)), Step::Count);
        assert_eq!(pace.tick(at(59_999)), Step::Renew);
    }
}
